package schema

import (
	"maps"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// eachSLOPart calls each for every part of a journey that refers to an SLO, with the
// path of the reference in the spec.
func eachSLOPart(slo model.SLO, each func(part model.PartAt, path ...string)) {
	if slo.SLI == nil { // invalid
		return
	}
	for _, p := range slo.SLI.Parts() {
		if p.SLO != "" {
			each(p, slices.Concat([]string{"slos", slo.Key, "sli"}, p.Path, []string{"slo"})...)
		}
	}
}

// qualifyParts turns references to an SLO of the own service into service/slo. It returns
// the names of referenced services that were not found, sorted.
func qualifyParts(found []namedService) (missing []string) {
	there, lacks := map[string]bool{}, map[string]bool{}
	for _, s := range found {
		there[s.Name] = true
	}
	for _, s := range found {
		for _, slo := range s.SLOs {
			eachSLOPart(slo, func(p model.PartAt, _ ...string) {
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

// resolveParts sets the SLI of the journey parts that refer to an SLO, and reports wrong
// references. Parts may also refer to the services in others. Whole is whether these and
// found were looked for in a whole project.
func resolveParts(found, others []namedService, whole bool) []diag.Finding {
	byName := map[string]namedService{}
	for _, s := range slices.Concat(found, others) {
		byName[s.Name] = s
	}
	var findings []diag.Finding
	for i := range found {
		s := &found[i]
		for _, slo := range s.SLOs {
			first := map[string]bool{}
			eachSLOPart(slo, func(p model.PartAt, path ...string) {
				wrong := resolvePart(p, byName, s.Name+"/"+slo.Name, whole)
				if wrong == nil && first[p.SLO] {
					wrong = &partError{diag.InvalidValue, p.SLO + " is a part twice", "remove one of them: its failures would count twice"}
				}
				first[p.SLO] = first[p.SLO] || !p.Entry
				if wrong == nil {
					return
				}
				s.valid = false
				if wrong.id != "" {
					findings = append(findings, diag.New(wrong.id, s.Source.At(path...), wrong.message, wrong.suggestion))
				}
			})
		}
	}
	return findings
}

// partError is why a part cannot refer to an SLO. Without an id it has already been
// reported as an error of the referenced service.
type partError struct {
	id                  diag.ID
	message, suggestion string
}

// resolvePart sets the SLI of a part to that of its SLO.
func resolvePart(p model.PartAt, byName map[string]namedService, journey string, whole bool) *partError {
	service, name, _ := strings.Cut(p.SLO, "/")
	of, there := byName[service]
	switch {
	case !there:
		message, suggestion := "there is no spec of the service "+service+" among those that were read", "name the file or directory of its spec as well"
		if whole {
			message, suggestion = "there is no spec of the service "+service+" in the project", "write one, or give the part its SLI in place"
		}
		if heir := successor(p.SLO, byName); heir != "" {
			suggestion = "it was renamed: write " + heir
		} else if guess := diag.Closest(service, slices.Collect(maps.Keys(byName))); guess != "" {
			suggestion = diag.DidYouMean(guess+"/"+name, nil)
		}
		return &partError{diag.UnknownService, message, suggestion}
	case !of.valid:
		return &partError{}
	}
	i := slices.IndexFunc(of.SLOs, func(slo model.SLO) bool { return slo.Name == name })
	if i < 0 {
		var ids []string
		for _, slo := range of.SLOs {
			ids = append(ids, service+"/"+slo.Name)
		}
		suggestion := diag.DidYouMean(diag.Closest(p.SLO, ids), ids)
		if heir := successor(p.SLO, byName); heir != "" {
			suggestion = "it was renamed: write " + heir
		}
		return &partError{diag.UnknownSLO, "there is no SLO " + p.SLO, suggestion}
	}
	slo := of.SLOs[i]
	why, instead := slo.SLI.PartRefused(p.SLO)
	switch {
	case p.SLO == journey:
		return &partError{diag.JourneyPart, "the journey would be a part of itself", "name the SLOs of its parts"}
	case why != "":
		return &partError{diag.JourneyPart, why, instead}
	case !p.Entry && slices.ContainsFunc(slo.Schedule, func(e model.Entry) bool { return e.Threshold.Amount != 0 }):
		return &partError{diag.JourneyPart, "the latency threshold of " + p.SLO + " changes with its schedule, and a journey has none that could follow",
			"give the part its own `latency`, with one threshold"}
	}
	p.Source, p.Key, p.SLI = of.Source, slo.Key, slo.SLI
	return nil
}

// successor returns the SLO, as service/slo, that was called by another such name before; ""
// if there is none.
func successor(former string, byName map[string]namedService) string {
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		for _, slo := range byName[name].SLOs {
			if slo.ID == former {
				return name + "/" + slo.Name
			}
		}
	}
	return ""
}
