package engine

import "github.com/promslo/promslo/generate/promql"

// watchFrom sets from when on each rule of a replay is evaluated: from the start
// if the past of what it records is read, else from Input.Watch.
func watchFrom(in Input, rules []*rule) {
	watch := in.Start
	if in.Watch.After(in.Start) {
		watch = in.Start.Add(in.Watch.Sub(in.Start).Truncate(in.Step))
	}
	for _, r := range rules {
		r.start = watch
	}
	writers := newIndex(rules)
	var fromStart func(promql.Read)
	fromStart = func(s promql.Read) {
		for _, w := range writers.of(s.Matchers) {
			if w.start.Equal(in.Start) {
				continue
			}
			w.start = in.Start
			for _, read := range w.reads.Selectors {
				fromStart(read)
			}
		}
	}
	for _, r := range rules {
		for _, s := range r.reads.Selectors {
			if !s.Now {
				fromStart(s)
			}
		}
	}
}
