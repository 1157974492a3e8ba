package contract_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	renderer "github.com/yuin/goldmark/renderer/html"
	"golang.org/x/net/html"

	"github.com/promslo/promslo/generate/contract"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
	"github.com/promslo/promslo/schema/sli"
)

const specs = `
service: shop
tier: P1
owner: team-internal
description: internal notes on the shop
contacts: {slack: "#internal-channel", runbook: "https://runbooks.example.com/a?b=1&c=2"}
slos:
  buy-now:
    description: Who orders gets an answer.
    objective: 99.95
    window: 28d
    traffic: 100/s
    sli: {http: {metric: secret_requests_total, match: {job: internal-job}}}
    schedule: [{name: night, at: {hours: "22:00-06:00", timezone: Europe/Berlin}, objective: 99}]
    exclude: [{reason: internal stock taking, at: {days: [sun], hours: "10:00-10:10", timezone: Europe/Berlin}}]
    maintenance: [{reason: internal move, from: 2026-03-28 22:00, to: 2026-03-29 04:00}]
    external: {audience: Everybody, objective: 99.5, calendar: month, remedy: a tenth back}
  look-up:
    description: Goods are found.
    objective: 98
    window: 7d
    sli: {latency: {histogram: secret_seconds, match: {job: internal-job}, threshold: 1s}}
    external: {audience: ACME Corp., objective: 97}
dependsOn:
  - {service: payments, slo: pay, needs: 99.99, window: 30d, mitigations: [internal queue, internal retry]}
  - anyOf: [{provider: {name: Secret Cloud, sla: 99.9, credit: internal credit}}, {service: payments, slo: pay}]
    kind: soft
    for: [look-up]
policy:
  - {below: 50, do: internal review, notify: [internal-board]}
  - {below: 0, do: internal freeze, approvers: [internal-head], gate: block}
---
service: payments
tier: P0
slos:
  pay: {objective: 99.9, window: 30d, groupBy: [bank], sli: {grpc: {match: {job: internal-pay}, promises: [OK, NotFound]}}}
  up: {objective: 99, window: 30d, sli: {uptime: {expr: up}}}
---
service: flow
slos:
  whole: {objective: 99, window: 30d, sli: {journey: {all: [{slo: shop/buy-now}, {slo: payments/pay, weight: 0.5}]}}}
`

// services loads the specs above.
func services(t *testing.T) []model.Service {
	t.Helper()
	out, findings := schema.LoadSpecs(t.Context(), schema.DefaultProject(), []read.Input{{File: "shop.slo.yaml", Data: []byte(specs)}}, schema.Options{})
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	return out
}

// write writes the documents of services.
func write(t *testing.T, services []model.Service) map[string][]byte {
	t.Helper()
	var planned []plan.Service
	for _, s := range services {
		p, findings := plan.New(s, schema.DefaultProject())
		if len(findings) > 0 {
			t.Fatal(findings)
		}
		planned = append(planned, p)
	}
	files, err := contract.Files(planned, depend.New(model.Contracts{Services: services}), "promslo.yaml", func(source string) string { return "from " + source })
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Customers read what they were promised, and nothing else: none of what is said
// within, nor what others were promised.
func TestNothingInternal(t *testing.T) {
	files := write(t, services(t))
	everybody, acme := string(files["everybody.external.md"]), string(files["acme-corp.external.md"])
	for _, part := range []string{"Everybody", "Who orders gets an answer.", "99.5\u00a0%", "each calendar month", "a tenth back"} {
		if !strings.Contains(everybody, part) || strings.Contains(acme, part) {
			t.Errorf("%q is not on the page of Everybody alone", part)
		}
	}
	for _, part := range []string{"ACME Corp.", "Goods are found.", "97\u00a0%", "any 7 days"} {
		if !strings.Contains(acme, part) || strings.Contains(everybody, part) {
			t.Errorf("%q is not on the page of ACME alone", part)
		}
	}
	// What is good, when nothing counts, how much may be bad, and where a month begins.
	for _, part := range []string{
		"At least **99.5\u00a0% of requests** must be good over each calendar month. A request is good if its status is not 5xx. All others are bad.",
		"- **May be bad**: about 1,210,000 of 241,900,000 requests, at 100/s; if all are, for 3h21m of 28d\n", // 0.5 % of 28 × 86,400 × 100; of 672 h
		"- **Time zone**: UTC, where each month begins\n", "- **If it is broken**: a tenth back\n",
		"- sun, 10:00 to 10:10, Europe/Berlin: nothing counts\n", "- 2026-03-28 22:00 to 2026-03-29 04:00 UTC: nothing counts\n",
	} {
		if !strings.Contains(everybody, part) {
			t.Errorf("%q is not in\n%s", part, everybody)
		}
	}
	engineers := string(files["shop.contract.md"])
	for _, part := range []string{
		"internal", "99.95", "28 days", "secret", "Secret", "shop", "buy-now", "look-up", "P1", "runbook", "Burn", "Ticket", "ticket",
		"page", "night", "payments", "99.99", "50", "objective", "slo",
	} {
		if strings.Contains(strings.Replace(everybody, "promslo.yaml", "", 1), part) || strings.Contains(strings.Replace(acme, "promslo.yaml", "", 1), part) {
			t.Errorf("customers read %q", part)
		}
		if strings.HasPrefix(part, "internal") && !strings.Contains(engineers, part) {
			t.Errorf("engineers do not read %q", part)
		}
	}
}

// Engineers read of each need what lint would say: the verdicts are the same.
func TestVerdicts(t *testing.T) {
	all := services(t)
	need := model.Need{Service: "payments", SLO: "pay", Percent: 99.9, Window: 30 * 24 * time.Hour}
	bought := model.Need{Bought: &model.BoughtService{Name: "Cloud", SLA: 99.9}, Percent: 99.9}
	for _, tt := range []struct {
		change func(*model.Need)
		need   model.Need
		want   string
	}{
		{func(*model.Need) {}, need, "| 99.9\u00a0% over 30d | hard |"},
		{func(n *model.Need) { n.Percent = 99.95 }, need, "| 99.9\u00a0% over 30d — **less than needed** |"},
		{func(n *model.Need) { n.Window = time.Hour }, need, "| 99.9\u00a0% over 30d — **less than needed** |"},
		{func(n *model.Need) { n.SLO = "refund" }, need, "| payments/refund | 99.9\u00a0% over 30d | nothing: there is no such SLO |"},
		{func(n *model.Need) { n.Percent = 99.95 }, bought, "| Cloud (bought) | 99.95\u00a0% | 99.9\u00a0% — **less than needed** |"},
		{func(n *model.Need) { n.Bought = &model.BoughtService{Name: "Cloud"} }, bought, "| nothing — **less than needed** |"},
	} {
		tt.change(&tt.need)
		all[2].DependsOn = []model.Dependency{{Alternatives: []model.Need{tt.need}}}
		if page := string(write(t, all)["shop.contract.md"]); !strings.Contains(page, tt.want) {
			t.Errorf("%+v: the page lacks %q", tt.need, tt.want)
		}
	}
}

// Audiences have pages of their own, whatever they are called.
func TestAudiences(t *testing.T) {
	all := services(t)
	for _, tt := range []struct{ one, other string }{
		{"A/B", "AB"}, {"客户", "顾客"}, {strings.Repeat("a", 60), strings.Repeat("a", 61)}, {"é", "e"}, {"..", "x"},
	} {
		all[2].SLOs[0].Externals[0].Audience, all[2].SLOs[1].Externals[0].Audience = tt.one, tt.other
		pages := 0
		for name := range write(t, all) {
			if !regexp.MustCompile(`^[a-z0-9-]{1,49}\.(contract|external)\.md$|^README\.md$`).MatchString(name) {
				t.Errorf("%q and %q: a file is called %s", tt.one, tt.other, name)
			}
			if strings.HasSuffix(name, ".external.md") {
				pages++
			}
		}
		if pages != 2 {
			t.Errorf("%q and %q have %d pages", tt.one, tt.other, pages)
		}
	}
	all[2].SLOs[0].Externals[0].Audience, all[2].SLOs[1].Externals[0].Audience = "ACME Corp.", "acme corp"
	if files := write(t, all); len(files) != 5 {
		t.Errorf("one audience has %d documents", len(files)-4)
	}
}

const attack = "---\ntitle: x\n---\n# heading\n- item\n1. item\n> quote\n```\nfence\n```\n    code\n|a|b|\n|---|---|\n" +
	"<script>alert(1)</script> <b>x</b> <!-- c --> --> [x](javascript:alert(1)) ![i](https://evil.example/i.png) [y]: https://evil.example " +
	"https://evil.example www.evil.example a@evil.example <https://evil.example> `code` **b** _i_ ~~s~~ &lt;b&gt; | a | b | \\| {{x}} {%x%}\r\x00\u202e"

// saying are services whose every text is the same, also where the schema does not
// allow it.
func saying(t *testing.T, text string) []model.Service {
	t.Helper()
	all := services(t)
	for i := range all {
		s := &all[i]
		s.Owner, s.Description = text, text
		s.Source.File = strings.NewReplacer("\n", " ", "\r", "", "\x00", "", "\u202e", "").Replace(text) // as paths are checked before
		s.Contacts = map[string]string{text: text, "runbook": "https://runbooks.example.com/a)<script>`|b"}
		for j := range s.Policy {
			p := &s.Policy[j]
			p.Do, p.Notify, p.Approvers = text, []string{text, text}, []string{text}
		}
		for j := range s.DependsOn {
			d := &s.DependsOn[j]
			d.Mitigations = []string{text, text}
			for k := range d.Alternatives {
				if b := d.Alternatives[k].Bought; b != nil {
					b.Name, b.Credit = text, text
				}
			}
		}
		for j := range s.SLOs {
			slo := &s.SLOs[j]
			slo.Description = text
			for k := range slo.Externals {
				e := &slo.Externals[k]
				e.Audience, e.Remedy, e.By, e.Description, e.Claim, e.Measured, e.Contact, e.Version = text, text, text, text, text, text, text, text
			}
			for k := range slo.Schedule {
				slo.Schedule[k].Name = text
			}
			for k := range slo.Exclude {
				slo.Exclude[k].Reason = text
			}
			for k := range slo.Maintenance {
				slo.Maintenance[k].Reason = text
			}
			if http, ok := slo.SLI.(*sli.HTTP); ok {
				http.Match = sli.Match{"job": {text}}
			}
		}
	}
	return all
}

// elements counts the elements of documents as they are rendered, and returns
// their links.
func elements(t *testing.T, files map[string][]byte) (count map[string]int, links []string) {
	t.Helper()
	count = map[string]int{}
	for name, data := range files {
		if strings.HasSuffix(name, ".external.md") {
			name = "external" // it is called by the audience
		}
		var page bytes.Buffer
		if err := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(renderer.WithUnsafe())).Convert(data, &page); err != nil {
			t.Fatal(err)
		}
		root, err := html.Parse(&page)
		if err != nil {
			t.Fatal(err)
		}
		for n := range root.Descendants() {
			switch {
			case n.Type == html.CommentNode:
				count[name+" comment"]++
			case n.Type == html.ElementNode:
				count[name+" "+n.Data]++
				for _, a := range n.Attr {
					if a.Key == "href" || a.Key == "src" {
						links = append(links, a.Val)
					}
				}
			}
		}
	}
	return count, links
}

// No text of a spec becomes anything but text: the documents have the same
// elements as with harmless texts, and the same links.
func TestHostile(t *testing.T) {
	want, _ := elements(t, write(t, saying(t, "x")))
	got, links := elements(t, write(t, saying(t, attack)))
	if len(want) < 30 {
		t.Fatalf("only %d kinds of elements", len(want))
	}
	for element := range want {
		if want[element] != got[element] {
			t.Errorf("%s: %d, want %d", element, got[element], want[element])
		}
	}
	for element := range got {
		if want[element] == 0 {
			t.Errorf("%s: %d, want none", element, got[element])
		}
	}
	ours := regexp.MustCompile(`^(#[a-z-]+|[a-z0-9-]+\.(contract|external)\.md(#[a-z-]+)?|https://runbooks\.example\.com/a%29%3Cscript%3E%60%7Cb)$`)
	for _, link := range links {
		if !ours.MatchString(link) {
			t.Errorf("a link to %s", link)
		}
	}
	if len(links) < 20 {
		t.Errorf("only %d links", len(links))
	}
}
