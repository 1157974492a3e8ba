package mutate

import (
	"maps"
	"slices"

	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/model"
)

// labelNames returns what generated rules call the labels by which reasons go. A rule file
// does not say how its project calls labels, but every SLO has its period recorded, with
// the labels that identify it: slo_id is slo_service/slo_name. The burn rate has its window,
// too. Where nothing of the kind is recorded, labels have the names that promslo gives them.
func labelNames(groups []rulefmt.RuleGroup) model.LabelNames {
	names := model.LabelNames{}
	var periods, burns, clocks []map[string]string
	for _, g := range groups {
		for _, r := range g.Rules {
			switch r.Record {
			case plan.PeriodSeconds:
				periods = append(periods, r.Labels)
			case plan.BurnRate:
				burns = append(burns, r.Labels)
			case plan.UTCOffset:
				clocks = append(clocks, r.Labels)
			}
		}
	}
	identity := map[string]bool{}
	for _, of := range periods {
		for name := range of {
			identity[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(identity)) {
		if names[plan.LabelID] == "" && !slices.ContainsFunc(periods, func(of map[string]string) bool { return !isID(of, name) }) {
			names[plan.LabelID] = name
		}
	}
	if len(identity) == 0 {
		return names
	}
	for _, of := range clocks {
		for name := range of {
			if identity[name] {
				names[plan.LabelService] = name
			}
		}
	}
	for _, of := range burns {
		for name := range of {
			if !identity[name] {
				names[plan.LabelWindow] = name
			}
		}
	}
	return names
}

// isID reports whether a label has the values of two others, with a slash between them.
func isID(labels map[string]string, name string) bool {
	for service, first := range labels {
		for slo, second := range labels {
			if service != slo && labels[name] == first+"/"+second {
				return true
			}
		}
	}
	return false
}
