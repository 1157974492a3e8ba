package check

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	prom "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/cmd/promslo/internal/promapi"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/generate/rules"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
	spec "github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// loadedRule is a rule on the server.
type loadedRule struct {
	name      string
	alert     bool
	expr      string
	labels    map[string]string
	wait      time.Duration // for
	health    v1.RuleHealth
	lastError string
	evaluated time.Time
}

// loadedRules returns the rules on the server; nil: it does not tell.
func (c *checker) loadedRules(ctx context.Context) ([]loadedRule, error) {
	groups, err := c.client.Rules(ctx)
	if promapi.Unsupported(err) {
		return nil, nil
	}
	out := []loadedRule{}
	for _, g := range groups {
		for _, r := range g.Rules {
			switch r := r.(type) {
			case v1.RecordingRule:
				out = append(out, loadedRule{name: r.Name, expr: r.Query, labels: plain(r.Labels), health: r.Health, lastError: r.LastError, evaluated: r.LastEvaluation})
			case v1.AlertingRule:
				wait := time.Duration(r.Duration * float64(time.Second))
				out = append(out, loadedRule{name: r.Name, alert: true, expr: r.Query, labels: plain(r.Labels), wait: wait, health: r.Health, lastError: r.LastError, evaluated: r.LastEvaluation})
			}
		}
	}
	return out, err
}

func plain(set prom.LabelSet) map[string]string {
	out := map[string]string{}
	for name, value := range set {
		out[string(name)] = string(value)
	}
	return out
}

// identity is what tells a rule from others: recordings differ by labels, alerts perhaps by
// severity.
func identity(names spec.LabelNames, name string, alert bool, labels map[string]string) string {
	if alert {
		return "alert " + name + " " + labels[names.Label(plan.LabelSeverity)]
	}
	return fmt.Sprintf("%s %v", name, labels) // printed in the order of the keys
}

// ruleState is what is known of the rules of a service.
type ruleState struct {
	wrong map[string]bool // by SLO: reported
	exprs map[string]string
	ready map[string]bool // rules that were evaluated, by identity
}

// compareRules compares the rules of a service with those on the server, SLO by SLO.
func compareRules(s Service, loaded []loadedRule) (ruleState, []diag.Finding, error) {
	state := ruleState{wrong: map[string]bool{}, exprs: map[string]string{}, ready: map[string]bool{}}
	var findings []diag.Finding
	report := func(id diag.ID, at diag.Pos, suggestion, format string, args ...any) {
		lint.Reporter(id, &findings)(at, fmt.Sprintf(format, args...), suggestion)
	}
	atService := s.Spec.Source.At("service")
	if loaded == nil {
		report(diag.NotChecked, atService, "", "the server does not tell which rules are loaded")
		return state, findings, nil
	}
	groups, err := rules.Groups(s.Plan)
	if err != nil {
		return state, nil, err
	}
	server := map[string]loadedRule{}
	ours := map[string]bool{} // identities of SLOs that rules of the service are about
	for _, r := range loaded {
		server[identity(s.Plan.LabelNames, r.name, r.alert, r.labels)] = r
		if r.labels[s.Plan.Label(plan.LabelService)] == s.Plan.Name {
			ours[r.labels[s.Plan.Label(plan.LabelID)]] = true
		}
	}
	bySLO := map[string][]rulefmt.Rule{}
	all := 0
	for _, g := range groups {
		for _, r := range g.Rules {
			id := sloOf(s.Plan, r)
			bySLO[id] = append(bySLO[id], r)
			all++
		}
	}
	const reload = "reload the rules of the repository"
	missing := map[string][]string{}
	notLoaded := 0
	for _, id := range slices.Sorted(maps.Keys(bySLO)) {
		var differs, failed []string
		waits := 0
		for _, r := range bySLO[id] {
			name, isAlert := r.Record, false
			if r.Alert != "" {
				name, isAlert = r.Alert, true
			}
			key := identity(s.Plan.LabelNames, name, isAlert, r.Labels)
			state.exprs[key] = r.Expr
			there, ok := server[key]
			switch {
			case !ok:
				missing[id] = append(missing[id], name)
				notLoaded++
			case canonical(r.Expr) != canonical(there.expr):
				differs = append(differs, name+" is loaded as "+short(there.expr))
			case isAlert && !maps.Equal(r.Labels, there.labels):
				differs = append(differs, fmt.Sprintf("%s has the labels %s, not %s", name, labelText(there.labels), labelText(r.Labels)))
			case time.Duration(r.For) != there.wait:
				differs = append(differs, fmt.Sprintf("%s waits for %s, not %s", name, prom.Duration(there.wait), r.For))
			case there.health == v1.RuleHealthBad:
				failed = append(failed, name+": "+short(there.lastError))
			case there.health != v1.RuleHealthGood || there.evaluated.IsZero() || there.evaluated.Year() < 2000:
				waits++
			default:
				state.ready[key] = true
			}
		}
		at := atService
		subject := s.Plan.Name
		for _, slo := range s.Plan.SLOs {
			if slo.ID == id {
				at, subject = slo.Pos, slo.FullName()
			}
		}
		state.wrong[id] = len(missing[id])+len(differs)+len(failed)+waits > 0
		if len(differs) > 0 {
			report(diag.RuleDiffers, at, reload, "%d of %s of %s are others than in the repository: %s", len(differs), counted(len(bySLO[id]), "rule"), subject, differs[0])
		}
		if len(failed) > 0 {
			report(diag.RuleUnhealthy, at, "", "%d of %s of %s fail: %s", len(failed), counted(len(bySLO[id]), "rule"), subject, failed[0])
		}
		if waits > 0 && len(missing[id]) == 0 {
			report(diag.NotChecked, at, "", "%s of %s have not been evaluated yet", counted(waits, "rule"), subject)
		}
		delete(ours, id)
	}
	switch {
	case notLoaded == all:
		report(diag.RuleNotLoaded, atService, "load the generated rules, and add the file to rule_files", "no rule of %s is loaded", s.Plan.Name)
	default:
		for _, slo := range s.Plan.SLOs {
			if n := len(missing[slo.ID]); n > 0 {
				report(diag.RuleNotLoaded, slo.Pos, reload, "%d of %s of %s are not loaded, such as %s", n, counted(len(bySLO[slo.ID]), "rule"), slo.FullName(), missing[slo.ID][0])
			}
		}
	}
	delete(ours, "")
	if len(ours) > 0 {
		report(diag.RuleDiffers, atService, reload, "rules are loaded of what is no SLO of %s any more: %s", s.Plan.Name, strings.Join(slices.Sorted(maps.Keys(ours)), ", "))
	}
	return state, findings, nil
}

// sloOf returns the identity of the SLO of a rule; empty: all of the service.
func sloOf(s plan.Service, r rulefmt.Rule) string {
	if r.Alert == "" {
		return r.Labels[s.Label(plan.LabelID)]
	}
	for _, slo := range s.SLOs {
		for _, a := range slo.Alerts {
			if a.Name == r.Alert {
				return slo.ID
			}
		}
	}
	return ""
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func labelText(set map[string]string) string { return labels.FromMap(set).String() }

func short(text string) string { return diag.Shorten(strings.Join(strings.Fields(text), " ")) }

// canonical prints an expression as its tree says it, with matchers and labels in one order.
func canonical(text string) string {
	e, err := promql.Parse(text)
	if err != nil {
		return text
	}
	parser.Inspect(e, func(node parser.Node, _ []parser.Node) error {
		switch n := node.(type) {
		case *parser.VectorSelector:
			slices.SortFunc(n.LabelMatchers, func(a, b *labels.Matcher) int { return strings.Compare(a.String(), b.String()) })
		case *parser.AggregateExpr:
			slices.Sort(n.Grouping)
		case *parser.BinaryExpr:
			if n.VectorMatching != nil {
				slices.Sort(n.VectorMatching.MatchingLabels)
			}
		}
		return nil
	})
	return e.String()
}

// checkRecords compares what is recorded with what the expressions of the rules say now.
func (s *subject) checkRecords(ctx context.Context, state ruleState) error {
	for _, name := range []string{plan.TotalRate1h, plan.BadRate1h} {
		key := identity(s.slo.LabelNames, name, false, s.slo.Identity())
		expr, generated := state.exprs[key]
		if !generated || !state.ready[key] {
			continue
		}
		// As of the evaluation: a minute later the counters say something else.
		series := s.slo.Series(name).String()
		times, err := s.client.Instant(ctx, "max(timestamp("+series+"))", s.at)
		if err != nil || len(times) == 0 {
			return err
		}
		evaluated := time.UnixMilli(int64(1000 * float64(times[0].Value)))
		recorded, err := s.client.Instant(ctx, series, evaluated)
		if err != nil {
			return err
		}
		raw, err := s.client.Instant(ctx, expr, evaluated)
		if err != nil {
			return err
		}
		was, is := sum(recorded), sum(raw)
		if math.Abs(was-is) > 0.05*math.Max(was, is)+1e-9 {
			s.report(diag.RuleDiffers, s.slo.Pos, "see whether another server, or another rule, records it", "%s of %s is recorded as %.4g/s, and the counters say %.4g/s", name, s.slo.FullName(), words.Significant(was, 4), words.Significant(is, 4))
			return nil
		}
	}
	return nil
}

func sum(all prom.Vector) float64 {
	out := 0.0
	for _, s := range all {
		out += float64(s.Value)
	}
	return out
}
