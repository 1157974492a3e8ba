package breaking

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// floorLowered reports what a tier asks less for, and a ladder that allows more.
func floorLowered(c *comparison, report func(change)) {
	const suggestion = "agree on it with all teams first"
	c.eachTier(func(name string, was, is model.Tier) {
		lowered := func(path []string, before, after, message string) {
			report(change{
				pos: c.projectPos(append([]string{"tiers", name}, path...)...), subject: "tier " + name, before: before, after: after, impact: c.servicesOf(name),
				message: "tier " + name + " asks for less: " + message, suggestion: suggestion,
			})
		}
		if is.Floor.Objective < was.Floor.Objective {
			lowered([]string{"floor", "objective"}, words.Percent(was.Floor.Objective), atLeast(is.Floor.Objective), fmt.Sprintf("%s at least, and %s before", atLeast(is.Floor.Objective), words.Percent(was.Floor.Objective)))
		}
		if was.Floor.Window != 0 && (is.Floor.Window == 0 || is.Floor.Window > was.Floor.Window) {
			lowered([]string{"floor", "window"}, words.Duration(was.Floor.Window), atMost(is.Floor.Window), fmt.Sprintf("a window of %s at most, and %s before", atMost(is.Floor.Window), words.Duration(was.Floor.Window)))
		}
		if gone := missing(was.Floor.SLIs, is.Floor.SLIs); gone != "" {
			lowered([]string{"floor", "slis"}, strings.Join(was.Floor.SLIs, ", "), list(is.Floor.SLIs), "no SLI of the kind "+gone+" any more")
		}
		if gone := missing(was.Requires, is.Requires); gone != "" {
			lowered([]string{"requires"}, strings.Join(was.Requires, ", "), list(is.Requires), "no "+gone+" any more")
		}
	})
	if text := ladderText(c.before.Project.Ladder, c.after.Project.Ladder); text != "" {
		report(change{
			pos: c.projectPos("ladder"), subject: "ladder", before: numbers(c.before.Project.Ladder), after: numbers(c.after.Project.Ladder),
			message: "the ladder holds less: " + text, suggestion: suggestion, impact: c.servicesOf(""),
		})
	}
}

// ladderText says how a ladder is looser: other objectives are allowed below its top, or
// there are fewer rungs to climb. It is empty if the ladder is not.
func ladderText(was, is []float64) string {
	if len(was) == 0 {
		return ""
	}
	if len(is) == 0 {
		return "there is none any more"
	}
	var added, gone []float64
	for _, rung := range is {
		if rung < was[len(was)-1] && !slices.Contains(was, rung) {
			added = append(added, rung)
		}
	}
	for _, rung := range was {
		if !slices.Contains(is, rung) {
			gone = append(gone, rung)
		}
	}
	var out []string
	if added != nil {
		out = append(out, numbers(added)+" can be promised, too")
	}
	if gone != nil {
		out = append(out, numbers(gone)+" is no rung any more")
	}
	return strings.Join(out, ", and ")
}

func numbers(all []float64) string {
	var out []string
	for _, x := range all {
		out = append(out, words.Number(x))
	}
	return list(out)
}

// list joins texts; empty: none.
func list(all []string) string {
	if len(all) == 0 {
		return "none"
	}
	return strings.Join(all, ", ")
}

// missing returns what is in was and not in is.
func missing(was, is []string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(was), func(s string) bool { return slices.Contains(is, s) }), ", ")
}

func atLeast(objective float64) string {
	if objective == 0 {
		return "nothing"
	}
	return words.Percent(objective)
}

func atMost(window time.Duration) string {
	if window == 0 {
		return "any length"
	}
	return words.Duration(window)
}
