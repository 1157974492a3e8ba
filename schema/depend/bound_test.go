package depend_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/model"
)

// TestBoundOfWindows allocates bad hours at random, in bursts, so that a promise is kept in
// each of its periods, and looks for more than the bound in all periods of another length.
func TestBoundOfWindows(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	nearest := 0.0
	for range 400 {
		percent := 80 + random.Float64()*19
		period := depend.Period{Window: time.Duration(24+random.IntN(700)) * time.Hour}
		over := depend.Period{Window: time.Duration(12+random.IntN(1400)) * time.Hour}
		if random.IntN(3) == 0 {
			period = depend.Period{Window: 31 * day, Calendar: model.Month}
		}
		bad := allocate(random, period, percent)
		hours := int(over.Window / time.Hour)
		sum, worst := 0, 0
		for i := range bad {
			sum += bad[i]
			if i >= hours {
				sum -= bad[i-hours]
			}
			worst = max(worst, sum)
		}
		most, bound := float64(worst)/float64(hours), 1-period.Left(percent, over)/100
		if most > bound+1e-9 {
			t.Fatalf("%v %% over %v: %v bad over %v, and the bound is %v", percent, period, most, over, bound)
		}
		nearest = max(nearest, most/bound)
	}
	if nearest < .95 {
		t.Errorf("no allocation comes nearer to its bound than %v of it: the test tries little", nearest)
	}
}

// allocate returns which hours of two years are bad: random bursts of as many as are left.
func allocate(random *rand.Rand, period depend.Period, percent float64) []int {
	bad := make([]int, 2*365*24)
	start := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	// budget of the period that begins at an hour, and its length
	var spent []int
	window := int(period.Window / time.Hour)
	budget := int((1 - percent/100) * float64(window))
	spent = make([]int, len(bad))
	month := func(hour int) (first, length int) {
		at := start.Add(time.Duration(hour) * time.Hour)
		begin := time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
		return int(begin.Sub(start) / time.Hour), int(begin.AddDate(0, 1, 0).Sub(begin) / time.Hour)
	}
	fits := func(hour int) bool {
		if period.Calendar != "" {
			first, length := month(hour)
			return spent[first]+1 <= int((1-percent/100)*float64(length))
		}
		for from := max(0, hour-window+1); from <= hour; from++ {
			if spent[from] >= budget {
				return false
			}
		}
		return true
	}
	spend := func(hour int) {
		bad[hour] = 1
		if period.Calendar != "" {
			first, _ := month(hour)
			spent[first]++
			return
		}
		for from := max(0, hour-window+1); from <= hour; from++ {
			spent[from]++
		}
	}
	for range 40 {
		for hour := random.IntN(len(bad)); hour < len(bad) && bad[hour] == 0 && fits(hour); hour++ {
			spend(hour)
		}
	}
	// And as soon as the budget allows it again, after a random start.
	for hour := random.IntN(len(bad)); hour < len(bad); hour++ {
		if bad[hour] == 0 && fits(hour) {
			spend(hour)
		}
	}
	return bad
}

// TestBoundOfProducts lets providers fail at random as often as they may, independently, and
// compares how often an SLO fails that just fits.
func TestBoundOfProducts(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, lines := range [][]string{
		{"a 99 30d: b c", "b 99.9 30d", "c 99.5 30d"},
		{"a 99 30d: b c d", "b 95 30d", "c 90 30d", "d 80 30d"},
		{"a 99 30d: b|c", "b 80 30d", "c 90 30d"},
		{"a 99 30d: b|c d", "b 80 30d", "c 90 30d", "d 95 30d"},
		{"a 99 30d: b|c", "b 80 30d: d", "c 85 30d: d", "d 90 30d"},
		{"a 99 30d: b|c", "b 80 30d", "c 80 30d: b"},
		{"a 99 30d: ~b ~c d", "b 90 30d", "c 95 30d", "d 99 30d"},
	} {
		all := services(t, lines...)
		limit := depend.Limit(depend.New(model.Contracts{Services: all}).Factors(all[0], all[0].SLOs[0])).Min
		const events = 400_000
		failed := 0
		for range events {
			if fails(random, all, all[0].Name, map[string]bool{}) {
				failed++
			}
		}
		got, bound := float64(failed)/events, 1-limit/100
		if sigma := math.Sqrt(bound * (1 - bound) / events); math.Abs(got-bound) > 5*sigma {
			t.Errorf("%v: %v of events fail, and the bound is %v ± %v", lines, got, bound, 5*sigma)
		}
	}
}

// fails draws whether a service fails: with what it depends on, and beyond that by itself, so
// that it fails as often as its promise allows. Service a has no failures of its own.
func fails(random *rand.Rand, all []model.Service, name string, drawn map[string]bool) bool {
	if out, known := drawn[name]; known {
		return out
	}
	var of model.Service
	for _, s := range all {
		if s.Name == name {
			of = s
		}
	}
	slo := of.SLOs[0]
	out, inherited := false, 0.0
	for _, part := range slo.SLI.Parts() {
		out = !part.Entry && fails(random, all, part.SLO[:1], drawn) || out
	}
	for _, d := range of.DependsOn {
		failed := true
		for _, n := range d.Alternatives {
			failed = fails(random, all, n.Service, drawn) && failed
		}
		out = out || failed
		for _, s := range all {
			if s.Name == d.Alternatives[0].Service {
				inherited = 1 - s.SLOs[0].Objective/100
			}
		}
	}
	if name != "a" {
		own := (1 - slo.Objective/100 - inherited) / (1 - inherited)
		out = random.Float64() < own || out
	}
	drawn[name] = out
	return out
}
