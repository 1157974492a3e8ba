package plan

import (
	"testing"
	"time"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/quantity"
	"github.com/promslo/promslo/schema/sli"
)

// weekly plans an SLO with a schedule and an hour on Sundays that does not count.
func weekly(t *testing.T, timezone string) SLO {
	t.Helper()
	at := func(from, to time.Duration, days ...time.Weekday) model.Times {
		return model.Times{Days: days, From: from * time.Hour, To: to * time.Hour, Timezone: timezone}
	}
	everyDay := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	source := model.Source{At: func(...string) (pos diag.Pos) { return pos }}
	planned, findings := New(model.Service{Name: "a", Source: source, SLOs: []model.SLO{{
		Name: "b", Objective: 99, Window: 7 * day,
		SLI: &sli.Latency{Histogram: "x", Threshold: quantity.Duration(time.Second), Unit: quantity.Seconds},
		Schedule: []model.Entry{
			{Name: "night", At: at(22, 6, everyDay...), Objective: 90},
			{Name: "weekend", At: at(0, 24, 0, 6), Objective: 80},
			{Name: "peak", At: at(9, 17, 1, 2, 3, 4, 5), Threshold: quantity.Duration(5 * time.Second)},
		},
		Exclude: []model.Exclusion{{Reason: "stock taking", At: at(10, 11, 0)}},
	}}}, model.Project{Scrape: 30 * time.Second, Evaluation: time.Minute})
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	return planned.SLOs[0]
}

// A week by hand. Sunday night lasts until Monday morning, and Friday's is over at
// midnight, as the weekend wins.
func TestPromiseAt(t *testing.T) {
	slo := weekly(t, "Europe/Berlin")
	clock := slo.Schedule.Clocks[0]
	for at, want := range map[time.Duration]Target{
		0:                                    {0.9, 1, ""},
		6*time.Hour - time.Second:            {0.9, 1, ""},
		6 * time.Hour:                        {0.99, 1, ""},
		9 * time.Hour:                        {0.99, 5, ""},
		17 * time.Hour:                       {0.99, 1, ""},
		22 * time.Hour:                       {0.9, 1, ""},
		4*day + 23*time.Hour:                 {0.9, 1, ""},
		5 * day:                              {0.8, 1, ""},
		5*day + 12*time.Hour:                 {0.8, 1, ""},
		6*day + 10*time.Hour:                 {0.8, 1, "stock taking"},
		6*day + 11*time.Hour:                 {0.8, 1, ""},
		6*day + 24*time.Hour - 1*time.Second: {0.8, 1, ""},
	} {
		if got := slo.TargetAt(clock, at); got != want {
			t.Errorf("after %s: %+v, want %+v", at, got, want)
		}
	}
	// What follows another clock is not of this one's week.
	other, err := NewClock("America/New_York")
	if got := slo.TargetAt(other, 0); err != nil || got != (Target{0.99, 1, ""}) {
		t.Errorf("in New York: %+v, %v", got, err)
	}
}

// From Monday to Friday 10 % may fail in 6 hours before and 2 after the day: in 40
// hours. At the weekend 20 %, but for an hour: in 47. In the other 80 hours 1 %.
func TestAllowance(t *testing.T) {
	counted, bad := weekly(t, "UTC").Allowance()
	if want := 167 * time.Hour; counted != want {
		t.Errorf("%s count, want %s", counted, want)
	}
	if want := Round((40*0.1 + 47*0.2 + 80*0.01) / 167); bad != want {
		t.Errorf("%v may be bad, want %v", bad, want)
	}
	plain := SLO{Objective: 0.999, Period: 365 * day}
	if counted, bad := plain.Allowance(); counted != 365*day || bad != 0.001 {
		t.Errorf("%s, %v", counted, bad)
	}
}
