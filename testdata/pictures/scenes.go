package main

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/engine"
)

// now is when the pictures are taken, a Wednesday.
var now = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

const (
	scrape  = time.Minute
	history = 36 * 24 * time.Hour
)

// scene is what happens to one SLO.
type scene struct {
	slo   string
	begin time.Time                  // when there were first samples
	end   time.Time                  // and last ones
	group string                     // value of the label gateway
	rate  func(at time.Time) float64 // all events per second
	bad   func(at time.Time) float64 // ratio of them
	slow  func(at time.Time) float64 // latency: ratio that takes longer than 5 s
	down  func(at time.Time) bool    // uptime
}

// daily is the traffic of a service that people use by day.
func daily(at time.Time) float64 {
	hours := at.Sub(at.Truncate(24 * time.Hour)).Hours()
	return 60 + 40*math.Sin((hours-9)/12*math.Pi)
}

// noise is between 0.5 and 1.5, the same on every run.
func noise(at time.Time) float64 {
	x := math.Sin(float64(at.Unix()/300)) * 43758.5453
	return 0.5 + x - math.Floor(x)
}

// usually is a ratio of errors with incidents.
func usually(ratio float64, incidents ...incident) func(time.Time) float64 {
	return func(at time.Time) float64 {
		out := ratio * noise(at)
		for _, i := range incidents {
			if since := at.Sub(now.Add(-i.ago)); since >= 0 && since < i.length {
				out = i.ratio * (0.9 + 0.2*(noise(at)-0.5))
			}
		}
		return out
	}
}

// incident begins some time before now.
type incident struct {
	ago, length time.Duration
	ratio       float64
}

const day = 24 * time.Hour

func scenes() []scene {
	of := func(slo string, bad func(time.Time) float64) scene {
		return scene{slo: slo, begin: now.Add(-history), end: now, rate: daily, bad: bad}
	}
	gone := of("no-data", usually(0.0002))
	gone.end = now.Add(-3 * time.Hour)
	idle := of("idle", usually(0.001))
	idle.begin = now.Add(-9 * day)
	idle.rate = func(at time.Time) float64 {
		if now.Sub(at) < 6*time.Hour {
			return 0
		}
		return daily(at)
	}
	weekend := of("weekend", func(at time.Time) float64 {
		if at.Weekday() == time.Saturday || at.Weekday() == time.Sunday {
			return 0.06 * noise(at)
		}
		return 0.002 * noise(at)
	})
	weekend.slow = usually(0.001, incident{30 * time.Hour, time.Hour, 0.2})
	uptime := scene{slo: "uptime", begin: now.Add(-9 * day), end: now, down: func(at time.Time) bool {
		return now.Sub(at) < 53*time.Hour && now.Sub(at) > 52*time.Hour+20*time.Minute
	}}
	out := []scene{
		of("ok", usually(0.0003, incident{12 * day, time.Hour, 0.02})),
		of("paging", usually(0.0002, incident{20 * day, 20 * time.Minute, 0.1}, incident{14 * time.Hour, 40 * time.Minute, 0.04}, incident{25 * time.Minute, time.Hour, 0.15})),
		of("burning", usually(0.0003, incident{22 * time.Hour, 22 * time.Hour, 0.0045})),
		of("policy", usually(0.0003, incident{9 * day, 90 * time.Minute, 0.15})),
		of("spent", usually(0.0006, incident{8 * day, 3 * time.Hour, 0.5})),
		of("maintenance", usually(0.0004, incident{7*day + 4*time.Hour, 4 * time.Hour, 0.9})),
		of("month", usually(0.0003, incident{22*day + 2*time.Hour, 45 * time.Minute, 0.5})), // on the third
		gone, idle, weekend, uptime,
	}
	for _, groups := range []struct {
		slo string
		n   int
	}{{"one", 1}, {"five", 5}, {"forty", 40}} {
		for i := range groups.n {
			s := of(groups.slo, usually(0.001+0.0001*float64(i%7)))
			if i == 2 {
				s.bad = usually(0.001, incident{40 * time.Minute, time.Hour, 0.3})
			}
			s.begin, s.group = now.Add(-9*day), fmt.Sprintf("gateway-%02d", i+1)
			out = append(out, s)
		}
	}
	return out
}

// series are the raw samples of a scene.
func (s scene) series() []engine.Series {
	name, classes := "requests_total", []string{"200", "500"}
	if s.slow != nil {
		return s.histogram()
	}
	if s.down != nil {
		up := engine.Series{Labels: labels.FromStrings(labels.MetricName, "probe_success", "slo", s.slo)}
		for t := s.begin; !t.After(s.end); t = t.Add(scrape) {
			v := 1.0
			if s.down(t) {
				v = 0
			}
			up.Push(t.UnixMilli(), v, nil)
		}
		return []engine.Series{up}
	}
	out := make([]engine.Series, 2)
	for i, code := range classes {
		out[i].Labels = labels.FromStrings(labels.MetricName, name, "slo", s.slo, "code", code, "gateway", s.group).WithoutEmpty()
	}
	var good, bad float64
	for t := s.begin; !t.After(s.end); t = t.Add(scrape) {
		n := s.rate(t) * scrape.Seconds()
		bad += n * s.bad(t)
		good += n * (1 - s.bad(t))
		out[0].Push(t.UnixMilli(), math.Round(good), nil)
		out[1].Push(t.UnixMilli(), math.Round(bad), nil)
	}
	return out
}

// histogram has the buckets 1, 5 and +Inf.
func (s scene) histogram() []engine.Series {
	bounds := []string{"1", "5", "+Inf"}
	out := make([]engine.Series, len(bounds)+1)
	for i, le := range bounds {
		if f, err := strconv.ParseFloat(le, 64); err == nil && !math.IsInf(f, 0) {
			le = strconv.FormatFloat(f, 'f', 1, 64)
		}
		out[i].Labels = labels.FromStrings(labels.MetricName, "request_duration_seconds_bucket", "slo", s.slo, "le", le)
	}
	out[3].Labels = labels.FromStrings(labels.MetricName, "request_duration_seconds_count", "slo", s.slo)
	var counts [3]float64
	for t := s.begin; !t.After(s.end); t = t.Add(scrape) {
		n := s.rate(t) * scrape.Seconds()
		counts[2] += n
		counts[1] += n * (1 - s.slow(t))
		counts[0] += n * (1 - min(1, s.slow(t)+s.bad(t)))
		for i, c := range counts {
			out[i].Push(t.UnixMilli(), math.Round(c), nil)
		}
		out[3].Push(t.UnixMilli(), math.Round(counts[2]), nil)
	}
	return out
}
