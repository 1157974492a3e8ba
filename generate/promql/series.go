package promql

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// repeated is how often a value is repeated in promtool's notation of series.
var repeated = regexp.MustCompile(`x[0-9]+`)

// CheckSeries parses a series and its values in promtool's notation, without
// making the values, of which a few characters can ask for a billion. It returns
// how many they are. The offset of an error is that in series + " " + values.
func CheckSeries(series, values string) (l labels.Labels, samples int, bad *Error) {
	text := series + " " + values
	if at := strings.IndexAny(text, "\r\n"); at >= 0 {
		return l, 0, &Error{Offset: at, Message: "promtool reads a series and its values on one line", Hint: "remove the line break"}
	}
	if err := CheckText(series, SpecLimits); err != nil {
		return l, 0, err
	}
	// One repetition each, as long as the number was: columns stay right.
	once := repeated.ReplaceAllStringFunc(values, func(times string) string {
		n, err := strconv.Atoi(times[1:])
		if err != nil || n > maxRepeated {
			n = maxRepeated
		}
		samples += n - 1
		return "x" + strings.Repeat("0", len(times)-2) + "1"
	})
	if _, err := prom.ParseMetric(series); err != nil {
		return l, 0, seriesError(err)
	}
	l, sequence, err := prom.ParseSeriesDesc(series + " " + once)
	if err != nil {
		return l, 0, seriesError(err)
	}
	if l = l.WithoutEmpty(); l.IsEmpty() {
		return l, 0, &Error{Message: "a series needs a name or a label"}
	}
	return l, samples + len(sequence), nil
}

// CountSamples is how many samples values in promtool's notation stand for, or
// somewhat more.
func CountSamples(values string) int {
	samples := 1 + strings.Count(values, " ") + strings.Count(values, "\t")
	for _, times := range repeated.FindAllString(values, -1) {
		n, err := strconv.Atoi(times[1:])
		if err != nil {
			n = maxRepeated
		}
		samples = min(samples+min(n, maxRepeated), maxRepeated)
	}
	return samples
}

func seriesError(err error) *Error {
	if errs, ok := errors.AsType[parser.ParseErrors](err); ok && len(errs) > 0 {
		return &Error{Offset: int(errs[0].PositionRange.Start), Message: errs[0].Err.Error()}
	}
	return &Error{Message: err.Error()}
}

// maxRepeated is above what anybody may repeat.
const maxRepeated = 1_000_000_000
