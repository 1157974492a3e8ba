package history

import (
	"math"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/promql"
)

// ReadBack returns the names of the recorded series whose past rules read, by the interval
// at which they are recorded. With these alone all others are right from the first
// evaluation on.
func ReadBack(groups []rulefmt.RuleGroup) (map[string]time.Duration, error) {
	intervals := map[string]time.Duration{}
	for _, g := range groups {
		for _, r := range g.Rules {
			if r.Record != "" {
				intervals[r.Record] = time.Duration(g.Interval)
			}
		}
	}
	out := map[string]time.Duration{}
	for _, g := range groups {
		for _, r := range g.Rules {
			reads, err := promql.ReadsOf(r.Expr)
			if err != nil {
				return nil, err
			}
			for _, s := range reads.Selectors {
				name, _ := promql.MatchedValue(s.Matchers, "__name__")
				if interval, recorded := intervals[name]; recorded && !s.Instant {
					out[name] = interval
				}
			}
		}
	}
	return out, nil
}

// Recorded calls back for each recorded series with one of some names, and the samples that
// a group with the interval would have recorded.
func Recorded(result *engine.Result, names map[string]time.Duration, each func(s engine.Series)) {
	var all []*engine.Series
	for _, s := range result.Storage.ByHash {
		if _, wanted := names[s.Labels.Get("__name__")]; wanted {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b *engine.Series) int { return compareLabels(a, b) })
	for _, s := range all {
		step := max(names[s.Labels.Get("__name__")], result.Input.Step).Milliseconds()
		out := engine.Series{Labels: s.Labels}
		for i, t := range s.Times {
			if t%step == 0 && !math.IsNaN(s.Values[i]) && (s.Histograms == nil || s.Histograms[i] == nil) {
				out.Push(t, s.Values[i], nil)
			}
		}
		each(out)
	}
}

func compareLabels(a, b *engine.Series) int { return labels.Compare(a.Labels, b.Labels) }
