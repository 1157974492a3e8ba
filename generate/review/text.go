package review

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/promslo/promslo/generate/markdown"
)

// Text prints the review for a terminal.
func (r Review) Text(out io.Writer) error {
	fmt.Fprintf(out, "%s (%s)\n\n", r.Headline(), r.Period())
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "SLO\tPROMISE\tGOOD\tVERDICT\tBURNT\tTREND\tLEFT\tPAGES\tAT NIGHT\tPAGE HOURS")
	for _, b := range r.Budgets {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%d\t%s\n", b.Name(), b.Promise(), Good(b.Good), b.Verdict(), Share(b.Burnt), b.Trend(), Left(b.Remaining), b.Pages, b.NightPages, Amount(b.PageHours))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, b := range r.Budgets {
		lines := b.lines()
		if len(lines) > 0 {
			fmt.Fprintf(out, "\n%s\n  %s\n", b.Name(), strings.Join(lines, "\n  "))
		}
	}
	fmt.Fprint(out, "\nBoundaries\n\n")
	fmt.Fprintln(t, "SERVICE\tOWNER\tTIER\tLEAST LEFT\tPAGES A WEEK\tAT NIGHT\tDAYS WITH A CLOSED GATE")
	for _, s := range r.Services {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%d\t%s\n", s.Name, s.Owner, s.Tier, Left(s.Lowest), Amount(s.PagesWeek), s.NightPages, Amount(s.ClosedDays))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, c := range r.Consumers {
		fmt.Fprintf(out, "\n%s", c.Text())
	}
	if len(r.Consumers) > 0 {
		fmt.Fprintln(out)
	}
	if len(r.Unknown) > 0 {
		fmt.Fprintf(out, "\nNothing is recorded of %s\n", strings.Join(r.Unknown, ", "))
	}
	return nil
}

// lines are notes on a budget, its promise to customers and its incidents.
func (b Budget) lines() []string {
	out := b.Notes()
	for _, e := range b.Externals {
		out = append(out, e.Text())
		for _, v := range e.Periods {
			out = append(out, v.Text(e))
		}
	}
	for _, i := range b.Incidents {
		out = append(out, i.Text())
	}
	return out
}

// Text says what a consumer lost with a provider.
func (c Consumer) Text() string {
	return fmt.Sprintf("%s of the bad events of %s (%s) were while %s burnt its budget", Count(c.Bad), c.SLO, Share(c.Share), c.Provider)
}

// Markdown prints the review for a page or a comment.
func (r Review) Markdown(out io.Writer) error {
	fmt.Fprintf(out, "# %s\n\n%s\n\n", markdown.Text(r.Headline()), r.Period())
	table := func(heads ...string) {
		fmt.Fprintf(out, "| %s |\n|%s\n", strings.Join(heads, " | "), strings.Repeat("---|", len(heads)))
	}
	table("SLO", "promise", "good", "verdict", "burnt", "trend", "left", "pages (at night)", "notes")
	for _, b := range r.Budgets {
		lines := b.lines()
		for i := range lines {
			lines[i] = markdown.Text(lines[i])
		}
		fmt.Fprintf(out, "| %s | %s | %s | %s | %s | %s | %s | %d (%d), %s h | %s |\n", markdown.Code(b.Name()), b.Promise(), Good(b.Good), b.Verdict(), Share(b.Burnt), b.Trend(), Left(b.Remaining), b.Pages, b.NightPages, Amount(b.PageHours), strings.Join(lines, "<br>"))
	}
	fmt.Fprint(out, "\n## Boundaries\n\n")
	table("service", "owner", "tier", "least left", "pages a week", "at night", "days with a closed gate")
	for _, s := range r.Services {
		fmt.Fprintf(out, "| %s | %s | %s | %s | %s | %d | %s |\n", markdown.Code(s.Name), markdown.Text(s.Owner), markdown.Text(s.Tier), Left(s.Lowest), Amount(s.PagesWeek), s.NightPages, Amount(s.ClosedDays))
	}
	for _, of := range []struct {
		title string
		all   []Group
	}{{"Teams", r.Teams}, {"Tiers", r.Tiers}} {
		fmt.Fprintf(out, "\n## %s\n\n", of.title)
		table("name", "SLOs", "broken", "pages", "hours")
		for _, g := range of.all {
			fmt.Fprintf(out, "| %s | %d | %d | %d | %s |\n", markdown.Text(g.Name), g.SLOs, g.Broken, g.Pages, Amount(g.Hours))
		}
	}
	if len(r.Consumers) > 0 {
		fmt.Fprint(out, "\n## Who burns whose budget\n\n")
		for _, c := range r.Consumers {
			fmt.Fprintf(out, "- %s\n", markdown.Text(c.Text()))
		}
	}
	if len(r.Unknown) > 0 {
		fmt.Fprintf(out, "\nNothing is recorded of %s.\n", markdown.Text(strings.Join(r.Unknown, ", ")))
	}
	return nil
}
