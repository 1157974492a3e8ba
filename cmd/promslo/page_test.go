package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const pageProject = `
scrapeInterval: 1s
evaluationInterval: 5s
dashboards: {url: https://grafana.example.com}
tiers:
  P0: {receivers: {page: major-incident}}
alertmanager:
  receivers: {page: pager, ticket: tracker}
  equal: [cluster]
`

// A page asks that 60 % of a region's requests fail over 5 minutes, a ticket that
// 10 % do. Until the windows are full they hold what has happened so far.
const pageSpec = `
service: users
tier: P1
owner: identity-team
contacts: {runbook: "https://runbooks.example.com/users"}
slos:
  create-user:
    description: POST /users answers as documented.
    objective: 90
    window: 1h
    groupBy: [region]
    alerting: {keepFiringFor: 0s} # nobody waits half an hour for a test
    sli:
      http:
        metric: http_requests_total
        match: {job: users, method: post}
        promises: [201, 400, 401, 404]
`

const pageConfig = `
global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 5s, external_labels: {cluster: test}}
rule_files: [gen/rules/*.yaml]
alerting: {alertmanagers: [{static_configs: [{targets: [%q]}]}]}
scrape_configs:
  - job_name: users
    static_configs: [{targets: [%q]}]
`

// TestPageArrives fails a real service in one region, and a little in another.
// The page reaches the pager and silences its own ticket, not the other's, also
// while Prometheus is killed and comes back. When all is well again everything
// is resolved.
func TestPageArrives(t *testing.T) {
	if testing.Short() {
		t.Skip("runs servers for a minute")
	}
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	p, a := promServer{newServer(ctx, t)}, alertmanager{newServer(ctx, t)}
	a.dir = p.dir
	hook, users := newWebhook(t), newService(t, "eu", "us")
	eu, us := users.regions["eu"], users.regions["us"]
	rules := p.generate(t, pageProject, "users", pageSpec)
	p.write(t, "prometheus.yml", fmt.Sprintf(pageConfig, a.address(), users.Listener.Addr()))
	a.start(t, hook)
	p.start(t)
	p.wait(t, "a first scrape", func() bool { return len(p.query(t, `http_requests_total == 0`, time.Now())) == 4 })
	eu.burst(ctx, t, 20)
	us.burst(ctx, t, 20)

	eu.failEvery.Store(1)
	us.failEvery.Store(4)
	failing := time.Now()
	stop := users.traffic(ctx, t)
	defer stop()
	page, at := hook.wait(ctx, t, "pager", "eu", "firing")
	t.Logf("the page came %.1f s after the first failure", at.Sub(failing).Seconds())
	checkPage(t, page)
	p.opensItsDashboard(t, page.Annotations["dashboard_url"])
	a.wait(t, "the page to silence the ticket of its region", func() bool {
		ticket, ok := a.alert(t, "ticket", "eu")
		return ok && slices.Equal(ticket.Status.InhibitedBy, []string{page.Fingerprint})
	})
	p.comesBack(t, a, eu)
	hook.wait(ctx, t, "tracker", "us", "firing")
	if _, _, told := hook.of("tracker", "eu", "firing"); told {
		t.Error("the tracker was told of a ticket that a page silences")
	}

	// Clients try again until two fifths of their requests have failed: no page
	// any more, but a ticket, which nothing silences now.
	eu.failEvery.Store(0)
	us.failEvery.Store(0)
	recovered := time.Now()
	stop()
	eu.until(ctx, t, 0.4)
	resolved, at := hook.wait(ctx, t, "pager", "eu", "resolved")
	t.Logf("it was resolved %.1f s after the errors stopped", at.Sub(recovered).Seconds())
	if diff := cmp.Diff(page.Labels, resolved.Labels); diff != "" || !resolved.StartsAt.Equal(page.StartsAt) || !resolved.EndsAt.After(recovered) {
		t.Errorf("the page from %s to %s, labels (-fired +resolved):\n%s", resolved.StartsAt, resolved.EndsAt, diff)
	}
	hook.wait(ctx, t, "tracker", "eu", "firing")

	eu.until(ctx, t, 0.08)
	us.until(ctx, t, 0.08)
	hook.wait(ctx, t, "tracker", "eu", "resolved")
	hook.wait(ctx, t, "tracker", "us", "resolved")

	p.countsEverything(t, users)
	p.everyRuleIsHealthy(t, rules)
	var statuses []string
	for _, n := range hook.notifications("pager") {
		statuses = append(statuses, n.Status)
		if diff := cmp.Diff(map[string]string{"slo_id": "users/create-user"}, n.GroupLabels); diff != "" || len(n.Alerts) != 1 || n.Receiver != "pager" {
			t.Errorf("%s got %d alerts of the group (-want +got):\n%s", n.Receiver, len(n.Alerts), diff)
		}
	}
	if !slices.Equal(statuses, []string{"firing", "resolved"}) {
		t.Errorf("the pager was notified %v", statuses)
	}
	for _, other := range []string{"chat", "major-incident"} {
		if got := hook.notifications(other); len(got) > 0 {
			t.Errorf("%s was notified: %v", other, got)
		}
	}
}

// checkPage checks what whoever is paged reads.
func checkPage(t *testing.T, page notified) {
	t.Helper()
	want := map[string]string{
		"alertname": "UsersCreateUserBurnPage", "severity": "page", "tier": "P1", "owner": "identity-team", "cluster": "test",
		"slo_id": "users/create-user", "slo_service": "users", "slo_name": "create-user", "region": "eu", "slo_group": "eu", "slo_alert": "page",
	}
	if diff := cmp.Diff(want, page.Labels); diff != "" {
		t.Errorf("labels of the page (-want +got):\n%s", diff)
	}
	texts := map[string]string{
		"summary":       `^users/create-user \(eu\) burns its error budget [6-9]\.[0-9] times faster than its objective allows$`,
		"description":   `^Act now: users/create-user \(eu\) promises 90 % over 1h, and .+ of its error budget is left\. The promise: POST /users answers as documented\.$`,
		"runbook_url":   `^https://runbooks\.example\.com/users$`,
		"dashboard_url": `^https://grafana\.example\.com/d/slo-users_create-user$`,
	}
	for name, text := range page.Annotations {
		if !regexp.MustCompile(texts[name]).MatchString(text) {
			t.Errorf("the page's %s is %q, not %s", name, text, texts[name])
		}
	}
	if len(page.Annotations) != len(texts) {
		t.Errorf("%d annotations, not %d", len(page.Annotations), len(texts))
	}
}

// opensItsDashboard checks that the link of a page leads to the dashboard of its SLO, by the uid
// with which Grafana provisions the file, and that lists of SLOs lead there, too.
func (p promServer) opensItsDashboard(t *testing.T, link string) {
	t.Helper()
	type dashboard struct {
		UID    string
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	read := func(file string) (d dashboard) {
		data, err := os.ReadFile(filepath.Join(p.dir, "gen", "dashboards", file))
		if err == nil {
			err = json.Unmarshal(data, &d)
		}
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	slo, service := read("users.create-user.json"), read("users.json")
	if want := "https://grafana.example.com/d/" + slo.UID; link != want {
		t.Errorf("the page leads to %s, and its SLO is at %s", link, want)
	}
	queries := 0
	for _, panel := range slo.Panels {
		for _, target := range panel.Targets {
			queries++
			if !strings.Contains(target.Expr, `slo_id="users/create-user"`) {
				t.Errorf("%s is not about the SLO: %s", panel.Title, target.Expr)
			}
		}
	}
	if queries < 10 {
		t.Errorf("the dashboard has %d queries", queries)
	}
	info := p.query(t, `slo:info{slo_id="users/create-user"}`, time.Now())
	if len(info) != 1 || info[0].Labels["dashboard"] != slo.UID || info[0].Labels["service_dashboard"] != service.UID {
		t.Errorf("slo:info leads to other dashboards than %s and %s: %v", slo.UID, service.UID, info)
	}
}

// comesBack kills Prometheus, lets a region fail on, and starts it again: it has
// what it knew, and goes on with the page as if nothing had been.
func (p promServer) comesBack(t *testing.T, a alertmanager, failing *region) {
	t.Helper()
	settled := time.Now().Add(-2 * time.Second) // hardly anything older is still to be written
	known, page := p.everything(t, settled), a.page(t, "eu")
	p.kill()
	killed, failures := time.Now(), failing.bad.Load()
	p.wait(t, "more failures", func() bool { return failing.bad.Load() > failures+40 })
	p.start(t)
	t.Logf("Prometheus was away for %.1f s, in which %d requests failed", time.Since(killed).Seconds(), failing.bad.Load()-failures)
	now := p.everything(t, settled)
	if len(known) == 0 {
		t.Error("Prometheus knew nothing before it was killed")
	}
	for series, samples := range known {
		if n := len(samples); n > len(now[series]) || !slices.Equal(samples, now[series][:n]) {
			t.Errorf("%s had %d samples, and has lost some of them", series, n)
		}
	}
	p.wait(t, "Prometheus to go on with the page", func() bool { return a.page(t, "eu").UpdatedAt.After(p.started) })
	if same := a.page(t, "eu"); !same.StartsAt.Equal(page.StartsAt) || same.Status.State != "active" {
		t.Errorf("the page is %s since %s, it was since %s", same.Status.State, same.StartsAt, page.StartsAt)
	}
}

// everything returns the samples of all series, up to a moment, by their labels.
func (p promServer) everything(t *testing.T, at time.Time) map[string][]point {
	t.Helper()
	all := map[string][]point{}
	for _, series := range p.query(t, `{__name__=~"http_.+|slo:.+|ALERTS.*"}[10m]`, at) {
		all[fmt.Sprint(series.Labels)] = series.samples
	}
	return all
}

// countsEverything holds what Prometheus has counted and recorded against what
// clients saw, also while it was away.
func (p promServer) countsEverything(t *testing.T, s *service) {
	t.Helper()
	for name, r := range s.regions {
		bad, all := float64(r.bad.Load()), float64(r.bad.Load()+r.good.Load())
		count := func(codes string) float64 {
			found := p.query(t, fmt.Sprintf(`sum(http_requests_total{region=%q,code=~%q})`, name, codes), time.Now())
			return found[0].samples[0].value
		}
		p.wait(t, "all requests of "+name+" to be counted", func() bool { return count("5..") == bad && count(".+") == all })
		counted := time.Now()
		recorded := func(series string) point {
			return p.last(t, fmt.Sprintf(`%s{slo_id="users/create-user",region=%q}`, series, name), time.Now())
		}
		p.wait(t, "an evaluation after that", func() bool { return recorded("slo:bad_events:rate5m").at.After(counted) })
		// The raw range is the window and a scrape interval. It holds the first
		// request, and rates extrapolate beyond the last scrape.
		near(t, "bad events of "+name, recorded("slo:bad_events:rate5m").value*301, bad, 0.05)
		near(t, "events of "+name, recorded("slo:total_events:rate5m").value*301, all, 0.05)
	}
}
