package lint

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
)

// counterEndings are how counters are called.
var counterEndings = []string{"_total", "_count", "_bucket", "_sum"}

// knownCounters are counters of common exporters that are called otherwise.
var knownCounters = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(nginx_ingress_controller_requests|nginx_connections_(accepted|handled)|` +
		`pg_stat_database_(xact_(commit|rollback)|blks_(hit|read)|tup_\w+|deadlocks|conflicts)|` +
		`envoy_\w+_(rq|cx)(_xx|_[1-5]xx|_completed|_error|_timeout|_retry|_connect_fail)?)$`)
})

// isCounterName reports whether a metric, or what a recording rule made of it, may be a
// counter by its name. Names with dots have no endings.
func isCounterName(name string) bool {
	if name == "" || strings.Contains(name, ".") || knownCounters().MatchString(name) {
		return true
	}
	return slices.ContainsFunc(strings.Split(name, ":"), func(part string) bool {
		return slices.ContainsFunc(counterEndings, func(e string) bool { return strings.HasSuffix(part, e) })
	})
}

const (
	useCounter = "write a counter, such as the _count of a histogram; the instances or items of a gauge count by their time: `sli: {gauge: {bad: …, total: …}}`"
	useCount   = "write the _count of the histogram"
)

// notACounter reports what is counted by rate and is no counter of events by its name.
func notACounter(s subject, report lint.Report) {
	for _, t := range s.texts {
		for _, use := range t.uses {
			name := use.Metric()
			switch {
			case !t.events || use.Function != "rate" || use.Native:
			case !isCounterName(name):
				report(t.at(use), name+" is not called like a counter (_total, _count, …): of a gauge `rate` counts nothing", useCounter)
			case strings.HasSuffix(name, "_bucket") && !hasLabel(use.Matchers, "le"):
				report(t.at(use), name+" without le counts an event once for each bucket above it", useCount+", or one bucket by `le`")
			}
		}
	}
	for _, counted := range s.plan.SLI.Places() {
		for _, w := range counted.Sources {
			at := func() diag.Pos { return s.source.At(w.Path...) }
			switch {
			case w.Counter == "":
			case !isCounterName(w.Counter):
				report(at(), w.Counter+" is not called like a counter (_total, _count, …): of a gauge `rate` counts nothing", useCounter)
			case strings.HasSuffix(w.Counter, "_bucket"):
				report(at(), w.Counter+" counts an event once for each bucket above it", useCount)
			case strings.HasSuffix(w.Counter, "_sum"):
				report(at(), w.Counter+" adds up values, such as seconds, and not events", useCount)
			}
		}
	}
}
