package odds

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

var monday = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

// kinds are services of different character. Each returns the bad share of each of n
// days; how bad a service is differs from history to history.
var kinds = map[string]func(r *rand.Rand, n int) []float64{
	// The same share each day, but for noise.
	"steady errors": func(r *rand.Rand, n int) []float64 {
		level := 0.001 * math.Exp(0.4*r.NormFloat64())
		return each(n, func(int) float64 { return level * math.Exp(0.3*r.NormFloat64()) })
	},
	// Hardly an error, and an outage of minutes to hours every few months.
	"rare outages": func(r *rand.Rand, n int) []float64 {
		chance := math.Exp(r.NormFloat64()) / 60
		return each(n, func(int) float64 {
			if r.Float64() < chance {
				return min(1, 0.015*math.Exp(1.2*r.NormFloat64()))
			}
			return 0.00005
		})
	},
	"frequent small incidents": func(r *rand.Rand, n int) []float64 {
		chance := 0.25 * math.Exp(0.7*r.NormFloat64())
		return each(n, func(int) float64 {
			if r.Float64() < chance {
				return min(1, 0.0025*math.Exp(0.8*r.NormFloat64()))
			}
			return 0.0001
		})
	},
	"good and bad weeks": func(r *rand.Rand, n int) []float64 {
		chance, level := 0.3*math.Exp(0.7*r.NormFloat64()), 0.0025*math.Exp(0.9*r.NormFloat64())
		bad := false
		return each(n, func(i int) float64 {
			if i%7 == 0 {
				bad = r.Float64() < chance
			}
			if bad {
				return level * math.Exp(0.5*r.NormFloat64())
			}
			return 0.0002
		})
	},
}

func each(n int, f func(int) float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = f(i)
	}
	return out
}

func daysOf(shares []float64, objective float64) []Day {
	var out []Day
	for i, share := range shares {
		const total = 1e6
		out = append(out, Day{Date: monday.AddDate(0, 0, i), Total: total, Bad: share * total, Allowed: (1 - objective) * total, Measured: 24 * time.Hour})
	}
	return out
}

// TestBrier plays histories of services of four characters, and what happened in the 30
// days after each. The Brier score is the mean square of odds less outcome (0 or 1).
// The bounds are what the bootstrap of days reached on another such set of histories.
func TestBrier(t *testing.T) {
	if testing.Short() {
		t.Skip("plays 3,000 histories")
	}
	t.Parallel()
	const window, histories, objective = 30, 250, 0.999
	for _, c := range []struct {
		days int
		most float64
	}{{28, 0.172}, {90, 0.140}, {365, 0.122}} {
		var all, last30, n float64
		for _, name := range []string{"steady errors", "rare outages", "frequent small incidents", "good and bad weeks"} {
			r := rand.New(rand.NewPCG(7, uint64(c.days)))
			var sum float64
			for range histories {
				days := daysOf(kinds[name](r, c.days+window), objective)
				kept := 0.0
				if k, _ := Rolling(days[c.days:], window); k == 1 {
					kept = 1
				}
				odds := Estimate(days[:c.days], window)
				sum += (odds.Mean - kept) * (odds.Mean - kept)
				before, _ := Rolling(days[max(0, c.days-window):c.days], min(window, c.days))
				last30 += (float64(before) - kept) * (float64(before) - kept)
			}
			t.Logf("%d days, %s: %.3f", c.days, name, sum/histories)
			all += sum
			n += histories
		}
		t.Logf("%d days: %.3f; that the last 30 days kept it: %.3f", c.days, all/n, last30/n)
		if all/n > c.most {
			t.Errorf("%d days: the Brier score is %.3f, above %.3f", c.days, all/n, c.most)
		}
		if all/n > last30/n {
			t.Errorf("%d days: whoever says what the last 30 days did scores %.3f, better than %.3f", c.days, last30/n, all/n)
		}
	}
}

// TestEstimate checks odds that are known without drawing.
func TestEstimate(t *testing.T) {
	// Twice as many bad as allowed each day: no window can keep it.
	if got := Estimate(daysOf(each(90, func(int) float64 { return 0.002 }), 0.999), 30); got.Mean > 0.001 {
		t.Errorf("a service that is always too bad: %v", got)
	}
	// None bad, and one in ten may be: only a day worse than any could break it, and the
	// worst that is supposed, a minute, would have to be 4,320 times as bad.
	if got := Estimate(daysOf(make([]float64, 90), 0.9), 30); got.Mean < 0.99 {
		t.Errorf("a service without failures under 90 %%: %v", got)
	}
	// None bad in 90 days proves little for 99.999 %, which allows half a minute in 30 days: a
	// day worse than any takes a minute at the least. Its probability has the distribution
	// Beta(1, 90), so none of 30 days is one with a probability of 90 / (90 + 30).
	if got := Estimate(daysOf(make([]float64, 90), 0.99999), 30); math.Abs(got.Mean-0.75) > 0.05 {
		t.Errorf("a service without failures under 99.999 %%: %v", got)
	}
	// The same whatever runs before.
	days := daysOf(kinds["rare outages"](rand.New(rand.NewPCG(1, 2)), 90), 0.999)
	if a, b := Estimate(days, 30), Estimate(days, 30); a != b || a.Low > a.Mean || a.Mean > a.High {
		t.Errorf("%v, then %v", a, b)
	}
}

// TestJudge checks that too little history is no answer, however good it was.
func TestJudge(t *testing.T) {
	for _, c := range []struct {
		days     int
		mean     float64
		coverage float64
		want     Verdict
	}{{59, 1, 1, CannotTell}, {60, 0.9, 1, Yes}, {60, 0.89, 1, No}, {400, 0.95, 0.89, CannotTell}, {400, 0.1, 0.89, CannotTell}} {
		if got := Judge(Odds{Mean: c.mean}, daysOf(make([]float64, c.days), 0.999), c.coverage); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// TestIncidents checks what is one incident and what it costs.
func TestIncidents(t *testing.T) {
	var slots []Slot
	for i := range 24 * 10 {
		slots = append(slots, Slot{From: monday.Add(time.Duration(i) * time.Hour), Length: time.Hour, Total: 1000, Allowed: 1, Measured: true})
	}
	slots[5].Bad, slots[7].Bad, slots[50].Bad, slots[100].Bad = 30, 6, 1, 72
	got := Incidents(slots, 30*24*time.Hour) // a budget of 720
	want := []Incident{
		{monday.Add(100 * time.Hour), monday.Add(101 * time.Hour), 72, 0.1},
		{monday.Add(5 * time.Hour), monday.Add(8 * time.Hour), 36, 0.05}, // with an hour between
	}
	if len(got) != 2 || got[0].From != want[0].From || got[1].To != want[1].To || got[1].Bad != 36 || math.Abs(got[0].Share-0.1) > 1e-9 || math.Abs(got[1].Share-0.05) > 1e-9 {
		t.Errorf("%+v, not %+v", got, want)
	}
}

// TestDays checks that a day with few data stands for none.
func TestDays(t *testing.T) {
	var slots []Slot
	for i := range 48 {
		slots = append(slots, Slot{From: monday.Add(time.Duration(i) * time.Hour), Length: time.Hour, Total: 10, Bad: 1, Allowed: 2, Measured: i < 24+11})
	}
	days := Days(slots)
	if len(days) != 1 || days[0].Total != 240 || days[0].Bad != 24 || days[0].Allowed != 48 {
		t.Errorf("%+v", days)
	}
	sum := Over(slots, monday, monday.AddDate(0, 0, 2))
	if sum.Bad != 35 || sum.Coverage() != 35.0/48 || !sum.Kept() || math.Abs(sum.Good()-0.9) > 1e-12 {
		t.Errorf("%+v", sum)
	}
	if kept, all := Rolling(days, 1); kept != 1 || all != 1 {
		t.Errorf("%d of %d", kept, all)
	}
}
