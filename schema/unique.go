package schema

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/promslo/promslo/schema/diag"
)

// claim is a place at which a service claims a name that only one may have.
type claim struct {
	of *named
	at diag.Pos
}

// duplicates reports services with the same name and takes them out.
func duplicates(found []named) []diag.Finding {
	claims := map[string][]claim{}
	for i := range found {
		s := &found[i]
		claims[s.Name] = append(claims[s.Name], claim{s, s.Source.At("service")})
	}
	return contested(claims, diag.Finding{ID: diag.DuplicateService, Message: "there is another service %s, in %s",
		Suggestion: "rename one of them, or put all SLOs of a service into one file"})
}

// sameIdentity reports SLOs whose recorded series would be the same, and takes
// their services out. Services that are out already are left alone.
func sameIdentity(found, others []named) []diag.Finding {
	claims := map[string][]claim{}
	for _, services := range [][]named{found, others} {
		for i := range services {
			s := &services[i]
			if !s.good {
				continue
			}
			for _, slo := range s.SLOs {
				id := s.Identity(slo)
				claims[id] = append(claims[id], claim{s, s.Source.At("slos", slo.Key, "id")})
			}
		}
	}
	return contested(claims, diag.Finding{ID: diag.DuplicateID, Message: "another SLO has the id %s too, in %s",
		Suggestion: "change or remove the id of one of them"})
}

// contested reports names that are claimed more than once, each at its own
// place, and takes the services out. The message of the finding is a format of
// the name and the other place.
func contested(claims map[string][]claim, finding diag.Finding) []diag.Finding {
	var findings []diag.Finding
	for _, name := range slices.Sorted(maps.Keys(claims)) {
		same := claims[name]
		if len(same) < 2 {
			continue
		}
		slices.SortFunc(same, func(a, b claim) int {
			return cmp.Or(cmp.Compare(a.at.File, b.at.File), cmp.Compare(a.at.Line, b.at.Line), cmp.Compare(a.at.Column, b.at.Column))
		})
		for i, c := range same {
			other := same[0]
			if i == 0 {
				other = same[1]
			}
			c.of.good = false
			f := finding
			f.Pos, f.Message = c.at, fmt.Sprintf(finding.Message, name, other.at)
			findings = append(findings, f)
		}
	}
	return findings
}
