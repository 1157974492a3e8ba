package schema

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/quantity"
	"github.com/promslo/promslo/schema/read"
	"github.com/promslo/promslo/schema/sli"
)

const featuresYAML = `service: shop
slos:
  checkout:
    objective: 99
    calendar: month
    timezone: Europe/Berlin
    groupBy: [gateway, region]
    sli: {grpc: {match: {job: shop}, promises: [OK, NotFound]}}
    schedule:
      - {name: weekend, at: {days: [sat, sun], hours: 22:00-06:00, timezone: Asia/Kolkata}, objective: 80}
      - {at: {days: [fri-mon, wed]}, objective: 90}
    exclude: [{reason: nightly batch, at: {hours: "01:00-24:00"}}]
    maintenance:
      - {reason: database move, from: 2026-03-01 02:00, to: "2026-03-01 04:30"}
      - {reason: in summer, from: 2026-07-01 00:00, to: 2026-07-02 00:00, timezone: Asia/Kolkata}
    alerting: {keepFiringFor: 10m}
    tests:
      - name: a bad release, 20% fail
        errors: [0%:1h, 20%:5m, 0.5%:1h30m]
        traffic: 10/h
        expect: [{at: 1h5m, fires: page}, {at: 2h, fires: none, value: up, is: -0.5}]
      - name: series
        series: {'calls_total{code="OK"}': 0+100x60, up: "1"}
        interval: 1m
        expect: [{at: 1m, fires: ticket}]
  buy:
    objective: 99
    window: 7d
    sli:
      journey:
        entry: {http: {metric: http_requests_total, match: {handler: [/buy, "!~/b"]}}}
        all:
          - {slo: checkout, weight: 0.4}
          - {slo: shop/latency-2s}
          - {latency: {histogram: mail_seconds, threshold: 2s, buckets: [1s, 3s], interpolate: true}}
          - {events: {good: sent, total: mails}}
  lag:
    objective: 99.9
    calendar: week
    sli: {threshold: {expr: lag_seconds, above: -1.5, below: 300}}
    tests: [{name: lag, errors: ["100%:1s"], expect: [{at: 7d, value: lag, is: 0}]}]
  latency:
    window: 7d
    sli: {latency: {histogram: request_seconds, native: true, thresholds: [{objective: 95, threshold: 400ms}, {objective: 99, threshold: 2s}]}}
    schedule: [{at: {days: [sat]}, objective: 80}]
  search:
    objective: 99
    window: 7d
    sli: {latency: {histogram: search_seconds, threshold: 400ms, buckets: [100ms, 300ms, 1s, 10s], interpolate: true}}
    schedule: [{at: {hours: 09:00-18:00}, threshold: 5s}]
  up:
    objective: 98
    calendar: quarter
    sli: {uptime: {expr: up, instances: all}}
  up-half:
    objective: 98
    calendar: year
    sli: {uptime: {expr: up, instances: 0.5}}
`

const featuresJSON = `{"service": "shop", "slos": {
	"checkout": {
		"objective": 99, "calendar": "month", "timezone": "Europe/Berlin", "groupBy": ["gateway", "region"],
		"sli": {"grpc": {"match": {"job": "shop"}, "promises": ["OK", "NotFound"]}},
		"schedule": [
			{"name": "weekend", "at": {"days": ["sat", "sun"], "hours": "22:00-06:00", "timezone": "Asia/Kolkata"}, "objective": 80},
			{"at": {"days": ["fri-mon", "wed"]}, "objective": 90}
		],
		"exclude": [{"reason": "nightly batch", "at": {"hours": "01:00-24:00"}}],
		"maintenance": [
			{"reason": "database move", "from": "2026-03-01 02:00", "to": "2026-03-01 04:30"},
			{"reason": "in summer", "from": "2026-07-01 00:00", "to": "2026-07-02 00:00", "timezone": "Asia/Kolkata"}
		],
		"alerting": {"keepFiringFor": "10m"},
		"tests": [
			{"name": "a bad release, 20% fail", "errors": ["0%:1h", "20%:5m", "0.5%:1h30m"], "traffic": "10/h",
				"expect": [{"at": "1h5m", "fires": "page"}, {"at": "2h", "fires": "none", "value": "up", "is": -5e-1}]},
			{"name": "series", "series": {"calls_total{code=\"OK\"}": "0+100x60", "up": "1"}, "interval": "60s", "expect": [{"at": "60s", "fires": "ticket"}]}
		]
	},
	"buy": {"objective": 99, "window": "7d", "sli": {"journey": {
		"entry": {"http": {"metric": "http_requests_total", "match": {"handler": ["/buy", "!~/b"]}}},
		"all": [
			{"slo": "checkout", "weight": 0.4}, {"slo": "shop/latency-2s"},
			{"latency": {"histogram": "mail_seconds", "threshold": "2s", "buckets": ["1s", "3s"], "interpolate": true}},
			{"events": {"good": "sent", "total": "mails"}}
		]}}},
	"lag": {"objective": 99.9, "calendar": "week", "sli": {"threshold": {"expr": "lag_seconds", "above": -1.5, "below": 300}},
		"tests": [{"name": "lag", "errors": ["100%:1s"], "expect": [{"at": "7d", "value": "lag", "is": 0}]}]},
	"latency": {"window": "7d", "sli": {"latency": {"histogram": "request_seconds", "native": true, "thresholds": [{"objective": 95, "threshold": "400ms"}, {"objective": 99, "threshold": "2s"}]}},
		"schedule": [{"at": {"days": ["sat"]}, "objective": 80}]},
	"search": {"objective": 99, "window": "7d", "sli": {"latency": {"histogram": "search_seconds", "threshold": "400ms", "buckets": ["100ms", "300ms", "1s", "10s"], "interpolate": true}},
		"schedule": [{"at": {"hours": "09:00-18:00"}, "threshold": "5s"}]},
	"up": {"objective": 98, "calendar": "quarter", "sli": {"uptime": {"expr": "up", "instances": "all"}}},
	"up-half": {"objective": 98, "calendar": "year", "sli": {"uptime": {"expr": "up", "instances": 0.5}}}
}}`

const featuresCUE = `package shop

import "github.com/promslo/promslo/schema"

schema.#Spec
service: "shop"

let everyWeekend = schema.#Times & {days: ["sat", "sun"]}

slos: checkout: {
	objective: 99
	calendar:  "month"
	timezone:  "Europe/Berlin"
	groupBy: ["gateway", "region"]
	sli: grpc: {match: job: service, promises: ["OK", "NotFound"]}
	schedule: [
		{name: "weekend", at: everyWeekend & {hours: "22:00-06:00", timezone: "Asia/Kolkata"}, objective: 80},
		{at: days: ["fri-mon", "wed"], objective: 90},
	]
	exclude: [{reason: "nightly batch", at: hours: "01:00-24:00"}]
	maintenance: [
		{reason: "database move", from: "2026-03-01 02:00", to: "2026-03-01 04:30"},
		{reason: "in summer", from: "2026-07-01 00:00", to: "2026-07-02 00:00", timezone: "Asia/Kolkata"},
	]
	alerting: keepFiringFor: "10m"
	tests: [{
		name: "a bad release, 20% fail"
		errors: ["0%:1h", "20%:5m", "0.5%:1h30m"]
		traffic: "10/h"
		expect: [{at: "1h5m", fires: "page"}, {at: "2h", fires: "none", value: "up", is: -0.5}]
	}, {
		name: "series"
		series: {"calls_total{code=\"OK\"}": "0+100x60", up: "1"}
		interval: "1m"
		expect: [{at: interval, fires: "ticket"}]
	}]
}
slos: lag: {
	objective: 99.9, calendar: "week", sli: threshold: {expr: "lag_seconds", above: -1.5, below: 300}
	tests: [{name: "lag", errors: ["100%:1s"], expect: [{at: "7d", value: "lag", is: 0}]}]
}
slos: buy: {
	objective: 99
	window:    "7d"
	sli: journey: {
		entry: http: {metric: "http_requests_total", match: handler: ["/buy", "!~/b"]}
		all: [
			{slo: "checkout", weight: 0.4},
			{slo: "\(service)/latency-2s"},
			{latency: {histogram: "mail_seconds", threshold: "2s", buckets: ["1s", "3s"], interpolate: true}},
			{events: {good: "sent", total: "mails"}},
		]
	}
}
slos: latency: {
	window: "7d"
	sli: latency: {histogram: "request_seconds", native: true, thresholds: [for o, t in {"95": "400ms", "99": "2s"} {objective: [if o == "95" {95}, 99][0], threshold: t}]}
	schedule: [{at: days: ["sat"], objective: 80}]
}
slos: search: {
	objective: 99
	window:    "7d"
	sli: latency: {histogram: "search_seconds", threshold: "400ms", buckets: ["100ms", "300ms", "1s", "10s"], interpolate: true}
	schedule: [{at: hours: "09:00-18:00", threshold: "5s"}]
}
slos: up: {objective: 98, calendar: "quarter", sli: uptime: {expr: "up", instances: "all"}}
slos: "up-half": {objective: 98, calendar: "year", sli: uptime: {expr: "up", instances: 0.5}}
`

// features is what the three say.
func features() []model.SLO {
	const day = 24 * time.Hour
	above, below := -1.5, 300.0
	everyDay := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	latency := func(name string, objective float64, threshold time.Duration) model.SLO {
		return model.SLO{Name: name, Key: "latency", Objective: objective, Window: 7 * day, Timezone: "UTC",
			SLI:      &sli.Latency{Histogram: "request_seconds", Native: true, Threshold: quantity.Duration(threshold), Unit: quantity.Seconds},
			Schedule: []model.Entry{{At: model.Times{Days: []time.Weekday{6}, To: day, Timezone: "UTC"}, Objective: 80}}}
	}
	checkout := &sli.GRPC{Metric: "grpc_server_handled_total", Match: sli.Match{"job": {"shop"}}, CodeLabel: "grpc_code", Promises: []string{"OK", "NotFound"}}
	return []model.SLO{
		{Name: "buy", Key: "buy", Objective: 99, Window: 7 * day, Timezone: "UTC", SLI: &sli.Journey{
			Entry: &model.Part{Weight: 1, SLI: &sli.HTTP{Metric: "http_requests_total", Match: sli.Match{"handler": {"/buy", "!~/b"}}, StatusLabel: "code"}},
			All: []model.Part{
				{SLO: "shop/checkout", Key: "checkout", SLI: checkout, Weight: 0.4},
				{SLO: "shop/latency-2s", Key: "latency", SLI: latency("", 0, 2*time.Second).SLI, Weight: 1},
				{SLI: &sli.Latency{Histogram: "mail_seconds", Threshold: quantity.Duration(2 * time.Second), Unit: quantity.Seconds, Buckets: []quantity.Quantity{{Amount: 1e9}, {Amount: 3e9}}}, Weight: 1},
				{SLI: &sli.Events{Good: "sent", Total: "mails"}, Weight: 1},
			},
		}},
		{
			Name: "checkout", Key: "checkout", Objective: 99, Window: 31 * day, Calendar: model.Month, Timezone: "Europe/Berlin",
			SLI:     checkout,
			GroupBy: []string{"gateway", "region"},
			Schedule: []model.Entry{
				{Name: "weekend", At: model.Times{Days: []time.Weekday{0, 6}, From: 22 * time.Hour, To: 6 * time.Hour, Timezone: "Asia/Kolkata"}, Objective: 80},
				{At: model.Times{Days: []time.Weekday{0, 1, 3, 5, 6}, To: day, Timezone: "Europe/Berlin"}, Objective: 90},
			},
			Exclude: []model.Exclusion{{Reason: "nightly batch", At: model.Times{Days: everyDay, From: time.Hour, To: day, Timezone: "Europe/Berlin"}}},
			Maintenance: []model.Maintenance{
				{Reason: "database move", From: time.Date(2026, 3, 1, 1, 0, 0, 0, time.UTC), To: time.Date(2026, 3, 1, 3, 30, 0, 0, time.UTC)},
				{Reason: "in summer", From: time.Date(2026, 6, 30, 18, 30, 0, 0, time.UTC), To: time.Date(2026, 7, 1, 18, 30, 0, 0, time.UTC)},
			},
			Alerting: model.Alerting{KeepFiringFor: new(10 * time.Minute)},
			Tests: []model.Test{
				{
					Name:    "a bad release, 20% fail",
					Errors:  []model.Errors{{Length: time.Hour}, {Ratio: 0.2, Length: 5 * time.Minute}, {Ratio: 0.005, Length: 90 * time.Minute}},
					Traffic: model.Rate{Events: 10, Per: time.Hour},
					Expect:  []model.Expectation{{At: 65 * time.Minute, Fires: "page"}, {At: 2 * time.Hour, Fires: "none", Value: "up", Is: -0.5}},
				},
				{
					Name: "series", Traffic: defaultTraffic, Interval: time.Minute,
					Series: []model.TestSeries{{Series: `calls_total{code="OK"}`, Values: "0+100x60"}, {Series: "up", Values: "1"}},
					Expect: []model.Expectation{{At: time.Minute, Fires: "ticket"}},
				},
			},
		},
		{Name: "lag", Key: "lag", Objective: 99.9, Window: 7 * day, Calendar: model.Week, Timezone: "UTC",
			SLI: &sli.Threshold{Expr: "lag_seconds", Above: &above, Below: &below},
			Tests: []model.Test{{
				Name: "lag", Errors: []model.Errors{{Ratio: 1, Length: time.Second}}, Traffic: defaultTraffic,
				Expect: []model.Expectation{{At: 7 * day, Value: "lag"}},
			}}},
		latency("latency-2s", 99, 2*time.Second),
		latency("latency-400ms", 95, 400*time.Millisecond),
		{Name: "search", Key: "search", Objective: 99, Window: 7 * day, Timezone: "UTC",
			SLI: &sli.Latency{Histogram: "search_seconds", Threshold: quantity.Duration(400 * time.Millisecond), Unit: quantity.Seconds,
				Buckets: []quantity.Quantity{{Amount: 1e8}, {Amount: 3e8}, {Amount: 1e9}, {Amount: 1e10}}},
			Schedule: []model.Entry{{At: model.Times{Days: everyDay, From: 9 * time.Hour, To: 18 * time.Hour, Timezone: "UTC"}, Threshold: quantity.Duration(5 * time.Second)}}},
		{Name: "up", Key: "up", Objective: 98, Window: 92 * day, Calendar: model.Quarter, Timezone: "UTC", SLI: &sli.Uptime{Expr: "up", Share: 1}},
		{Name: "up-half", Key: "up-half", Objective: 98, Window: 366 * day, Calendar: model.Year, Timezone: "UTC", SLI: &sli.Uptime{Expr: "up", Share: 0.5}},
	}
}

func TestFeatures(t *testing.T) {
	for _, in := range []read.Input{
		{File: "shop.slo.yaml", Data: []byte(featuresYAML)},
		{File: "shop.slo.json", Data: []byte(featuresJSON), Format: read.JSON},
		{File: "shop.slo.cue", Data: []byte(featuresCUE), Format: read.CUE},
	} {
		t.Run(in.File, func(t *testing.T) {
			s := loadOne(t, in)
			if diff := cmp.Diff(features(), s.SLOs, ignoreSource, cmpopts.IgnoreFields(model.TestSeries{}, "Pos")); diff != "" {
				t.Error(diff)
			}
			for _, slo := range s.SLOs {
				if at := s.Source.At("slos", slo.Key, "sli"); at == s.Source.At("slos") || at.Line == 0 {
					t.Errorf("the SLI of %s is at %s", slo.Name, at)
				}
			}
			sameAsCUE(t, in)
		})
	}
}

// loadSLO loads a spec of one SLO from the lines that differ, and returns what
// was found too.
func loadSLO(t *testing.T, project model.Project, lines ...string) ([]model.SLO, string) {
	t.Helper()
	data := "service: users\ntier: P1\nslos:\n  a:\n    " + strings.Join(lines, "\n    ") + "\n"
	services, findings := LoadSpecs(t.Context(), project, []read.Input{{File: "x.yaml", Data: []byte(data)}}, Options{})
	if len(services) == 0 {
		return nil, show(findings)
	}
	return services[0].SLOs, show(findings)
}

// TestTierGivesWay checks that a tier's defaults are no second value beside the
// calendar, several thresholds and keepFiringFor of an SLO.
func TestTierGivesWay(t *testing.T) {
	project := DefaultProject()
	project.Tiers["P1"] = model.Tier{Objective: 99.9, Window: 30 * 24 * time.Hour, Alerting: model.Alerting{KeepFiringFor: new(time.Minute)}}
	for _, test := range []struct {
		lines []string
		want  model.SLO
	}{
		{[]string{"calendar: week"}, model.SLO{Objective: 99.9, Window: 7 * 24 * time.Hour, Calendar: model.Week, Alerting: model.Alerting{KeepFiringFor: new(time.Minute)}}},
		{[]string{"alerting: {keepFiringFor: 0s}"}, model.SLO{Objective: 99.9, Window: 30 * 24 * time.Hour, Alerting: model.Alerting{KeepFiringFor: new(time.Duration(0))}}},
		{[]string{"alerting: {keepFiringFor: 1h}"}, model.SLO{Objective: 99.9, Window: 30 * 24 * time.Hour, Alerting: model.Alerting{KeepFiringFor: new(time.Hour)}}},
	} {
		slos, found := loadSLO(t, project, append(test.lines, "sli: {uptime: {expr: up, instances: any}}")...)
		test.want.Name, test.want.Key, test.want.Timezone, test.want.SLI = "a", "a", "UTC", &sli.Uptime{Expr: "up"}
		if diff := cmp.Diff([]model.SLO{test.want}, slos); diff != "" || found != "" {
			t.Errorf("%s\n%s", found, diff)
		}
	}
	slos, found := loadSLO(t, project, "sli: {latency: {histogram: h, thresholds: [{objective: 95, threshold: 90s}]}}")
	if len(slos) != 1 || slos[0].Name != "a-1m30s" || slos[0].Objective != 95 || found != "" {
		t.Error(slos, found)
	}
}
