package cli

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/promslo/promslo/cmd/promslo/internal/promapi"
	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/history"
	"github.com/promslo/promslo/generate/odds"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/simulate"
)

// replayed are the alerts that rules would have raised.
type replayed struct {
	firings []firing  // by time
	budget  []budgets // at each midnight and at the end; empty if the rules record none

	corrected time.Duration // that does not count after the fact
	agreed    []budgets     // without it, beside those of budget
}

// firing is one time in which an alert fired.
type firing struct {
	alert, severity, group string
	from, to               time.Time // to is zero if it still fires at the end
	bad                    float64   // events since an hour before it fired
	agreed                 float64   // of them that corrections leave
}

// budgets are what was left at a time: the lowest of all groups, a ratio.
type budgets struct {
	at        time.Time
	remaining float64
}

// evaluationOf is how often rules are replayed: once a minute at most.
func evaluationOf(s plan.Service) time.Duration { return max(s.Evaluation, time.Minute) }

// replayRules replays rules about an SLO in a time. What they record counts from a period
// before, so that budgets are whole; the server is asked only what the answers do not hold.
func replayRules(ctx context.Context, client *promapi.Client, have answers, of plan.Service, groups []rulefmt.RuleGroup, events []history.Group, from, to time.Time) (replayed, error) {
	evaluation := evaluationOf(of)
	cut, err := history.Cut(groups, evaluation)
	if err != nil {
		return replayed{}, err
	}
	slo := of.SLOs[0]
	begin := from.Add(-slo.Period).Truncate(time.Hour)
	if err := have.ask(ctx, client, cut.Questions, begin, to); err != nil {
		return replayed{}, err
	}
	result, err := cut.Replay(ctx, have.of(cut.Questions), begin, from, to, evaluation)
	if err != nil {
		return replayed{}, err
	}
	if len(result.Errors) > 0 {
		return replayed{}, result.Errors[0]
	}
	out := replayed{firings: firings(result, slo, events)}
	out.budget, err = dailyBudgets(ctx, result, slo, from, to)
	return out, err
}

func firings(result *engine.Result, slo plan.SLO, events []history.Group) []firing {
	var out []firing
	for _, t := range result.Timelines() {
		for _, span := range t.Spans {
			if span.State != engine.Firing {
				continue
			}
			f := firing{alert: t.Name, severity: severityOf(t.Labels, slo), group: groupOf(t.Labels, slo.GroupBy), from: span.From, to: span.To}
			f.bad = badDuring(f, events, slo, result.Input.End)
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b firing) int {
		return cmp.Or(a.from.Compare(b.from), cmp.Compare(a.severity, b.severity), cmp.Compare(a.alert, b.alert), cmp.Compare(a.group, b.group))
	})
	return out
}

// severityOf is page or ticket, whatever the house calls them, or what a rule of others says.
func severityOf(l labels.Labels, slo plan.SLO) string {
	switch severity := simulate.Severity(slo.LabelNames, l.Get); severity {
	case slo.Severities.Page:
		return string(plan.Page)
	case slo.Severities.Ticket:
		return string(plan.Ticket)
	default:
		return severity
	}
}

// badDuring adds up the bad events of an alert, since an hour before it fired.
func badDuring(f firing, events []history.Group, slo plan.SLO, end time.Time) (bad float64) {
	if !f.to.IsZero() {
		end = f.to
	}
	for _, g := range events {
		if f.group == "" || f.group == groupOf(g.Labels, slo.GroupBy) {
			bad += badBetween(g.Slots, f.from.Add(-time.Hour), end)
		}
	}
	return bad
}

// badBetween adds up the slots that touch a time.
func badBetween(slots []odds.Slot, from, to time.Time) (bad float64) {
	for _, s := range slots {
		if s.From.Before(to) && s.From.Add(s.Length).After(from) {
			bad += s.Bad
		}
	}
	return plan.Round(bad)
}

func groupOf(l labels.Labels, by []string) string {
	var parts []string
	for _, name := range by {
		if value := l.Get(name); value != "" {
			parts = append(parts, name+"="+value)
		}
	}
	return strings.Join(parts, ", ")
}

// dailyBudgets returns what is recorded as left of the budget.
func dailyBudgets(ctx context.Context, result *engine.Result, slo plan.SLO, from, to time.Time) ([]budgets, error) {
	var out []budgets
	look := func(at time.Time) error {
		vector, err := result.Query(ctx, slo.Series(plan.BudgetRemaining).String(), at)
		if err != nil || len(vector) == 0 {
			return err
		}
		b := budgets{at.UTC(), math.Inf(1)}
		for _, v := range vector {
			b.remaining = min(b.remaining, v.F)
		}
		out = append(out, b)
		return nil
	}
	for at := from.Truncate(day).Add(day); at.Before(to); at = at.Add(day) {
		if err := look(at); err != nil {
			return nil, err
		}
	}
	return out, look(to)
}

// answers are what a server has answered, so that rules that share an SLI share them.
type answers map[history.Question][]engine.Series

// ask asks the server what is not known yet.
func (a answers) ask(ctx context.Context, client *promapi.Client, questions []history.Question, from, to time.Time) error {
	var missing []history.Question
	for _, q := range questions {
		if _, known := a[q]; !known {
			missing = append(missing, q)
		}
	}
	found, err := ask(ctx, client, missing, from, to)
	if err != nil {
		return err
	}
	for i, q := range missing {
		a[q] = found[i]
	}
	return nil
}

func (a answers) of(questions []history.Question) [][]engine.Series {
	out := make([][]engine.Series, len(questions))
	for i, q := range questions {
		out[i] = a[q]
	}
	return out
}
