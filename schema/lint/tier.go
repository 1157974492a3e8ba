package lint

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// tierFloor reports SLOs and services below the floor of their tier.
func tierFloor(s Input, report Report) {
	s.eachObjective(func(service model.Service, slo model.SLO, objective float64, at diag.Pos) {
		if floor := s.Project.Tiers[service.Tier].Floor; objective < floor.Objective {
			report(at, fmt.Sprintf("%s/%s promises %s %%, and %s asks for %s %% at least", service.Name, slo.Name, words.Number(objective), service.Tier, words.Number(floor.Objective)),
				"promise that, or choose another tier")
		}
	})
	s.eachSLO(func(service model.Service, slo model.SLO) {
		field := "window"
		if slo.Calendar != "" {
			field = "calendar"
		}
		if floor := s.Project.Tiers[service.Tier].Floor; floor.Window != 0 && depend.PeriodOf(slo).Nominal() > floor.Window {
			report(service.Source.At("slos", slo.Key, field),
				fmt.Sprintf("%s/%s promises over %s, and %s asks for %s at most", service.Name, slo.Name, words.Period(slo.Window, slo.Calendar), service.Tier, words.Duration(floor.Window)),
				"shorten the window: over a long one a long outage breaks no promise")
		}
	})
	for _, service := range s.Services {
		for _, kind := range s.Project.Tiers[service.Tier].Floor.SLIs {
			if !slices.ContainsFunc(service.SLOs, func(slo model.SLO) bool {
				return kind == slo.SLI.Kind() || kind == "availability" && slo.SLI.IsAvailability()
			}) {
				report(service.Source.At("tier"), fmt.Sprintf("%s has no SLO of the kind %s, and %s asks for one", service.Name, kind, service.Tier), "add one")
			}
		}
	}
}

// tierRequires reports missing fields that the tier requires.
func tierRequires(s Input, report Report) {
	for _, service := range s.Services {
		said := map[string]bool{
			"description": service.Description != "", "owner": service.Owner != "",
			"policy": len(service.Policy) > 0, "runbook": service.Contacts["runbook"] != "",
		}
		for _, duty := range s.Project.Tiers[service.Tier].Requires {
			if said[duty] || duty == "agreements" {
				continue
			}
			field := duty
			if duty == "runbook" {
				field = "contacts.runbook"
			}
			report(service.Source.At("tier"), fmt.Sprintf("%s has no %s, and %s asks for it", service.Name, duty, service.Tier), "add `"+field+"`")
		}
	}
	requiredAgreements(s, report)
}

// tierOrder reports hard dependencies on services of a less important tier.
func tierOrder(s Input, report Report) {
	for _, service := range s.Services {
		own, known := s.Project.Tiers[service.Tier]
		if !known {
			continue
		}
		for i, d := range service.DependsOn {
			best, tier := math.MaxInt, ""
			for _, n := range d.Alternatives {
				provider, _ := s.Depend.Service(n.Service)
				rank := own.Rank // of a provider without a tier
				if t, known := s.Project.Tiers[provider.Tier]; known {
					rank = t.Rank
				}
				if rank < best {
					best, tier = rank, provider.Tier
				}
			}
			if !d.Soft && len(d.Alternatives) > 0 && best > own.Rank {
				report(service.Source.At("dependsOn", strconv.Itoa(i)),
					fmt.Sprintf("%s is %s and fails with %s, which is only %s", service.Name, service.Tier, providerNames(d), tier),
					"make the dependency `kind: soft`, or raise the tier of the other")
			}
		}
	}
}
