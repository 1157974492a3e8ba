package schema

import (
	"fmt"
	"maps"
	"slices"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// claim is the position where a service uses a name that must be unique.
type claim struct {
	service *namedService
	pos     diag.Pos
}

// duplicateNames reports services with the same name and marks them invalid.
func duplicateNames(found []namedService) []diag.Finding {
	claims := map[string][]claim{}
	for i := range found {
		s := &found[i]
		claims[s.Name] = append(claims[s.Name], claim{s, s.Source.At("service")})
	}
	return conflicts(claims, diag.Finding{ID: diag.DuplicateService, Message: "there is another service %s, in %s",
		Suggestion: "rename one of them, or put all SLOs of a service into one file"})
}

// eachSLO calls f for the SLOs of valid services.
func eachSLO(f func(*namedService, model.SLO), all ...[]namedService) {
	for _, services := range all {
		for i := range services {
			if s := &services[i]; s.valid {
				for _, slo := range s.SLOs {
					f(s, slo)
				}
			}
		}
	}
}

// duplicateIDs reports SLOs whose recorded series would be the same, and marks their
// services invalid. It skips services that are invalid already.
func duplicateIDs(found, others []namedService) []diag.Finding {
	claims := map[string][]claim{}
	eachSLO(func(s *namedService, slo model.SLO) {
		id := s.Identity(slo)
		claims[id] = append(claims[id], claim{s, s.Source.At("slos", slo.Key, "id")})
	}, found, others)
	return conflicts(claims, diag.Finding{ID: diag.DuplicateID, Message: "another SLO has the id %s too, in %s",
		Suggestion: "change or remove the id of one of them"})
}

// duplicateAlerts reports SLOs that would have alerts of the same name, as by
// alerting.name or user of users-create and create-user of users, and marks their
// services invalid. It skips services that are invalid already.
func duplicateAlerts(found, others []namedService) []diag.Finding {
	claims := map[string][]claim{}
	eachSLO(func(s *namedService, slo model.SLO) {
		for _, name := range s.AlertNames(slo) {
			claims[name] = append(claims[name], claim{s, AlertNamePos(s.Service, slo)})
		}
	}, found, others)
	return conflicts(claims, diag.Finding{ID: diag.DuplicateAlert, Message: "an alert of another SLO is called %s too: it is in %s",
		Suggestion: DuplicateAlertSuggestion})
}

// DuplicateAlertSuggestion says what to do where two SLOs have alerts of one name.
const DuplicateAlertSuggestion = "rename one of the two, whose `id` keeps the history, or give it an `alerting.name` of its own"

// AlertNamePos returns where a spec says how the alerts of an SLO are called: at
// alerting.name, or at the SLO.
func AlertNamePos(s model.Service, slo model.SLO) diag.Pos {
	at := s.Source.At("slos", slo.Key)
	if slo.Alerting.NamePos.File == at.File {
		return slo.Alerting.NamePos
	}
	return at
}

// conflicts reports each claim of a name that is claimed more than once, the first of
// those in two places, and marks the services invalid. finding.Message is a format of the name and the other position.
func conflicts(claims map[string][]claim, finding diag.Finding) []diag.Finding {
	var findings []diag.Finding
	reported := map[[2]diag.Pos]bool{}
	for _, name := range slices.Sorted(maps.Keys(claims)) {
		same := claims[name]
		if len(same) < 2 {
			continue
		}
		slices.SortFunc(same, func(a, b claim) int { return a.pos.Compare(b.pos) })
		for i, c := range same {
			other := same[0]
			if i == 0 {
				other = same[1]
			}
			c.service.valid = false
			if reported[[2]diag.Pos{c.pos, other.pos}] {
				continue
			}
			reported[[2]diag.Pos{c.pos, other.pos}] = true
			f := finding
			f.Pos, f.Message = c.pos, fmt.Sprintf(finding.Message, name, other.pos)
			findings = append(findings, f)
		}
	}
	return findings
}
