package main

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"strconv"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/annotations"
)

const (
	scrape = 30 * time.Second
	phase  = 7 * time.Second // of scrapes after evaluations
)

// memory is series in memory, sorted by time. It makes the past that is stored.
type memory struct {
	series []*promql.Series
	byHash map[uint64]*promql.Series
}

// add adds samples after those that a series has.
func (m *memory) add(l labels.Labels, samples ...promql.FPoint) {
	s := m.byHash[l.Hash()]
	if s == nil {
		s = &promql.Series{Metric: l}
		if m.byHash == nil {
			m.byHash = map[uint64]*promql.Series{}
		}
		m.byHash[l.Hash()] = s
		m.series = append(m.series, s)
	}
	s.Floats = append(s.Floats, samples...)
}

// addRaw adds the counters of a service that is busy by day: some requests fail,
// and more of them for an hour every third day.
func addRaw(m *memory, series int) {
	random := rand.New(rand.NewPCG(1, 2))
	for pod := range series / 2 {
		var good, bad float64
		var goods, bads []promql.FPoint
		for t := start.Add(phase); !t.After(end); t = t.Add(scrape) {
			hours := t.Sub(start).Hours()
			requests := math.Round(300 * (1.2 + math.Sin(2*math.Pi*hours/24)) * (0.9 + 0.2*random.Float64()))
			ratio := 0.0005
			if math.Mod(hours, 72) < 1 {
				ratio = 0.01
			}
			failed := math.Floor(requests*ratio + random.Float64())
			good, bad = good+requests-failed, bad+failed
			goods = append(goods, promql.FPoint{T: t.UnixMilli(), F: good})
			bads = append(bads, promql.FPoint{T: t.UnixMilli(), F: bad})
		}
		counter := func(code string) labels.Labels {
			return labels.FromStrings(labels.MetricName, "http_requests_total", "job", "users", "instance", "users-"+strconv.Itoa(pod), "code", code)
		}
		m.add(counter("200"), goods...)
		m.add(counter("500"), bads...)
	}
}

func (m *memory) Querier(mint, maxt int64) (storage.Querier, error) {
	return &querier{m, mint, maxt}, nil
}

type querier struct {
	*memory
	mint, maxt int64
}

func (q *querier) Select(_ context.Context, _ bool, hints *storage.SelectHints, by ...*labels.Matcher) storage.SeriesSet {
	mint, maxt := q.mint, q.maxt
	if hints != nil {
		mint, maxt = hints.Start, hints.End
	}
	var found []storage.Series
	for _, s := range q.series {
		if slices.ContainsFunc(by, func(m *labels.Matcher) bool { return !m.Matches(s.Metric.Get(m.Name)) }) {
			continue
		}
		found = append(found, promql.NewStorageSeries(promql.Series{Metric: s.Metric, Floats: between(s.Floats, mint, maxt)}))
	}
	slices.SortFunc(found, func(a, b storage.Series) int { return labels.Compare(a.Labels(), b.Labels()) })
	return &seriesSet{rest: found}
}

// between returns the samples from a time to another, both included.
func between(samples []promql.FPoint, from, to int64) []promql.FPoint {
	i := sort.Search(len(samples), func(i int) bool { return samples[i].T >= from })
	j := sort.Search(len(samples), func(j int) bool { return samples[j].T > to })
	return samples[i:max(i, j)]
}

func (*querier) LabelValues(context.Context, string, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

func (*querier) LabelNames(context.Context, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

func (*querier) Close() error { return nil }

// seriesSet walks over series.
type seriesSet struct {
	at   storage.Series
	rest []storage.Series
}

func (s *seriesSet) Next() bool {
	if len(s.rest) == 0 {
		return false
	}
	s.at, s.rest = s.rest[0], s.rest[1:]
	return true
}

func (s *seriesSet) At() storage.Series              { return s.at }
func (*seriesSet) Err() error                        { return nil }
func (*seriesSet) Warnings() annotations.Annotations { return nil }
