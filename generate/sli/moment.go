package sli

import (
	"math"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/promql"
)

// Moment is what an SLI that counts time has at one moment. Expressions have one series,
// or one for each group.
type Moment struct {
	All promql.Expr // what there is; without a result there are no data
	Bad promql.Expr // how much of it is bad
	// Instances: All is how many there are, and time counts for each. Else a moment with
	// data counts 1, whatever All is.
	Instances bool
	// NaNIsIdle: NaN of what users wrote is no value, and no missing metric.
	NaNIsIdle bool

	read []promql.Expr // what users wrote, and of which all else is derived
	// counts tells what counts by the values of read, NaN where one has no result. NaN of
	// all: there are no data.
	counts func(read []float64) (all, bad float64)
	odd    []odd // what tests show it beyond good and bad
}

// odd is a case that is neither good nor bad as usual.
type odd struct {
	name string
	is   func(read []float64) bool
}

// Lasting returns a moment to which the last sample of each series counts for a time.
func (m Moment) Lasting(d time.Duration) *Moment {
	m.All, m.Bad = promql.Lasting(m.All, d), promql.Lasting(m.Bad, d)
	return &m
}

// upOrDown is a moment that is good while an expression is not 0.
func upOrDown(up promql.Expr) *Moment {
	if up == nil {
		return nil
	}
	return &Moment{
		All:  up,
		Bad:  promql.CompareBool(up, parser.EQLC, promql.Number(0)),
		read: []promql.Expr{up},
		counts: func(read []float64) (all, bad float64) {
			switch {
			case math.IsNaN(read[0]):
				return math.NaN(), 0
			case read[0] == 0:
				return 1, 1
			}
			return 1, 0
		},
	}
}
