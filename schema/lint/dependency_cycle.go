package lint

import (
	"strings"

	"github.com/promslo/promslo/schema/model"
)

// dependencyCycle reports SLOs that depend on each other.
func dependencyCycle(s Input, report Report) {
	own := map[string]model.Service{}
	for _, service := range s.Services {
		own[service.Name] = service
	}
	for _, c := range s.Depend.Cycles(func(service string) bool { _, is := own[service]; return is }) {
		first := c.Nodes[0]
		var next []string
		for _, n := range append(c.Nodes[1:], first) {
			next = append(next, n.Name())
		}
		report(first.Service.Source.At(append(first.Service.NeedPath(c.Dependency, 0), "service")...),
			first.Name()+" needs "+strings.Join(next, ", which needs "), "make one of the dependencies `kind: soft`, or say by `for` which SLOs it is for")
	}
}
