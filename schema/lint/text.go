package lint

import (
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
