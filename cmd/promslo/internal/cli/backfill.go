package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/spf13/cobra"

	"github.com/promslo/promslo/cmd/promslo/internal/promapi"
	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/history"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/generate/rules"
)

// backfillOptions are the flags of backfill.
type backfillOptions struct {
	server serverFlags
	over   time.Duration // 0: the period of each SLO
}

func newBackfill(s streams) *cobra.Command {
	var o backfillOptions
	cmd := &cobra.Command{
		Use:   "backfill [SLO|SERVICE|PATH…]",
		Short: "Write what the rules would have recorded, so that a new SLO has its budget from the first day",
		Long: `Backfill asks a Prometheus what happened and writes what the rules would have recorded
in that time, as OpenMetrics: the series whose past the rules read, and no others. Blocks
for Prometheus are made of it by

  promtool tsdb create-blocks-from openmetrics FILE DIRECTORY

where DIRECTORY is that of the server's data, or another whose blocks are moved there.
Then the budget is whole from the first evaluation of the rules on. If they record
already, end it where they began (--at).

` + serverHelp,
		Example: `  promslo backfill users/availability > users.om
  promslo backfill --over 90d --at 2026-05-01T00:00:00Z > all.om`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.over != 0 && (o.over < time.Hour || o.over > 366*day) {
				return fmt.Errorf("--over is %s: want 1h to 1y\nSee `%s --help`", plan.Duration(o.over), cmd.CommandPath())
			}
			return runBackfill(cmd.Context(), s, o, args)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.Var((*durationFlag)(&o.over), "over", "time to write, up to --at (default: the window of each SLO)")
	o.server.bind(flags)
	return cmd
}

func runBackfill(ctx context.Context, s streams, o backfillOptions, args []string) error {
	x, err := openSubjects(ctx, s, s.err, args)
	if err != nil {
		return err
	}
	client, done, err := o.server.open(ctx, s, x.w.Project)
	if err != nil {
		return err
	}
	defer done()
	out := bufio.NewWriter(s.out)
	for _, of := range x.all {
		samples, err := o.write(ctx, client, of, out)
		if err != nil {
			return fmt.Errorf("%s: %w", of, err) // without # EOF: promtool refuses what was written
		}
		if samples == 0 {
			return fmt.Errorf("%s: the server has no data of it in that time", of)
		}
	}
	done()
	fmt.Fprintln(out, "# EOF")
	if err := out.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.err, "Make blocks of it: promtool tsdb create-blocks-from openmetrics FILE DIRECTORY")
	return err
}

// write writes what the rules of one SLO would have recorded, and returns how many samples
// of events there are.
func (o backfillOptions) write(ctx context.Context, client *promapi.Client, of subject, out io.Writer) (samples int, err error) {
	groups, err := rules.Groups(of.plan)
	if err != nil {
		return 0, err
	}
	names, err := history.ReadBack(groups)
	if err != nil {
		return 0, err
	}
	slo, evaluation := of.planned(), evaluationOf(of.plan)
	over := o.over
	if over == 0 {
		over = slo.Period
	}
	to := o.server.now().Truncate(evaluation)
	from := to.Add(-over)
	begin := from.Add(-2 * time.Hour).Truncate(time.Hour) // what is recorded first reads an hour back
	cut, err := history.Cut(onlyRecords(groups, names), evaluation)
	if err != nil {
		return 0, err
	}
	have, err := ask(ctx, client, cut.Questions, begin, to)
	if err != nil {
		return 0, err
	}
	result, err := cut.Replay(ctx, have, begin, time.Time{}, to, evaluation)
	if err != nil {
		return 0, err
	}
	if len(result.Errors) > 0 {
		return 0, result.Errors[0]
	}
	history.Recorded(result, names, func(series engine.Series) {
		name := openMetricsName(series.Labels)
		for i, t := range series.Times {
			if t < from.UnixMilli() {
				continue
			}
			if strings.HasPrefix(name, "slo:total_events:") {
				samples++ // others there are without data, such as the objective
			}
			_, failed := fmt.Fprintf(out, "%s %s %s\n", name, strconv.FormatFloat(series.Values[i], 'g', -1, 64), strconv.FormatFloat(float64(t)/1000, 'f', -1, 64))
			if failed != nil {
				err = failed
			}
		}
	})
	return samples, err
}

// openMetricsEscapes are those of a label value.
var openMetricsEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// openMetricsName is a series as OpenMetrics writes it, its labels in order.
func openMetricsName(l labels.Labels) string {
	var parts []string
	l.Range(func(l labels.Label) {
		if l.Name == labels.MetricName {
			return
		}
		name := l.Name
		if !promql.IsLegacyLabel(name) {
			name = `"` + openMetricsEscapes.Replace(name) + `"`
		}
		parts = append(parts, name+`="`+openMetricsEscapes.Replace(l.Value)+`"`)
	})
	return l.Get(labels.MetricName) + "{" + strings.Join(parts, ",") + "}"
}

// onlyRecords leaves out alerts, and what is recorded beyond what is written and what that
// is made of.
func onlyRecords(groups []rulefmt.RuleGroup, names map[string]time.Duration) []rulefmt.RuleGroup {
	needed := maps.Clone(names)
	for grown := true; grown; {
		grown = false
		for _, g := range groups {
			for _, r := range g.Rules {
				if _, wanted := needed[r.Record]; !wanted || r.Record == "" {
					continue
				}
				reads, err := promql.ReadsOf(r.Expr)
				if err != nil {
					continue // the replay says so
				}
				for _, s := range reads.Selectors {
					name, _ := promql.MatchedValue(s.Matchers, "__name__")
					if _, known := needed[name]; !known {
						needed[name], grown = 0, true
					}
				}
			}
		}
	}
	var out []rulefmt.RuleGroup
	for _, g := range groups {
		g.Rules = slices.DeleteFunc(slices.Clone(g.Rules), func(r rulefmt.Rule) bool { _, wanted := needed[r.Record]; return r.Record == "" || !wanted })
		if len(g.Rules) > 0 {
			out = append(out, g)
		}
	}
	return out
}
