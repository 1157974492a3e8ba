package check

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	prom "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/cmd/promslo/internal/promapi"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/generate/sli"
	"github.com/promslo/promslo/schema/diag"
)

// read is series that an SLI reads.
type read struct {
	metric    string
	matchers  []*promql.Matcher // without the name
	at        diag.Pos          // of the name
	atMatcher func(i int) diag.Pos

	counter   bool
	histogram bool
	native    bool
	assumed   bool              // nothing says the unit of the histogram: it is taken for seconds
	buckets   []*promql.Matcher // of le
	atBuckets diag.Pos
	status    string // label that tells good from bad; empty: none
	atStatus  diag.Pos
	mayLack   bool // it may have no series as long as nothing fails
}

// selector selects the series of a metric that all matchers select.
func selector(metric string, matchers []*promql.Matcher) string {
	return promql.Selector(metric, matchers...).String()
}

// reads returns what the SLI reads. Parts of a journey that are SLOs are looked at there.
func (s *subject) reads() []read {
	var out []read
	for _, place := range s.slo.SLI.Places() {
		var named read // of a kind that has names and matchers
		for _, w := range place.Sources {
			at := s.service.Source.At(w.Path...)
			beside := func(field string) diag.Pos {
				return s.service.Source.At(append(slices.Clone(w.Path[:len(w.Path)-1]), field)...)
			}
			switch {
			case w.Query != nil:
				out = append(out, s.usesOf(w, w.Query.Uses())...)
			case w.Expr != nil:
				out = append(out, s.usesOf(w, promql.Uses(w.Expr))...)
			case w.Counter != "":
				named.metric, named.counter, named.at = w.Counter, true, at
			case w.Histogram != "":
				named.metric, named.histogram, named.at, named.atBuckets = w.Histogram, true, at, beside("threshold")
			case w.NoUnit != "":
				named.assumed = true
			case w.Status != "":
				named.status, named.atStatus = w.Status, beside("statusLabel")
			case w.Match != nil:
				for _, m := range w.Match {
					named.matchers = append(named.matchers, m.Matcher)
				}
				named.atMatcher = func(i int) diag.Pos { return s.service.Source.At(w.Match[i].Path...) }
			}
		}
		if named.metric == "" {
			continue
		}
		if named.histogram {
			named.buckets, named.native = bucketsOf(place)
		}
		out = append(out, named)
	}
	return out
}

// bucketsOf returns the matchers of the buckets that a place reads; native: there are none.
func bucketsOf(place sli.SLI) (out []*promql.Matcher, native bool) {
	queries := []*promql.Query{place.Good}
	for _, b := range place.Buckets {
		queries = append(queries, b.Good)
	}
	for _, q := range queries {
		if q == nil {
			continue
		}
		terms, ok := q.Linear()
		if !ok {
			return nil, true
		}
		for _, term := range terms {
			for _, m := range term.Matchers {
				if m.Name == prom.BucketLabel {
					out = append(out, m)
				}
			}
		}
	}
	return out, false
}

// usesOf returns the selectors of PromQL that a user wrote.
func (s *subject) usesOf(w sli.Source, uses []promql.Use) []read {
	var out []read
	for _, use := range uses {
		at := s.service.Source.AtOffset(use.Offset, w.Path...)
		r := read{metric: use.Metric(), at: at, atMatcher: func(int) diag.Pos { return at }}
		r.counter = use.Function == "rate" || use.Function == "increase" || use.Function == "irate"
		r.mayLack = w.Optional || w.Path[len(w.Path)-1] == "bad"
		for _, m := range use.Matchers {
			switch {
			case m.Name == labels.MetricName:
			case m.Name == prom.BucketLabel && strings.HasSuffix(r.metric, "_bucket"):
				r.buckets, r.atBuckets = append(r.buckets, m), at
			default:
				r.matchers = append(r.matchers, m)
			}
		}
		if r.metric != "" && !use.Native {
			out = append(out, r)
		}
	}
	return out
}

// checkRead checks one selector; it reports the first that is wrong with it.
func (s *subject) checkRead(ctx context.Context, r read) error {
	for _, check := range []func(context.Context, *read) (wrong bool, err error){
		s.checkMetric, s.checkMatchers, s.checkLabels, s.checkBuckets, s.checkType, s.checkScrape,
	} {
		if wrong, err := check(ctx, &r); err != nil || wrong {
			return err
		}
	}
	return nil
}

// checkMetric checks that the metric exists, as the kind of histogram that it is said to
// be. Of a histogram it goes on with the series that there are.
func (s *subject) checkMetric(ctx context.Context, r *read) (bool, error) {
	exists := func(metric string) (bool, error) {
		names, err := s.labelValues(ctx, labels.MetricName, selector(metric, nil))
		return len(names) > 0, err
	}
	name := r.metric
	if r.histogram && !r.native {
		name += "_bucket"
	}
	there, err := exists(name)
	if err != nil || there {
		return false, err
	}
	if r.histogram {
		other, is, write := r.metric, "native", "write `native: true`"
		if r.native {
			other, is, write = r.metric+"_bucket", "classic", "remove `native`"
		}
		if there, err := exists(other); err != nil || there {
			s.report(diag.HistogramKind, r.at, write, "%s is a %s histogram", r.metric, is)
			return true, err
		}
	}
	names, err := s.labelValues(ctx, labels.MetricName, "")
	if err != nil {
		return true, err
	}
	var all []string
	for _, n := range names {
		text := string(n)
		if r.histogram {
			base, classic := strings.CutSuffix(text, "_bucket")
			if !classic && !r.native {
				continue
			}
			text = base
		}
		if !strings.HasPrefix(text, "slo:") {
			all = append(all, text)
		}
	}
	s.report(diag.MetricMissing, r.at, nearest(r.metric, all), "no series has been called %s within a day", r.metric)
	return true, nil
}

// nearest suggests the names that are most similar.
func nearest(name string, all []string) string {
	var found []string
	for range 3 {
		guess := diag.Closest(name, all)
		if guess == "" {
			break
		}
		found = append(found, "`"+guess+"`")
		all = slices.DeleteFunc(all, func(other string) bool { return other == guess })
	}
	if len(found) == 0 {
		return ""
	}
	return "did you mean " + strings.Join(found, " or ") + "?"
}

// stored is the name that series of a read have.
func (r *read) stored() string {
	if r.histogram && !r.native {
		return r.metric + "_bucket"
	}
	return r.metric
}

// checkMatchers checks that there are series with such labels, each by itself and all together.
func (s *subject) checkMatchers(ctx context.Context, r *read) (bool, error) {
	metric := selector(r.stored(), nil)
	for i, m := range r.matchers {
		values, err := s.labelValues(ctx, m.Name, metric)
		if err != nil {
			return true, err
		}
		if m.Matches("") { // it excludes, and what is not there needs no excluding
			continue
		}
		if len(values) == 0 {
			return true, s.labelMissing(ctx, r.stored(), nil, m.Name, r.atMatcher(i))
		}
		if r.mayLack || slices.ContainsFunc(values, func(v prom.LabelValue) bool { return m.Matches(string(v)) }) {
			continue
		}
		s.report(diag.LabelMissing, r.atMatcher(i), nearest(m.Value, texts(values)), "no series of %s has %s", r.stored(), m)
		return true, nil
	}
	if len(r.matchers) < 2 || r.mayLack {
		return false, nil
	}
	names, err := s.labelValues(ctx, labels.MetricName, selector(r.stored(), r.matchers))
	if err == nil && len(names) == 0 {
		s.report(diag.LabelMissing, r.atMatcher(0), "", "no series of %s has all of these labels, though some have each", r.stored())
	}
	return err != nil || len(names) == 0, err
}

func texts[T ~string](all []T) []string {
	out := make([]string, len(all))
	for i, one := range all {
		out[i] = string(one)
	}
	return out
}

// labelMissing reports a label that no series has.
func (s *subject) labelMissing(ctx context.Context, metric string, matchers []*promql.Matcher, label string, at diag.Pos) error {
	names, err := s.client.LabelNames(ctx, []string{selector(metric, matchers)}, s.at.Add(-known), s.at)
	if err != nil {
		return err
	}
	all := slices.DeleteFunc(texts(names), func(name string) bool { return name == labels.MetricName || name == prom.BucketLabel })
	suggestion := nearest(label, all)
	if suggestion == "" {
		suggestion = "it has " + strings.Join(all, ", ")
	}
	s.report(diag.LabelMissing, at, suggestion, "no series of %s has a label %s", metric, label)
	return nil
}

// checkLabels checks the labels by which events are told apart.
func (s *subject) checkLabels(ctx context.Context, r *read) (bool, error) {
	wanted := slices.Clone(s.slo.GroupBy)
	if r.status != "" {
		wanted = append(wanted, r.status)
	}
	if r.mayLack {
		return false, nil
	}
	for _, label := range wanted {
		values, err := s.labelValues(ctx, label, selector(r.stored(), r.matchers))
		if err != nil {
			return true, err
		}
		if len(values) > 0 {
			continue
		}
		at := s.pos("groupBy")
		if label == r.status {
			at = r.atStatus
		}
		return true, s.labelMissing(ctx, r.stored(), r.matchers, label, at)
	}
	return false, nil
}

// checkBuckets checks that the buckets exist.
func (s *subject) checkBuckets(ctx context.Context, r *read) (bool, error) {
	if len(r.buckets) == 0 {
		return false, nil
	}
	values, err := s.labelValues(ctx, prom.BucketLabel, selector(r.stored(), r.matchers))
	if err != nil {
		return true, err
	}
	for _, m := range r.buckets {
		if slices.ContainsFunc(values, func(v prom.LabelValue) bool { return m.Matches(string(v)) }) {
			continue
		}
		s.report(diag.BucketMissing, r.atBuckets, nearestBuckets(m, values), "%s has no bucket that ends at %s", strings.TrimSuffix(r.stored(), "_bucket"), plan.Number(boundary(m.Value)))
		return true, nil
	}
	return false, nil
}

// boundary is the number that a matcher of le stands for.
func boundary(text string) float64 {
	first, _, _ := strings.Cut(text, "|")
	x, _ := strconv.ParseFloat(strings.ReplaceAll(first, `\`, ""), 64)
	return x
}

// nearestBuckets suggests the boundaries below and above.
func nearestBuckets(m *promql.Matcher, values prom.LabelValues) string {
	wanted := boundary(m.Value)
	var below, above []float64
	for _, v := range values {
		x, err := strconv.ParseFloat(string(v), 64)
		switch {
		case err != nil || x > 1e300:
		case x < wanted:
			below = append(below, x)
		default:
			above = append(above, x)
		}
	}
	var near []string
	if len(below) > 0 {
		near = append(near, plan.Number(slices.Max(below)))
	}
	if len(above) > 0 {
		near = append(near, plan.Number(slices.Min(above)))
	}
	if len(near) == 0 {
		return ""
	}
	return "the nearest end at " + strings.Join(near, " and ")
}

// checkType compares the type that targets tell, and the unit.
func (s *subject) checkType(ctx context.Context, r *read) (bool, error) {
	var told []v1.Metadata
	for _, name := range []string{r.metric, strings.TrimSuffix(r.metric, "_total"), base(r.metric)} {
		metadata, err := s.client.Metadata(ctx, name)
		switch {
		case promapi.Unsupported(err):
		case err != nil:
			return true, err
		}
		if told = metadata[name]; len(told) > 0 {
			break
		}
	}
	told = slices.DeleteFunc(told, func(m v1.Metadata) bool { return m.Type == v1.MetricTypeUnknown || m.Type == "" })
	if len(told) == 0 {
		s.untold = append(s.untold, "the type of "+r.metric)
		return false, nil
	}
	is := func(types ...v1.MetricType) bool {
		return slices.ContainsFunc(told, func(m v1.Metadata) bool { return slices.Contains(types, m.Type) })
	}
	switch of := told[0].Type; {
	case r.histogram && !is(v1.MetricTypeHistogram):
		s.report(diag.MetricType, r.at, "name a histogram", "%s is a %s, not a histogram", r.metric, of)
		return true, nil
	case r.counter && is(v1.MetricTypeGauge) && !is(v1.MetricTypeCounter):
		s.report(diag.MetricType, r.at, "name a counter, or write an SLI of kind threshold, gauge or uptime", "%s is a gauge, and is read as a counter", r.metric)
		return true, nil
	case !r.counter && !r.histogram && len(r.buckets) == 0 && is(v1.MetricTypeCounter) && !is(v1.MetricTypeGauge):
		s.report(diag.MetricType, r.at, "write `rate(…)` or `increase(…)` around it", "%s is a counter, and its value is read as it stands", r.metric)
		return true, nil
	}
	if unit := told[0].Unit; r.assumed && unit != "" && unit != "seconds" {
		s.report(diag.MetricType, r.at, fmt.Sprintf("write `unit: %s`", unit), "the unit of %s is %s, and it is taken for seconds", r.metric, unit)
		return true, nil
	}
	return false, nil
}

// base is the name of the histogram or summary that a series belongs to.
func base(metric string) string {
	for _, suffix := range []string{"_bucket", "_count", "_sum"} {
		if name, ok := strings.CutSuffix(metric, suffix); ok {
			return name
		}
	}
	return metric
}

// checkScrape compares how often there are samples with how often the project says that
// there are.
func (s *subject) checkScrape(ctx context.Context, r *read) (bool, error) {
	const samples = 10
	window := samples * s.slo.Scrape
	series := promql.Selector(r.stored(), r.matchers...)
	count := promql.Call("count_over_time", promql.Range(series, window))
	old, err := s.client.Instant(ctx, fmt.Sprintf("max(%s and %s offset %s)", count, series, plan.Duration(window)), s.at)
	if err != nil {
		return true, err
	}
	all, err := s.client.Instant(ctx, fmt.Sprintf("max(%s)", count), s.at)
	if err != nil || len(all) == 0 {
		return err != nil, err
	}
	every := func(n float64) string { return plan.Duration((window / time.Duration(max(1, n))).Round(time.Second)) }
	const tolerance = 1.5
	n := float64(all[0].Value)
	switch {
	case n > samples*tolerance:
	case len(old) == 0:
		if n < samples/tolerance {
			s.untold = append(s.untold, "how often "+r.metric+" is scraped, as it is too young")
		}
		return false, nil
	default:
		if n = float64(old[0].Value); n >= samples/tolerance {
			return false, nil
		}
	}
	s.report(diag.ScrapeDiffers, s.pos("sli"), "set `scrapeInterval` in the project file, or in the SLI, to what it is", "%s has a sample every %s, not every %s", r.metric, every(n), plan.Duration(s.slo.Scrape))
	return true, nil
}
