package plan

import (
	"time"

	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// Words says what an SLI counts, without a selector.
type Words struct {
	Events string // what is counted: requests, calls, events, journeys, the time
	Good   string // which of it are good, a sentence
}

// inWords says what an SLI of a spec counts.
func inWords(sli model.SLI) Words {
	limits := words.Limits(sli)
	switch {
	case sli.Events != nil && sli.Events.Good != "":
		return Words{"events", "An event is good if it is counted as good."}
	case sli.Events != nil:
		return Words{"events", "An event is good unless it is counted as bad."}
	case sli.HTTP != nil:
		return Words{"requests", "A request is good if its status is " + limits + "."}
	case sli.GRPC != nil:
		return Words{"calls", "A call is good if its code is " + limits + "."}
	case sli.Latency != nil:
		return Words{"requests", "A request is good if it takes " + limits + "."}
	case sli.Uptime != nil:
		return Words{"the time", "Time is good with " + limits + " up."}
	case sli.Threshold != nil:
		return Words{"the time", "Time is good while the value is " + limits + "."}
	case sli.Journey != nil && sli.Journey.Entry != nil:
		return Words{"journeys", "A journey is good if it fails in none of its parts."}
	default:
		return Words{"events", "An event is good unless it is a bad one of a part."}
	}
}

// About rounds a duration to what people care for: seconds below ten minutes,
// then minutes.
func About(d time.Duration) string {
	unit := time.Minute
	if d < 10*time.Minute {
		unit = time.Second
	}
	return Duration(max(d.Round(unit), time.Second))
}

// After tells how soon a pair fires when events fail at a steady ratio (0 to 1):
// 7h12m to 8h12m, or never.
func (s SLO) After(p Pair, ratio float64) string {
	t, ok := s.TimeToFire(p, ratio)
	if !ok {
		return "never"
	}
	if lag := s.Lag(p.Long); lag > 0 {
		return About(t) + " to " + About(t+lag)
	}
	return About(t)
}

// Windows says over which windows a pair must burn: 1h and 5m.
func (p Pair) Windows() string {
	if p.Short == p.Long {
		return Duration(p.Long)
	}
	return Duration(p.Long) + " and " + Duration(p.Short)
}
