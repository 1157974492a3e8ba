package lint

import (
	"github.com/promslo/promslo/schema/model"
)

// gateApprovers reports policy steps that block releases without approvers.
func gateApprovers(s Input, report Report) {
	for _, service := range s.Services {
		for _, step := range service.Policy {
			if step.Gate == model.Block && len(step.Approvers) == 0 {
				report(step.Pos, "releases are blocked, and nobody is named who may approve one, such as the repair", "add `approvers`")
			}
		}
	}
}
