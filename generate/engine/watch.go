package engine

import "github.com/promslo/promslo/generate/promql"

// startLate sets from when on each rule of a replay is evaluated: from the start
// if the past of what it records is read, else from Input.Watch.
func startLate(in Input, rules []*Rule) {
	watch := in.Start
	if in.Watch.After(in.Start) {
		watch = in.Start.Add(in.Watch.Sub(in.Start).Truncate(in.Step))
	}
	for _, r := range rules {
		r.Start = watch
	}
	writers := newWriters(rules)
	var fromStart func(promql.Read)
	fromStart = func(s promql.Read) {
		for _, w := range writers.Of(s.Matchers) {
			if w.Start.Equal(in.Start) {
				continue
			}
			w.Start = in.Start
			for _, read := range w.Reads.Selectors {
				fromStart(read)
			}
		}
	}
	for _, r := range rules {
		for _, s := range r.Reads.Selectors {
			if !s.Instant {
				fromStart(s)
			}
		}
	}
}
