package depend_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

const day = 24 * time.Hour

// TestLeft holds what a promise leaves over another period, worked out by hand.
func TestLeft(t *testing.T) {
	rolling := func(d time.Duration) depend.Period { return depend.Period{Window: d} }
	week, month := depend.Period{Window: 7 * day, Calendar: model.Week}, depend.Period{Window: 31 * day, Calendar: model.Month}
	quarter, year := depend.Period{Window: 92 * day, Calendar: model.Quarter}, depend.Period{Window: 366 * day, Calendar: model.Year}
	for _, test := range []struct {
		percent      float64
		period, over depend.Period
		want         float64
	}{
		{99.9, rolling(30 * day), rolling(30 * day), 99.9},
		// All that may fail in 30 days, 0.03 of a day, within fewer.
		{99.9, rolling(30 * day), rolling(10 * day), 99.7},
		{99.9, rolling(30 * day), rolling(day), 97},
		{99, rolling(30 * day), rolling(7 * day), 100 - 30./7},
		{99.9, rolling(30 * day), rolling(time.Hour), 28},
		{99, rolling(30 * day), rolling(time.Hour), 0},
		// 10 days hold the 0.07 of a day of two times 7 days, 30 days those of five.
		{99, rolling(7 * day), rolling(10 * day), 100 - 100*.14/10},
		{99, rolling(7 * day), rolling(30 * day), 100 - 100*.35/30},
		{99.9, rolling(30 * day), rolling(90 * day), 99.9},
		// The rest of 2 hours is shorter than what may fail in 10 days, 2.4 hours.
		{99, rolling(10 * day), rolling(10*day + 2*time.Hour), 100 - 100*4.4/242},
		// 30 days hold the end of a January, a February of 29 days and the beginning of a March,
		// and 31 days those of an August, a September and an October.
		{99.9, month, rolling(30 * day), 100 - 100*.001*91/30},
		{99.9, month, rolling(31 * day), 100 - 100*.001*92/31},
		// And the end of a third quarter and the beginning of the fourth, of 92 days each.
		{99.9, quarter, rolling(30 * day), 100 - 100*.001*184/30},
		// 31 days are longer than 30 by more than may fail in 30; 28 days are no worse.
		{99.9, rolling(30 * day), month, 100 - 100*.06/31},
		// A month of 30 days that begins on a Sunday meets six weeks.
		{99, week, month, 100 - 100*.42/30},
		{99.9, month, quarter, 99.9},
		{99.9, quarter, year, 99.9},
		{99.9, month, month, 99.9},
		// A week in which a month ends: what may fail in two months of 31 days.
		{99.9, month, week, 100 - 100*.062/7},
	} {
		if got := test.period.Left(test.percent, test.over); math.Abs(got-test.want) > 1e-9 {
			t.Errorf("%v %% over %v are %v %% over %v, want %v", test.percent, test.period, got, test.over, test.want)
		}
	}
}

// services writes specs from lines such as "a 99.9 30d: b c|d", an SLO up and what it fails
// with, of which "x|y" are alternatives, and "~x" is a journey that counts x.
func services(t *testing.T, lines ...string) []model.Service {
	t.Helper()
	var specs []string
	for _, line := range lines {
		head, needs, _ := strings.Cut(line, ":")
		of := strings.Fields(head)
		spec := fmt.Sprintf("service: %s\nslos:\n  up:\n    objective: %s\n    window: %s\n", of[0], of[1], of[2])
		var depends, parts []string
		for _, need := range strings.Fields(needs) {
			if part, found := strings.CutPrefix(need, "~"); found {
				parts = append(parts, "{slo: "+part+"/up}")
				continue
			}
			var any []string
			for _, name := range strings.Split(need, "|") {
				any = append(any, "{service: "+name+", slo: up}")
			}
			if len(any) == 1 {
				depends = append(depends, any[0])
			} else {
				depends = append(depends, "{anyOf: ["+strings.Join(any, ", ")+"]}")
			}
		}
		sli := "{http: {metric: requests_total}}"
		if parts != nil {
			sli = "{journey: {entry: " + parts[0] + ", all: [" + strings.Join(parts, ", ") + "]}}"
		}
		spec += "    sli: " + sli + "\n"
		if len(of) > 3 {
			spec += "    exclude: [{reason: backup, at: {days: [sun], hours: \"02:00-04:00\"}}]\n"
		}
		if depends != nil {
			spec += "dependsOn: [" + strings.Join(depends, ", ") + "]\n"
		}
		specs = append(specs, spec)
	}
	out, findings := schema.LoadSpecs(context.Background(), schema.DefaultProject(), []read.Input{{File: "f", Data: []byte(strings.Join(specs, "---\n"))}}, schema.Options{})
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	return out
}

// TestLimit holds what is left by products, windows and redundancy, worked out by hand.
func TestLimit(t *testing.T) {
	for name, test := range map[string]struct {
		services []string
		want     float64 // of service a
	}{
		"two in a row":             {[]string{"a 99 30d: b c", "b 99.9 30d", "c 99.5 30d"}, 99.4005},
		"three in a row":           {[]string{"a 99 30d: b c d", "b 99 30d", "c 99 30d", "d 99 30d"}, 97.0299},
		"two alternatives":         {[]string{"a 99 30d: b|c", "b 95 30d", "c 99.5 30d"}, 99.975},
		"in a row and redundant":   {[]string{"a 99 30d: b|c d", "b 99 30d", "c 99 30d", "d 99.9 30d"}, 99.99 * .999},
		"over a day":               {[]string{"a 99 1d: b", "b 99.9 30d"}, 97},
		"over a month of weeks":    {[]string{"a 99 30d: b", "b 99 7d"}, 100 - 100*.35/30},
		"a row over a day":         {[]string{"a 99 1d: b c", "b 99.9 30d", "c 99 1d"}, 97 * .99},
		"redundant over a day":     {[]string{"a 99 1d: b|c", "b 99.9 30d", "c 99 1d"}, 100 - 3*.01},
		"a journey":                {[]string{"a 99 30d: ~b ~c", "b 99 30d", "c 99 30d"}, 98.01},
		"a journey that depends":   {[]string{"a 99 30d: ~b ~c b d", "b 99 30d", "c 99 30d", "d 99 30d"}, 97.0299},
		"nothing on sunday nights": {[]string{"a 99 30d: b", "b 99.9 30d quiet"}, 99.9 - 100*10./720}, // 30 days have five of them
		"nor of its own":           {[]string{"a 99 30d quiet: b", "b 99.9 30d quiet"}, 99.9},
		// b and c fail with d, 0.5 % of the time, and else with a half percent each.
		"shared": {[]string{"a 99 30d: b|c", "b 99 30d: d", "c 99 30d: d", "d 99.5 30d"}, 100 - 100*(.005+.995*math.Pow(.005/.995, 2))},
		// c fails with b: then redundancy is none.
		"no redundancy": {[]string{"a 99 30d: b|c", "b 99 30d", "c 99 30d: b"}, 99},
		// What d fails with is in the promise of d.
		"shared far away": {[]string{"a 99 30d: b|c", "b 99 30d: d", "c 99 30d: d", "d 99 30d: e", "e 99 30d"}, 99},
	} {
		all := services(t, test.services...)
		g := depend.New(model.Contracts{Services: all})
		got := depend.Limit(g.Factors(all[0], all[0].SLOs[0]))
		if math.Abs(got.Min-test.want) > 1e-9 || got.Min != got.Max {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
		own := depend.Promise{Min: test.want + 1e-6, Max: test.want + 1e-6}
		if !depend.Exceeds(own, got) || depend.Exceeds(depend.Promise{Min: test.want - 1e-10, Max: test.want - 1e-10}, got) {
			t.Errorf("%s: %v is not just within", name, got)
		}
	}
}

// TestMaintenance: nothing is promised in a maintenance, unless the consumer has it, too.
func TestMaintenance(t *testing.T) {
	all := services(t, "a 99 30d: b", "b 99.9 30d")
	moved := model.Maintenance{From: time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC), To: time.Date(2026, 3, 1, 5, 36, 0, 0, time.UTC)}
	all[1].SLOs[0].Maintenance = []model.Maintenance{moved}
	check := func(percent float64) depend.Verdict {
		d := slices.Clone(all[0].DependsOn)[0]
		n := d.Alternatives[0]
		n.Percent = percent
		_, verdict := depend.New(model.Contracts{Services: all}).Check("a", d, n)
		return verdict
	}
	// 3.6 of 720 hours are half a percent.
	if check(99.4) != depend.Met || check(99.41) != depend.TooLow {
		t.Error("half a percent of the time is not promised")
	}
	all[0].SLOs[0].Maintenance = []model.Maintenance{moved}
	if check(99.9) != depend.Met {
		t.Error("nothing counts for the consumer either")
	}
}

// TestGaps holds what is needed beside a percentage against what an SLO promises.
func TestGaps(t *testing.T) {
	const head = "service: users\nslos:\n  it:\n    objective: 99\n    window: 30d\n"
	const (
		http    = "    sli: {http: {metric: m%s}}\n"
		latency = "    sli: {latency: {histogram: h_seconds, threshold: 300ms}}\n"
		grpc    = "    sli: {grpc: {promises: [OK, NotFound]}}\n"
	)
	promising := func(codes string) string { return fmt.Sprintf(http, ", promises: ["+codes+"]") }
	for _, test := range []struct{ slo, need, want string }{
		{latency, "within: 300ms", ""},
		{latency, "within: 299ms", "within: at most 300ms"},
		{latency + "    schedule: [{at: {days: [sat]}, threshold: 1s}]\n", "within: 300ms", "within: at most 1s at some times"},
		{latency + "    schedule: [{at: {days: [sat]}, threshold: 200ms}]\n", "within: 300ms", ""},
		{"    sli: {latency: {histogram: h_bytes, threshold: 1MB}}\n", "within: 1s", "within: nothing of how long an answer takes"},
		{grpc, "within: 1s", "within: nothing of how long an answer takes"},
		{promising("200, 402"), "answers: [402, 200]", ""},
		{promising("200"), "answers: [2xx, 402]", ""},
		{promising("200, 402, 404"), "answers: [200, 402]", "answers: 404 may be good, too"},
		{promising("2xx, 404, 405, 406"), "answers: [200, 405]", "answers: 201 to 299, 404, 406 may be good, too"},
		{fmt.Sprintf(http, ""), "answers: [2xx, 404]", "answers: 1xx, 3xx, 400 to 403, 405 to 499 may be good, too"},
		{grpc, "answers: [ok, NOT_FOUND]", ""},
		{grpc, "answers: [OK]", "answers: NotFound may be good, too"},
		{latency, "answers: [200]", "answers: it does not count by statuses"},
		{latency + "    traffic: 60/m\n", "upTo: 1/s", ""},
		{latency + "    traffic: 60/m\n", "upTo: 61/m", "upTo: it expects 60/m"},
		{latency, "upTo: 1/d", "upTo: it does not say what traffic it expects"},
		{grpc + "    traffic: 1/s\n", "within: 1s, answers: [OK], upTo: 2/s", "within: nothing of how long an answer takes; answers: NotFound may be good, too; upTo: it expects 1/s"},
	} {
		spec := head + test.slo + "---\nservice: shop\nslos: {buy: {objective: 90, window: 30d, sli: {uptime: {expr: up}}}}\ndependsOn: [{service: users, slo: it, " + test.need + "}]\n"
		services, findings := schema.LoadSpecs(t.Context(), schema.DefaultProject(), []read.Input{{File: "f", Data: []byte(spec)}}, schema.Options{})
		if len(findings) > 0 {
			t.Fatal(findings)
		}
		shop := services[0]
		need := shop.DependsOn[0].Alternatives[0]
		g := depend.New(model.Contracts{Services: services})
		var got []string
		unsaid := true
		for _, gap := range g.Gaps(need) {
			got = append(got, gap.Field+": "+gap.Promised)
			unsaid = unsaid && (gap.Verdict == depend.NoStatuses || gap.Verdict == depend.NoTraffic)
		}
		if got := strings.Join(got, "; "); got != test.want {
			t.Errorf("%s %s: %q, want %q", test.slo, test.need, got, test.want)
		}
		if met := g.Met("shop", shop.DependsOn[0], need); met != unsaid {
			t.Errorf("%s %s: met %t", test.slo, test.need, met)
		}
	}
}

// Terms change with what is needed beside a percentage, and with what answers it.
func TestTermsOfGaps(t *testing.T) {
	terms := func(need, traffic string) model.Terms {
		spec := "service: users\nslos: {it: {objective: 99, window: 30d, traffic: " + traffic + ", sli: {grpc: {}}}}\n---\nservice: shop\nslos: {buy: {objective: 90, window: 30d, sli: {uptime: {expr: up}}}}\ndependsOn: [{service: users, slo: it" + need + "}]\n"
		services, findings := schema.LoadSpecs(t.Context(), schema.DefaultProject(), []read.Input{{File: "f", Data: []byte(spec)}}, schema.Options{})
		if len(findings) > 0 {
			t.Fatal(findings)
		}
		out, _ := depend.New(model.Contracts{Services: services}).Terms(services[0], "users/it")
		return out
	}
	plain, upTo := terms("", "5/s"), terms(", upTo: 2/s", "5/s")
	if plain != terms("", "6/s") || plain.Need == upTo.Need || upTo.Promise == terms(", upTo: 2/s", "6/s").Promise || upTo.Need != terms(", upTo: 2/s", "6/s").Need {
		t.Error(plain, upTo)
	}
	for _, need := range []string{", within: 1s", ", answers: [OK]"} {
		if got := terms(need, "5/s"); got.Need == plain.Need || got.Promise != plain.Promise {
			t.Error(need, got, plain)
		}
	}
}
