package words

import (
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/model"
)

// Limits says within which bounds an event is good: 200, 201 or 404; at most 1s.
// Empty: the SLI has none, but counts good or bad events.
func Limits(s model.SLI) string {
	switch {
	case s.HTTP != nil && len(s.HTTP.Promises) == 0:
		return "not 5xx"
	case s.HTTP != nil:
		return or(s.HTTP.Promises)
	case s.GRPC != nil && len(s.GRPC.Promises) == 0:
		return "none of " + or(model.ServerFailures)
	case s.GRPC != nil:
		return or(s.GRPC.Promises)
	case s.Latency != nil:
		return "at most " + Duration(s.Latency.Threshold)
	case s.Uptime != nil && s.Uptime.Share == 0:
		return "at least one instance"
	case s.Uptime != nil && s.Uptime.Share == 1:
		return "all instances"
	case s.Uptime != nil:
		return "at least " + Percent(100*s.Uptime.Share) + " of the instances"
	case s.Threshold != nil:
		var bounds []string
		if a := s.Threshold.Above; a != nil {
			bounds = append(bounds, "above "+Number(*a))
		}
		if b := s.Threshold.Below; b != nil {
			bounds = append(bounds, "below "+Number(*b))
		}
		return strings.Join(bounds, " and ")
	}
	return ""
}

// or lists alternatives, sorted: 200, 201 or 404.
func or(options []string) string {
	options = slices.Sorted(slices.Values(options))
	last := len(options) - 1
	if last == 0 {
		return options[0]
	}
	return strings.Join(options[:last], ", ") + " or " + options[last]
}
