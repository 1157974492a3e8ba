package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// offLadder reports objectives that are not in the ladder.
func offLadder(s Input, report Report) {
	ladder := s.Project.Ladder
	s.eachObjective(func(service model.Service, slo model.SLO, objective float64, at diag.Pos) {
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
