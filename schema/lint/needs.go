package lint

import (
	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// need is what a service needs of one provider.
type need struct {
	model.Need
	service    model.Service
	dependency model.Dependency
	path       []string
	promise    depend.Promise
	verdict    depend.Verdict
}

// at returns where a key of the need stands.
func (n need) at(key string) diag.Pos { return n.service.Source.At(append(n.path, key)...) }

// needs calls f with every need.
func (s Subject) needs(f func(need)) {
	for _, service := range s.Services {
		for i, d := range service.DependsOn {
			for j, n := range d.Alternatives {
				promise, verdict := s.Depend.Judge(n)
				f(need{n, service, d, service.NeedPath(i, j), promise, verdict})
			}
		}
	}
}
