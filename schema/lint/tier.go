package lint

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// objectives calls f with the objective of every SLO and those of its schedule, and
// where each stands.
func (s Subject) objectives(f func(service model.Service, slo model.SLO, objective float64, at diag.Pos)) {
	s.each(func(service model.Service, slo model.SLO) {
		f(service, slo, slo.Objective, service.Source.At("slos", slo.Key, "objective"))
		for i, e := range slo.Schedule {
			if e.Objective != 0 {
				f(service, slo, e.Objective, service.Source.At("slos", slo.Key, "schedule", strconv.Itoa(i), "objective"))
			}
		}
	})
}

// belowFloor reports what falls short of the floor of its tier.
func belowFloor(s Subject, report Report) {
	s.objectives(func(service model.Service, slo model.SLO, objective float64, at diag.Pos) {
		if floor := s.Project.Tiers[service.Tier].Floor; objective < floor.Objective {
			report(at, fmt.Sprintf("%s/%s promises %s %%, and %s asks for %s %% at least", service.Name, slo.Name, words.Number(objective), service.Tier, words.Number(floor.Objective)),
				"promise that, or choose another tier")
		}
	})
	s.each(func(service model.Service, slo model.SLO) {
		field := "window"
		if slo.Calendar != "" {
			field = "calendar"
		}
		if floor := s.Project.Tiers[service.Tier].Floor; floor.Window != 0 && depend.Period(slo.Window, slo.Calendar) > floor.Window {
			report(service.Source.At("slos", slo.Key, field),
				fmt.Sprintf("%s/%s promises over %s, and %s asks for %s at most", service.Name, slo.Name, words.Duration(depend.Period(slo.Window, slo.Calendar)), service.Tier, words.Duration(floor.Window)),
				"shorten the window: over a long one a long outage breaks no promise")
		}
	})
	for _, service := range s.Services {
		for _, kind := range s.Project.Tiers[service.Tier].Floor.SLIs {
			if !slices.ContainsFunc(service.SLOs, func(slo model.SLO) bool {
				return kind == slo.SLI.Kind() || kind == "availability" && slo.SLI.TellsFailures()
			}) {
				report(service.Source.At("tier"), fmt.Sprintf("%s has no SLO of the kind %s, and %s asks for one", service.Name, kind, service.Tier), "add one")
			}
		}
	}
}

// requirements reports what a service does not say although its tier asks for it.
func requirements(s Subject, report Report) {
	for _, service := range s.Services {
		said := map[string]bool{
			"description": service.Description != "", "owner": service.Owner != "",
			"policy": len(service.Policy) > 0, "runbook": service.Contacts["runbook"] != "",
		}
		for _, duty := range s.Project.Tiers[service.Tier].Requires {
			if said[duty] {
				continue
			}
			field := duty
			if duty == "runbook" {
				field = "contacts.runbook"
			}
			report(service.Source.At("tier"), fmt.Sprintf("%s has no %s, and %s asks for it", service.Name, duty, service.Tier), "add `"+field+"`")
		}
	}
}

// lowerTiers reports services that fail with one of a less important tier.
func lowerTiers(s Subject, report Report) {
	for _, service := range s.Services {
		own, known := s.Project.Tiers[service.Tier]
		if !known {
			continue
		}
		for i, d := range service.DependsOn {
			best, tier := math.MaxInt, ""
			for _, n := range d.Alternatives {
				provider, _ := s.Depend.Service(n.Service)
				rank := own.Rank // of one that has no tier
				if t, known := s.Project.Tiers[provider.Tier]; known {
					rank = t.Rank
				}
				if rank < best {
					best, tier = rank, provider.Tier
				}
			}
			if !d.Soft && len(d.Alternatives) > 0 && best > own.Rank {
				report(service.Source.At("dependsOn", strconv.Itoa(i)),
					fmt.Sprintf("%s is %s and fails with %s, which is only %s", service.Name, service.Tier, providers(d), tier),
					"make the dependency `kind: soft`, or raise the tier of the other")
			}
		}
	}
}

// offLadder reports objectives that are no rungs of the ladder.
func offLadder(s Subject, report Report) {
	ladder := s.Project.Ladder
	s.objectives(func(service model.Service, slo model.SLO, objective float64, at diag.Pos) {
		if len(ladder) == 0 || slices.Contains(ladder, objective) {
			return
		}
		i, _ := slices.BinarySearch(ladder, objective)
		var near []string
		for _, rung := range ladder[max(0, i-1):min(len(ladder), i+1)] {
			near = append(near, words.Number(rung))
		}
		report(at, fmt.Sprintf("%s/%s promises %s %%, which is no rung of the ladder", service.Name, slo.Name, words.Number(objective)), "promise "+strings.Join(near, " or ")+" %")
	})
}

// gatesWithoutApprovers reports steps that stop releases with nobody to let one pass.
func gatesWithoutApprovers(s Subject, report Report) {
	for _, service := range s.Services {
		for _, step := range service.Policy {
			if step.Gate == model.Block && len(step.Approvers) == 0 {
				report(step.Pos, "releases are blocked, and nobody is named who may approve one, such as the repair", "add `approvers`")
			}
		}
	}
}
