package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/promslo/promslo/cmd/promslo/internal/report"
	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

func newList(s streams) *cobra.Command {
	format := report.Text
	cmd := &cobra.Command{
		Use:        "list [PATH…]",
		SuggestFor: []string{"ls"},
		Short:      "List all SLOs: by tier, with owner, promise and file",
		Long: `List prints the SLOs of the specs in the files and directories given (default: the
working directory; - reads stdin), the most important tier first.

In JSON each has service, slo, tier, owner, objective (percent), period, kind, file and
line; what is unknown is left out.`,
		Example: `  promslo list
  promslo list services/checkout --format json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runList(cmd.Context(), s, format, args)
		},
	}
	cmd.Flags().StringVar((*string)(&format), "format", string(format), "`FORMAT` of the output: "+report.JoinFormats(textOrJSON))
	return cmd
}

// listedSLO is a line of the list.
type listedSLO struct {
	Service   string  `json:"service"`
	SLO       string  `json:"slo"`
	Tier      string  `json:"tier,omitempty"`
	Owner     string  `json:"owner,omitempty"`
	Objective float64 `json:"objective"` // percent
	Period    string  `json:"period"`    // such as 30d, or a calendar month
	Kind      string  `json:"kind"`      // of its SLI
	File      string  `json:"file"`
	Line      int     `json:"line"`
}

func runList(ctx context.Context, s streams, format report.Format, paths []string) error {
	if err := checkFormat(format, textOrJSON); err != nil {
		return err
	}
	w, err := workspace.Open(ctx, s.env(), paths)
	if err != nil {
		return err
	}
	services, findings, err := w.Services(ctx)
	if err != nil {
		return err
	}
	if err := (reporting{}).print(s.findings(format), w, errorsIn(findings)); err != nil {
		return err
	}
	slices.SortStableFunc(services, func(a, b model.Service) int {
		return cmp.Or(w.Project.CompareTiers(a.Tier, b.Tier), cmp.Compare(a.Name, b.Name))
	})
	all := []listedSLO{}
	for _, service := range services {
		for _, slo := range service.SLOs {
			pos := service.Source.At("slos", slo.Key)
			all = append(all, listedSLO{
				Service: service.Name, SLO: slo.Name, Tier: service.Tier, Owner: service.Owner,
				Objective: slo.Objective, Period: words.Period(slo.Window, slo.Calendar), Kind: slo.SLI.Kind(),
				File: pos.File, Line: pos.Line,
			})
		}
	}
	if format == report.JSON {
		return report.WriteJSON(s.out, all)
	}
	return printed(s.out, func(out io.Writer) error { return printList(out, all) })
}

func printList(out io.Writer, all []listedSLO) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "TIER\tSLO\tPROMISE\tKIND\tOWNER\tFILE")
	for _, l := range all {
		fmt.Fprintf(t, "%s\t%s/%s\t%s over %s\t%s\t%s\t%s:%d\n", cmp.Or(l.Tier, "-"), l.Service, l.SLO,
			words.Percent(l.Objective), l.Period, l.Kind, cmp.Or(l.Owner, "-"), l.File, l.Line)
	}
	return t.Flush()
}
