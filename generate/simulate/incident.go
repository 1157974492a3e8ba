package simulate

import (
	"context"
	"math"
	"time"

	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/plan"
)

// Incident is a time of errors and what it cost. Events of a time-based SLO are
// seconds.
type Incident struct {
	Span
	Total, Bad float64       // events in the span
	Settled    time.Duration // when the rules know of all of them
	Allowed    float64       // bad events that the objective allows in the period up to Settled
	// What the rules record as left of the budget when the errors begin, and at
	// Settled: 1 is full. Nil if they record nothing.
	Before, After *float64
}

// Lost is the share of the period's budget that the bad events are.
func (i Incident) Lost() float64 {
	if i.Allowed == 0 {
		return 0
	}
	return i.Bad / i.Allowed
}

func (in Input) incidents(ctx context.Context, counts Counts, result *engine.Result, start time.Time) ([]Incident, error) {
	var out []Incident
	for n, span := range in.Errors {
		end := counts.Length()
		if n+1 < len(in.Errors) {
			end = in.Errors[n+1].From
		}
		// The budget counts whole tiles.
		i := Incident{Span: span, Settled: min(span.To+in.SLO.Tile+in.Evaluation, end)}
		in.tiles(counts, start, counts.Around(span), func(_ int64, total, bad float64) {
			i.Total += total
			i.Bad += bad
		})
		i.Allowed = in.allowed(counts, start, i.Settled)
		var err error
		if i.Before, err = in.remaining(ctx, result, start.Add(span.From)); err != nil {
			return nil, err
		}
		if i.After, err = in.remaining(ctx, result, start.Add(i.Settled)); err != nil {
			return nil, err
		}
		out = append(out, i)
	}
	return out, nil
}

// remaining returns what is recorded as left of the budget, or nil if nothing is
// or it is no number.
func (in Input) remaining(ctx context.Context, result *engine.Result, at time.Time) (*float64, error) {
	vector, err := result.Query(ctx, in.SLO.Series(plan.BudgetRemaining).String(), at)
	if err != nil || len(vector) == 0 || math.IsNaN(vector[0].F) || math.IsInf(vector[0].F, 0) {
		return nil, err
	}
	return &vector[0].F, nil
}

// tiles calls each for every few minutes of a span for which the schedule says
// the same: the time in their middle, and their events that count.
func (in Input) tiles(counts Counts, start time.Time, span Span, each func(unix int64, total, bad float64)) {
	const tile = 5 * time.Minute // what holds in its middle holds for all of it
	unit := 1.0
	if in.SLO.TimeBased {
		unit = counts.Interval.Seconds()
	}
	for from := max(span.From, 0); from < span.To; {
		begin := start.Add(from).Truncate(tile)
		to := min(begin.Add(tile).Sub(start), span.To)
		unix := begin.Add(tile / 2).Unix()
		if total, bad := counts.Between(from, to); total > 0 && !in.SLO.ExcludedAt(unix) {
			each(unix, unit*float64(total), unit*float64(bad))
		}
		from = to
	}
}

// allowed returns how many events may be bad in the period that ends at an
// offset, or in the part of a calendar period that has passed by then.
func (in Input) allowed(counts Counts, start time.Time, until time.Duration) (allowed float64) {
	now := in.SLO.CalendarPeriodAt(start.Add(until).Unix())
	in.tiles(counts, start, Span{From: until - in.SLO.Period, To: until}, func(unix int64, total, _ float64) {
		if in.SLO.Calendar == "" || in.SLO.CalendarPeriodAt(unix) == now {
			allowed += total * plan.Round(1-in.SLO.ObjectiveAt(unix))
		}
	})
	return allowed
}
