package plan

import (
	"fmt"
	"strings"
	"time"

	"github.com/promslo/promslo/schema/model"
)

// Words says what an SLI counts, without a selector.
type Words struct {
	Events string // what is counted: requests, calls, events, journeys, the time
	Good   string // which of it are good, a sentence
}

// words says what an SLI of a spec counts.
func words(sli model.SLI) Words {
	switch {
	case sli.Events != nil && sli.Events.Good != "":
		return Words{"events", "An event is good if it is counted as good."}
	case sli.Events != nil:
		return Words{"events", "An event is good unless it is counted as bad."}
	case sli.HTTP != nil && len(sli.HTTP.Promises) > 0:
		return Words{"requests", "A request is good if its status is " + or(sli.HTTP.Promises) + "."}
	case sli.HTTP != nil:
		return Words{"requests", "A request is good unless its status is 5xx."}
	case sli.GRPC != nil && len(sli.GRPC.Promises) > 0:
		return Words{"calls", "A call is good if its code is " + or(sli.GRPC.Promises) + "."}
	case sli.GRPC != nil:
		return Words{"calls", "A call is good unless its code is " + or(model.ServerFailures) + "."}
	case sli.Latency != nil:
		return Words{"requests", "A request is good if it takes at most " + Duration(sli.Latency.Threshold) + "."}
	case sli.Uptime != nil:
		return Words{"the time", "Time is good while " + enough(sli.Uptime.Share) + " up."}
	case sli.Threshold != nil:
		return Words{"the time", "Time is good while the value is " + within(sli.Threshold) + "."}
	default:
		if sli.Journey.Entry == nil {
			return Words{"events", "An event is good unless it is a bad one of a part."}
		}
		return Words{"journeys", "A journey is good if it fails in none of its parts."}
	}
}

// or lists alternatives: 200, 201 or 404.
func or(options []string) string {
	last := len(options) - 1
	if last == 0 {
		return options[0]
	}
	return strings.Join(options[:last], ", ") + " or " + options[last]
}

func enough(share float64) string {
	switch share {
	case 0:
		return "at least one instance is"
	case 1:
		return "all instances are"
	}
	return fmt.Sprintf("at least %s %% of the instances are", Number(100*share))
}

func within(t *model.Threshold) string {
	var bounds []string
	if t.Above != nil {
		bounds = append(bounds, "above "+Number(*t.Above))
	}
	if t.Below != nil {
		bounds = append(bounds, "below "+Number(*t.Below))
	}
	return strings.Join(bounds, " and ")
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
