package cli

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/generate/ruletest/run"
	"github.com/promslo/promslo/schema/diag"
)

// coverageFlags are the flags of `promslo test` about rules that no assertion reads.
type coverageFlags struct {
	list bool
	min  percentFlag // of the rules of each file; below it test fails
}

func (f *coverageFlags) bind(flags *pflag.FlagSet) {
	flags.BoolVar(&f.list, "coverage", false, "list the rules that no assertion reads")
	flags.Var(&f.min, "coverage-min", "the same, and fail where assertions read less than a `PERCENT` of the rules of a file")
}

func (f *coverageFlags) on() bool { return f.list || f.min > 0 }

// measure returns what tests cover: the rule files that they name and those
// below the directories among the paths. Findings are the rules that no assertion
// reads, and files in which these are too many.
func (f *coverageFlags) measure(paths []string, opts run.Options, results []run.FileResult) ([]run.Coverage, []diag.Finding, error) {
	var others []string
	for _, p := range paths {
		if !workspace.IsDir(p) {
			continue
		}
		files, err := filesBelow(p, ruleEndings)
		if err != nil {
			return nil, nil, err
		}
		others = append(others, files...)
	}
	coverage, findings := run.Cover(results, others, opts)
	for _, c := range coverage {
		for _, r := range c.Rules {
			if r.Attention != run.Read {
				findings = append(findings, overlooked(r))
			}
		}
		if share := covered(c); share < float64(f.min) {
			findings = append(findings, diag.Finding{
				ID: diag.Coverage, Pos: diag.Pos{File: c.File},
				Message: fmt.Sprintf("assertions read %d of %s, %.1f %%, and want %g %%", c.Read(), count(len(c.Rules), "rule"), share, float64(f.min)),
			})
		}
	}
	return coverage, findings, nil
}

// overlooked is the finding that no assertion reads a rule.
func overlooked(r run.RuleCoverage) diag.Finding {
	kind := "recording rule"
	if r.Alert {
		kind = "alert"
	}
	message := fmt.Sprintf("no assertion reads the %s %s: it is only evaluated", kind, r.Name)
	if r.Attention == run.NotEvaluated {
		message = fmt.Sprintf("no test evaluates the %s %s", kind, r.Name)
	}
	return diag.Finding{ID: diag.RuleOverlooked, Severity: diag.Warning, Pos: r.Pos, Message: message}
}

// covered is the percentage of the rules of a file that assertions read.
func covered(c run.Coverage) float64 {
	if len(c.Rules) == 0 {
		return 100
	}
	return 100 * float64(c.Read()) / float64(len(c.Rules))
}

// tabulate prints a line for each rule file, if there is any.
func tabulate(out io.Writer, coverage []run.Coverage) error {
	if len(coverage) == 0 {
		return nil
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "COVERAGE\tREAD BY AN ASSERTION\tONLY EVALUATED\tNOT EVALUATED\tRULE FILE")
	for _, c := range coverage {
		var by [run.Read + 1]int
		for _, r := range c.Rules {
			by[r.Attention]++
		}
		fmt.Fprintf(t, "%.1f %%\t%d\t%d\t%d\t%s\n", covered(c), by[run.Read], by[run.Evaluated], by[run.NotEvaluated], c.File)
	}
	return t.Flush()
}

// percentFlag is a percentage.
type percentFlag float64

func (f *percentFlag) Set(text string) error {
	percent, err := strconv.ParseFloat(text, 64)
	if err != nil || !(percent >= 0 && percent <= 100) {
		return errors.New("want a percentage from 0 to 100")
	}
	*f = percentFlag(percent)
	return nil
}

func (f *percentFlag) String() string {
	if *f == 0 {
		return ""
	}
	return strconv.FormatFloat(float64(*f), 'f', -1, 64)
}

func (f *percentFlag) Type() string { return "PERCENT" }
