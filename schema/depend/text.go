package depend

import (
	"fmt"
	"math"

	"github.com/promslo/promslo/schema/words"
)

// LeftText says why a promise leaves less over another period than its percentage:
// 99.9 % over 30d: what may fail in 30d may fail within 7d, and leaves 99.571 % there.
func LeftText(p Promise, over Period) string {
	if over.Window == 0 {
		over = p.Period
	}
	name := func(p Period) string { return words.Period(p.Window, p.Calendar) }
	out := words.Number(p.Min) + " %"
	if p.Period.Window != 0 {
		out += " over " + name(p.Period)
	}
	why := ""
	if left := p.Period.Left(p.Min, over); left != p.Min {
		why = fmt.Sprintf("what may fail in %s may fail within %s", name(p.Period), name(over))
		if over.Window > p.Period.Shortest() {
			why = fmt.Sprintf("the budgets of several such periods may be spent within %s", name(over))
		}
	}
	if silent := p.Silence.Most(over.Shortest()); silent > 0 {
		if why != "" {
			why += ", and "
		}
		why += fmt.Sprintf("nothing is promised for up to %s of %s", words.Duration(silent), name(over))
	}
	if why == "" {
		return out
	}
	return fmt.Sprintf("%s: %s, which leaves %s %%", out, why, words.Number(RoundDown(p.Over(over).Min)))
}

// RoundDown rounds a percentage down so that the rest to 100 has three significant digits:
// 99.4005 becomes 99.4, and 99.98951 becomes 99.9895.
func RoundDown(x float64) float64 {
	rest := 100 - x
	if rest <= 0 {
		return x
	}
	unit := math.Pow(10, math.Floor(math.Log10(rest))-2)
	return 100 - math.Ceil(rest/unit-1e-6)*unit
}
