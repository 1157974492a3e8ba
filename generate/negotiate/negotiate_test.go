package negotiate_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/promslo/promslo/generate/negotiate"
	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
	"github.com/promslo/promslo/schema/words"
)

const day = 24 * time.Hour

var ladder = []float64{95, 99, 99.5, 99.9, 99.95, 99.99, 99.999}

// contracts reads services, each of which begins with "service:".
func contracts(t *testing.T, specs string) model.Contracts {
	t.Helper()
	specs = strings.ReplaceAll(specs, "SLI", "sli: {http: {metric: requests_total}}")
	services, findings := schema.LoadSpecs(t.Context(), schema.DefaultProject(), []read.Input{{File: "a.slo.yaml", Data: []byte(specs)}}, schema.Options{})
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	return model.Contracts{Services: services}
}

// upTo writes specs from lines such as "a 99.9 b c!99.95": an SLO up over 30 days, and what it
// fails with: services, and bought ones with their SLA.
func upTo(t *testing.T, lines ...string) model.Contracts {
	t.Helper()
	var specs []string
	for _, line := range lines {
		words := strings.Fields(line)
		spec := fmt.Sprintf("service: %s\nowner: team-%[1]s\nslos: {up: {objective: %s, window: 30d, SLI}}\n", words[0], words[1])
		var needs []string
		for _, name := range words[2:] {
			need := "{service: " + name + ", slo: up}"
			if bought, sla, found := strings.Cut(name, "!"); found {
				need = "{provider: {name: " + bought + ", sla: " + sla + ", window: 30d}}"
			}
			needs = append(needs, need)
		}
		if len(needs) > 0 {
			spec += "dependsOn: [" + strings.Join(needs, ", ") + "]\n"
		}
		specs = append(specs, spec)
	}
	return contracts(t, strings.Join(specs, "---\n"))
}

// said is a way in words: each change, and the share of the budget that is left.
func said(w negotiate.Way) (out []string) {
	for _, c := range w.Changes {
		if c.Kind == negotiate.NeedMore {
			continue
		}
		text := string(c.Kind) + " " + c.Subject()
		if c.To != 0 {
			text += " " + words.Number(c.To)
		}
		if c.Window != 0 && c.Kind == negotiate.SetWindow {
			text += " " + words.Duration(c.Window)
		}
		out = append(out, text)
	}
	return out
}

func ask(t *testing.T, c model.Contracts, want, reserve float64) negotiate.Answer {
	t.Helper()
	a, err := negotiate.Ask(c, negotiate.Request{Service: "a", SLO: "up", Want: want, Reserve: reserve, Ladder: ladder})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestClimb holds which providers must climb, worked out by hand, all over 30 days. What
// fits is less than the budget: of 99.9 %, 0.1 %, a quarter is kept.
func TestClimb(t *testing.T) {
	for _, test := range []struct {
		lines []string
		want  []string // nil: nothing has to change
		left  float64  // ratio of the budget for own failures
		most  float64
	}{
		// Nothing to fail with: 100 % is left.
		{[]string{"a 99"}, nil, 1, 99.999},
		// 1 − 0.999/0.9995 = 0.00050025 of 0.001.
		{[]string{"a 99 b", "b 99.95"}, nil, .50025012, 99.9},
		// 99.9 % leave nothing, 99.95 % half, which is enough.
		{[]string{"a 99 b", "b 99.9"}, []string{"raise b/up 99.95"}, .50025012, 99.5},
		// Two of 99.95 % leave 0.9995² = 0.99900025 and next to nothing. The first that climbs
		// is enough: 0.9995 × 0.9999 = 0.99940005, 1 − 0.999/0.99940005 = 0.00040029.
		{[]string{"a 99 b c", "b 99.95", "c 99.95"}, []string{"raise b/up 99.99"}, .40029015, 99.5},
		// The weakest climbs over two rungs: 99.5 to 99.9 and 99.95; 0.9995 × 0.9999 again.
		{[]string{"a 99 b c", "b 99.5", "c 99.99"}, []string{"raise b/up 99.95"}, .40029015, 99},
		// b cannot promise 99.95 % while it fails with a c of 99.95 %, of which it keeps a
		// quarter of 0.05 %: c climbs first, to 99.99 %.
		{[]string{"a 99 b", "b 99.9 c", "c 99.95"}, []string{"raise b/up 99.95", "raise c/up 99.99"}, .50025012, 99.5},
		// A bought service climbs in its contract.
		{[]string{"a 99 Bank!99.9"}, []string{"buy-more Bank 99.95"}, .50025012, 99.5},
		// Three of 99.95 %: b climbs, then c: 0.9995 × 0.9999² = 0.99930011, 1 − 0.999/that = 0.00030032.
		{[]string{"a 99 b c d", "b 99.95", "c 99.95", "d 99.95"}, []string{"raise b/up 99.99", "raise c/up 99.99"}, .30032019, 99.5},
	} {
		a := ask(t, upTo(t, test.lines...), 99.9, .25)
		var got []string
		m := a.Margin
		if !a.Fits {
			if len(a.Ways) == 0 || a.Ways[0].Kind != negotiate.Raise {
				t.Errorf("%q: climbing is no way: %+v", test.lines, a.Stuck)
				continue
			}
			got, m = said(a.Ways[0]), a.Ways[0].Margin
		}
		if !slices.Equal(got, test.want) || math.Abs(m.Share()-test.left) > 1e-7 {
			t.Errorf("%q: %q leaves %v of the budget, want %q and %v", test.lines, got, m.Share(), test.want, test.left)
		}
		if a.Most != test.most {
			t.Errorf("%q could promise %v %%, want %v %%", test.lines, a.Most, test.most)
		}
	}
}

// A reserve of 0 lets others spend the whole budget, as lint does.
func TestReserve(t *testing.T) {
	c := upTo(t, "a 99 b", "b 99.9")
	if !ask(t, c, 99.9, 0).Fits {
		t.Error("99.9 % of b leave no 99.9 % for a without a reserve")
	}
	// 99.99 % spend a tenth of 0.1 %: 0.9000900 is left, 0.91 is not.
	c = upTo(t, "a 99 b", "b 99.99")
	if !ask(t, c, 99.9, .9).Fits || ask(t, c, 99.9, .901).Fits {
		t.Error("the reserve is not the ratio of the budget that is left")
	}
}

// TestWays holds what else would be enough where b at 99.5 % would have to climb to 99.95 %.
func TestWays(t *testing.T) {
	kinds := func(a negotiate.Answer) (out []string) {
		for _, w := range a.Ways {
			out = append(out, strings.Join(said(w), ", "))
		}
		return out
	}
	for _, test := range []struct {
		name, specs string
		want        []string
	}{
		{"soft, or a second of 95 %: 1 − 0.5 % × 5 % = 99.975 %, which spend a quarter of 0.1 %", `
service: a
slos: {up: {objective: 99, window: 30d, SLI}}
dependsOn: [{service: b, slo: up}]
---
service: b
slos: {up: {objective: 99.5, window: 30d, SLI}}
`, []string{"raise b/up 99.95", "make-soft b/up", "add-second b/up 95"}},
		{"over the window of the provider its 99.99 % spend a tenth; over a day 0.3 %, three times the budget, which 99.999 % spend a third of", `
service: a
slos: {up: {objective: 99, window: 1d, SLI}}
dependsOn: [{service: b, slo: up}]
---
service: b
slos: {up: {objective: 99.99, window: 30d, SLI}}
`, []string{"raise b/up 99.999", "make-soft b/up", "add-second b/up 95", "set-window a/up 30d"}},
		{"at the times at which the provider promises nothing, nor does a; no climb makes up for an hour a week", `
service: a
slos: {up: {objective: 99, window: 30d, SLI}}
dependsOn: [{service: b, slo: up}]
---
service: b
slos:
  up:
    objective: 99.99
    window: 30d
    exclude: [{reason: backup, at: {days: [sun], hours: "02:00-03:00"}}]
    SLI
`, []string{"make-soft b/up", "add-second b/up 95", "exclude a/up"}},
		{"less at the times at which the provider promises less: 99 % leave 95 % there", `
service: a
slos: {up: {objective: 99, window: 30d, SLI}}
dependsOn: [{service: b, slo: up}]
---
service: b
slos:
  up:
    objective: 99.99
    window: 30d
    schedule: [{name: night, at: {hours: "00:00-06:00"}, objective: 99}]
    SLI
`, []string{"raise b/up 99.95", "make-soft b/up", "add-second b/up 95", "relax a/up 95"}},
	} {
		if diff := cmp.Diff(test.want, kinds(ask(t, contracts(t, test.specs), 99.9, .25))); diff != "" {
			t.Errorf("%s: want -, got +\n%s", test.name, diff)
		}
	}
}

// TestCosts holds what a way costs and whom it hits.
func TestCosts(t *testing.T) {
	c := contracts(t, `
service: a
owner: team-a
slos:
  up:
    objective: 99
    window: 1d
    traffic: 10/s
    external: {audience: Customers, objective: 98, window: 1d}
    SLI
dependsOn: [{service: b, slo: up}, {provider: {name: Bank}}]
---
service: b
owner: team-b
slos: {up: {objective: 99.99, window: 30d, traffic: 100/s, SLI}}
---
service: c
slos: {up: {objective: 95, window: 30d, SLI}}
dependsOn: [{service: a, slo: up, needs: 99, window: 1d}]
`)
	a := ask(t, c, 99.9, .25)
	if diff := cmp.Diff([]string{"Bank"}, a.Unknown); diff != "" {
		t.Error(diff)
	}
	costs := map[negotiate.Kind]negotiate.Cost{}
	hits := map[negotiate.Kind][]negotiate.Hit{}
	for _, w := range a.Ways {
		costs[w.Kind], hits[w.Kind] = w.Costs[0], w.Hits
	}
	second := func(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }
	for _, test := range []struct {
		kind negotiate.Kind
		want negotiate.Cost
	}{
		// 0.01 % of 30 days are 259.2 s, at 100/s 25,920 requests; a tenth of that.
		{negotiate.Raise, negotiate.Cost{Owner: "team-b", Rungs: 1, From: negotiate.Budget{Outage: second(259.2), Of: 30 * day, Requests: 25920}, To: negotiate.Budget{Outage: second(25.92), Of: 30 * day, Requests: 2592}}},
		// All of that may come within a day: 259.2 s of it, at the 10/s of a.
		{negotiate.MakeSoft, negotiate.Cost{Owner: "team-a", From: negotiate.Budget{Outage: second(259.2), Of: day, Requests: 2592}}},
		// At once 86.4 s of a day may fail, and 2592 s of 30 days.
		{negotiate.SetWindow, negotiate.Cost{Owner: "team-a", From: negotiate.Budget{Outage: second(86.4), Of: day, Requests: 864}, To: negotiate.Budget{Outage: second(2592), Of: 30 * day, Requests: 25920}}},
	} {
		got := costs[test.kind]
		got.Change = negotiate.Change{}
		for _, b := range []*negotiate.Budget{&got.From, &got.To} {
			b.Outage, b.Requests = b.Outage.Round(time.Millisecond), math.Round(b.Requests)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: want -, got +\n%s", test.kind, diff)
		}
	}
	// Half an hour of 43m12s may fail on one day: 2592 s of 86400 leave 97 %.
	want := []negotiate.Hit{
		{Who: "Customers", Text: "were promised 98 % over 1d of a/up, and 97 % would be left"},
		{Who: "c", Text: "needs 99 % over 1d of a/up, which would promise 99.9 % over 30d: what may fail in 30d may fail within 1d, which leaves 97 %"},
	}
	if diff := cmp.Diff(want, hits[negotiate.SetWindow]); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
	if len(hits[negotiate.Raise]) > 0 {
		t.Errorf("who promises more hits %v", hits[negotiate.Raise])
	}
	// b at 99.999 % may fail for 25.92 s of a day, which leaves 99.97 %. For own failures
	// 1 − 0.999/0.9997 of the day is left, and of its 864,000 requests.
	left := a.Ways[0].Margin.OwnBudget(a.SLO)
	if got, want := left.Outage.Seconds(), 86400*(1-0.999/0.9997); math.Abs(got-want) > 1e-6 || math.Abs(left.Requests-10*want) > 1e-4 {
		t.Errorf("left are %v s and %v requests, want %v s", got, left.Requests, want)
	}
}

// What promises beyond its means cannot climb, and what waits for itself does not end.
func TestStuck(t *testing.T) {
	for _, test := range []struct {
		lines []string
		want  []negotiate.Stuck
	}{
		// At the top, 99.999 %, b would spend all of the budget, and has to keep a quarter of
		// its own from c, which is no better at the top: b reaches 99.99 %.
		{[]string{"a 99 b", "b 99.9 c", "c 99.95"}, []negotiate.Stuck{{Provider: "b/up", From: 99.9, Reaches: 99.99}}},
		{[]string{"a 99 b", "b 99.9 a"}, []negotiate.Stuck{{Provider: "b/up", From: 99.9, Reaches: 99.99}}},
	} {
		a := ask(t, upTo(t, test.lines...), 99.999, .25)
		if diff := cmp.Diff(test.want, a.Stuck); diff != "" {
			t.Errorf("%q: want -, got +\n%s", test.lines, diff)
		}
		if len(a.Ways) > 0 && a.Ways[0].Kind == negotiate.Raise {
			t.Errorf("%q: %v", test.lines, said(a.Ways[0]))
		}
	}
}
