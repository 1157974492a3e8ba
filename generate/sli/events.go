package sli

import (
	"github.com/promslo/promslo/schema/model"
	spec "github.com/promslo/promslo/schema/sli"
)

type events struct{}

var _ = register("events", events{})

// count parses selectors or expressions. Bad or good may be missing.
func (events) count(f *finder, of model.SLI) SLI {
	e := of.(*spec.Events)
	var out SLI
	if e.Good != "" {
		out.Good = f.events(e.Good, "events", "good")
	} else if e.Bad != "" {
		out.Bad = f.events(e.Bad, "events", "bad")
	}
	out.Total = f.events(e.Total, "events", "total")
	return out
}

func (events) raw(s SLI) (Counters, States, bool) { return counted(s) }
func (events) unknown() Unknown                   { return notLinear }
