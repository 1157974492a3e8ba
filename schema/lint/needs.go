package lint

import (
	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// need is what a service needs from one provider.
type need struct {
	model.Need
	service    model.Service
	dependency model.Dependency
	path       []string
	promise    depend.Promise
	verdict    depend.Verdict
}

// pos returns the position of a key of the need.
func (n need) pos(key string) diag.Pos { return n.service.Source.At(append(n.path, key)...) }

// eachNeed calls f for every need.
func (s Input) eachNeed(f func(need)) {
	for _, service := range s.Services {
		for i, d := range service.DependsOn {
			for j, n := range d.Alternatives {
				promise, verdict := s.Depend.Check(service.Name, d, n)
				f(need{n, service, d, service.NeedPath(i, j), promise, verdict})
			}
		}
	}
}
