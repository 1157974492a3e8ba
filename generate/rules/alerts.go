package rules

import (
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	spec "github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/templates"
)

// alerts returns the page and the tickets of an SLO; each may be missing.
func alerts(s plan.Service, slo plan.SLO) (page, ticket chain, err error) {
	for _, a := range slo.Alerts {
		texts := Texts{
			Burn:      templates.BurnNow,
			Ends:      templates.EndsNow,
			Remaining: templates.LeftNow(slo.Series(plan.BudgetRemaining).String(), slo.GroupBy),
			Group:     templates.GroupNow(a.GroupLabels(slo)),
			External:  templates.ExternalNow(s.ExternalLabels),
			User:      templates.Literal,
			Template: func(text string, inLabel bool) string {
				out, _ := templates.User(text, slo.TemplateNames(s.ExternalLabels, inLabel))
				return out
			},
		}
		labels := texts.Labels(s, a)
		annotations, err := texts.Annotations(s, slo, a)
		if err != nil {
			return nil, nil, err
		}
		rule := rulefmt.Rule{Alert: a.Name, Labels: labels, Annotations: annotations}
		switch {
		case a.NoData:
			rule.Expr = promql.String(metricsMissing(slo))
			rule.For = model.Duration(slo.NoDataAfter)
		case a.Ends:
			rule.Expr = promql.String(budgetEnds(slo))
		case a.Policy != nil:
			rule.Expr = promql.String(policyStepDue(slo, *a.Policy))
		default:
			rule.Expr = promql.String(anyPairFires(slo, a.Pairs))
			rule.For = model.Duration(a.For())
			rule.KeepFiringFor = model.Duration(a.KeepFiringFor)
		}
		if a.Severity == plan.Page {
			page = append(page, rule)
		} else {
			ticket = append(ticket, rule)
		}
	}
	return page, ticket, nil
}

// Texts are the variable parts of an alert's labels and annotations: templates for
// Prometheus, or the values of a test.
type Texts struct {
	Burn      string                   // the burn rate
	Ends      string                   // when the budget ends, if the alert is about that
	Remaining string                   // the share of the budget that is left
	Group     string                   // the values of the labels by which the SLO is grouped
	External  string                   // the values of the server's external labels
	User      func(text string) string // what becomes of text from the spec
	// Template is what becomes of labels and annotations from the spec.
	Template func(text string, inLabel bool) string
}

// Labels returns what an alert adds to the identity labels.
func (t Texts) Labels(s plan.Service, a plan.Alert) map[string]string {
	labels := map[string]string{s.Label(plan.LabelTier): t.User(s.Tier), s.Label(plan.LabelOwner): t.User(s.Owner)}
	for label, value := range a.Labels {
		labels[label] = t.Template(value, true)
	}
	labels[s.Label(plan.LabelSeverity)] = a.Severity.Label(s.Severities)
	labels[s.Label(plan.LabelAlert)] = string(a.Kind())
	labels[s.Label(plan.LabelGroup)] = t.Group
	if a.Policy != nil {
		labels[s.Label(plan.LabelGate)] = string(a.Policy.Gate)
		labels[s.Label(plan.LabelNotify)] = t.User(plan.NotifyLabel(a.Policy.Notify...))
	}
	// To Prometheus an empty label is none.
	maps.DeleteFunc(labels, func(_, value string) bool { return value == "" })
	return labels
}

// Annotations returns the annotations of an alert.
func (t Texts) Annotations(s plan.Service, slo plan.SLO, a plan.Alert) (map[string]string, error) {
	ends, before := "", ""
	if a.Ends {
		ends, before = t.Ends, string(slo.Calendar)
	}
	annotations, err := templates.Annotations(templates.Alert{
		Policy: t.policy(a.Policy, s.Owner),
		Ends:   ends, Before: before, Rate: plan.Duration(plan.ExhaustionWindow),
		ID:          slo.FullName(),
		Page:        a.Severity == plan.Page,
		NoData:      a.NoData,
		Where:       strings.Join(slices.DeleteFunc([]string{t.Group, t.External}, func(s string) bool { return s == "" }), ", "),
		Objective:   slo.ObjectiveText(" %"),
		Period:      slo.PeriodText(),
		Burn:        t.Burn,
		Left:        t.Remaining,
		Description: t.User(slo.Description),
		Runbook:     t.User(s.Contacts["runbook"]),
		Dashboard:   slo.Pages.Address(slo.Page()),
	})
	if err != nil {
		return nil, err
	}
	for name, text := range a.Annotations {
		annotations[name] = t.Template(text, false)
	}
	return annotations, nil
}

// policy says what a step of a policy is about, and who decides; nil for none.
func (t Texts) policy(step *plan.PolicyStep, owner string) *templates.Policy {
	if step == nil {
		return nil
	}
	users := func(all []string) string { return t.User(strings.Join(all, ", ")) }
	return &templates.Policy{
		Below:     plan.Number(math.Abs(100*step.Below)) + " %",
		Spent:     step.Below <= 0,
		Overspent: step.Below < 0,
		Do:        t.User(step.Do),
		Notify:    users(step.Notify),
		Approvers: users(step.Approvers),
		Owner:     t.User(owner),
		Blocks:    step.Gate == spec.Block,
	}
}

// policyStepDue has a result while a policy step is due: the remaining budget is, or was
// within PolicyLookback, below its threshold and not below that of the next step.
func policyStepDue(slo plan.SLO, step plan.PolicyStep) promql.Expr {
	least := promql.Call("min_over_time", promql.Range(slo.Series(plan.BudgetRemaining), slo.PolicyLookback()))
	e := promql.Op(least, parser.LSS, promql.Number(step.Below))
	if step.Next != nil {
		e = promql.Op(e, parser.GTE, promql.Number(*step.Next))
	}
	return e
}

// anyPairFires has a result while any pair fires: the highest burn rate of a long
// window. Without slo_window two pairs make one alert, not two.
func anyPairFires(slo plan.SLO, pairs []plan.Pair) promql.Expr {
	any := make([]promql.Expr, len(pairs))
	for i, p := range pairs {
		any[i] = pairFires(slo, p)
	}
	return promql.MaxWithout(promql.Join(parser.LOR, any), slo.Label(plan.LabelWindow))
}

// pairFires has a result while the conditions of a pair hold.
func pairFires(slo plan.SLO, p plan.Pair) promql.Expr {
	across := promql.Ignoring(slo.Label(plan.LabelWindow))
	var all promql.Expr
	for _, c := range Conditions(slo, p) {
		switch {
		case c.optional:
			all = promql.Op(all, parser.LUNLESS, c.fails(across), across)
		case all == nil:
			all = c.holds()
		default:
			all = promql.Op(all, parser.LAND, c.holds(), across)
		}
	}
	return all
}

// holds has the labels of Have while the condition holds.
func (c Condition) holds() promql.Expr {
	e := promql.Op(c.Have, parser.GTR, c.Need, c.across...)
	for _, other := range c.Instead {
		e = promql.Op(e, parser.LOR, promql.Op(c.Have, parser.LAND, other.holds()))
	}
	return e
}

// fails has a result while neither the condition nor what stands in for it holds.
func (c Condition) fails(across promql.Matching) promql.Expr {
	e := promql.Op(c.Have, parser.LTE, c.Need, c.across...)
	for _, other := range c.Instead {
		e = promql.Op(e, parser.LAND, other.fails(across), across)
	}
	return e
}

// acrossCount is how a value over a window is matched with what it must exceed.
func acrossCount(slo plan.SLO, window time.Duration, bound plan.Bound) []promql.Matching {
	if bound.Sure() && slo.HasRate(window) {
		return []promql.Matching{promql.IgnoringLeft(slo.Label(plan.LabelWindow))} // the count of bad events has no slo_window
	}
	return nil
}

// surely is what a value must exceed to be above a limit for sure, with so many bad events. A
// limit that is a series is matched across what that does not have.
func surely(limit, bad promql.Expr, bound plan.Bound, across ...promql.Matching) promql.Expr {
	if !bound.Sure() {
		return limit
	}
	root := promql.Call("sqrt", promql.Op(bad, parser.ADD, promql.Number(bound.Added)))
	certain := promql.Op(promql.Op(root, parser.SUB, promql.Number(bound.Taken)), parser.POW, promql.Number(2))
	return promql.Op(promql.Op(limit, parser.MUL, bad, across...), parser.DIV, certain, across...)
}

// metricsMissing has a result while the total, or the good events from which bad ones are
// computed, are not recorded, and either the total was within the last day or the
// SLO has been known for a day. Groups come and go, so it needs all of them to be missing.
// Where an expression has no result though its metrics are there, the service is idle.
func metricsMissing(slo plan.SLO) promql.Expr {
	anyGroup := func(e promql.Expr) promql.Expr {
		if len(slo.GroupBy) == 0 {
			return e
		}
		return promql.MaxWithout(e, slo.GroupBy...)
	}
	tiles := promql.Subquery(slo.Series(plan.TotalRate1h), plan.KnownFor, time.Hour)
	counted := anyGroup(promql.Call("count_over_time", tiles))
	known := promql.Call("count_over_time", promql.Shift(promql.Range(slo.Series(plan.ObjectiveRatio), time.Hour), plan.KnownFor))
	missing := promql.Op(counted, parser.LOR, known)
	total := anyGroup(slo.Series(plan.TotalRate5m))
	if slo.SLI.GoodExists {
		total = promql.Op(total, parser.LAND, anyGroup(slo.Series(plan.BadRate5m)))
	}
	missing = promql.Op(missing, parser.LUNLESS, total)
	for _, s := range slo.SLI.IdleSelectors() {
		var raw promql.Expr = s
		if slo.ScrapedSlowly() {
			raw = promql.Lasting(raw, slo.Overlap())
		}
		missing = promql.Op(missing, parser.LUNLESS, promql.Group(raw), promql.On())
	}
	return missing
}

// BadCount is the number of bad events in the long window of a pair.
func BadCount(slo plan.SLO, window time.Duration) promql.Expr {
	if slo.HasRate(window) {
		return times(slo.Series(plan.BadEvents.Rate(window)), window.Seconds())
	}
	return slo.Over(plan.BadSum, window)
}
