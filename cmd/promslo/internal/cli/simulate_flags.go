package cli

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/simulate/trace"
)

// errorsFlag adds errors such as 100%:10m to a list. Flags that share a list
// keep the order of the command line.
type errorsFlag []trace.Errors

func (f *errorsFlag) Set(text string) error {
	ratio, length, found := strings.Cut(text, ":")
	number, isPercent := strings.CutSuffix(ratio, "%")
	percent, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	d, errLength := model.ParseDuration(length)
	if !found || !isPercent || err != nil || errLength != nil || d == 0 || !(percent > 0 && percent <= 100) {
		return errors.New("want RATIO:DURATION such as 2%:3h, up to 100 %")
	}
	*f = append(*f, trace.Errors{Ratio: percent / 100, Length: time.Duration(d)})
	return nil
}

func (f *errorsFlag) String() string { return "" }
func (f *errorsFlag) Type() string   { return "RATIO:DURATION" }

// rateFlag is traffic such as 10/h.
type rateFlag trace.Rate

// units of traffic, as they are written.
var units = map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}

// mostTraffic, in a second, keeps decades of events exact in floating point.
const mostTraffic = 1e7

func (f *rateFlag) Set(text string) error {
	number, unit, _ := strings.Cut(text, "/")
	n, err := strconv.ParseFloat(number, 64)
	per, known := units[unit]
	if err != nil || !known || !(n > 0 && n/per.Seconds() <= mostTraffic) {
		return errors.New("want events in a second, minute, hour or day, such as 100/s, 30/m, 10/h, 5/d")
	}
	*f = rateFlag{Events: n, Per: per}
	return nil
}

func (f *rateFlag) String() string {
	for unit, per := range units {
		if per == f.Per {
			return plan.Number(f.Events) + "/" + unit
		}
	}
	return ""
}

func (f *rateFlag) Type() string { return "EVENTS/UNIT" }

// durationFlag is a duration such as 1h30m or 3d.
type durationFlag time.Duration

func (f *durationFlag) Set(text string) error {
	d, err := model.ParseDuration(text)
	if err != nil || d == 0 {
		return errors.New("want a duration above 0, such as 1h30m or 3d")
	}
	*f = durationFlag(d)
	return nil
}

func (f *durationFlag) String() string {
	if *f == 0 {
		return ""
	}
	return plan.Duration(time.Duration(*f))
}

func (f *durationFlag) Type() string { return "DURATION" }
