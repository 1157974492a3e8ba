package contract

import (
	"slices"
	"time"

	"github.com/promslo/promslo/generate/markdown"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/model"
)

const notAgreed = "no"

// agreed says who agreed on a need, and until when. What the date means today is for lint:
// documents are the same on every day. Empty: there is nothing to agree on.
func (c catalogue) agreed(s plan.Service, n model.Need) string {
	service, _ := c.needs.Service(s.Name)
	terms, known := c.needs.Terms(service, n.Provider())
	if !known {
		return ""
	}
	i := slices.IndexFunc(s.Agreements, func(a model.Agreement) bool { return a.Provider == n.Provider() })
	if i < 0 {
		return notAgreed
	}
	a := s.Agreements[i]
	text := list(a.By, ", ") + " on " + a.On.Format(time.DateOnly)
	if !a.Until.IsZero() {
		text += ", until " + a.Until.Format(time.DateOnly)
	}
	if !a.Review.IsZero() {
		text += ", to be looked at on " + a.Review.Format(time.DateOnly)
	}
	if a.Note != "" {
		text += ": " + markdown.Text(a.Note)
	}
	if a.Terms != terms {
		text += " — **on other terms**"
	}
	return text
}

// exception is a waiver.
type exception struct{ What, For, Until, By, Because string }

// exceptions lists the waivers of a service.
func exceptions(s plan.Service) (out []exception) {
	for _, w := range s.Waivers {
		e := exception{
			What: markdown.Text(string(w.Rule)), For: markdown.Text(w.Subject()), Until: w.Until.Format(time.DateOnly),
			By: list(w.By, ", "), Because: markdown.Text(w.Because),
		}
		if w.Rule == "" {
			e.What = "the gate " + markdown.Text(string(w.Gate))
		}
		if w.Ticket != "" {
			e.Because += " (" + markdown.Text(w.Ticket) + ")"
		}
		out = append(out, e)
	}
	return out
}
