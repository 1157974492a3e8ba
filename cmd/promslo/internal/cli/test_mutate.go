package cli

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/pflag"

	"github.com/promslo/promslo/generate/ruletest/mutate"
	"github.com/promslo/promslo/generate/ruletest/run"
	"github.com/promslo/promslo/schema/diag"
)

// mutateFlags are the flags of `promslo test` about mistakes in rules.
type mutateFlags struct {
	list bool
	min  percentFlag // of the mistakes; if tests notice less, test fails
}

func (f *mutateFlags) bind(flags *pflag.FlagSet) {
	flags.BoolVar(&f.list, "mutate", false, "make mistakes in the rules, one at a time, and list those that no test notices")
	flags.Var(&f.min, "mutate-min", "the same, and fail where tests notice less than a `PERCENT` of them")
}

func (f *mutateFlags) on() bool { return f.list || f.min > 0 }

// mutants are the mistakes that were made in rules.
type mutants struct {
	all  []*mutate.Mutant
	took time.Duration
}

// try runs test files on every mutant of their rules. Findings are the mutants
// that no test notices, and that these are too many. It tries none if a test
// fails without one.
func (f *mutateFlags) try(ctx context.Context, s streams, files []string, opts run.Options, results []run.FileResult) (mutants, []diag.Finding, error) {
	if slices.ContainsFunc(results, func(r run.FileResult) bool { return !r.Passed() }) {
		return mutants{}, nil, nil
	}
	start := time.Now()
	progress := newProgress(s, "tests on mutants")
	defer progress.end()
	opts.Done = progress.show
	all, err := mutate.Run(ctx, files, opts)
	if err != nil {
		return mutants{}, nil, err
	}
	var findings []diag.Finding
	var total score
	for _, m := range all {
		total.by[m.Outcome()]++
		if m.Outcome() == mutate.Survived {
			findings = append(findings, diag.Finding{
				ID: diag.MutantSurvived, Severity: diag.Warning, Pos: m.Pos,
				Message:    fmt.Sprintf("%s: no test notices it in %s\n- %s\n+ %s", m.Kind.Name, m.Rule, m.Before, m.After),
				Suggestion: "check " + m.Kind.Hint,
			})
		}
	}
	if len(all) > 0 && total.percent() < float64(f.min) {
		findings = append(findings, diag.Finding{
			ID: diag.MutationScore, Pos: all[0].Pos,
			Message: fmt.Sprintf("tests notice %s of the mistakes in the rules, and want %g %%", total.score(), float64(f.min)),
		})
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

// percent is the share killed of the mutants that a test could kill; 100 if there are none.
func (s score) percent() float64 {
	all := s.by[mutate.Killed] + s.by[mutate.Survived]
	if all == 0 {
		return 100
	}
	return 100 * float64(s.by[mutate.Killed]) / float64(all)
}

// score prints the percentage, rounded down: 100 % means all.
func (s score) score() string {
	if s.by[mutate.Killed]+s.by[mutate.Survived] == 0 {
		return "–"
	}
	return strconv.FormatFloat(math.Floor(10*s.percent())/10, 'f', -1, 64) + " %"
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
