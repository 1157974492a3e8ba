package review

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/promslo/promslo/generate/budget"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/model"
)

var begin = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// example is a service with two SLOs over 7 days of 100 requests an hour. Of the one that
// promises 99 %, 168 of 16,800 may fail in a week. It fails 336 times from noon to two on
// the third day of the second week, and pages. The other one never fails.
func example() Input {
	flat := func() budget.History {
		h := budget.History{Start: begin, Step: time.Hour}
		for range 14 * 24 {
			h.Slots = append(h.Slots, budget.Slot{Total: 100, Allowed: 1, Measured: true})
		}
		return h
	}
	failing := flat()
	failing.Slots[9*24+12].Bad, failing.Slots[9*24+13].Bad = 100, 236
	agreed := failing.Without(budget.History{Start: begin.Add((9*24 + 13) * time.Hour), Step: time.Hour, Slots: []budget.Slot{{Total: 400, Bad: 236, Allowed: 1}}})
	slo := plan.SLO{Service: "shop", Name: "buy", Objective: 0.99, Period: 7 * model.Day, Externals: []plan.External{{External: model.External{Audience: "<b>customers</b>", Objective: 98, Remedy: "5 %", Window: 7 * model.Day}, Budget: 0.02}}}
	calm := slo
	calm.Name, calm.Externals = "calm", nil
	noon := begin.Add((9*24 + 12) * time.Hour)
	return Input{
		From: begin.AddDate(0, 0, 7), To: begin.AddDate(0, 0, 14), Ladder: []float64{95, 99, 99.9}, Location: time.UTC,
		Services: []plan.Service{{Name: "shop", Owner: "team | one", Tier: "P1", SLOs: []plan.SLO{calm, slo},
			Policy: []model.Step{{Below: 50, Do: "x", Gate: model.Block}}}},
		Budgets: []Measured{{SLO: "shop/calm", History: flat()}, {SLO: "shop/buy", History: failing, Agreed: &agreed, Corrected: 1}},
		Pages:   []Page{{"shop/buy", noon, noon.Add(2 * time.Hour)}, {"shop/buy", noon.Add(10*time.Hour + 30*time.Minute), noon.Add(11 * time.Hour)}},
	}
}

func TestReview(t *testing.T) {
	r := New(example())
	if len(r.Budgets) != 2 || r.Budgets[0].SLO != "shop/buy" || r.Broken() != 0 {
		t.Fatalf("%+v", r.Budgets)
	}
	buy, calm := r.Budgets[0], r.Budgets[1]
	// As agreed 100 are bad of 168 − 1 allowed; as measured 336, twice the budget.
	for what, c := range map[string][2]float64{
		"burnt":          {buy.Burnt, 100.0 / 167},
		"measured":       {buy.Measured, 2},
		"before":         {buy.Before.Burnt, 0},
		"left":           {buy.Remaining, 1 - 100.0/167},
		"page hours":     {buy.PageHours, 2.5},
		"closed":         {buy.ClosedDays, (14*24 - 9*24 - 12) / 24.0}, // 40.1 % are left from noon on
		"external":       {buy.Externals[0].Good, 1 - 336.0/16_800},
		"pages a week":   {r.Services[0].PagesWeek, 2},
		"climbs":         {calm.Climb, 99.9},
		"hours of team":  {r.Teams[0].Hours, 2.5},
		"worst incident": {buy.Incidents[0].Bad, 100},
	} {
		if math.Abs(c[0]-c[1]) > 1e-9 {
			t.Errorf("%s is %v, want %v", what, c[0], c[1])
		}
	}
	if !calm.Unspent || buy.Unspent || buy.Climb != 0 || buy.Pages != 2 || buy.NightPages != 1 || !buy.Externals[0].Kept {
		t.Errorf("%+v\n%+v", buy, calm)
	}
}

// TestClimb checks that a rung is too high where its budget would be more than half burnt:
// 10 of 168 are 59.5 % of what 99.9 % would allow.
func TestClimb(t *testing.T) {
	in := example()
	in.Budgets[0].History.Slots[10*24].Bad = 10
	calm := New(in).Budgets[1]
	if calm.SLO != "shop/calm" || !calm.Unspent || calm.Climb != 0 {
		t.Errorf("%+v", calm)
	}
}

// TestFormats checks that what users wrote is text in each format.
func TestFormats(t *testing.T) {
	r := New(example())
	var html, md, text strings.Builder
	for _, err := range []error{r.HTML(&html), r.Markdown(&md), r.Text(&text)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, bad := range []string{"<b>customers", "<script", "http:", "https:", "ZgotmplZ"} {
		if strings.Contains(html.String(), bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	for _, want := range []string{"<polyline", "burnt as measured 200 %, as agreed 59.9 % (1 correction)", "prefers-color-scheme: dark", "@media print"} {
		if !strings.Contains(html.String(), want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if strings.Contains(md.String(), "team | one") || strings.Contains(md.String(), "<b>") {
		t.Errorf("Markdown:\n%s", &md)
	}
	if !strings.Contains(text.String(), "0 of 2 promises broken in 7d") {
		t.Errorf("text:\n%s", &text)
	}
}

// TestPlotGap: while nothing was measured nobody knows what is left, and no line says so.
func TestPlotGap(t *testing.T) {
	in := example()
	in.Services[0].SLOs[0].Period = model.Day
	slots := in.Budgets[0].History.Slots
	for i := 9 * 24; i < 12*24; i++ { // of the first of these three days some of the day before counts
		slots[i] = budget.Slot{}
	}
	calm := New(in).Budgets[1]
	plot := string(calm.Plot(in.From, in.To))
	if calm.SLO != "shop/calm" || strings.Count(plot, "<polyline") != 2 || strings.Contains(plot, "NaN") {
		t.Errorf("%s: %s", calm.SLO, plot)
	}
	unknown := 0
	for _, left := range calm.line {
		if math.IsNaN(left) {
			unknown++
		}
	}
	// From the end of the 24th hour of the gap to that of its last.
	if want := float64(3*24-24+1) / (7 * 24); math.Abs(float64(unknown)/float64(len(calm.line))-want) > 0.02 {
		t.Errorf("%d of %d are unknown", unknown, len(calm.line))
	}
}

// Promises to customers are judged in their own periods, as they end.
func TestVerdicts(t *testing.T) {
	day := func(month time.Month, n int) time.Time { return time.Date(2026, month, n, 0, 0, 0, 0, time.UTC) }
	from := day(time.January, 1)
	h := budget.History{Start: from, Step: 24 * time.Hour}
	for at := from; at.Before(day(time.April, 11)); at = at.AddDate(0, 0, 1) {
		h.Slots = append(h.Slots, budget.Slot{Total: 1000, Measured: true})
	}
	slot := func(month time.Month, n int) *budget.Slot { return &h.Slots[int(day(month, n).Sub(from).Hours()/24)] }
	slot(time.January, 31).Bad = 310 // of 31,000: just 99 %
	slot(time.February, 1).Bad = 281 // of 28,000
	for n := 1; n <= 4; n++ {
		*slot(time.March, n) = budget.Slot{} // 27 of 31 days were measured
	}
	slot(time.April, 1).Bad = 1000
	e := func(remedy string, window time.Duration, calendar model.Calendar) plan.External {
		return plan.External{External: model.External{Audience: "all", Objective: 99, Remedy: remedy, Window: window, Calendar: calendar}, Budget: 0.01}
	}
	slo := plan.SLO{Service: "shop", Name: "buy", Objective: 0.995, Period: 30 * model.Day}
	for name, test := range map[string]struct {
		e    plan.External
		want string
	}{
		"with a remedy":    {e("a tenth", 31*24*time.Hour, "month"), "01-01 to 02-01 kept, 02-01 to 03-01 remedy due, 03-01 to 04-01 cannot tell"},
		"without a remedy": {e("", 31*24*time.Hour, "month"), "01-01 to 02-01 kept, 02-01 to 03-01 broken, 03-01 to 04-01 cannot tell"},
		"rolling":          {e("", 10*24*time.Hour, ""), "04-01 to 04-11 broken"}, // 1,000 of 10,000
		"rolling, shorter": {e("", 9*24*time.Hour, ""), "04-02 to 04-11 kept"},
	} {
		var got []string
		for _, v := range verdicts(h, slo, test.e, from, day(time.April, 11)) {
			got = append(got, fmt.Sprintf("%s to %s %s", v.From.Format("01-02"), v.To.Format("01-02"), v.State))
		}
		if got := strings.Join(got, ", "); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}
