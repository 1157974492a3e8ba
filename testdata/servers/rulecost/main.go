// Command rulecost measures how long Prometheus takes to evaluate rules on blocks
// of its real storage. Arguments are sets of rules, as NAME=SERIES:FILE: what to
// call them, how many raw series they read, and a rule file for one SLO.
//
// Each set gets a storage of its own, as a server leaves it behind after 35 days:
// the raw series, and what the rules have recorded from them, each group at its
// interval. It prints what one SLO costs in a minute: of each rule, the processor
// time of a query times how often its group is evaluated. The texts of alerts are left
// out. Flag -v adds the dearest rules.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// The time that is simulated. It ends late in a month, when budgets of calendar
// months have the most to read.
var (
	end   = time.Date(2026, 5, 30, 20, 37, 0, 0, time.UTC)
	start = end.Add(-35 * 24 * time.Hour)
)

func main() {
	verbose := flag.Bool("v", false, "print the dearest rules of each set")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, flag.Args(), *verbose); err != nil {
		fmt.Fprintln(os.Stderr, "rulecost:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, args []string, verbose bool) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "rules of\traw series\trules\tblocks\tms per SLO and minute\tof the first\t")
	var dearest strings.Builder
	first := 0.0
	for _, arg := range args {
		s, err := parseArg(arg)
		if err != nil {
			return err
		}
		m, err := measureSet(ctx, s)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		perMinute := m.perMinute()
		first = cmp.Or(first, perMinute)
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%.3f\t%.2f×\t\n", s.name, s.series, len(m.rules), m.blocks, perMinute, perMinute/first)
		m.printDearest(&dearest, s.name)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if verbose {
		_, err := io.WriteString(out, dearest.String())
		return err
	}
	return nil
}

// ruleSet is an argument.
type ruleSet struct {
	name   string
	series int
	file   string
}

func parseArg(arg string) (ruleSet, error) {
	name, rest, _ := strings.Cut(arg, "=")
	series, file, _ := strings.Cut(rest, ":")
	n, err := strconv.Atoi(series)
	if err != nil || n < 2 || n%2 != 0 || file == "" {
		return ruleSet{}, fmt.Errorf("argument %q: want NAME=SERIES:FILE, with an even number of series", arg)
	}
	return ruleSet{name, n, file}, nil
}

// measureSet simulates the past of a set, stores it and measures the rules on it.
func measureSet(ctx context.Context, s ruleSet) (measurement, error) {
	rules, err := readRules(s.file)
	if err != nil {
		return measurement{}, err
	}
	past := &memory{}
	addRaw(past, s.series)
	if err := record(ctx, past, rules); err != nil {
		return measurement{}, err
	}
	dir, err := os.MkdirTemp("", "rulecost")
	if err != nil {
		return measurement{}, err
	}
	defer os.RemoveAll(dir)
	db, err := store(ctx, dir, past)
	if err != nil {
		return measurement{}, err
	}
	defer db.Close()
	return measure(ctx, db, rules)
}

// measurement is what rules cost.
type measurement struct {
	rules  []*rule // the dearest first
	blocks int
}

func (m measurement) perMinute() float64 {
	sum := 0.0
	for _, r := range m.rules {
		sum += r.perMinute()
	}
	return sum
}

func (m measurement) printDearest(out io.Writer, name string) {
	fmt.Fprintf(out, "\nThe dearest rules of %s:\n", name)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	defer w.Flush()
	fmt.Fprintln(w, "  ms\tevery\tms a minute\trule")
	for _, r := range slices.SortedFunc(slices.Values(m.rules), func(a, b *rule) int { return cmp.Compare(b.perMinute(), a.perMinute()) })[:min(6, len(m.rules))] {
		fmt.Fprintf(w, "  %.3f\t%s\t%.3f\t%s\n", r.ms, r.interval, r.perMinute(), r.title())
	}
}
