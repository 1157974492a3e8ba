package lint

import (
	"fmt"
	"maps"
	"slices"

	"github.com/promslo/promslo/schema/diag"
)

// nobodyNotified reports whom steps of policies name who have no receiver, where others have.
func nobodyNotified(s Input, report Report) {
	receivers := s.Project.Alertmanager.Notify
	if len(receivers) == 0 {
		return
	}
	names := slices.Sorted(maps.Keys(receivers))
	for _, service := range s.Services {
		for _, step := range service.Policy {
			for _, name := range step.Notify {
				if receivers[name] == "" {
					report(step.Pos, fmt.Sprintf("nobody receives what is for %s", diag.Shorten(name)), diag.DidYouMean(diag.Closest(name, names), names))
				}
			}
		}
	}
}
