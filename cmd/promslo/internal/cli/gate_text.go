package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/promslo/promslo/cmd/promslo/internal/report"
	"github.com/promslo/promslo/generate/gate"
	"github.com/promslo/promslo/generate/markdown"
)

var gatePrinters = map[string]func(gateRun, io.Writer) error{
	"text": gateRun.text, "json": gateRun.json, "markdown": gateRun.markdown,
}

func (f gateFormat) printer(g gateRun) func(io.Writer) error {
	return func(out io.Writer) error { return gatePrinters[string(f)](g, out) }
}

// when formats a time to the minute.
func when(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// who are those who may approve.
func (a gateAnswer) who() string { return strings.Join(a.Who, ", ") }

// lasts says since when the reason has been there, and until when it is likely to be.
func (a gateAnswer) lasts() string {
	switch {
	case a.since.IsZero():
		return ""
	case a.until.IsZero():
		return "since " + when(a.since) + "; as long as errors are those of a usual day, no end is in sight"
	}
	return "since " + when(a.since) + "; likely to end on " + when(a.until)
}

// measured says what else is known of the budget.
func (a gateAnswer) measured() string {
	f := a.facts
	if f.Unknown != "" {
		return ""
	}
	out := gate.Percent(f.Remaining) + " of the budget is left"
	if f.Agreed != nil {
		out = gate.Percent(f.Remaining) + " of the budget is left as measured, " + gate.Percent(*f.Agreed) + " as agreed"
	}
	if f.Burn != nil {
		out += fmt.Sprintf("; it burns at %.3g× (1h)", *f.Burn)
	}
	return out + "; " + gate.Percent(f.Coverage) + " of " + a.slo.PeriodText() + " was measured"
}

func (g gateRun) text(out io.Writer) error {
	for _, a := range g.answers {
		fmt.Fprintf(out, "%s: %s\n", a.name(), a.State)
		for _, line := range []string{a.Why, a.lasts(), a.measured()} {
			if line != "" {
				fmt.Fprintf(out, "  %s\n", line)
			}
		}
		if len(a.Who) > 0 {
			fmt.Fprintf(out, "  to approve: %s\n", a.who())
		}
	}
	_, err := fmt.Fprintf(out, "\n%s\n", g.state())
	return err
}

var gateMarks = map[gate.State]string{gate.Allow: "✅", gate.Approval: "✋", gate.Block: "⛔", gate.Unknown: "❔"}

func (g gateRun) markdown(out io.Writer) error {
	fmt.Fprintf(out, "### %s Deployment: %s\n\nAs of %s.\n\n| SLO | verdict | budget left | why |\n|---|---|---|---|\n", gateMarks[g.state()], g.state(), when(g.at))
	for _, a := range g.answers {
		left := ""
		if a.facts.Unknown == "" {
			left = gate.Percent(a.facts.Remaining)
			if a.facts.Agreed != nil {
				left += " measured, " + gate.Percent(*a.facts.Agreed) + " agreed"
			}
		}
		why := []string{a.Why}
		if lasts := a.lasts(); lasts != "" {
			why = append(why, lasts)
		}
		if len(a.Who) > 0 {
			why = append(why, "to approve: "+a.who())
		}
		for i, line := range why {
			why[i] = markdown.Text(line)
		}
		fmt.Fprintf(out, "| %s | %s %s | %s | %s |\n", markdown.Code(a.name()), gateMarks[a.State], a.State, left, strings.Join(why, "<br>"))
	}
	return nil
}

// gateJSON is the answer for programs. Ratios are 0 to 1, negative where a budget is overspent.
type gateJSON struct {
	Verdict gate.State      `json:"verdict"`
	At      time.Time       `json:"at"`
	Budgets []gateJSONEntry `json:"budgets"`
}

type gateJSONEntry struct {
	SLO      string        `json:"slo"`
	Group    string        `json:"group,omitempty"`
	Verdict  gate.State    `json:"verdict"`
	Why      string        `json:"why"`
	Who      []string      `json:"who,omitempty"`
	Step     *gateJSONStep `json:"step,omitempty"`
	Measured *float64      `json:"remaining,omitempty"`
	Agreed   *float64      `json:"remainingAsAgreed,omitempty"`
	Coverage *float64      `json:"coverage,omitempty"`
	Burn     *float64      `json:"burnRate1h,omitempty"`
	Since    *time.Time    `json:"since,omitempty"`
	Until    *time.Time    `json:"likelyUntil,omitempty"`
}

type gateJSONStep struct {
	Below  float64  `json:"below"` // percent of the budget, as in the spec
	Do     string   `json:"do"`
	Gate   string   `json:"gate,omitempty"`
	Notify []string `json:"notify,omitempty"`
}

func (g gateRun) json(out io.Writer) error {
	all := gateJSON{Verdict: g.state(), At: g.at, Budgets: []gateJSONEntry{}}
	for _, a := range g.answers {
		e := gateJSONEntry{SLO: a.slo.FullName(), Group: a.group, Verdict: a.State, Why: a.Why, Who: a.Who, Since: timeOrNil(a.since), Until: timeOrNil(a.until)}
		if a.facts.Unknown == "" {
			e.Measured, e.Agreed, e.Coverage, e.Burn = rounded(new(a.facts.Remaining)), rounded(a.facts.Agreed), rounded(new(a.facts.Coverage)), rounded(a.facts.Burn)
		}
		if s := a.Step; s != nil {
			e.Step = &gateJSONStep{s.Below, s.Do, string(s.Gate), s.Notify}
		}
		all.Budgets = append(all.Budgets, e)
	}
	return report.WriteJSON(out, all)
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
