package cli

import "github.com/promslo/promslo/schema/model"

// usualLadder are the objectives to choose from where the project file names none, percent.
var usualLadder = []float64{50, 80, 90, 95, 98, 99, 99.5, 99.8, 99.9, 99.95, 99.99, 99.999}

// ladderOf returns the objectives to choose from, ascending.
func ladderOf(project model.Project) []float64 {
	if len(project.Ladder) > 0 {
		return project.Ladder
	}
	return usualLadder
}
