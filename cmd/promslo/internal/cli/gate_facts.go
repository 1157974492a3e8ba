package cli

import (
	"context"
	"slices"
	"strings"
	"time"

	prom "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/cmd/promslo/internal/recorded"
	"github.com/promslo/promslo/generate/budget"
	"github.com/promslo/promslo/generate/gate"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/model"
)

// factsByBudget are what is known of budgets.
type factsByBudget map[recorded.Key]gate.Facts

// keys returns the budgets of an SLO.
func (f factsByBudget) keys(id string) []recorded.Key {
	var out []recorded.Key
	for key := range f {
		if key.ID == id {
			out = append(out, key)
		}
	}
	slices.SortFunc(out, func(a, b recorded.Key) int { return strings.Compare(a.Group, b.Group) })
	return out
}

// gateFacts reads what a gate needs to know.
func gateFacts(ctx context.Context, r *recorded.Reader, slos []plan.SLO) (factsByBudget, error) {
	remaining, err := r.Values(ctx, recorded.Series{Name: plan.BudgetRemaining})
	if err != nil {
		return nil, err
	}
	least, err := leastRemaining(ctx, r, slos)
	if err != nil {
		return nil, err
	}
	coverage, err := r.Values(ctx, recorded.Series{Name: plan.Coverage})
	if err != nil {
		return nil, err
	}
	burn, err := r.Values(ctx, recorded.Series{Name: plan.BurnRate, Has: func(slo plan.SLO, m prom.Metric) bool {
		return m[prom.LabelName(slo.Label(plan.LabelWindow))] == prom.LabelValue(plan.Duration(time.Hour))
	}})
	if err != nil {
		return nil, err
	}
	known, err := r.Values(ctx, recorded.Series{Name: plan.PeriodSeconds})
	if err != nil {
		return nil, err
	}
	pages, noData, err := firingAlerts(ctx, r)
	if err != nil {
		return nil, err
	}
	out := factsByBudget{}
	for key, left := range remaining {
		f := gate.Facts{Remaining: left, Least: min(left, least[key]), Coverage: coverage[key], Pages: pages[key], NoData: noData[key.ID]}
		if rate, ok := burn[key]; ok {
			f.Burn = &rate
		}
		out[key] = f
	}
	for _, slo := range slos {
		if len(out.keys(slo.ID)) > 0 {
			continue
		}
		why := "its rules are not loaded there, or have not been evaluated for 5 minutes: nothing of it is recorded"
		if _, loaded := known[recorded.Key{ID: slo.ID}]; loaded {
			why = "its rules are loaded, but its budget is not recorded: its metrics are not there, or are not complete (promslo check says more)"
		}
		out[recorded.Key{ID: slo.ID}] = gate.Facts{Unknown: why}
	}
	return out, nil
}

// leastRemaining returns the least that was left of budgets within the look-back of their
// policies.
func leastRemaining(ctx context.Context, r *recorded.Reader, slos []plan.SLO) (map[recorded.Key]float64, error) {
	by := map[time.Duration][]string{}
	for _, slo := range slos {
		by[slo.PolicyLookback()] = append(by[slo.PolicyLookback()], slo.ID)
	}
	out := map[recorded.Key]float64{}
	for lookback, ids := range by {
		least, err := r.Values(ctx, recorded.Series{Name: plan.BudgetRemaining, Only: ids, Wrap: func(s *parser.VectorSelector) promql.Expr {
			return promql.Call("min_over_time", promql.Range(s, lookback))
		}})
		if err != nil {
			return nil, err
		}
		for key, value := range least {
			out[key] = value
		}
	}
	return out, nil
}

// firingAlerts returns the names of alerts that page, and by SLO those that say that its metrics
// are not there.
func firingAlerts(ctx context.Context, r *recorded.Reader) (pages map[recorded.Key][]string, noData map[string][]string, err error) {
	pages, noData = map[recorded.Key][]string{}, map[string][]string{}
	err = r.Samples(ctx, recorded.Series{Name: "ALERTS", Has: func(slo plan.SLO, m prom.Metric) bool {
		a, ok := firingAlert(slo, m)
		return ok && (a.NoData || a.Severity == plan.Page)
	}}, func(key recorded.Key, s *prom.Sample) {
		a, _ := firingAlert(r.SLO(key), s.Metric)
		if a.NoData {
			noData[key.ID] = append(noData[key.ID], a.Name)
		} else {
			pages[key] = append(pages[key], a.Name)
		}
	})
	return pages, noData, err
}

// firingAlert returns the alert that a sample of ALERTS says fires: of burn or of missing data.
func firingAlert(slo plan.SLO, m prom.Metric) (plan.Alert, bool) {
	i := slices.IndexFunc(slo.Alerts, func(a plan.Alert) bool {
		return a.Policy == nil && a.Name == string(m[prom.AlertNameLabel]) && a.Severity.Label(slo.Severities) == string(m[prom.LabelName(slo.Label(plan.LabelSeverity))])
	})
	if i < 0 || m["alertstate"] != "firing" {
		return plan.Alert{}, false
	}
	return slo.Alerts[i], true
}

// correctedFacts adds what is left as agreed, where something was corrected within two
// periods, and returns what was.
func correctedFacts(ctx context.Context, r *recorded.Reader, services []plan.Service, facts factsByBudget) (map[recorded.Key][]budget.History, error) {
	corrections, longest := map[string][]model.Correction{}, time.Duration(0)
	for _, service := range services {
		for _, slo := range service.SLOs {
			corrections[slo.ID], longest = service.Corrections, max(longest, slo.Period)
		}
	}
	corrected, err := r.Corrected(ctx, r.At.Add(-2*longest), r.At, func(slo plan.SLO) []model.Interval {
		return model.Corrected(corrections[slo.ID], slo.Name, model.InternalAudience)
	})
	if err != nil || len(corrected) == 0 {
		return nil, err
	}
	bad, err := r.Values(ctx, recorded.Series{Name: plan.BadSum, Has: func(slo plan.SLO, m prom.Metric) bool {
		return m[prom.LabelName(slo.Label(plan.LabelWindow))] == prom.LabelValue(slo.WindowLabel(slo.Period))
	}})
	if err != nil {
		return nil, err
	}
	for key, histories := range corrected {
		f, known := facts[key]
		if !known || f.Unknown != "" {
			continue
		}
		from, to := budget.PeriodOf(r.SLO(key)).Current(r.At)
		var not budget.Sum // does not count
		for _, h := range histories {
			s := h.Over(from, to)
			not.Bad, not.Allowed, not.Of = not.Bad+s.Bad, not.Allowed+s.Allowed, not.Of+s.Of
		}
		if not.Of == 0 {
			continue
		}
		f.Agreed, f.AgreedLeast = new(without(f.Remaining, bad[key], not)), new(1.0)
		if f.Remaining < 1 {
			spent := bad[key] / (1 - f.Remaining) * (1 - f.Least)
			f.AgreedLeast = new(without(f.Least, spent, not))
		}
		facts[key] = f
	}
	return corrected, nil
}

// without is what is left of a budget, of which so many bad events spent all but remaining,
// if some do not count.
func without(remaining, bad float64, not budget.Sum) float64 {
	if remaining >= 1 || bad <= 0 {
		return 1
	}
	allowed := bad / (1 - remaining)
	return budget.Sum{Bad: bad - not.Bad, Allowed: allowed - not.Allowed}.Remaining()
}

// hourlyFrom is the shortest period whose history is read hour by hour.
const hourlyFrom = 3 * model.Day

// forecast returns since when less than a share of a budget has been left, and when that
// is likely to end; zero: not known.
func forecast(ctx context.Context, r *recorded.Reader, key recorded.Key, slo plan.SLO, below float64, corrected []budget.History) (since, until time.Time, err error) {
	step := recorded.Hour
	if slo.Period < hourlyFrom {
		step = recorded.Short
	}
	to := r.At.Truncate(step)
	from := to.Add(-2 * slo.Period).Truncate(step)
	histories, err := r.History(ctx, []string{key.ID}, from, to, step)
	if err != nil {
		return since, until, err
	}
	h, period := histories[key].Without(corrected...), budget.PeriodOf(slo)
	since, ok := h.Since(period, below)
	if ok {
		until, _ = h.Until(period, below)
	}
	return since, until, nil
}
