package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"

	"github.com/spf13/cobra"

	"github.com/promslo/promslo/cmd/promslo/internal/report"
	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/generate/graph"
	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// graphFlags are the flags of `promslo graph`.
type graphFlags struct {
	format diagramFlag
	focus  string // a service; empty: all
	org    string // before owners, of codeowners
}

func newGraph(s streams) *cobra.Command {
	flags := graphFlags{format: "mermaid"}
	cmd := &cobra.Command{
		Use:   "graph [PATH…]",
		Short: "Draw which services depend on which",
		Long: `Graph draws the services of the specs in the files and directories given (default:
the working directory; - reads stdin), and what they depend on wherever in the project
it is, as a flowchart of Mermaid or in the language of Graphviz.

Services stand together by tier, with what they promise. A solid line is a hard
dependency, a dashed one a soft one, and it says what is needed; a thick one leads from
a journey to what it counts. A bought service leans, one without a spec has a dashed
border, and customers are round. A contract that does not hold is red and has a ✗, and
so has a service that promises more than its hard dependencies leave; that is no
failure, promslo lint says what is wrong.

Mermaid refuses more than 500 lines unless it is told otherwise (maxEdges): --focus
draws one service and its neighbours.

--format codeowners writes lines for CODEOWNERS instead: for each spec that others rely
on its owner and theirs, so that they review changes of it. An owner is called by
contacts.github, or by its name if that is a handle (@team, @org/team, an address), or
with --org ORG as @ORG/owner.`,
		Example: `  promslo graph
  promslo graph --focus checkout
  promslo graph --format codeowners --org acme > .github/CODEOWNERS
  promslo graph services/checkout > checkout.mmd
  promslo graph --format dot | dot -Tsvg > services.svg`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runGraph(cmd.Context(), s, flags, args)
		},
	}
	cmd.Flags().Var(&flags.format, "format", "`FORMAT` of the output: mermaid, dot or codeowners")
	cmd.Flags().StringVar(&flags.focus, "focus", "", "`SERVICE` to draw with its neighbours (default: all)")
	cmd.Flags().StringVar(&flags.org, "org", "", "`ORG` of owners that are no handle, for codeowners")
	return cmd
}

func runGraph(ctx context.Context, s streams, flags graphFlags, paths []string) error {
	if flags.format == "codeowners" && flags.focus != "" {
		return errors.New("--focus draws one service, and codeowners are of all")
	}
	if flags.org != "" && !organization.MatchString(flags.org) {
		return fmt.Errorf("--org %q: want the name of an organization, such as acme", flags.org)
	}
	w, contracts, findings, err := contractsOf(ctx, s, paths)
	if err != nil {
		return err
	}
	if err := (reporting{}).print(s.out, w, findings); err != nil {
		return err
	}
	if flags.format == "codeowners" {
		return printCodeowners(s, w, contracts, flags.org)
	}
	d := graph.New(contracts, w.Project)
	if flags.focus != "" {
		all := d
		if d = all.Focus(flags.focus); d.Edges() == 0 && !all.Has(flags.focus) {
			return fmt.Errorf("there is no service %s%s", flags.focus, closestService(flags.focus, contracts))
		}
	}
	text := d.Mermaid(graph.Right)
	if flags.format == "dot" {
		text = d.DOT()
	}
	_, err = io.WriteString(s.out, report.SanitizeLines(text))
	return err
}

// closestService asks whether another service was meant.
func closestService(name string, c model.Contracts) string {
	if guess := diag.Closest(name, depend.New(c).Names()); guess != "" {
		return "; did you mean " + guess + "?"
	}
	return ""
}

// organization is a name of an organization of GitHub.
var organization = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*$`)

func printCodeowners(s streams, w *workspace.Workspace, c model.Contracts, org string) error {
	owners := graph.Owners{Org: org}
	if w.Repository != "" {
		in, err := filepath.Rel(w.Repository, w.Root)
		if err != nil {
			return err
		}
		owners.Prefix = filepath.ToSlash(in)
	}
	lines, missing := owners.Codeowners(c)
	for _, who := range missing {
		fmt.Fprintln(s.err, report.SanitizeLines("promslo: no handle of "+who+": give contacts.github, or --org"))
	}
	_, err := io.WriteString(s.out, report.SanitizeLines(lines))
	return err
}

// diagramFlag is a format of what graph prints.
type diagramFlag string

func (f *diagramFlag) Set(text string) error {
	if text != "mermaid" && text != "dot" && text != "codeowners" {
		return errors.New("want mermaid, dot or codeowners")
	}
	*f = diagramFlag(text)
	return nil
}

func (f *diagramFlag) String() string { return string(*f) }
func (f *diagramFlag) Type() string   { return "FORMAT" }
