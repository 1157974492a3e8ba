package depend

import (
	"strings"

	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/quantity"
	"github.com/promslo/promslo/schema/words"
)

// Gap is what a need asks beside a percentage of good events, and does not get.
type Gap struct {
	Field   string // of the need
	Verdict Verdict
	// Promised is what the provider says of it: at most 1s at some times; 404, 410 to 412
	// count as good; it expects 100/s.
	Promised string
}

// Gaps returns what a need of an SLO asks beside a percentage and does not get: how fast,
// which answers, how many. None: the provider is not known, or all is well.
func (g *Graph) Gaps(n model.Need) (out []Gap) {
	slo, known := g.slo(n.Service, n.SLO)
	if !known || n.Bought != nil {
		return nil
	}
	if n.Within.Amount != 0 {
		slowest, usual, is := latency(slo)
		switch {
		case !is:
			out = append(out, Gap{"within", NoLatency, "nothing of how long an answer takes"})
		case slowest.Amount > n.Within.Amount && slowest != usual:
			out = append(out, Gap{"within", TooSlow, "at most " + slowest.String() + " at some times"})
		case slowest.Amount > n.Within.Amount:
			out = append(out, Gap{"within", TooSlow, "at most " + slowest.String()})
		}
	}
	if len(n.Answers) > 0 {
		answering, is := slo.SLI.(model.Answering)
		if !is {
			out = append(out, Gap{"answers", NoStatuses, "it does not count by statuses"})
		} else if beside := answering.GoodBeside(n.Answers); len(beside) > 0 {
			out = append(out, Gap{"answers", OtherAnswers, strings.Join(beside, ", ") + " may be good, too"})
		}
	}
	if n.UpTo.Events != 0 {
		switch {
		case slo.Traffic.Events == 0:
			out = append(out, Gap{"upTo", NoTraffic, "it does not say what traffic it expects"})
		case PerSecond(n.UpTo) > PerSecond(slo.Traffic)*(1+1e-9):
			out = append(out, Gap{"upTo", TooMuch, "it expects " + words.Rate(slo.Traffic)})
		}
	}
	return out
}

// latency returns the highest threshold of the times of an SLO and the usual one, and false
// if it promises nothing of how long something takes.
func latency(slo model.SLO) (slowest, usual quantity.Quantity, is bool) {
	usual, is = slo.SLI.ScheduleThreshold()
	slowest = usual
	for _, e := range slo.Schedule {
		if e.Threshold.Amount > slowest.Amount {
			slowest = e.Threshold
		}
	}
	return slowest, usual, is && !usual.Size
}

// PerSecond is a rate in events per second.
func PerSecond(r model.Rate) float64 { return r.Events / r.Per.Seconds() }

// NeedText says what is needed: 99.9 % over 30d, within 300ms, answered by 200 or 402, up to
// 500/s. Empty: nothing is.
func NeedText(n model.Need) string {
	var out []string
	if n.Percent != 0 {
		out = append(out, words.Over(n.Percent, n.Window))
	}
	if n.Within.Amount != 0 {
		out = append(out, "within "+n.Within.String())
	}
	if len(n.Answers) > 0 {
		out = append(out, "answered by "+strings.Join(n.Answers, " or "))
	}
	if n.UpTo.Events != 0 {
		out = append(out, "up to "+words.Rate(n.UpTo))
	}
	return strings.Join(out, ", ")
}
