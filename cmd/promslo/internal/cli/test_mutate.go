package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/promslo/promslo/generate/simulate/mutate"
	"github.com/promslo/promslo/generate/simulate/promtest"
	"github.com/promslo/promslo/schema/diag"
)

// mutants are the mistakes that were made in rules.
type mutants struct {
	all  []*mutate.Mutant
	took time.Duration
}

// tryMutants runs test files on every mutant of their rules. Findings are the
// mutants that no test notices. It tries none if a test fails without one.
func tryMutants(ctx context.Context, s streams, files []string, results []promtest.FileResult) (mutants, []diag.Finding, error) {
	if slices.ContainsFunc(results, func(r promtest.FileResult) bool { return !r.Passed() }) {
		return mutants{}, nil, nil
	}
	start := time.Now()
	progress := newProgress(s, "tests on mutants")
	defer progress.end()
	all, err := mutate.Run(ctx, files, promtest.Options{Done: progress.show})
	if err != nil {
		return mutants{}, nil, err
	}
	var findings []diag.Finding
	for _, m := range all {
		if m.Outcome() == mutate.Survived {
			findings = append(findings, diag.Finding{
				ID: "mutant-survived", Pos: m.Pos,
				Message:    fmt.Sprintf("%s: no test notices it in %s\n- %s\n+ %s", m.Kind.Name, m.Rule, m.Before, m.After),
				Suggestion: "check " + m.Kind.Hint,
			})
		}
	}
	return mutants{all, time.Since(start)}, findings, nil
}

// print prints a line for each kind of mutant and for each reason why nobody
// could tell some from their rules, and one line at the end.
func (m mutants) print(out io.Writer) error {
	if len(m.all) == 0 {
		return nil
	}
	var kinds, reasons scores
	for _, mutant := range m.all {
		kinds.add(mutant.Kind.Name, mutant.Outcome())
		if mutant.Outcome() == mutate.Equivalent {
			reasons.add(mutant.Equivalent.Sentence, mutate.Equivalent)
		}
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "KILLED\tSURVIVED\tEQUIVALENT\tSCORE\tMUTANT")
	for _, k := range kinds {
		fmt.Fprintf(t, "%d\t%d\t%d\t%s\t%s\n", k.by[mutate.Killed], k.by[mutate.Survived], k.by[mutate.Equivalent], k.score(), k.name)
	}
	if len(reasons) > 0 {
		fmt.Fprintln(t, "\t\tEQUIVALENT\t\tBECAUSE")
	}
	for _, r := range reasons {
		fmt.Fprintf(t, "\t\t%d\t\t%s\n", r.by[mutate.Equivalent], r.name)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	total := kinds.total()
	_, err := fmt.Fprintf(out, "%s of mutants killed: %d of %d; %d are equivalent (%s)\n", total.score(), total.by[mutate.Killed],
		total.by[mutate.Killed]+total.by[mutate.Survived], total.by[mutate.Equivalent], m.took.Round(10*time.Millisecond))
	return err
}

// score counts what became of some mutants.
type score struct {
	name string
	by   [3]int // by outcome
}

// score is the percentage killed of those that a test could kill, rounded down:
// 100 % means all.
func (s score) score() string {
	all := s.by[mutate.Killed] + s.by[mutate.Survived]
	if all == 0 {
		return "–"
	}
	tenths := 1000 * s.by[mutate.Killed] / all
	return strings.TrimSuffix(fmt.Sprintf("%d.%d", tenths/10, tenths%10), ".0") + " %"
}

type scores []score

func (s *scores) add(name string, outcome mutate.Outcome) {
	i := slices.IndexFunc(*s, func(s score) bool { return s.name == name })
	if i < 0 {
		i = len(*s)
		*s = append(*s, score{name: name})
	}
	(*s)[i].by[outcome]++
}

func (s scores) total() score {
	var sum score
	for _, each := range s {
		for i, n := range each.by {
			sum.by[i] += n
		}
	}
	return sum
}
