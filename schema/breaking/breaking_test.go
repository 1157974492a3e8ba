package breaking_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/breaking"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

func everything(string) bool { return true }

// version loads specs, which must be right.
func version(t *testing.T, specs string) breaking.Version {
	t.Helper()
	project := schema.DefaultProject()
	project.Ladder = []float64{90, 95, 99, 99.5, 99.9, 99.95, 99.99}
	services, findings := schema.LoadSpecs(t.Context(), project, []read.Input{{File: "f", Data: []byte(specs)}}, schema.Options{})
	if len(findings) > 0 {
		t.Fatal(findings, specs)
	}
	return breaking.Version{Services: services, Project: project}
}

// ids returns what a change of all from one text to another is reported as.
func ids(t *testing.T, before breaking.Version, old, new string) (ids []string) {
	t.Helper()
	if !strings.Contains(all, old) {
		t.Fatalf("no %q", old)
	}
	for _, f := range breaking.Compare(before, version(t, strings.ReplaceAll(all, old, new)), everything, promql.Text{}) {
		ids = append(ids, string(f.ID))
	}
	return ids
}

// all is a project in which everything that is compared is said.
const all = `service: users
tier: P1
slos:
  http:
    objective: 99.5
    window: 30d
    sli: {http: {metric: requests_total, match: {job: users}, promises: [2xx, 404]}}
    external: {audience: customers, objective: 99, window: 60d, remedy: money}
    recordLabels: {region: eu}
    schedule:
      - {name: night, at: {hours: "22:00-06:00", timezone: Europe/Berlin}, objective: 99}
    exclude:
      - {reason: backup, at: {days: [sun], hours: "02:00-04:00"}}
    maintenance:
      - {reason: move, from: 2030-01-01 02:00, to: 2030-01-01 04:00}
  grpc:
    objective: 99
    window: 30d
    sli: {grpc: {match: {grpc_method: Get}}}
    alerting: {ticket: {disabled: true}}
  latency:
    objective: 99
    calendar: month
    groupBy: [region]
    sli: {latency: {histogram: seconds, threshold: 1s}}
    schedule:
      - {at: {days: [mon-fri]}, threshold: 2s}
  several:
    window: 30d
    sli: {latency: {histogram: seconds, thresholds: [{objective: 90, threshold: 1s}, {objective: 99, threshold: 5s}]}}
  up:
    objective: 99
    window: 7d
    sli: {uptime: {expr: 'up{job="users"}', instances: 0.5}}
  fresh:
    objective: 99
    window: 7d
    sli: {threshold: {expr: age_seconds, above: 1, below: 10}}
---
service: shop
tier: P2
slos:
  buy:
    objective: 95
    window: 30d
    sli: {journey: {all: [{slo: users/http}, {events: {bad: b, total: n}, weight: 0.5}]}}
dependsOn:
  - {service: users, slo: http, needs: 99.5, for: [buy]}
  - {service: users, slo: up, needs: 99, window: 7d, kind: soft}
  - provider: {name: Gateway, sla: 99.5, window: 30d}
    needs: 99
---
service: site
slos:
  pages:
    objective: 90
    window: 30d
    sli: {events: {good: g, total: n}}
dependsOn:
  - {service: shop, slo: buy}
`

// TestCompare checks the findings of a change of one text.
func TestCompare(t *testing.T) {
	before := version(t, all)
	for _, test := range []struct{ old, new, want string }{
		{"", "", ""},
		// What consumers do not get less of.
		{"objective: 99.5\n    window: 30d", "objective: 99.9\n    window: 30d", "objective-history"},
		{"objective: 99.5\n    window: 30d", "objective: 99.99\n    window: 30d", "ladder-jump objective-history"},
		{"objective: 99.5\n    window: 30d", "objective: 99.95\n    window: 30d", "ladder-jump objective-history"},
		{"objective: 99\n    window: 7d\n    sli: {uptime", "objective: 99\n    window: 1d\n    sli: {uptime", "window-changed"},
		{"{days: [mon-fri]}, threshold: 2s", "{days: [mon-thu]}, threshold: 2s", ""},
		{"{days: [mon-fri]}, threshold: 2s", "{days: [mon-fri]}, threshold: 1500ms", ""},
		{"22:00-06:00", "23:00-06:00", "objective-history"},
		{"name: night,", "", ""},
		{"02:00-04:00", "03:00-04:00", ""},
		{"to: 2030-01-01 04:00", "to: 2030-01-01 03:00", ""},
		{"promises: [2xx, 404]", "promises: [2xx]", "sli-tightened"},
		{"{histogram: seconds, threshold: 1s}", "{histogram: seconds, threshold: 500ms}", "sli-tightened"},
		{"instances: 0.5", "instances: all", "sli-tightened"},
		{"above: 1, below: 10", "above: 2, below: 10", "sli-tightened"},
		{"below: 10", "below: 9", "sli-tightened"},
		{"audience: customers, objective: 99", "audience: customers, objective: 99.2", ""},
		{"remedy: money", "remedy: more money", "external-text-changed"},
		{"tier: P1", "tier: P0", ""},
		{"    alerting: {ticket: {disabled: true}}\n", "", ""},
		{"needs: 99.5", "needs: 99", "need-lowered"},
		{"sla: 99.5", "sla: 99.2", "provider-weakened"},
		{"kind: soft", "kind: hard", ""},
		{"bad: b,", "bad: \"\\n  b\\n\",", ""},
		// What they do.
		{"objective: 99.5\n    window: 30d", "objective: 99.4\n    window: 30d", "objective-history objective-lowered"},
		{"window: 7d\n    sli: {uptime", "window: 8d\n    sli: {uptime", "window-lengthened"},
		{"window: 7d\n    sli: {uptime", "calendar: week\n    sli: {uptime", "window-lengthened"},
		{"calendar: month", "window: 31d", "window-changed"},
		{"calendar: month", "calendar: month\n    timezone: Asia/Tokyo", "schedule-relaxed window-changed"},
		{"calendar: month", "calendar: quarter", "window-lengthened"},
		{"groupBy: [region]", "groupBy: [cluster]", "group-changed"},
		{"promises: [2xx, 404]", "promises: [2xx, 4xx]", "sli-relaxed"},
		{"promises: [2xx, 404]", "promises: [200, 404, 500]", "sli-relaxed"},
		{", promises: [2xx, 404]", "", "sli-relaxed"},
		{"{match: {grpc_method: Get}}", "{match: {grpc_method: Get}, promises: [OK, Internal]}", "sli-relaxed"},
		{"{match: {grpc_method: Get}}", "{match: {grpc_method: Put}}", "sli-changed"},
		{"{match: {grpc_method: Get}}", "{match: {grpc_method: [Get]}}", ""},
		{"{match: {grpc_method: Get}}", "{match: {grpc_method: [Get, '!=Put']}}", "sli-changed"},
		{"{match: {grpc_method: Get}}", "{match: {grpc_method: Get}, promises: [OK]}", "sli-tightened"},
		{"{histogram: seconds, threshold: 1s}", "{histogram: seconds, threshold: 1500ms}", "sli-relaxed"},
		{"{histogram: seconds, threshold: 1s}", "{histogram: seconds, threshold: 1s, native: true}", "sli-changed"},
		{"{objective: 90, threshold: 1s}", "{objective: 90, threshold: 2s}", "slo-removed"},
		{"{objective: 90, threshold: 1s}", "{objective: 85, threshold: 1s}", "objective-history objective-lowered"},
		{"instances: 0.5", "instances: any", "sli-relaxed"},
		{"above: 1, below: 10", "below: 10", "sli-relaxed"},
		{"below: 10", "below: 11", "sli-relaxed"},
		{"below: 10", "below: 1000", "sli-relaxed"},
		{"expr: age_seconds", "expr: lag_seconds", "sli-changed"},
		{"threshold: {expr: age_seconds, above: 1, below: 10}", "uptime: {expr: age_seconds}", "sli-changed"},
		{"weight: 0.5", "weight: 0.4", "sli-changed"},
		{", {events: {bad: b, total: n}, weight: 0.5}", "", "sli-changed"},
		{"22:00-06:00", "22:00-06:30", "objective-history schedule-relaxed"},
		{"timezone: Europe/Berlin", "timezone: Europe/London", "objective-history schedule-relaxed"},
		{"timezone: Europe/Berlin}, objective: 99}", "timezone: Europe/Berlin}, objective: 98}", "objective-history schedule-relaxed"},
		{"{days: [mon-fri]}, threshold: 2s", "{days: [mon-fri]}, threshold: 2s, objective: 98", "objective-history schedule-relaxed"},
		{"{days: [mon-fri]}, threshold: 2s", "{days: [tue-sat]}, threshold: 2s", "schedule-relaxed"},
		{"days: [sun], hours", "days: [sat, sun], hours", "exclusion-widened"},
		{"to: 2030-01-01 04:00", "to: 2030-01-01 05:00", "maintenance-added"},
		{"    external: {audience: customers, objective: 99, window: 60d, remedy: money}\n", "", "external-weakened"},
		{"    recordLabels: {region: eu}\n", "", "record-labels-changed"},
		{"{region: eu}", "{region: eu, tenant: core}", "record-labels-changed"},
		{"recordLabels: {region: eu}", "labels: {region: eu}", "record-labels-changed"},
		{"audience: customers", "audience: partners", "external-weakened"},
		{"window: 60d", "window: 61d", "external-weakened"},
		{", remedy: money", "", "external-weakened"},
		{"tier: P1", "tier: P2", "tier-lowered"},
		{"tier: P1\n", "", "tier-lowered"},
		{"alerting: {ticket: {disabled: true}}", "alerting: {ticket: {disabled: true}, page: {disabled: true}}", "alerting-disabled"},
		{"needs: 99, window: 7d", "needs: 99.1, window: 7d", "need-unmet"},
		{"needs: 99.5", "needs: 99.6", ""}, // at night it was not met before
		{"window: 7d, kind", "window: 1d, kind", "need-unmet"},
		{"sla: 99.5", "sla: 98", "provider-weakened"},
		{"sla: 99.5, window: 30d}", "sla: 99.5, window: 30d}\n    window: 1d", "need-unmet"},
		// Names.
		{"  up:", "  alive:", "identity-changed"},
		{"  up:", "  alive:\n    id: users/up", ""},
		{"  http:\n    obj", "  http:\n    id: old/name\n    obj", "identity-changed"},
		{"service: site", "service: web", "identity-changed"},
		{"service: site\nslos:\n  pages:", "service: web\nslos:\n  pages:\n    id: site/pages", ""},
		{all[strings.LastIndex(all, "---"):], "", "service-removed"},
	} {
		got := strings.Join(ids(t, before, test.old, test.new), " ")
		if got != test.want {
			t.Errorf("%q -> %q: %q, want %q", test.old, test.new, got, test.want)
		}
	}
}

// TestRicherNeeds checks changes of what is needed beside a percentage, on both sides.
func TestRicherNeeds(t *testing.T) {
	specs := func(slo, need string) breaking.Version {
		return version(t, "service: a\nslos:\n  it:\n    objective: 99\n    window: 30d\n    "+slo+"\n---\nservice: b\nslos: {x: {objective: 90, window: 30d, sli: {uptime: {expr: up}}}}\ndependsOn: [{service: a, slo: it, needs: 99, "+need+"}]\n")
	}
	const (
		fast, slow = "sli: {latency: {histogram: h, threshold: 300ms}}", "sli: {latency: {histogram: h, threshold: 1s}}"
		few, more  = "sli: {http: {metric: m, promises: [200, 402]}}", "sli: {http: {metric: m, promises: [200, 402, 404]}}"
		busy, calm = "traffic: 500/s\n    " + few, "traffic: 100/s\n    " + few
	)
	for _, test := range []struct{ before, after, need, needs, want string }{
		{fast, fast, "within: 500ms", "within: 300ms", ""},
		{fast, fast, "within: 300ms", "within: 200ms", "need-unmet at 10:54: b no longer gets what it needs of a/it: needed is 99 %, within 200ms, promised is 99 % over 30d, at most 300ms"},
		{fast, fast, "within: 300ms", "within: 400ms", "need-lowered at 10:54: b needs less of a/it: 99 %, within 400ms, and 99 %, within 300ms before"},
		{fast, fast, "within: 300ms", "kind: hard", "need-lowered at 10:13: b needs less of a/it: 99 %, and 99 %, within 300ms before"},
		{fast, slow, "within: 300ms", "within: 300ms", "sli-relaxed at 6:46: a/it counts as good what broke the promise before: good is now at most 1s; good was at most 300ms\nb needs 99 %, within 300ms of a/it, promised is 99 % over 30d, at most 1s"},
		{few, more, "answers: [200, 402]", "answers: [200, 402]", "sli-relaxed at 6:29: a/it counts as good what broke the promise before: good is now 200, 402 or 404; good was 200 or 402\nb needs 99 %, answered by 200 or 402 of a/it, promised is 99 % over 30d, 404 may be good, too"},
		{few, few, "answers: [200, 402]", "answers: [200]", "need-unmet at 10:46: b no longer gets what it needs of a/it: needed is 99 %, answered by 200, promised is 99 % over 30d, 402 may be good, too"},
		{few, few, "answers: [200, 402]", "answers: [2xx, 402]", "need-lowered at 10:46: b needs less of a/it: 99 %, answered by 2xx or 402, and 99 %, answered by 200 or 402 before"},
		{busy, busy, "upTo: 500/s", "upTo: 501/s", "need-unmet at 11:52: b no longer gets what it needs of a/it: needed is 99 %, up to 501/s, promised is 99 % over 30d, it expects 500/s"},
		{busy, busy, "upTo: 500/s", "upTo: 400/s", "need-lowered at 11:52: b needs less of a/it: 99 %, up to 400/s, and 99 %, up to 500/s before"},
		{busy, calm, "upTo: 500/s", "upTo: 500/s", "need-unmet at 11:52: b no longer gets what it needs of a/it: needed is 99 %, up to 500/s, promised is 99 % over 30d, it expects 100/s"},
		{few, few, "kind: hard", "upTo: 1/s", ""}, // of which the provider says nothing
	} {
		var got []string
		for _, f := range breaking.Compare(specs(test.before, test.need), specs(test.after, test.needs), everything, promql.Text{}) {
			got = append(got, fmt.Sprintf("%s at %d:%d: %s", f.ID, f.Pos.Line, f.Pos.Column, f.Message))
		}
		if diff := cmp.Diff(test.want, strings.Join(got, "\n")); diff != "" {
			t.Errorf("%s, %s → %s, %s:\n%s", test.before, test.need, test.after, test.needs, diff)
		}
	}
}

// TestExternals checks promises to several customers: each is compared with its own.
func TestExternals(t *testing.T) {
	specs := func(external string) breaking.Version {
		return version(t, "service: a\nslos:\n  it:\n    description: It is there.\n    objective: 99.9\n    window: 30d\n    sli: {uptime: {expr: up}}\n    external: "+external+"\n")
	}
	const (
		all  = "{audience: all, objective: 99, remedy: a tenth}"
		acme = "{audience: ACME, objective: 99.5, claim: write to us}"
		year = "{audience: all, objective: 99.4, calendar: year}"
	)
	for _, test := range []struct{ before, after, want string }{
		{all, "[" + all + "]", ""},
		{"[" + all + ", " + acme + "]", "[" + acme + ", " + all + "]", ""},
		{"[" + all + ", " + year + "]", "[" + year + ", " + all + "]", ""},
		{all, "[" + acme + ", " + all + "]", ""},
		{"[" + all + ", " + acme + "]", all, "external-weakened at 8: a/it promises less to ACME: nothing"},
		{"[" + all + ", " + acme + "]", "[" + all + ", {audience: ACME, objective: 99.4, claim: write to us}]", "external-weakened at 8: a/it promises less to ACME: 99.4 %, and not 99.5 %"},
		{"[" + all + ", " + acme + "]", "[" + acme + ", {audience: all, objective: 99}]", "external-weakened at 8: a/it promises less to all: no remedy"},
		{acme, "{audience: ACME, objective: 99.5, claim: call us}", "external-text-changed at 8: the way to claim the remedy of a/it is another for ACME: call us, and before: write to us"},
		{acme, "{audience: ACME, objective: 99.5, claim: write to us, description: It was there.}", "external-text-changed at 8: the description of a/it is another for ACME: It was there., and before: It is there."},
	} {
		var got []string
		for _, f := range breaking.Compare(specs(test.before), specs(test.after), everything, promql.Text{}) {
			text, _, _ := strings.Cut(f.Message, "\n")
			got = append(got, fmt.Sprintf("%s at %d: %s", f.ID, f.Pos.Line, text))
		}
		if got := strings.Join(got, "\n"); got != test.want {
			t.Errorf("%s → %s: %q, want %q", test.before, test.after, got, test.want)
		}
	}
}

// TestLabelNames: the names of labels on recorded series are of its history, those of alerts are not.
func TestLabelNames(t *testing.T) {
	const spec = "service: a\nslos: {b: {objective: 99, window: 30d, sli: {events: {bad: b, total: n}}}}\n"
	named := func(names model.LabelNames) breaking.Version {
		v := version(t, spec)
		v.Project.LabelNames = names
		return v
	}
	const lost = "record-labels-changed: recorded series have the labels %s, and had %s: all history is lost"
	for _, test := range []struct {
		before, after model.LabelNames
		want          string
	}{
		{nil, model.LabelNames{"slo_id": "slo_id", "slo_window": "slo_window"}, ""},
		{nil, model.LabelNames{"severity": "urgency", "tier": "rank", "owner": "squad", "slo_alert": "kind", "slo_gate": "g", "slo_notify": "n", "slo_group": "s"}, ""},
		{nil, model.LabelNames{"slo_id": "slo", "slo_window": "window"}, fmt.Sprintf(lost, "slo, window", "slo_id, slo_window")},
		{model.LabelNames{"slo_service": "service"}, nil, fmt.Sprintf(lost, "slo_service", "service")},
		{model.LabelNames{"slo_name": "a"}, model.LabelNames{"slo_name": "b"}, fmt.Sprintf(lost, "b", "a")},
		{nil, model.LabelNames{"slo_timezone": "tz", "slo_audience": "whom", "slo_calendar_period": "p"}, fmt.Sprintf(lost, "tz, whom, p", "slo_timezone, slo_audience, slo_calendar_period")},
	} {
		var got []string
		for _, f := range breaking.Compare(named(test.before), named(test.after), everything, promql.Text{}) {
			text, _, _ := strings.Cut(f.Message, "\n")
			got = append(got, string(f.ID)+": "+text)
		}
		if got := strings.Join(got, "\n"); got != test.want {
			t.Errorf("%v → %v: %q, want %q", test.before, test.after, got, test.want)
		}
	}
}

// TestBlunted checks which alerting counts as firing later.
func TestBlunted(t *testing.T) {
	alerting := func(text string) breaking.Version {
		return version(t, "service: a\nslos: {b: {objective: 99, window: 30d, sli: {events: {bad: b, total: n}}, alerting: {"+text+"}}}\n")
	}
	const page = "windows: {page: [{long: 1h, factor: 14.4}]}"
	for _, test := range []struct{ before, after, want string }{
		{"", "confidence: 99", ""},
		{"", "confidence: 99.9", "they ask to be 99.9 % sure, and asked for 99 %"},
		{"confidence: 0", "", "they ask to be 99 % sure, and asked for 0 %"},
		{"confidence: 99.9", "confidence: 95", ""},
		{page, page, ""},
		{page, "windows: {page: [{long: 1h, factor: 14}, {long: 2h, factor: 20}]}", ""},
		{page, "windows: {page: [{long: 1h, budget: 2}]}", ""}, // 2 % of 30d in 1h: 14.4
		{page, "windows: {page: [{long: 1h, budget: 2.1}]}", "a page goes by 1h at 2.1 % of the budget, and went by 1h at factor 14.4"},
		{page, "windows: {page: [{long: 2h, factor: 14.4}]}", "a page goes by 2h at factor 14.4, and went by 1h at factor 14.4"},
		{page, "", "a page goes by the windows of the SRE workbook, and went by 1h at factor 14.4"},
		{page, "windows: {page: [{long: 1h, factor: 14.4, for: 5m}]}", "a page goes by 1h at factor 14.4 for 5m, and went by 1h at factor 14.4"},
		{"windows: {page: [{long: 1h, factor: 14.4, for: 5m}]}", page, ""},
		{"exhaustion: 3d", "exhaustion: 5d", ""},
		{"exhaustion: 3d", "exhaustion: 2d", "that the budget ends is told 2d before, and was told 3d before"},
		{"exhaustion: 3d", "", "nobody is told any more that the budget ends, which was told 3d before"},
		{"", "windows: {ticket: [{long: 1d, short: 1h, factor: 3}]}", "a ticket goes by 1d/1h at factor 3, and went by the windows of the SRE workbook"},
	} {
		var got []string
		for _, f := range breaking.Compare(alerting(test.before), alerting(test.after), everything, promql.Text{}) {
			text, _, _ := strings.Cut(f.Message, "\n")
			got = append(got, string(f.ID)+": "+strings.TrimPrefix(text, "the alerts of a/b fire later or not at all: "))
		}
		want := test.want
		if want != "" {
			want = "alert-blunted: " + want
		}
		if got := strings.Join(got, "\n"); got != want {
			t.Errorf("%s → %s: %q, want %q", test.before, test.after, got, want)
		}
	}
}

// ofPromises leaves out what becomes of the history: it is the same for all consumers.
func ofPromises(findings []diag.Finding) []diag.Finding {
	return slices.DeleteFunc(findings, func(f diag.Finding) bool { return f.ID == diag.ObjectiveHistory })
}

// TestObjectiveHistory checks what is said of the past after an edit of the objective.
func TestObjectiveHistory(t *testing.T) {
	const (
		spec     = "service: users\nslos:\n  up:\n    %s\n    window: %s\n    sli: {uptime: {expr: up}}\n"
		night    = "objective: 99\n    schedule: [{at: {hours: \"22:00-06:00\"}, objective: 95}]"
		evening  = "objective: 99\n    schedule: [{at: {hours: \"20:00-06:00\"}, objective: 95}]"
		always   = "objective: 99\n    schedule: [{at: {hours: \"22:00-06:00\"}, objective: 99}]"
		split    = "objective: 99\n    schedule: [{at: {hours: \"22:00-02:00\"}, objective: 95}, {at: {hours: \"02:00-06:00\"}, objective: 95}]"
		constant = "the past of users/up counts by %s, too, and not by %s any more: its budget may jump"
		removed  = "users/up has no schedule of objectives any more: its past counts by %s, too, and its budget may jump"
		holds    = "users/up has no schedule of objectives any more: times before keep the objective that was in force"
		kept     = "what is recorded of users/up keeps the objective that was in force: only new times count by the new one"
	)
	for name, test := range map[string]struct{ before, after, want string }{
		"raised":              {"objective: 99", "objective: 99.5", fmt.Sprintf(constant, "99.5 %", "99 %")},
		"lowered":             {"objective: 99", "objective: 98", fmt.Sprintf(constant, "98 %", "99 %")},
		"scheduled":           {"objective: 99", night, "users/up gets a schedule of objectives: times before count by 99 %, new ones by the objective in force"},
		"with another base":   {"objective: 98", night, "users/up gets a schedule of objectives: times before count by 99 %, new ones by the objective in force"},
		"scheduled the same":  {"objective: 99", always, ""},
		"other times":         {night, evening, kept},
		"other base":          {night, strings.Replace(night, "99", "98", 1), kept},
		"other entry":         {night, strings.Replace(night, "95", "96", 1), kept},
		"said otherwise":      {night, split, ""},
		"removed":             {night, "objective: 99", holds},
		"removed and raised":  {night, "objective: 99.5", holds},
		"removed from a week": {night, "objective: 99", fmt.Sprintf(removed, "99 %")},
		"another name":        {"objective: 99", "id: users/other\n    objective: 98", ""},
	} {
		var got []string
		window := "30d"
		if strings.HasSuffix(name, "week") {
			window = "7d"
		}
		for _, f := range breaking.Compare(version(t, fmt.Sprintf(spec, test.before, window)), version(t, fmt.Sprintf(spec, test.after, window)), everything, promql.Text{}) {
			if f.ID == diag.ObjectiveHistory {
				got = append(got, f.Message)
			}
		}
		if strings.Join(got, "\n") != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// TestTightened checks that a change to the better breaks no promise, whatever it is.
func TestTightened(t *testing.T) {
	better := strings.NewReplacer(
		"objective: 99\n", "objective: 99.9\n", "objective: 95", "objective: 99", "objective: 90", "objective: 95", "window: 30d", "window: 7d",
		"threshold: 2s", "threshold: 1500ms", "22:00-06:00", "00:00-05:00", "02:00-04:00", "02:00-03:00", "2xx, 404", "200",
		"audience: customers, objective: 99", "audience: customers, objective: 99.4", "window: 60d", "window: 40d", "tier: P1", "tier: P0",
		"instances: 0.5", "instances: all", "below: 10", "below: 5", "sla: 99.5", "sla: 99.9", "needs: 99.5", "needs: 99",
		"ticket: {disabled: true}", "ticket: {disabled: false}",
	)
	findings := breaking.Compare(version(t, all), version(t, better.Replace(all)), everything, promql.Text{})
	for _, f := range findings {
		if lint.MustFind(f.ID).Category == lint.Promise {
			t.Error(f)
		}
	}
	if len(findings) < 5 {
		t.Errorf("%d findings: has anything changed?", len(findings))
	}
	if back := breaking.Compare(version(t, better.Replace(all)), version(t, all), everything, promql.Text{}); len(back) < 15 {
		t.Errorf("%d findings the other way", len(back))
	}
}

// TestConsumers checks the affected consumers of a change and their texts.
func TestConsumers(t *testing.T) {
	for name, test := range map[string]struct {
		old, new string
		want     []string
	}{
		"lowered": {"objective: 99.5\n    window: 30d", "objective: 99.2\n    window: 30d", []string{
			"shop needs 99.5 % of users/http, promised is 99.2 % (at some times 99 %) over 30d, which leaves 97.33 %",
			"shop/buy counts users/http as a part",
			"customers got a promise of 99 % over 60d of users/http",
			"site reaches it through shop",
		}},
		"soft, further away": {"objective: 99.5\n    window: 30d", "objective: 99.4\n    window: 30d", []string{
			"shop needs 99.5 % of users/http, promised is 99.4 % (at some times 99 %) over 30d, which leaves 97.33 %",
			"shop/buy counts users/http as a part",
			"customers got a promise of 99 % over 60d of users/http",
		}},
		"not so far": {"objective: 99\n    window: 7d\n    sli: {uptime", "objective: 98\n    window: 7d\n    sli: {uptime",
			[]string{"shop needs 99 % over 7d of users/up, promised is 98 % over 7d (soft)"}},
		"longer":       {"window: 7d\n    sli: {uptime", "window: 14d\n    sli: {uptime", []string{"shop needs 99 % over 7d of users/up, promised is 99 % over 14d, which leaves 98 % (soft)"}},
		"gone":         {"  up:", "  gone:", []string{"shop needs 99 % over 7d of users/up, promised is nothing (soft)"}},
		"no need":      {"objective: 95", "objective: 94", []string{"site depends on shop/buy"}},
		"a dependency": {"sla: 99.5", "sla: 98", []string{"site depends on shop/buy"}},
		"nobody":       {"objective: 90\n    window: 30d\n    sli: {events: {good", "objective: 80\n    window: 30d\n    sli: {events: {good", nil},
	} {
		if !strings.Contains(all, test.old) {
			t.Fatal(name)
		}
		var got []string
		specs := all
		if name == "soft, further away" {
			specs = strings.Replace(all, "slo: buy}", "slo: buy, kind: soft}", 1)
		}
		findings := ofPromises(breaking.Compare(version(t, specs), version(t, strings.Replace(specs, test.old, test.new, 1)), everything, promql.Text{}))
		for _, f := range findings {
			for _, c := range f.Change.Consumers {
				got = append(got, c.Name+" "+c.Text)
			}
			if f.Change.Before == f.Change.After || f.Change.Before == "" || f.Change.After == "" {
				t.Errorf("%s: %+v", name, f.Change)
			}
			if strings.Count(f.Message, "\n") != len(f.Change.Consumers) {
				t.Errorf("%s: %s", name, f.Message)
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" || len(findings) != 1 {
			t.Errorf("%s: %d findings, - want, + got:\n%s", name, len(findings), diff)
		}
	}
}

// TestNumbers checks that messages have no rounding errors.
func TestNumbers(t *testing.T) {
	findings := breaking.Compare(version(t, all), version(t, strings.Replace(all, "instances: 0.5", "instances: 0.07", 1)), everything, promql.Text{})
	if len(findings) != 1 || findings[0].Change.After != "at least 7 % of the instances" || findings[0].Change.Before != "at least 50 % of the instances" {
		t.Errorf("%+v", findings)
	}
	small := version(t, strings.Replace(all, "above: 1, below: 10", "below: 0.0000000000001", 1))
	if findings = breaking.Compare(version(t, strings.Replace(all, "above: 1, below: 10", "below: 0.00000000000005", 1)), small, everything, promql.Text{}); len(findings) != 1 {
		t.Errorf("%+v", findings)
	}
}

// TestSimilarSLOs checks that of several SLOs that measure the same each finds the one of its
// name where a service is renamed, and that no two become one.
func TestSimilarSLOs(t *testing.T) {
	const slo = "  %s: {objective: %s, window: 30d, sli: {uptime: {expr: up}}}\n"
	specs := "service: users\nslos:\n" + fmt.Sprintf(slo, "a", "90") + fmt.Sprintf(slo, "b", "95") + fmt.Sprintf(slo, "d", "99")
	renamed := "service: accounts\nslos:\n" + fmt.Sprintf(slo, "b", "95") + fmt.Sprintf(slo, "c", "90") + fmt.Sprintf(slo, "d", "99")
	var got []string
	for _, f := range breaking.Compare(version(t, specs), version(t, renamed), everything, promql.Text{}) {
		got = append(got, string(f.ID)+" "+f.Change.Before+" "+f.Change.After)
	}
	want := []string{"identity-changed users/b accounts/b", "identity-changed users/a accounts/c", "identity-changed users/d accounts/d"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestManyConsumers limits the messages of a project in which everything depends
// on everything.
func TestManyConsumers(t *testing.T) {
	const services = 300
	var b strings.Builder
	for i := range services {
		fmt.Fprintf(&b, "---\nservice: s%d\nslos: {up: {objective: 99, window: 30d, sli: {uptime: {expr: up}}}}\n", i)
		if i > 0 {
			fmt.Fprintf(&b, "dependsOn: [{service: s%d, slo: up}]\n", (i-1)/2)
		}
	}
	before := version(t, b.String()[4:])
	after := version(t, strings.ReplaceAll(b.String()[4:], "objective: 99", "objective: 98"))
	for _, f := range ofPromises(breaking.Compare(before, after, everything, promql.Text{})) {
		if n := len(f.Change.Consumers); n > 60 || f.Change.More != (n == 52) || strings.Count(f.Message, "\n") > 16 {
			t.Errorf("%s: %d, %t\n%s", f.Change.Subject, n, f.Change.More, f.Message)
		}
		if f.Change.Subject == "s0/up" && !f.Change.More {
			t.Error("all 299 are named")
		}
	}
}

// TestHostileNames checks that users' texts stay on one line.
func TestHostileNames(t *testing.T) {
	specs := strings.ReplaceAll(strings.ReplaceAll(all, "name: Gateway", `name: "a | b](http://x) <b>"`), "audience: customers", `audience: "c | d"`)
	before, after := version(t, specs), version(t, strings.NewReplacer("sla: 99.5", "sla: 98", "window: 60d", "window: 61d", "age_seconds", "\"lag_seconds\\u2028 > 1\"").Replace(specs))
	findings := diag.Sort(breaking.Compare(before, after, everything, promql.Text{}))
	if len(findings) != 3 {
		t.Fatal(findings)
	}
	for _, f := range findings {
		if strings.ContainsAny(strings.Split(f.Message, "\n")[0]+f.Change.Before+f.Change.After, "\n\r") {
			t.Errorf("%+v", f)
		}
	}
}

// TestSpellingOfCodes: another spelling of a gRPC code is the same promise.
func TestSpellingOfCodes(t *testing.T) {
	promising := func(codes string) breaking.Version {
		return version(t, strings.Replace(all, "{match: {grpc_method: Get}}", "{match: {grpc_method: Get}, promises: "+codes+"}", 1))
	}
	before := promising("[OK, Unavailable, Canceled]")
	if got := breaking.Compare(before, promising("[14, cancelled, 0]"), everything, promql.Text{}); len(got) > 0 {
		t.Error(got)
	}
	if got := breaking.Compare(before, promising("[14, CANCELLED, 0, INTERNAL]"), everything, promql.Text{}); len(got) != 1 || got[0].ID != diag.SLIRelaxed {
		t.Error(got)
	}
}

// TestUnits: another unit measures something else; the same threshold in other words, and a
// unit that the name says, are no change.
func TestUnits(t *testing.T) {
	measuring := func(latency string) breaking.Version {
		return version(t, "service: a\nslos: {b: {objective: 99, window: 7d, sli: {latency: {"+latency+"}}}}\n")
	}
	for _, test := range []struct{ before, after, want string }{
		{"histogram: h, threshold: 1s", "histogram: h, threshold: 1000ms, unit: seconds", ""},
		{"histogram: h_ms, threshold: 1500us", "histogram: h_ms, threshold: 1.5ms, unit: milliseconds", ""},
		{"histogram: h, threshold: 1s", "histogram: h, threshold: 1s, unit: milliseconds", "sli-changed"},
		{"histogram: h, threshold: 1s", "histogram: h, threshold: 2MB, unit: bytes", "sli-changed"},
		{"histogram: h_bytes, threshold: 1MB", "histogram: h_bytes, threshold: 1MiB", "sli-relaxed"},
		{"histogram: h_bytes, threshold: 1MiB", "histogram: h_bytes, threshold: 1MB", "sli-tightened"},
	} {
		var ids []string
		for _, f := range breaking.Compare(measuring(test.before), measuring(test.after), everything, promql.Text{}) {
			ids = append(ids, string(f.ID))
		}
		if got := strings.Join(ids, " "); got != test.want {
			t.Errorf("%s → %s: %q, want %q", test.before, test.after, got, test.want)
		}
	}
}
