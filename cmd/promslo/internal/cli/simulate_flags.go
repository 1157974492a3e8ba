package cli

import (
	"errors"
	"time"

	prom "github.com/prometheus/common/model"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/simulate"
	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// errorsFlag adds errors such as 100%:10m to a list. Flags that share a list
// keep the order of the command line.
type errorsFlag []model.Errors

func (f *errorsFlag) Set(text string) error {
	e, ok := schema.ParseErrors(text)
	if !ok || e.Ratio == 0 {
		return errors.New("want RATIO:DURATION such as 2%:3h, up to 100 %")
	}
	*f = append(*f, e)
	return nil
}

func (f *errorsFlag) String() string { return "" }
func (f *errorsFlag) Type() string   { return "RATIO:DURATION" }

// rateFlag is traffic such as 10/h.
type rateFlag simulate.Rate

func (f *rateFlag) Set(text string) error {
	r, ok := schema.ParseRate(text)
	if !ok {
		return errors.New("want events in a second, minute, hour or day, such as 100/s, 30/m, 10/h, 5/d")
	}
	*f = rateFlag(r)
	return nil
}

func (f *rateFlag) String() string {
	if f.Events == 0 {
		return ""
	}
	return words.Rate(model.Rate(*f))
}

func (f *rateFlag) Type() string { return "EVENTS/UNIT" }

// durationFlag is a duration such as 1h30m or 3d.
type durationFlag time.Duration

func (f *durationFlag) Set(text string) error {
	d, err := prom.ParseDuration(text)
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
