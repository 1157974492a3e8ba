package generate_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
)

const beforeRename = `service: users
slos:
  sign-in:
    objective: 99
    calendar: week
    timezone: Europe/Berlin
    groupBy: [region]
    sli: {http: {metric: http_requests_total, match: {job: users}}}
    schedule: [{at: {days: [sat, sun]}, objective: 80}]
    exclude: [{reason: nightly batch, at: {hours: "01:00-02:00"}}]
  up:
    objective: 98
    window: 7d
    sli: {uptime: {expr: up}}
  visit:
    objective: 98
    window: 30d
    sli: {journey: {all: [{slo: sign-in}, {http: {metric: http_requests_total, match: {job: mail}}}]}}
`

// TestRename renames a service and two of its three SLOs, which give their old
// names as id: what is recorded about them stays.
func TestRename(t *testing.T) {
	before, findings := generated(t, beforeRename)
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	spec := strings.NewReplacer("service: users", "service: folks",
		"  sign-in:\n", "  sign-on:\n    id: users/sign-in\n", "{slo: sign-in}", "{slo: sign-on}", "  up:\n", "  up:\n    id: users/up\n").Replace(beforeRename)
	after, findings := generated(t, spec)
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	old, alerts := records(t, before["rules/users.rules.yaml"])
	records, renamed := records(t, after["rules/folks.rules.yaml"])
	back := strings.NewReplacer(
		`slo_id="folks/visit" slo_name="visit" slo_service="folks"`, `slo_id="users/visit" slo_name="visit" slo_service="users"`,
		`slo_id="folks/visit"`, `slo_id="users/visit"`,
		`slo_service="folks",slo_timezone=`, `slo_service="users",slo_timezone=`,
		`"slo_part", "folks/sign-on"`, `"slo_part", "users/sign-in"`,
		`dashboard="slo-folks_sign-on"`, `dashboard="slo-users_sign-in"`, `dashboard="slo-folks`, `dashboard="slo-users`)
	for i := range records {
		records[i] = back.Replace(records[i])
	}
	slices.Sort(records)
	slices.Sort(old)
	if diff := cmp.Diff(old, records); diff != "" {
		t.Error(diff)
	}
	if len(alerts) != len(renamed) || !slices.Contains(alerts, "UsersSignInBurnPage") || !slices.Contains(renamed, "FolksSignOnBurnPage") {
		t.Error(alerts, renamed)
	}
	for _, r := range runTests(after, []string{"tests/folks.test.yaml"}) {
		for _, f := range r.Findings() {
			t.Errorf("%s: %s", f.Pos, f.Message)
		}
		if r.Assertions() < 60 {
			t.Errorf("%d assertions", r.Assertions())
		}
	}
	board := string(after["dashboards/folks.json"]) + string(after["dashboards/folks.sign-on.json"])
	for _, want := range []string{`slo_id=~\"folks/.+|users/sign-in|users/up\"`, "**folks&#47;sign-on**", `slo_id=\"users/sign-in\"`} {
		if !strings.Contains(board, want) {
			t.Errorf("the dashboard has no %s", want)
		}
	}
	if strings.Contains(board, "users/visit") || strings.Contains(board, "folks/up\\\"") {
		t.Error("the dashboard names a series that is not recorded")
	}
}

// records returns the recording rules of a file, a line each, and the names of
// its alerts. The wall clocks of a service are no history.
func records(t *testing.T, data []byte) (records, alerts []string) {
	t.Helper()
	groups, errs := promql.ParseRules(data)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	for _, g := range groups.Groups {
		for _, r := range g.Rules {
			switch r.Record {
			case "":
				alerts = append(alerts, r.Alert)
			case plan.UTCOffset:
			default:
				records = append(records, line(r))
			}
		}
	}
	return records, alerts
}

// line writes a recording rule.
func line(r rulefmt.Rule) string {
	var b strings.Builder
	b.WriteString(r.Record)
	for _, label := range slices.Sorted(maps.Keys(r.Labels)) {
		b.WriteString(" " + label + `="` + r.Labels[label] + `"`)
	}
	return b.String() + " " + r.Expr
}
