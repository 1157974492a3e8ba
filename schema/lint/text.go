package lint

import (
	"math"
	"strings"

	"github.com/promslo/promslo/schema/model"
)

// providerNames joins the names of the alternatives of a dependency.
func providerNames(d model.Dependency) string {
	var names []string
	for _, n := range d.Alternatives {
		names = append(names, n.Provider())
	}
	return strings.Join(names, " or ")
}

// roundDown rounds a percentage down so that the rest to 100 has three significant digits:
// 99.4005 becomes 99.4, and 99.98951 becomes 99.9895.
func roundDown(x float64) float64 {
	rest := 100 - x
	if rest <= 0 {
		return x
	}
	unit := math.Pow(10, math.Floor(math.Log10(rest))-2)
	return 100 - math.Ceil(rest/unit-1e-6)*unit
}
