package ruletest

import (
	"testing"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/sli"
)

// Nothing is expected of an alert whose burn rate is so close to the threshold that
// rounding errors could change it. Burn rates are multiples of the lowest factor
// of a page, 6.
func TestRoundingMargin(t *testing.T) {
	at := diag.Pos{File: "x.slo.yaml"}
	service, findings := plan.New(model.Service{
		Name: "x", Tier: "P1",
		Source: model.Source{File: at.File, At: func(...string) diag.Pos { return at }, AtOffset: func(int, ...string) diag.Pos { return at }},
		SLOs: []model.SLO{{
			Name: "s", Objective: 99.9, Window: 30 * model.Day,
			SLI: &sli.HTTP{Metric: "http_requests_total", StatusLabel: "code"},
		}},
	}, model.Project{Scrape: 30 * time.Second, Evaluation: time.Minute})
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	for _, tt := range []struct {
		excess         float64
		fires, silence bool
	}{
		{1.0021, true, false},
		{1.0019, false, false},
		{1, false, false},
		{0.9981, false, false},
		{0.9979, false, true},
	} {
		c, _ := newSLOTests(&suite{service: service, fileNames: map[time.Duration]string{}}, service.SLOs[0])
		trace := c.trace(alertInterval, nil)
		trace.phases = []phase{{7 * time.Hour, 1e9, tt.excess * lowestFactor(c.page) * c.slo.Budget}}
		b := c.newTest("x", alertInterval, trace, nil)
		b.expectState(6*time.Hour+2*tile, c.page)
		states := b.test.states
		if fires, silent := len(states) > 0 && states[0].fires == 1, len(states) > 0 && states[0].fires == 0; fires != tt.fires || silent != tt.silence {
			t.Errorf("at %v of the threshold: fires %v, silent %v; want %v, %v", tt.excess, fires, silent, tt.fires, tt.silence)
		}
	}
}
