package plan

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// Pairs of windows that an SLO or the project has, computed by hand.
func TestOwnPairs(t *testing.T) {
	const own, shared = "users.slo.yaml", "promslo.yaml"
	at := func(file string, w model.BurnWindows) model.BurnWindows {
		w.Pos = diag.Pos{File: file, Line: 1}
		return w
	}
	pair := func(long, short time.Duration, factor, share float64) Pair {
		return Pair{Severity: Page, Long: long, Short: short, Factor: factor, Share: share}
	}
	const week = 7 * 24 * time.Hour
	for name, test := range map[string]struct {
		objective float64
		period    time.Duration
		scrape    time.Duration
		windows   []model.BurnWindows
		want      []Pair
		omitted   string
		wrong     string
	}{
		// 8 % of the budget of 168 h in one hour is 13.44 times as fast as in all of them.
		"a share": {99.9, week, 30 * time.Second, []model.BurnWindows{at(own, model.BurnWindows{Long: time.Hour, Short: 5 * time.Minute, Budget: 8})},
			[]Pair{pair(time.Hour, 5*time.Minute, 13.44, 0.08)}, "", ""},
		// 12h is 1/14 of 168 h.
		"a factor, and the short window": {99.9, week, 30 * time.Second, []model.BurnWindows{at(own, model.BurnWindows{Long: 12 * time.Hour, Factor: 7})},
			[]Pair{pair(12*time.Hour, time.Hour, 7, 0.5)}, "", ""},
		"for a while": {99.9, week, 30 * time.Second, []model.BurnWindows{at(own, model.BurnWindows{Long: 12 * time.Hour, Factor: 7, For: 2 * time.Minute})},
			[]Pair{{Severity: Page, Long: 12 * time.Hour, Short: time.Hour, Factor: 7, Share: 0.5, For: 2 * time.Minute}}, "", ""},
		"sorted by length": {99.9, week, 30 * time.Second, []model.BurnWindows{
			at(own, model.BurnWindows{Long: 2 * time.Hour, Short: 10 * time.Minute, Factor: 8.4}), at(own, model.BurnWindows{Long: time.Hour, Factor: 16.8})},
			[]Pair{pair(time.Hour, 5*time.Minute, 16.8, 0.1), pair(2*time.Hour, 10*time.Minute, 8.4, 0.1)}, "", ""},
		// Budget 5 %: a total outage burns at 20×, nine tenths of that are 18×.
		"reachable at 18": {95, week, 30 * time.Second, []model.BurnWindows{at(own, model.BurnWindows{Long: time.Hour, Factor: 18})},
			[]Pair{pair(time.Hour, 5*time.Minute, 18, 0.107142857143)}, "", ""},
		"unreachable at 18.1": {95, week, 30 * time.Second, []model.BurnWindows{at(own, model.BurnWindows{Long: time.Hour, Factor: 18.1})},
			nil, "", "users/up: a factor of 18.1 cannot be reached for sure: a total outage burns at 20×, and 18 is the most"},
		"spent before": {99.9, week, 30 * time.Second, []model.BurnWindows{at(own, model.BurnWindows{Long: 12 * time.Hour, Factor: 14})},
			nil, "", "users/up: the whole budget of 7d would be spent before 14× over 12h fires"},
		"a long window": {99.9, 24 * time.Hour, 30 * time.Second, []model.BurnWindows{at(own, model.BurnWindows{Long: 25 * time.Hour, Factor: 2})},
			nil, "", "users/up: the window of 1d1h is longer than the SLO's, 1d"},
		// Four scrapes take 8 minutes, of tiles of 5.
		"few scrapes": {99.9, week, 2 * time.Minute, []model.BurnWindows{at(own, model.BurnWindows{Long: time.Hour, Short: 5 * time.Minute, Factor: 14.4})},
			nil, "", "users/up: a window of 5m is too short for scrapes every 2m: 10m is the least"},
		"few scrapes, of nobody's wish": {99.9, week, 2 * time.Minute, []model.BurnWindows{at(own, model.BurnWindows{Long: time.Hour, Factor: 16.8})},
			[]Pair{pair(time.Hour, 10*time.Minute, 16.8, 0.1)}, "", ""},
		"a share within the budget": {99.9, week, 30 * time.Second, []model.BurnWindows{at(own, model.BurnWindows{Long: 12 * time.Hour, Budget: 7})},
			nil, "", "users/up: 0.98× over 12h is a burn rate within the budget"},
		// What the project says is adapted, and left out.
		"of the project": {95, week, 30 * time.Second, []model.BurnWindows{
			at(shared, model.BurnWindows{Long: time.Hour, Factor: 30}), at(shared, model.BurnWindows{Long: 6 * 24 * time.Hour, Factor: 2})},
			[]Pair{{Severity: Page, Long: time.Hour, Short: 5 * time.Minute, Factor: 18, Share: 0.107142857143,
				Adapted: []string{"a factor of 30 cannot be reached for sure: a total outage burns at 20×, and 18 is the most"}}},
			"page 2×/6d: the whole budget of 7d would be spent before 2× over 6d fires", ""},
		"none of the project": {95, week, 30 * time.Second, []model.BurnWindows{at(shared, model.BurnWindows{Long: 6 * 24 * time.Hour, Factor: 2})},
			nil, "page 2×/6d: the whole budget of 7d would be spent before 2× over 6d fires",
			"users/up: no page is left: page 2×/6d: the whole budget of 7d would be spent before 2× over 6d fires"},
	} {
		t.Run(name, func(t *testing.T) {
			slo := model.SLO{Window: test.period, Alerting: model.Alerting{Windows: model.Windows{Page: test.windows}}}
			planned := SLO{Service: "users", Name: "up", Pos: diag.Pos{File: own}, Budget: budgetOf(test.objective), Period: test.period, Scrape: test.scrape}
			workbook := []Pair{{Severity: Page}, {Severity: Ticket}}
			pairs, omitted, findings := ownPairs(workbook, []string{"page of the workbook"}, slo, planned)
			wrong := ""
			for _, f := range findings {
				wrong += f.Message
			}
			if wrong != test.wrong {
				t.Errorf("finding %q, want %q", wrong, test.wrong)
			}
			if test.wrong == "" || test.want != nil {
				if diff := cmp.Diff(append(test.want, Pair{Severity: Ticket}), pairs); diff != "" {
					t.Error(diff)
				}
			}
			if got := strings.Join(omitted, "; "); got != test.omitted {
				t.Errorf("left out: %q", got)
			}
		})
	}
}
