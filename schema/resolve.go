package schema

import (
	"maps"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// The functions below give the parts of journeys that name an SLO its SLI.

// parts calls each with every part of an SLO's journey that names an SLO, and
// the path of its name in the spec.
func parts(slo model.SLO, each func(part model.PartAt, path ...string)) {
	if slo.SLI == nil { // it is wrong
		return
	}
	for _, p := range slo.SLI.Parts() {
		if p.SLO != "" {
			each(p, slices.Concat([]string{"slos", slo.Key, "sli"}, p.Path, []string{"slo"})...)
		}
	}
}

// qualify adds the names of their own service to parts that name only an SLO. It
// returns the names of the services that are not there, sorted.
func qualify(found []named) (missing []string) {
	there, lacks := map[string]bool{}, map[string]bool{}
	for _, s := range found {
		there[s.Name] = true
	}
	for _, s := range found {
		for _, slo := range s.SLOs {
			parts(slo, func(p model.PartAt, _ ...string) {
				if !strings.Contains(p.SLO, "/") {
					p.SLO = s.Name + "/" + p.SLO
				}
				if service, _, _ := strings.Cut(p.SLO, "/"); !there[service] {
					lacks[service] = true
				}
			})
		}
	}
	return slices.Sorted(maps.Keys(lacks))
}

// resolve gives parts that name an SLO its SLI, and reports those that cannot
// have it. Others are services that parts may name as well.
func resolve(found, others []named) []diag.Finding {
	byName := map[string]named{}
	for _, s := range slices.Concat(found, others) {
		byName[s.Name] = s
	}
	var findings []diag.Finding
	for i := range found {
		s := &found[i]
		for _, slo := range s.SLOs {
			first := map[string]bool{}
			parts(slo, func(p model.PartAt, path ...string) {
				wrong := fill(p, byName, s.Name+"/"+slo.Name)
				if wrong == nil && first[p.SLO] {
					wrong = &flaw{diag.InvalidValue, p.SLO + " is a part twice", "remove one of them: its failures would count twice"}
				}
				first[p.SLO] = first[p.SLO] || !p.Entry
				if wrong == nil {
					return
				}
				s.good = false
				if wrong.id != "" {
					findings = append(findings, diag.New(wrong.id, s.Source.At(path...), wrong.message, wrong.suggestion))
				}
			})
		}
	}
	return findings
}

// flaw is why a part cannot have the SLI of the SLO that it names; without an id,
// it has been reported as an error of the SLO's own service.
type flaw struct {
	id                  diag.ID
	message, suggestion string
}

// fill gives a part of a journey the SLI of its SLO.
func fill(p model.PartAt, byName map[string]named, journey string) *flaw {
	service, name, _ := strings.Cut(p.SLO, "/")
	of, there := byName[service]
	switch {
	case !there:
		suggestion := "name the file or directory of its spec as well"
		if guess := diag.Closest(service, slices.Collect(maps.Keys(byName))); guess != "" {
			suggestion = diag.DidYouMean(guess+"/"+name, nil)
		}
		return &flaw{diag.UnknownService, "there is no spec of the service " + service + " among those that were read", suggestion}
	case !of.good:
		return &flaw{}
	}
	i := slices.IndexFunc(of.SLOs, func(slo model.SLO) bool { return slo.Name == name })
	if i < 0 {
		var ids []string
		for _, slo := range of.SLOs {
			ids = append(ids, service+"/"+slo.Name)
		}
		return &flaw{diag.UnknownSLO, "there is no SLO " + p.SLO, diag.DidYouMean(diag.Closest(p.SLO, ids), ids)}
	}
	slo := of.SLOs[i]
	why, instead := slo.SLI.PartRefused(p.SLO)
	switch {
	case p.SLO == journey:
		return &flaw{diag.JourneyPart, "the journey would be a part of itself", "name the SLOs of its parts"}
	case why != "":
		return &flaw{diag.JourneyPart, why, instead}
	case !p.Entry && slices.ContainsFunc(slo.Schedule, func(e model.Entry) bool { return e.Threshold != 0 }):
		return &flaw{diag.JourneyPart, "the latency threshold of " + p.SLO + " changes with its schedule, and a journey has none that could follow",
			"give the part its own `latency`, with one threshold"}
	}
	p.Source, p.Key, p.SLI = of.Source, slo.Key, slo.SLI
	return nil
}
