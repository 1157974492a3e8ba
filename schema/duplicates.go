package schema

import (
	"fmt"
	"maps"
	"slices"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/words"
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

// duplicateIDs reports SLOs whose recorded series would be the same, and marks their
// services invalid. It skips services that are invalid already.
func duplicateIDs(found, others []namedService) []diag.Finding {
	claims := map[string][]claim{}
	for _, services := range [][]namedService{found, others} {
		for i := range services {
			s := &services[i]
			if !s.valid {
				continue
			}
			for _, slo := range s.SLOs {
				id := s.Identity(slo)
				claims[id] = append(claims[id], claim{s, s.Source.At("slos", slo.Key, "id")})
			}
		}
	}
	return conflicts(claims, diag.Finding{ID: diag.DuplicateID, Message: "another SLO has the id %s too, in %s",
		Suggestion: "change or remove the id of one of them"})
}

// duplicateAlerts reports SLOs whose alerts would have the same names, such as user of
// users-create and create-user of users, and marks their services invalid. It skips
// services that are invalid already.
func duplicateAlerts(found, others []namedService) []diag.Finding {
	claims := map[string][]claim{}
	for _, services := range [][]namedService{found, others} {
		for i := range services {
			s := &services[i]
			if !s.valid {
				continue
			}
			for _, slo := range s.SLOs {
				name := words.CamelCase(s.Name, slo.Name)
				claims[name] = append(claims[name], claim{s, s.Source.At("slos", slo.Key)})
			}
		}
	}
	return conflicts(claims, diag.Finding{ID: diag.DuplicateAlert, Message: "the alerts of another SLO are called %s… too: it is in %s",
		Suggestion: "rename one of the two; its `id` keeps the history"})
}

// conflicts reports each claim of a name that is claimed more than once, and marks the
// services invalid. finding.Message is a format of the name and the other position.
func conflicts(claims map[string][]claim, finding diag.Finding) []diag.Finding {
	var findings []diag.Finding
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
			f := finding
			f.Pos, f.Message = c.pos, fmt.Sprintf(finding.Message, name, other.pos)
			findings = append(findings, f)
		}
	}
	return findings
}
