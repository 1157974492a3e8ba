package cli

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/promslo/promslo/cmd/promslo/internal/report"
	"github.com/promslo/promslo/generate/graph"
)

func newGraph(s streams) *cobra.Command {
	format := diagramFlag("mermaid")
	cmd := &cobra.Command{
		Use:   "graph [PATH…]",
		Short: "Draw which services depend on which",
		Long: `Graph draws the services of the specs in the files and directories given (default:
the working directory; - reads stdin), and what they depend on wherever in the project
it is, as a flowchart of Mermaid or in the language of Graphviz.

Services stand together by tier. A solid line is a hard dependency, a dashed one a
soft one; it says what is needed and what is promised. A bought service leans, and one
without a spec has a dashed border. A contract that does not hold is red and has a ✗,
and so has a service that promises more than its hard dependencies leave; that is no
failure, promslo lint says what is wrong.

Mermaid refuses more than 500 lines unless it is told otherwise (maxEdges).`,
		Example: `  promslo graph
  promslo graph services/checkout > checkout.mmd
  promslo graph --format dot | dot -Tsvg > services.svg`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runGraph(cmd.Context(), s, string(format), args)
		},
	}
	cmd.Flags().Var(&format, "format", "`FORMAT` of the diagram: mermaid or dot")
	return cmd
}

func runGraph(ctx context.Context, s streams, format string, paths []string) error {
	w, contracts, findings, err := contractsOf(ctx, s, paths)
	if err != nil {
		return err
	}
	if err := (reporting{}).print(s.out, w, findings); err != nil {
		return err
	}
	d := graph.New(contracts, w.Project)
	text := d.Mermaid()
	if format == "dot" {
		text = d.DOT()
	}
	_, err = io.WriteString(s.out, report.SanitizeLines(text))
	return err
}

// diagramFlag is a format of diagrams.
type diagramFlag string

func (f *diagramFlag) Set(text string) error {
	if text != "mermaid" && text != "dot" {
		return errors.New("want mermaid or dot")
	}
	*f = diagramFlag(text)
	return nil
}

func (f *diagramFlag) String() string { return string(*f) }
func (f *diagramFlag) Type() string   { return "FORMAT" }
