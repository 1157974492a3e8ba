package lint

import (
	"github.com/promslo/promslo/schema/lint"
)

// impossibleSLI reports sides that count nothing, or everything, whatever happens.
func impossibleSLI(s subject, report lint.Report) {
	for _, of := range s.sides() {
		never, always := "is never above 0, and nothing is ever bad", "counts the same events as total: everything is bad"
		if !of.bad {
			never, always = "is never above 0: everything is bad", "counts the same events as total, and nothing is ever bad"
		}
		switch {
		case isNegative(of.side):
			report(of.at, of.name+" "+never, "what is taken away counts all that is counted before it: exchange them, or take less away")
		case of.status == "" && of.isWhole(): // else status-matched says it
			report(of.at, of.name+" "+always, "add to "+of.name+" a matcher of what makes an event "+of.name)
		}
	}
}

// isWhole reports whether the side counts all that total does.
func (of sides) isWhole() bool {
	all := append(of.side[:len(of.side):len(of.side)], of.total...)
	if sameButLe(all...) {
		total := byValue(of.total, all)
		for i, n := range byValue(of.side, all) {
			if n < total[i] {
				return false
			}
		}
		return true
	}
	if len(of.side) != len(of.total) {
		return false
	}
	for i, c := range of.side {
		if t := of.total[i]; c.factor < t.factor || !c.isIn(t) || !t.isIn(c) {
			return false
		}
	}
	return true
}
