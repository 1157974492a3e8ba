package schema

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/quantity"
	"github.com/promslo/promslo/schema/read"
	"github.com/promslo/promslo/schema/sli"
)

const contractYAML = `service: shop
slos:
  checkout:
    objective: 99.9
    window: 30d
    sli: {http: {metric: http_requests_total, match: {job: shop}}}
    external: {audience: "customers of the shop, by contract", objective: 99.5, calendar: month, remedy: 10 % of the fee}
    traffic: 30/m
  latency:
    window: 7d
    sli: {latency: {histogram: request_seconds, thresholds: [{objective: 95, threshold: 400ms}, {objective: 99, threshold: 2s}]}}
dependsOn:
  - {service: database, slo: availability, needs: 99.95, window: 30d}
  - {service: recommendations, slo: availability, kind: soft, mitigations: [best sellers, "none, shown small"], for: [latency]}
  - anyOf:
      - {provider: {name: Gateway & Co., sla: 99.5, window: 30d, credit: 10 % of the month}, needs: 99}
      - {service: invoices, slo: availability}
      - {provider: {name: Post}}
    mitigations: [the other one is tried within 5 s]
    for: [checkout, latency-2s]
policy:
  - {below: -12.5, do: "Roll back, then ask", gate: block, approvers: [head of shop]}
  - {below: 50, do: Plan reliability work, notify: [shop-team, "#shop"]}
  - {below: 0, do: Freeze features, gate: warn}
`

const contractJSON = `{"service": "shop", "slos": {
	"checkout": {"objective": 99.9, "window": "30d",
		"sli": {"http": {"metric": "http_requests_total", "match": {"job": "shop"}}},
		"external": {"audience": "customers of the shop, by contract", "objective": 99.5, "calendar": "month", "remedy": "10 % of the fee"}, "traffic": "30/m"},
	"latency": {"window": "7d",
		"sli": {"latency": {"histogram": "request_seconds", "thresholds": [{"objective": 95, "threshold": "400ms"}, {"objective": 99, "threshold": "2s"}]}}}
},
"dependsOn": [
	{"service": "database", "slo": "availability", "needs": 99.95, "window": "30d"},
	{"service": "recommendations", "slo": "availability", "kind": "soft", "mitigations": ["best sellers", "none, shown small"], "for": ["latency"]},
	{"anyOf": [
		{"provider": {"name": "Gateway & Co.", "sla": 99.5, "window": "30d", "credit": "10 % of the month"}, "needs": 99},
		{"service": "invoices", "slo": "availability"},
		{"provider": {"name": "Post"}}
	], "mitigations": ["the other one is tried within 5 s"], "for": ["checkout", "latency-2s"]}
],
"policy": [
	{"below": -12.5, "do": "Roll back, then ask", "gate": "block", "approvers": ["head of shop"]},
	{"below": 5e1, "do": "Plan reliability work", "notify": ["shop-team", "#shop"]},
	{"below": 0, "do": "Freeze features", "gate": "warn"}
]}`

const contractCUE = `package shop

import "github.com/promslo/promslo/schema"

schema.#Spec
service: "shop"

#Up: schema.#Dependency & {service: string, slo: "availability"}
_gateway: schema.#Provider & {name: "Gateway & Co.", sla: 99.5, window: "30d", credit: "10 % of the month"}

slos: checkout: {
	objective: 99.9
	window:    "30d"
	sli: http: {metric: "http_requests_total", match: job: service}
	external: schema.#External & {audience: "customers of the \(service), by contract", objective: 99.5, calendar: "month", remedy: "10 % of the fee"}
	traffic: "\(15*2)/m"
}
slos: latency: {
	window: "7d"
	sli: latency: {histogram: "request_seconds", thresholds: [{objective: 95, threshold: "400ms"}, {objective: 99, threshold: "2s"}]}
}
dependsOn: [
	#Up & {service: "database", needs: 99.95, window: slos.checkout.window},
	#Up & {service: "recommendations", kind: "soft", mitigations: ["best sellers", "none, shown small"], for: ["latency"]},
	{
		anyOf: [{provider: _gateway, needs: 99}, #Up & {service: "invoices"}, {provider: name: "Post"}]
		mitigations: ["the other one is tried within 5 s"]
		for: ["checkout", "latency-2s"]
	},
]
policy: [
	schema.#Step & {below: -12.5, do: "Roll back, then ask", gate: "block", approvers: ["head of \(service)"]},
	{below: 50, do: "Plan reliability work", notify: ["shop-team", "#shop"]},
	{below: 0, do: "Freeze features", gate: "warn"},
]
`

// contract is what the three say.
func contract() model.Service {
	const day = 24 * time.Hour
	latency := func(objective float64, threshold time.Duration) model.SLO {
		return model.SLO{Name: "latency-" + threshold.String(), Key: "latency", Objective: objective, Window: 7 * day, Timezone: "UTC",
			SLI: &sli.Latency{Histogram: "request_seconds", Threshold: quantity.Duration(threshold), Unit: quantity.Seconds}}
	}
	return model.Service{
		Name: "shop",
		SLOs: []model.SLO{
			{
				Name: "checkout", Key: "checkout", Objective: 99.9, Window: 30 * day, Timezone: "UTC",
				SLI:       &sli.HTTP{Metric: "http_requests_total", Match: sli.Match{"job": {"shop"}}, StatusLabel: "code"},
				Externals: []model.External{{Audience: "customers of the shop, by contract", Objective: 99.5, Window: 31 * day, Calendar: model.Month, Remedy: "10 % of the fee", Path: []string{"external"}}},
				Traffic:   model.Rate{Events: 30, Per: time.Minute},
			},
			latency(99, 2*time.Second),
			latency(95, 400*time.Millisecond),
		},
		DependsOn: []model.Dependency{
			{Alternatives: []model.Need{{Service: "database", SLO: "availability", Percent: 99.95, Window: 30 * day}}},
			{
				Alternatives: []model.Need{{Service: "recommendations", SLO: "availability"}}, Soft: true,
				Mitigations: []string{"best sellers", "none, shown small"}, For: []string{"latency-400ms", "latency-2s"},
			},
			{
				Alternatives: []model.Need{
					{Bought: &model.BoughtService{Name: "Gateway & Co.", SLA: 99.5, Window: 30 * day, Credit: "10 % of the month"}, Percent: 99},
					{Service: "invoices", SLO: "availability"},
					{Bought: &model.BoughtService{Name: "Post"}},
				},
				Mitigations: []string{"the other one is tried within 5 s"}, For: []string{"checkout", "latency-2s"},
			},
		},
		Policy: []model.Step{
			{Below: 50, Do: "Plan reliability work", Notify: []string{"shop-team", "#shop"}},
			{Below: 0, Do: "Freeze features", Gate: model.Warn},
			{Below: -12.5, Do: "Roll back, then ask", Gate: model.Block, Approvers: []string{"head of shop"}},
		},
	}
}

func TestContract(t *testing.T) {
	for in, places := range map[*read.Input]string{
		{File: "shop.slo.yaml", Data: []byte(contractYAML)}:                    "13:51 16:101 17:19",
		{File: "shop.slo.json", Data: []byte(contractJSON), Format: read.JSON}: "9:58 12:113 13:15",
		{File: "shop.slo.cue", Data: []byte(contractCUE), Format: read.CUE}:    "23:37 26:39 26:60",
	} {
		t.Run(in.File, func(t *testing.T) {
			s := loadOne(t, *in)
			if diff := cmp.Diff(contract(), s, ignoreSource, cmpopts.IgnoreTypes(diag.Pos{})); diff != "" {
				t.Error(diff)
			}
			var got []string
			for _, path := range [][]string{append(s.NeedPath(0, 0), "needs"), append(s.NeedPath(2, 0), "needs"), append(s.NeedPath(2, 1), "service")} {
				_, at, _ := strings.Cut(s.Source.At(path...).String(), ":")
				got = append(got, at)
			}
			if got := strings.Join(got, " "); got != places {
				t.Errorf("places %s, want %s", got, places)
			}
			if file := strings.Split(s.Policy[0].Pos.String(), ":"); file[0] != in.File || len(file) != 3 {
				t.Errorf("the mildest step is at %s", s.Policy[0].Pos)
			}
			sameAsCUE(t, *in)
		})
	}
}

// TestExternal checks the period of an external promise.
func TestExternal(t *testing.T) {
	const day = 24 * time.Hour
	for lines, want := range map[string]model.External{
		"window: 30d, external: {audience: all, objective: 99}":                    {Window: 30 * day},
		"window: 30d, external: {audience: all, objective: 99, window: 90d}":       {Window: 90 * day},
		"window: 30d, external: {audience: all, objective: 99, calendar: month}":   {Window: 31 * day, Calendar: model.Month},
		"calendar: week, external: {audience: all, objective: 99}":                 {Window: 7 * day, Calendar: model.Week},
		"calendar: week, external: {audience: all, objective: 99, window: 30d}":    {Window: 30 * day},
		"calendar: week, external: {audience: all, objective: 99, calendar: year}": {Window: 366 * day, Calendar: model.Year},
	} {
		slos, found := loadSLO(t, DefaultProject(), append([]string{"objective: 99.9", "sli: {uptime: {expr: up}}"}, split(lines)...)...)
		want.Audience, want.Objective, want.Path = "all", 99, []string{"external"}
		if len(slos) != 1 || found != "" {
			t.Fatal(found)
		}
		if diff := cmp.Diff([]model.External{want}, slos[0].Externals); diff != "" {
			t.Error(lines, diff)
		}
	}
}

// TestExternals checks several promises to customers, and what is wrong with them.
func TestExternals(t *testing.T) {
	load := func(list string) ([]model.External, string) {
		slos, found := loadSLO(t, DefaultProject(), "objective: 99.9", "sli: {uptime: {expr: up}}", "window: 30d", "external: "+list)
		if len(slos) == 0 {
			return nil, found
		}
		return slos[0].Externals, found
	}
	got, found := load(`[{audience: all, objective: 99}, {audience: ACME, by: Shop Ltd, objective: 99.5, calendar: month, description: They may buy., remedy: a tenth, claim: write to us, measured: at the edge, contact: sla@example.com, version: "2", since: 2026-03-01}]`)
	want := []model.External{
		{Audience: "all", Objective: 99, Window: 30 * model.Day, Path: []string{"external", "0"}},
		{Audience: "ACME", By: "Shop Ltd", Objective: 99.5, Window: 31 * model.Day, Calendar: model.Month, Description: "They may buy.", Remedy: "a tenth", Claim: "write to us", Measured: "at the edge",
			Contact: "sla@example.com", Version: "2", Since: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Path: []string{"external", "1"}},
	}
	if diff := cmp.Diff(want, got); diff != "" || found != "" {
		t.Error(found, diff)
	}
	for list, want := range map[string]string{
		"[]": "external is empty",
		"[{audience: all, objective: 99}, {audience: all, objective: 98}]":                 "external promises all something over 30d twice",
		"[{audience: all, objective: 99}, {audience: all, objective: 98, calendar: week}]": "",
		"{audience: all, objective: 99, since: 2026-02-30}":                                "there is no day 2026-02-30",
		"[{audience: all}]": "entry 1 of external needs the field objective",
		"{audience: all}":   "external needs the field objective",
		"[{audiense: all}]": "entry 1 of external has no field audiense",
		"customers":         "external must be a promise such as {audience: customers, objective: 99}, or a list of such, not the text \"customers\"",
		"[customers]":       "entry 1 of external must be a map, not the text \"customers\"",
	} {
		if _, found := load(list); !strings.Contains(found, want) || want == "" && found != "" {
			t.Errorf("%s: %s, want %s", list, found, want)
		}
	}
}

// split returns the two parts of a line as lines.
func split(line string) []string {
	first, rest, _ := strings.Cut(line, ", ")
	return []string{first, rest}
}

// TestPolicyOfTier checks which policy a service has: its own, also none, before the tier's.
func TestPolicyOfTier(t *testing.T) {
	project, findings := LoadProject(read.Input{File: "promslo.yaml", Data: []byte("tiers: {P1: {policy: [{below: 0, do: Freeze}]}}")}, Options{})
	if len(findings) > 0 {
		t.Fatal(show(findings))
	}
	for lines, want := range map[string]string{
		"tier: P1": "Freeze promslo.yaml:1:23",
		"tier: P2": "",
		"tier: P1\npolicy: [{below: 10, do: Wait}]": "Wait a.yaml:4:10",
		"tier: P1\npolicy: []":                      "",
	} {
		spec := "service: a\nslos: {up: {objective: 99, window: 7d, sli: {uptime: {expr: up}}}}\n" + lines + "\n"
		services, findings := LoadSpecs(t.Context(), project, []read.Input{{File: "a.yaml", Data: []byte(spec)}}, Options{})
		if len(findings) > 0 {
			t.Fatal(show(findings))
		}
		got := ""
		for _, step := range services[0].Policy {
			got += step.Do + " " + step.Pos.String()
		}
		if got != want {
			t.Errorf("%q has %s, want %s", lines, got, want)
		}
	}
}

func TestTiers(t *testing.T) {
	const yaml = `tiers:
  gold: {rank: 0, floor: {objective: 99.9, window: 30d, slis: [availability, latency]}, requires: [owner, runbook]}
  P1: {objective: 99.95, floor: {objective: 99.5}}
  P2: {rank: 7}
  batch: {}
  trial: {requires: []}
`
	const json = `{"tiers": {
		"gold": {"rank": 0, "floor": {"objective": 99.9, "window": "30d", "slis": ["availability", "latency"]}, "requires": ["owner", "runbook"]},
		"P1": {"objective": 99.95, "floor": {"objective": 99.5}}, "P2": {"rank": 7}, "batch": {}, "trial": {"requires": []}}}`
	const cue = `import "github.com/promslo/promslo/schema"
schema.#Project
tiers: gold: schema.#Tier & {rank: 0, floor: {objective: 99.9, window: "30d", slis: ["availability", "latency"]}, requires: ["owner", "runbook"]}
tiers: {P1: {objective: 99.95, floor: objective: 99.5}, P2: rank: 7, batch: {}, trial: requires: []}
`
	want := map[string]model.Tier{
		"gold":  {Floor: model.Floor{Objective: 99.9, Window: 30 * 24 * time.Hour, SLIs: []string{"availability", "latency"}}, Requires: []string{"owner", "runbook"}},
		"P0":    {},
		"P1":    {Rank: 1, Objective: 99.95, Floor: model.Floor{Objective: 99.5}},
		"P2":    {Rank: 7},
		"batch": {Rank: 8},
		"trial": {Rank: 8},
	}
	for in, floor := range map[*read.Input]string{
		{File: "promslo.yaml", Data: []byte(yaml)}:                    "promslo.yaml:2:38",
		{File: "promslo.json", Data: []byte(json), Format: read.JSON}: "promslo.json:2:46",
		{File: "promslo.cue", Data: []byte(cue), Format: read.CUE}:    "promslo.cue:3:58",
	} {
		project, findings := LoadProject(*in, Options{})
		if diff := cmp.Diff(want, project.Tiers); diff != "" || len(findings) > 0 {
			t.Errorf("%s: %s\n%s", in.File, show(findings), diff)
		}
		if at := project.At("tiers", "gold", "floor", "objective").String(); at != floor {
			t.Errorf("the floor is at %s, want %s", at, floor)
		}
		sameAsCUE(t, *in)
	}
}
