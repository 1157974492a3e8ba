package schema

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

// minStepDistance is between two steps of a policy, in percent of the error budget.
const minStepDistance = 0.1

// policy decodes the steps of an error budget policy, the one with most budget left first.
func (c *fileChecker) policy(n *read.Node) []model.Step {
	var out []model.Step
	for _, item := range n.Items {
		below := c.valid(item, "below")
		if below == nil {
			continue
		}
		for _, other := range out {
			if math.Abs(other.Below-below.Number) < minStepDistance {
				c.add(diag.InvalidValue, below.Pos, fmt.Sprintf("the policy has another step within %g of %s, in line %d", minStepDistance, diag.Shorten(below.Text), other.Pos.Line), "make one step of both")
				break
			}
		}
		out = append(out, model.Step{
			Below: below.Number, Do: c.text(item, "do"), Notify: c.stringList(item, "notify"), Approvers: c.stringList(item, "approvers"),
			Gate: model.Gate(c.text(item, "gate")), Pos: item.Pos.In(c.file),
		})
	}
	slices.SortFunc(out, func(a, b model.Step) int { return cmp.Compare(b.Below, a.Below) })
	return out
}
