package plan

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/google/go-cmp/cmp"

	"github.com/promslo/promslo/schema/model"
)

const day = model.Day // for tables

// The tables below were worked out by hand from chapter 5 of the SRE workbook
// and the rules in the comments of windows.go, not from the code.
func TestPairs(t *testing.T) {
	const hour = time.Hour
	const minute = time.Minute
	tests := []struct {
		name      string
		objective float64 // percent
		period    time.Duration
		scrape    time.Duration
		want      []Pair
		omitted   int
	}{
		{
			name: "the workbook's own table", objective: 99.9, period: 30 * day,
			want: []Pair{
				{Severity: Page, Factor: 14.4, Long: hour, Short: 5 * minute, Share: 0.02},
				{Severity: Page, Factor: 6, Long: 6 * hour, Short: 30 * minute, Share: 0.05},
				{Severity: Ticket, Factor: 3, Long: day, Short: 2 * hour, Share: 0.1},
				{Severity: Ticket, Factor: 1, Long: 3 * day, Short: 6 * hour, Share: 0.1},
			},
		},
		{
			// 1/30 of the windows: 2m → 5m, 12m → 10m (1.2 against 1.25), 48m → 1h, 2h24m → 2h.
			name: "four nines over a day", objective: 99.99, period: day,
			want: []Pair{
				{Severity: Page, Factor: 14.4, Long: 5 * minute, Short: 5 * minute, Share: 0.05},
				{Severity: Page, Factor: 6, Long: 10 * minute, Short: 5 * minute, Share: 0.0416666666667},
				{Severity: Ticket, Factor: 3, Long: hour, Short: 5 * minute, Share: 0.125},
				{Severity: Ticket, Factor: 1, Long: 2 * hour, Short: 10 * minute, Share: 0.0833333333333},
			},
		},
		{
			// 7/30 of the windows: 14m → 15m, 1h24m → 1h (1.4 against 1.43), 5h36m → 6h, 16h48m → 12h (1.4 against 1.43).
			name: "a week", objective: 99, period: 7 * day,
			want: []Pair{
				{Severity: Page, Factor: 14.4, Long: 15 * minute, Short: 5 * minute, Share: 0.0214285714286},
				{Severity: Page, Factor: 6, Long: hour, Short: 5 * minute, Share: 0.0357142857143},
				{Severity: Ticket, Factor: 3, Long: 6 * hour, Short: 30 * minute, Share: 0.107142857143},
				{Severity: Ticket, Factor: 1, Long: 12 * hour, Short: hour, Share: 0.0714285714286},
			},
		},
		{
			// A total outage burns at 10: 0.9 of that is 9.
			name: "one request in ten may fail", objective: 90, period: 30 * day,
			want: []Pair{
				{Severity: Page, Factor: 9, Long: hour, Short: 5 * minute, Share: 0.0125},
				{Severity: Page, Factor: 6, Long: 6 * hour, Short: 30 * minute, Share: 0.05},
				{Severity: Ticket, Factor: 3, Long: day, Short: 2 * hour, Share: 0.1},
				{Severity: Ticket, Factor: 1, Long: 3 * day, Short: 6 * hour, Share: 0.1},
			},
		},
		{
			// A total outage burns at 2: both page factors become 1.8, and the shorter window stays.
			name: "half of all requests may fail", objective: 50, period: 30 * day,
			want: []Pair{
				{Severity: Page, Factor: 1.8, Long: hour, Short: 5 * minute, Share: 0.0025},
				{Severity: Ticket, Factor: 1.8, Long: day, Short: 2 * hour, Share: 0.06},
				{Severity: Ticket, Factor: 1, Long: 3 * day, Short: 6 * hour, Share: 0.1},
			},
			omitted: 1,
		},
		{
			// 28/30 of the windows snap back to the workbook's.
			name: "four weeks", objective: 99.5, period: 28 * day,
			want: []Pair{
				{Severity: Page, Factor: 14.4, Long: hour, Short: 5 * minute, Share: 0.0214285714286},
				{Severity: Page, Factor: 6, Long: 6 * hour, Short: 30 * minute, Share: 0.0535714285714},
				{Severity: Ticket, Factor: 3, Long: day, Short: 2 * hour, Share: 0.107142857143},
				{Severity: Ticket, Factor: 1, Long: 3 * day, Short: 6 * hour, Share: 0.107142857143},
			},
		},
		{
			// Above 30 days the windows stay and the shares shrink to a third.
			name: "a quarter", objective: 99.9, period: 90 * day,
			want: []Pair{
				{Severity: Page, Factor: 14.4, Long: hour, Short: 5 * minute, Share: 0.00666666666667},
				{Severity: Page, Factor: 6, Long: 6 * hour, Short: 30 * minute, Share: 0.0166666666667},
				{Severity: Ticket, Factor: 3, Long: day, Short: 2 * hour, Share: 0.0333333333333},
				{Severity: Ticket, Factor: 1, Long: 3 * day, Short: 6 * hour, Share: 0.0333333333333},
			},
		},
		{
			name: "a year", objective: 99.999, period: 365 * day,
			want: []Pair{
				{Severity: Page, Factor: 14.4, Long: hour, Short: 5 * minute, Share: 0.00164383561644},
				{Severity: Page, Factor: 6, Long: 6 * hour, Short: 30 * minute, Share: 0.00410958904110},
				{Severity: Ticket, Factor: 3, Long: day, Short: 2 * hour, Share: 0.00821917808219},
				{Severity: Ticket, Factor: 1, Long: 3 * day, Short: 6 * hour, Share: 0.00821917808219},
			},
		},
		{
			// All windows are at the floor. 14.4 × 5m is more than an hour's budget;
			// of the tickets, 3× over 5m is implied by 1× over 5m.
			name: "an hour", objective: 99, period: hour,
			want: []Pair{
				{Severity: Page, Factor: 6, Long: 5 * minute, Short: 5 * minute, Share: 0.5},
				{Severity: Ticket, Factor: 1, Long: 5 * minute, Short: 5 * minute, Share: 0.0833333333333},
			},
			omitted: 2,
		},
		{
			// Four scrapes of two minutes are eight: the shortest window is 10m.
			name: "seldom scraped", objective: 99.9, period: 30 * day, scrape: 2 * minute,
			want: []Pair{
				{Severity: Page, Factor: 14.4, Long: hour, Short: 10 * minute, Share: 0.02},
				{Severity: Page, Factor: 6, Long: 6 * hour, Short: 30 * minute, Share: 0.05},
				{Severity: Ticket, Factor: 3, Long: day, Short: 2 * hour, Share: 0.1},
				{Severity: Ticket, Factor: 1, Long: 3 * day, Short: 6 * hour, Share: 0.1},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			scrape := tt.scrape
			if scrape == 0 {
				scrape = 30 * time.Second
			}
			got, omitted := Pairs(budgetOf(tt.objective), tt.period, scrape)
			for i := range got {
				got[i].Adapted = nil
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
			if len(omitted) != tt.omitted {
				t.Errorf("left out %d pairs, want %d: %q", len(omitted), tt.omitted, omitted)
			}
		})
	}
}

// A pair whose share of the budget is exactly 1 fires when the budget is spent: 14.4×
// over 5m is left out over 72m, and 6× over 15m, the only one that remains for a page
// over 90m, becomes 5.4×.
func TestPairsThatSpendAll(t *testing.T) {
	pairs, omitted := Pairs(budgetOf(99.9), 72*time.Minute, 30*time.Second)
	if want := "page 14.4×/5m: would fire only after the whole budget of 1h12m is spent"; len(omitted) != 1 || omitted[0] != want {
		t.Errorf("left out %q, want %q", omitted, want)
	}
	if pairs[0].Factor != 6 || pairs[0].Severity != Page {
		t.Errorf("first pair: %+v", pairs[0])
	}
	pairs, omitted = Pairs(budgetOf(99.9), 90*time.Minute, 3*time.Minute)
	if p := pairs[0]; p.Severity != Page || p.Factor != 5.4 || p.Share != 0.9 || p.Long != 15*time.Minute {
		t.Errorf("first pair: %+v, left out %q", p, omitted)
	}
}

// Whatever the objective and the period: there is a page and a ticket, every
// factor is reachable, no page is within the budget, and no window is finer
// than the intervals resolve.
func TestPairsAlways(t *testing.T) {
	periods := []time.Duration{time.Hour, 90 * time.Minute, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour, day,
		2 * day, 3 * day, 5 * day, week, 10 * day, 14 * day, 20 * day, 28 * day, 30 * day, 31 * day, 90 * day, year}
	scrapes := []time.Duration{time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute}
	objectives := []float64{10.00001, 10.5, 30, 50, 66.6, 80, 90, 93, 95, 98, 99, 99.5, 99.9, 99.95, 99.99, 99.999, 99.99999}
	for _, period := range periods {
		for _, scrape := range scrapes {
			for _, objective := range objectives {
				for _, wrong := range flaws(objective, period, scrape) {
					t.Error(wrong)
				}
			}
		}
	}
}

// TestPairsOfAll: any objective with five digits after the point, over any period.
func TestPairsOfAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		objective := float64(rapid.IntRange(10_00001, 99_99999).Draw(t, "objective")) / 1e5
		period := time.Duration(rapid.IntRange(3_600_000, 365*86_400_000).Draw(t, "period")) * time.Millisecond
		scrape := time.Duration(rapid.IntRange(1000, 120_000).Draw(t, "scrape")) * time.Millisecond
		for _, wrong := range flaws(objective, period, scrape) {
			t.Error(wrong)
		}
	})
}

// flaws returns what is wrong with the pairs of an objective.
func flaws(objective float64, period, scrape time.Duration) (wrong []string) {
	add := func(format string, args ...any) {
		wrong = append(wrong, fmt.Sprintf("%v over %s scraped each %s: ", objective, Duration(period), scrape)+fmt.Sprintf(format, args...))
	}
	budget := budgetOf(objective)
	pairs, _ := Pairs(budget, period, scrape)
	severities := map[Severity]int{}
	for _, p := range pairs {
		severities[p.Severity]++
		switch {
		case p.Factor*budget > maxBurnShare+1e-9:
			add("%s× cannot be reached", Number(p.Factor))
		case p.Severity == Page && p.Factor <= 1, p.Factor < 1:
			add("%s at %s×", p.Severity, Number(p.Factor))
		case p.Short < 4*scrape || p.Short < BaseWindow || p.Short > p.Long:
			add("window %s/%s", Duration(p.Long), Duration(p.Short))
		case p.Share >= 1 || p.Long >= period:
			add("%s× over %s spends %v", Number(p.Factor), Duration(p.Long), p.Share)
		}
	}
	if severities[Page] == 0 || severities[Ticket] == 0 {
		add("pairs %v", severities)
	}
	return wrong
}

func TestAdapted(t *testing.T) {
	pairs, omitted := Pairs(0.5, 7*day, 30*time.Second)
	if got := strings.Join(pairs[0].Adapted, "; "); got != "factor 14.4 → 1.8: a total outage burns at 2×; window 1h → 15m: the period is 7d" {
		t.Errorf("adapted: %s", got)
	}
	if got := strings.Join(omitted, "; "); got != "page 1.8×/1h: 1.8× over 15m fires first" {
		t.Errorf("omitted: %s", got)
	}
}

func TestBudget(t *testing.T) {
	for percent, want := range map[float64]string{99.9: "0.001", 99.999: "0.00001", 99.9999: "0.000001", 66.6: "0.334", 90: "0.1"} {
		if got := Number(budgetOf(percent)); got != want {
			t.Errorf("budget of %v: %s, want %s", percent, got, want)
		}
	}
}

// At 99 % and one event a day, the third failure of an outage comes two to three days after it
// began: within the ticket's 3d, but not within its 1d. The first fires at once where one is enough.
func TestExpectedTraffic(t *testing.T) {
	slo := SLO{Budget: 0.01, Period: 30 * day, Tile: time.Hour, MinFailures: 3, Traffic: model.Rate{Events: 1, Per: day}}
	slo.Pairs, _ = Pairs(slo.Budget, slo.Period, 30*time.Second)
	for _, tt := range []struct {
		perDay, minFailures float64
		pair                int
		ratio               float64
		want                string
	}{
		{1, 3, 0, 1, "never"}, // of 1h
		{1, 3, 2, 1, "never"}, // of 1d
		{1, 3, 3, 1, "2d to 3d1h"},
		{1, 3, 3, 0.5, "never"}, // four days
		{1, 1, 0, 1, "8m38s to 1d"},
		{1, 0, 3, 1, "43m to 1d1h"},
		{2, 3, 2, 1, "never"}, // the third comes as the first leaves
		{2.1, 3, 2, 1, "22h51m to 1d10h22m"},
		{86400, 3, 0, 1, "8m38s"},
	} {
		slo.Traffic.Events, slo.MinFailures = tt.perDay, tt.minFailures
		if got := slo.TimeToFireText(slo.Pairs[tt.pair], tt.ratio); got != tt.want {
			t.Errorf("%v: %s", tt, got)
		}
	}
	p := slo.Pairs[0] // of 86,400 a day the third comes in time
	p.For = 5 * time.Minute
	if got := slo.TimeToFireText(p, 1); got != "14m" {
		t.Error(got)
	}
}

// An outage pages at 99.9 % after 52 seconds: 14.4 × 0.1 % of an hour.
func TestTimeToFire(t *testing.T) {
	slo := SLO{Budget: 0.001, Period: 30 * day, Tile: time.Hour}
	slo.Pairs, _ = Pairs(slo.Budget, slo.Period, 30*time.Second)
	for _, tt := range []struct {
		pair  int
		ratio float64
		want  time.Duration
		ok    bool
	}{
		{0, 1, 51840 * time.Millisecond, true},
		{0, 0.1, 518400 * time.Millisecond, true},
		{0, 0.01, 0, false}, // burns at 10, below 14.4
		{1, 0.01, 12960 * time.Second, true},
		{3, 0.002, 36 * time.Hour, true},
	} {
		got, ok := slo.TimeToFire(slo.Pairs[tt.pair], tt.ratio)
		if got.Round(time.Millisecond) != tt.want || ok != tt.ok {
			t.Errorf("pair %d at %v: %v, %v; want %v, %v", tt.pair, tt.ratio, got, ok, tt.want, tt.ok)
		}
	}
	p := slo.Pairs[0]
	p.For = 2 * time.Minute
	if got, _ := slo.TimeToFire(p, 1); got.Round(time.Millisecond) != 171840*time.Millisecond {
		t.Errorf("with a for of 2m: %v", got)
	}
}
