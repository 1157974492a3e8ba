package plan

import (
	"testing"
	"time"

	"github.com/promslo/promslo/schema/model"
)

// Each step of a policy is an alert that gives way to the next.
func TestPolicy(t *testing.T) {
	s := model.Service{Name: "users", Policy: []model.Step{{Below: 50, Do: "plan"}, {Below: 12.5, Do: "watch"}, {Below: 0, Gate: model.Block}, {Below: -100}}}
	ticket := Alert{Severity: Ticket, NoData: true, Pairs: []Pair{{}}, Labels: map[string]string{"team": "a"}}
	got := policyAlerts(s, model.SLO{Name: "latency"}, ticket)
	for i, want := range []struct {
		name        string
		below, next float64
	}{{"UsersLatencyBudgetBelow50", 0.5, 0.125}, {"UsersLatencyBudgetBelow12p5", 0.125, 0}, {"UsersLatencyBudgetSpent", 0, -1}, {"UsersLatencyBudgetOverspent100", -1, 0}} {
		a := got[i]
		if a.Name != want.name || a.Policy.Below != want.below || a.NoData || a.Pairs != nil || a.Severity != Policy || a.Labels["team"] != "a" {
			t.Errorf("%+v, want %+v", a, want)
		}
		if last := i == len(got)-1; last != (a.Policy.Next == nil) || !last && *a.Policy.Next != want.next {
			t.Errorf("%s: the next step is due at %v, want %g", a.Name, a.Policy.Next, want.next)
		}
	}
	for period, want := range map[time.Duration]time.Duration{time.Hour: 15 * time.Minute, 7 * model.Day: 85 * time.Minute, 30 * model.Day: 6 * time.Hour, year: model.Day} {
		if got := (SLO{Period: period}).PolicyLookback(); got != want {
			t.Errorf("%s: %s, want %s", period, got, want)
		}
	}
}

// Who is told stands in one label. Waivers open gates until the day after their last one.
func TestGates(t *testing.T) {
	if got := NotifyLabel("identity", "head of sales, EMEA"); got != "identity,head of sales; EMEA" {
		t.Error(got)
	}
	gates := func(gates ...model.Gate) (slo SLO) {
		for _, gate := range gates {
			slo.Alerts = append(slo.Alerts, Alert{Policy: &PolicyStep{Gate: gate}})
		}
		return slo
	}
	if got := gates("", "").GateSteps(); got != nil {
		t.Error(got)
	}
	if got := gates("", model.Warn).GateSteps(); len(got) != 2 {
		t.Error(got)
	}
	day := func(n int) time.Time { return time.Unix(0, 0).AddDate(0, 0, n) }
	s := model.Service{Name: "users", Waivers: []model.Waiver{
		{Gate: model.Block, Service: "users", SLO: "latency", Until: day(3)}, {Gate: model.Block, Service: "users", Until: day(2)},
		{Rule: "short-window", Service: "users", Until: day(9)}, {Gate: model.Block, Service: "users", SLO: "other", Until: day(8)},
	}}
	if got := gateWaivedUntil(s, model.SLO{Name: "latency"}); got != 4*SecondsPerDay {
		t.Error(got)
	}
	if got := gateWaivedUntil(model.Service{Name: "users"}, model.SLO{Name: "latency"}); got != 0 {
		t.Error(got)
	}
}
