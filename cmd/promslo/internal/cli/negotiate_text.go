package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/promslo/promslo/generate/negotiate"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// text prints the answer.
func (n negotiation) text(out io.Writer) error {
	verdict := "Not as things are."
	if n.Fits {
		verdict = "Yes: nothing else has to change."
	}
	fmt.Fprintf(out, "%s: can it promise %s over %s? %s\n", n.id(), words.Percent(n.Want), words.Period(n.Answer.SLO.Window, n.Answer.SLO.Calendar), verdict)
	fmt.Fprintf(out, "It promises %s now. Of its error budget %s are kept for own failures.\n\n", words.Percent(n.Answer.SLO.Objective), words.Percent(100*n.Reserve))
	if ladder := n.w.Project.Ladder; len(ladder) > 0 && !slices.Contains(ladder, n.Want) {
		fmt.Fprintf(out, "%s is no rung of the ladder (off-ladder).\n\n", words.Percent(n.Want))
	} else if n.Rungs > 1 && len(ladder) > 0 {
		fmt.Fprintf(out, "These are %d rungs of the ladder at once: promise the next one first (ladder-jump).\n\n", n.Rungs)
	}
	if err := n.budget(out); err != nil {
		return err
	}
	for _, name := range n.Unknown {
		fmt.Fprintf(out, "%s promises nothing that is known: what it spends is not counted.\n", name)
	}
	if !n.Fits {
		n.leastEffort(out)
	}
	for i, w := range n.Ways {
		fmt.Fprintf(out, "\n%d. %s\n", i+1, wayTitle(w))
		n.way(out, w)
	}
	return nil
}

// budget is what each provider spends of the error budget that is wanted.
func (n negotiation) budget(out io.Writer) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "IT FAILS WITH\tPROMISED\tLEAVES OVER %s\tOF THE BUDGET\n", strings.ToUpper(words.Period(n.Answer.SLO.Window, n.Answer.SLO.Calendar)))
	for _, f := range n.Margin.Factors {
		var names, promised []string
		for _, term := range f.Terms {
			names = append(names, term.Provider)
			promised = append(promised, words.Percent(term.Promised.Min)+" over "+words.Period(term.Promised.Period.Window, term.Promised.Period.Calendar))
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", strings.Join(names, " or "), strings.Join(promised, " or "),
			words.Percent(depend.RoundDown(f.Combined.Min)), about(100*(100-f.Combined.Min)/(100-n.Margin.Own.Min))+" %")
	}
	left := "nothing"
	if n.Margin.Share() > 0 {
		left = about(100*n.Margin.Share()) + " %"
	}
	fmt.Fprintf(t, "own failures\t\t\t%s\n", left)
	err := t.Flush()
	fmt.Fprintln(out)
	return err
}

// leastEffort says what could be promised, and why climbing is no way.
func (n negotiation) leastEffort(out io.Writer) {
	if n.Most > 0 {
		fmt.Fprintf(out, "As things are it could promise %s.\n", words.Percent(n.Most))
	} else {
		fmt.Fprintln(out, "As things are it could promise no rung of the ladder.")
	}
	if n.GaveUp {
		fmt.Fprintln(out, "So many services depend on each other that not every climb was tried: there may be other ways.")
	}
	if len(n.Stuck) == 0 {
		return
	}
	fmt.Fprintln(out, "No climb of what it fails with is enough, with a reserve for each that climbs:")
	for _, s := range n.Stuck {
		if s.From == s.Reaches {
			fmt.Fprintf(out, "- %s cannot climb above %s\n", s.Provider, words.Percent(s.From))
		} else {
			fmt.Fprintf(out, "- %s can climb from %s to %s at most\n", s.Provider, words.Percent(s.From), words.Percent(s.Reaches))
		}
	}
	if len(n.Ways) == 0 {
		fmt.Fprintln(out, "Nor do soft dependencies, second providers, another window or a schedule make up for it.")
	}
}

func wayTitle(w negotiate.Way) string {
	c := w.Changes[0]
	var providers []string
	for _, of := range w.Changes {
		if of.Kind == w.Kind {
			providers = append(providers, of.Provider)
		}
	}
	return map[negotiate.Kind]string{
		negotiate.Raise:     "Providers climb",
		negotiate.MakeSoft:  "Work without " + allOf(providers),
		negotiate.AddSecond: "A second provider beside " + allOf(providers),
		negotiate.SetWindow: "Promise it over " + plan.Duration(c.Window),
		negotiate.Exclude:   "Promise nothing while providers promise nothing",
		negotiate.Relax:     "Promise less while providers promise less",
	}[w.Kind]
}

// way prints the changes of a way, what is left then, and whom it hits.
func (n negotiation) way(out io.Writer, w negotiate.Way) {
	for _, c := range w.Costs {
		text := changeText(c)
		if cost := costText(c, n.Answer.SLO); cost != "" {
			text += ": " + cost
		}
		fmt.Fprintf(out, "   - %s\n", text)
	}
	after := n.Answer.SLO
	for _, c := range w.Changes {
		if c.Kind == negotiate.SetWindow {
			after.Window, after.Calendar = c.Window, ""
		}
	}
	own := w.Margin.OwnBudget(after)
	fmt.Fprintf(out, "   - %s of the budget are left for own failures: %s\n", about(100*w.Margin.Share())+" %", budgetText(own, after))
	for _, h := range w.Hits {
		fmt.Fprintf(out, "   - hits %s: %s\n", h.Who, h.Text)
	}
	if len(w.Hits) == 0 {
		fmt.Fprintln(out, "   - nobody gets less than they need")
	}
}

// changeText says what changes, and who is to do it.
func changeText(c negotiate.Cost) string {
	text := ""
	switch of := c.Change; of.Kind {
	case negotiate.Raise:
		text = fmt.Sprintf("%s climbs from %s to %s", of.Subject(), words.Percent(of.From), words.Percent(of.To))
		if of.AllTimes {
			text += " at all times"
		}
	case negotiate.BuyMore:
		return fmt.Sprintf("%s is to promise %s instead of %s: another contract", of.Provider, words.Percent(of.To), words.Percent(of.From))
	case negotiate.NeedMore:
		text = fmt.Sprintf("%s is to say that it needs %s of %s, and no longer %s", of.Service, words.Percent(of.To), of.Provider, words.Percent(of.From))
	case negotiate.MakeSoft:
		text = of.Service + " goes on without " + of.Provider
	case negotiate.AddSecond:
		return fmt.Sprintf("another one beside %s promises %s over %s, and does not fail with it", of.Provider, words.Percent(of.To), plan.Duration(of.Window))
	case negotiate.SetWindow:
		text = of.Subject() + " counts over " + plan.Duration(of.Window)
	case negotiate.Exclude:
		text = of.Subject() + " excludes what providers exclude"
	case negotiate.Relax:
		text = fmt.Sprintf("%s promises %s at the times of providers", of.Subject(), words.Percent(of.To))
	}
	return text + " (" + cmp.Or(c.Owner, "nobody owns it") + ")"
}

// costText says what that costs. Own is the SLO that is to promise more.
func costText(c negotiate.Cost, own model.SLO) string {
	switch c.Change.Kind {
	case negotiate.Raise, negotiate.BuyMore:
		text := fmt.Sprintf("it may be bad for %s, and before for %s", budgetText(c.To, model.SLO{}), budgetText(c.From, model.SLO{}))
		if c.Rungs > 1 {
			text += fmt.Sprintf("; these are %d rungs, one at a time", c.Rungs)
		}
		return text
	case negotiate.MakeSoft:
		return "it must do without for up to " + upTo(c.From, own)
	case negotiate.AddSecond:
		return "it must do all of it for up to " + upTo(c.From, own)
	case negotiate.SetWindow:
		return fmt.Sprintf("all at once may be bad for %s, and before for %s", budgetText(c.To, own), budgetText(c.From, own))
	case negotiate.NeedMore:
		return ""
	}
	return "that is " + plan.Duration(c.From.Outage) + " of each week"
}

// budgetText formats what may be bad, rounded down: 43m12s of 30d, or about 2,592 events.
func budgetText(b negotiate.Budget, of model.SLO) string {
	// Without the noise of binary fractions.
	return timeText(b.Outage.Round(time.Millisecond).Truncate(time.Second), b, of)
}

// upTo formats what is to be done without somebody, rounded up.
func upTo(b negotiate.Budget, of model.SLO) string {
	return timeText((b.Outage.Round(time.Millisecond) + time.Second - 1).Truncate(time.Second), b, of)
}

func timeText(outage time.Duration, b negotiate.Budget, of model.SLO) string {
	text := plan.Duration(outage) + " of " + plan.Duration(b.Of)
	if b.Requests > 0 && (of.SLI == nil || !of.SLI.CountsTime()) {
		text += ", or about " + words.Count(b.Requests) + " events"
	}
	return text
}

// about formats a number with three significant digits, and says so where that is not all of it.
func about(x float64) string {
	rounded := words.Significant(x, 3)
	if rounded != words.Round(x) {
		return "about " + words.Number(rounded)
	}
	return words.Number(rounded)
}

// allOf lists names: a, b and c.
func allOf(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
