package cli

import (
	"strconv"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/simulate"
)

// facts are what simulate tells, as text or as JSON. Ratios go from 0 to 1;
// events of an SLO that is counted in time are seconds.
type facts struct {
	SLO       string          `json:"slo"`
	Objective float64         `json:"objective"`
	Window    seconds         `json:"window"`
	Simulated seconds         `json:"simulated"`
	Incidents []incidentFacts `json:"incidents"`
}

// incidentFacts are one time of errors, at offsets in the simulation.
type incidentFacts struct {
	Start       seconds       `json:"start"`
	End         seconds       `json:"end"`
	TotalEvents float64       `json:"totalEvents"`
	BadEvents   float64       `json:"badEvents"`
	Budget      budgetFacts   `json:"budget"`
	Alerts      []firingFacts `json:"alerts"`
}

// budgetFacts are what errors cost. Before and After are what the rules record as
// left of the budget when errors begin and when they are settled, if they record
// it; the rest follows from the events alone.
type budgetFacts struct {
	Before        *float64 `json:"before,omitempty"`
	After         *float64 `json:"after,omitempty"`
	Lost          float64  `json:"lost"`
	AllowedEvents float64  `json:"allowedEvents"` // that may be bad in the window up to Settled
	Settled       seconds  `json:"settled"`       // the offset at which the rules know of all errors
}

// firingFacts are one time for which an alert fired, if it did and if it reset:
// since the errors began, and at an offset in the simulation.
type firingFacts struct {
	Alert    string   `json:"alert"`
	Severity string   `json:"severity"`
	Fires    *seconds `json:"fires"`
	Resets   *seconds `json:"resets"`
	FiresAt  *seconds `json:"firesAt"`
	ResetsAt *seconds `json:"resetsAt"`
}

// seconds is a duration that is a number of seconds in JSON.
type seconds time.Duration

func (s seconds) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, time.Duration(s).Seconds(), 'f', -1, 64), nil
}

func (s seconds) String() string { return plan.Duration(time.Duration(s)) }

func newFacts(slo plan.SLO, r simulate.Report) facts {
	out := facts{SLO: slo.FullName(), Objective: slo.Objective, Window: seconds(slo.Period), Simulated: seconds(r.Watched.To)}
	for n, i := range r.Incidents {
		f := incidentFacts{
			Start: seconds(i.From), End: seconds(i.To), TotalEvents: i.Total, BadEvents: i.Bad,
			Budget: budgetFacts{
				Before: rounded(i.Before), After: rounded(i.After),
				Lost: plan.Round(i.Lost()), AllowedEvents: plan.Round(i.Allowed), Settled: seconds(i.Settled),
			},
		}
		for _, a := range r.Alerts {
			spans := r.During(n, a)
			if len(spans) == 0 {
				f.Alerts = append(f.Alerts, firingFacts{Alert: a.Name, Severity: a.Severity})
			}
			for _, s := range spans {
				firing := firingFacts{Alert: a.Name, Severity: a.Severity}
				firing.Fires, firing.FiresAt = since(i.From, s.From)
				if s.To != simulate.Never {
					firing.Resets, firing.ResetsAt = since(i.From, s.To)
				}
				f.Alerts = append(f.Alerts, firing)
			}
		}
		out.Incidents = append(out.Incidents, f)
	}
	return out
}

// since returns an offset counted from another one, and as it is.
func since(zero, at time.Duration) (relative, absolute *seconds) {
	return new(seconds(at - zero)), new(seconds(at))
}

func rounded(x *float64) *float64 {
	if x == nil {
		return nil
	}
	return new(plan.Round(*x))
}
