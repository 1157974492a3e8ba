package lint

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// Waive removes findings that a waiver excuses at some time. Findings of two versions are
// known by their subject, which may be a service that is gone; others by their position.
func Waive(findings []diag.Finding, c model.Contracts, now time.Time) []diag.Finding {
	waivers := slices.Clone(c.Waivers)
	for _, s := range c.Services {
		waivers = append(waivers, s.Waivers...)
	}
	waivers = slices.DeleteFunc(waivers, func(w model.Waiver) bool { return w.Rule == "" || model.Over(w.Until, now) })
	if len(waivers) == 0 {
		return findings
	}
	return slices.DeleteFunc(findings, func(f diag.Finding) bool {
		return slices.ContainsFunc(waivers, func(w model.Waiver) bool { return w.Rule == f.ID && excuses(w, f, c.Services) })
	})
}

// excuses reports whether a finding of the rule is about the subject of a waiver.
func excuses(w model.Waiver, f diag.Finding, services []model.Service) bool {
	if f.Change != nil {
		service, slo, _ := strings.Cut(f.Change.Subject, "/")
		return w.IsOn(service, slo)
	}
	for _, s := range services {
		for _, a := range s.Agreements {
			if slices.ContainsFunc([]string{"provider", "terms", "until", "review"}, func(field string) bool { return a.At(field) == f.Pos }) {
				return w.IsOn(a.Consumer, "")
			}
		}
	}
	about := -1 // the last service that begins before the finding
	for i, s := range services {
		if start := s.Source.Start; start.File == f.Pos.File && start.Compare(f.Pos) <= 0 &&
			(about < 0 || start.Compare(services[about].Source.Start) > 0) {
			about = i
		}
	}
	if about < 0 || services[about].Name != w.Service {
		return false
	}
	key := services[about].Source.SLOAt(f.Pos)
	return w.SLO == "" || slices.ContainsFunc(services[about].SLOs, func(slo model.SLO) bool { return slo.Name == w.SLO && slo.Key == key })
}

// waiverExpired reports waivers that ended: what they excused is reported again.
func waiverExpired(s Input, report Report) {
	waivers := slices.Clone(s.Waivers)
	for _, service := range s.Services {
		waivers = append(waivers, service.Waivers...)
	}
	for _, w := range waivers {
		what := string(w.Rule)
		if w.Rule == "" {
			what = "the gate " + string(w.Gate)
		}
		if model.Over(w.Until, s.Now) {
			report(w.Pos, fmt.Sprintf("the waiver of %s on %s, which %s allowed, ended on %s", what, w.Subject(), people(w.By), w.Until.Format(time.DateOnly)), "remove it, or agree on a new date")
		}
	}
}
