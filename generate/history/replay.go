package history

import (
	"context"
	"time"

	"github.com/promslo/promslo/generate/engine"
)

// bounds of a replay: rules may be anybody's.
func bounds(length time.Duration) engine.Bounds {
	days := length.Hours() / 24
	return engine.Bounds{Steps: 2_000_000, Samples: 60_000_000, Series: 20_000, Work: 30e9 + 2e9*days}
}

// Replay evaluates rules at all multiples of an interval in a time. Alerts, and what none
// reads back, are evaluated from watch on. The answers are those to the questions, in
// their order.
func (r Rules) Replay(ctx context.Context, answers [][]engine.Series, from, watch, to time.Time, evaluation time.Duration) (*engine.Result, error) {
	in := engine.Input{
		Groups: r.Groups, Start: from.Truncate(evaluation), End: to.Truncate(evaluation), Step: evaluation,
		Watch: watch, Meter: engine.NewMeter(bounds(to.Sub(from))),
	}
	for i, q := range r.Questions {
		series, err := q.series(answers[i])
		if err != nil {
			return nil, err
		}
		in.Series = append(in.Series, series...)
	}
	return engine.Run(ctx, in)
}
