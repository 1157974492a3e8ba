package lint

import (
	"github.com/promslo/promslo/schema/model"
)

// gateApprovers reports steps that stop releases with nobody to let one pass.
func gateApprovers(s Subject, report Report) {
	for _, service := range s.Services {
		for _, step := range service.Policy {
			if step.Gate == model.Block && len(step.Approvers) == 0 {
				report(step.Pos, "releases are blocked, and nobody is named who may approve one, such as the repair", "add `approvers`")
			}
		}
	}
}
