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
	"github.com/promslo/promslo/generate/graph"
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
	all := model.Contracts{Services: services}
	files, err := contract.Files(planned, depend.New(all), graph.New(all, schema.DefaultProject()), "promslo.yaml", func(source string) string { return "from " + source })
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

// peopleSpecs are contracts of which one does not hold, with agreements and waivers.
const peopleSpecs = `
service: shop
owner: shop-team
slos:
  buy:
    objective: 99
    window: 30d
    sli: {http: {metric: requests_total}}
    external: {audience: Customers, objective: 98, remedy: a tenth back}
dependsOn:
  - {service: mail, slo: send, needs: 99.5}
policy: [{below: 0, do: Wait, gate: block}]
agreements:
  - {consumer: shop, provider: mail/send, terms: TERMS, by: [Ann, Bob], on: 2026-03-01, until: 2026-12-31}
waivers:
  - {gate: block, on: shop/buy, until: 2026-06-30, by: Cleo, because: the fair, ticket: S-1}
---
service: mail
slos:
  send: {objective: 99, window: 30d, sli: {http: {metric: sent_total}}}
  fast: {objective: 98, window: 30d, sli: {uptime: {expr: up}}}
dependsOn:
  - {provider: {name: Postbote, sla: 99.9, window: 30d, credit: the fee}, for: [send]}
  - {provider: {name: Mailhaus, credit: half the fee}, kind: soft}
`

// What people need comes before what machines need: the budget and the policy first, PromQL last.
func TestPeople(t *testing.T) {
	load := func(change ...string) map[string][]byte {
		text := strings.NewReplacer(change...).Replace(peopleSpecs)
		out, findings := schema.LoadSpecs(t.Context(), schema.DefaultProject(), []read.Input{{File: "shop.slo.yaml", Data: []byte(text)}}, schema.Options{})
		if len(findings) > 0 {
			t.Fatal(findings)
		}
		return write(t, out)
	}
	services, _ := schema.LoadSpecs(t.Context(), schema.DefaultProject(), []read.Input{{File: "shop.slo.yaml", Data: []byte(strings.Replace(peopleSpecs, "TERMS", "00000000-00000000", 1))}}, schema.Options{})
	needs := depend.New(model.Contracts{Services: services})
	shop, _ := needs.Service("shop")
	terms, _ := needs.Terms(shop, "mail/send")
	files := load("TERMS", terms.String())
	page, provider, index := string(files["shop.contract.md"]), string(files["mail.contract.md"]), string(files["README.md"])
	last := -1
	for _, heading := range []string{"## What it promises", "## When the budget", "## Exceptions", "## What it needs", "## What is owed", "## buy", "## What alerts mean", "## What is counted"} {
		at := strings.Index(page, heading)
		if at <= last {
			t.Errorf("%q is at %d, behind %d", heading, at, last)
		}
		last = at
	}
	for _, test := range []struct{ page, want string }{
		{page, "| below 0\u00a0% | Wait | — | nobody | stopped |"},
		{page, "| the gate block | shop/buy | 2026-06-30 | Cleo | the fair (S-1) |"},
		{page, "99\u00a0% over 30d — **less than needed** | hard | all | — | Ann, Bob on 2026-03-01, until 2026-12-31 |"},
		{provider, "| [shop](shop.contract.md) | [mail/send](mail.contract.md#send) | 99.5\u00a0% | hard | Ann, Bob on 2026-03-01, until 2026-12-31 |"},
		// Postbote makes mail fail, and so shop; Mailhaus is soft.
		{page, "| Customers | [buy](#buy) below 98\u00a0% | a tenth back | itself | — |"},
		{page, "| Customers | [buy](#buy) below 98\u00a0% | a tenth back | Postbote below 99.9\u00a0% over 30d | the fee |"},
		{provider, "| — | — | — | Mailhaus | half the fee |"},
		{provider, " | " + terms.Promise + " |"}, // the version is what an agreement names
		{index, "| [shop](shop.contract.md) | 99.5\u00a0% | [mail/send](mail.contract.md#send) | 99\u00a0% over 30d — **less than needed** |"},
		{index, "s1 -->|\"✗ send<br/>needs 99.5 %<br/>promises 99 % over 30d\"| s0"},
	} {
		if !strings.Contains(test.page, test.want) {
			t.Errorf("a page lacks %q:\n%s", test.want, test.page)
		}
	}
	if strings.Contains(page, "Mailhaus") || strings.Contains(index, "All contracts hold") {
		t.Error("what is soft does not break a promise, and what is broken does not hold")
	}
	for name, want := range map[string]string{"metric: sent_total": "", "send: {objective: 99, window: 30d": "**on other terms**"} {
		changed := string(load("TERMS", terms.String(), name, strings.NewReplacer("sent_total", "out_total", "99,", "99.9,").Replace(name))["mail.contract.md"])
		if want == "" && !strings.Contains(changed, " | "+terms.Promise+" |") || want != "" && (!strings.Contains(changed, want) || strings.Contains(changed, " | "+terms.Promise+" |")) {
			t.Errorf("%s changed, and the page says\n%s", name, changed)
		}
	}
	beyond := string(load("TERMS", terms.String(), "needs: 99.5", "needs: 99", "objective: 99\n", "objective: 99.5\n", "objective: 98, remedy", "objective: 99.8, remedy")["README.md"])
	for _, want := range []string{
		"| [shop/buy](shop.contract.md#buy) | 99.5\u00a0% over 30d | all that it fails with | 99\u00a0% — **less than it promises** |",
		"| Customers | 99.8\u00a0% over 30d | [shop/buy](shop.contract.md#buy) | 99.5\u00a0% is left — **less than was promised to them** |",
	} {
		if !strings.Contains(beyond, want) {
			t.Errorf("the index lacks %q:\n%s", want, beyond)
		}
	}
	whole := string(load("TERMS", terms.String(), "needs: 99.5", "needs: 99")["README.md"])
	if !strings.Contains(whole, "All contracts hold") || strings.Contains(whole, "do not hold") {
		t.Errorf("nothing is broken, and the index says\n%s", whole)
	}
}
