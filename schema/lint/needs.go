package lint

import (
	"fmt"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
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

// missingProviders reports needs of what nobody promises.
func missingProviders(s Subject, report Report) {
	s.needs(func(n need) {
		switch n.verdict {
		case depend.NoService:
			names := s.Depend.Names()
			suggestion := "name the file or directory of its spec as well"
			if guess := diag.Closest(n.Service, names); guess != "" {
				suggestion = diag.DidYouMean(guess, nil)
			}
			report(n.at("service"), fmt.Sprintf("%s depends on %s, of which there is no spec among those that were read", n.service.Name, n.Service), suggestion)
		case depend.NoSLO:
			of, _ := s.Depend.Service(n.Service)
			var names []string
			for _, slo := range of.SLOs {
				names = append(names, slo.Name)
			}
			report(n.at("slo"), fmt.Sprintf("%s depends on %s, and %s has no such SLO", n.service.Name, n.Provider(), n.Service), diag.DidYouMean(diag.Closest(n.SLO, names), names))
		}
	})
}

// belowNeed reports providers that promise less than is needed.
func belowNeed(s Subject, report Report) {
	s.needs(func(n need) {
		if n.verdict != depend.TooLow {
			return
		}
		times := ""
		if n.promise.Least < n.promise.Most {
			times = " at some times"
		}
		report(n.at("needs"), fmt.Sprintf("%s needs %s %% of %s, which promises %s %%%s", n.service.Name, words.Number(n.Percent), n.Provider(), words.Number(n.promise.Least), times),
			"need less, or have "+n.Provider()+" promise more")
	})
}

// otherWindows reports promises of enough that say nothing about the window that
// is needed.
func otherWindows(s Subject, report Report) {
	s.needs(func(n need) {
		if n.verdict != depend.TooLong {
			return
		}
		text := fmt.Sprintf("%s needs %s %% of %s over %s", n.service.Name, words.Number(n.Percent), n.Provider(), words.Duration(n.Window))
		if n.promise.Window == 0 {
			report(n.at("window"), text+", and the contract does not say over which window it promises "+words.Percent(n.promise.Least),
				"add `window` to the provider, as its contract says")
			return
		}
		within := depend.Within(n.promise.Least, n.promise.Window, n.Window)
		report(n.at("window"), fmt.Sprintf("%s, which promises %s %% over %s: what may fail in %s may fail within %s, and leaves %s %% there",
			text, words.Number(n.promise.Least), words.Duration(n.promise.Window), words.Duration(n.promise.Window), words.Duration(n.Window), words.Number(roundDown(within))),
			"need it over the window of the promise, or have it promised over the shorter one")
	})
}

// missingSLAs reports bought services that promise nothing although something is
// needed of them, or all hangs on them.
func missingSLAs(s Subject, report Report) {
	s.needs(func(n need) {
		if n.verdict != depend.NoSLA {
			return
		}
		switch {
		case n.Percent != 0:
			report(n.at("provider"), fmt.Sprintf("%s needs %s %% of %s, whose contract promises nothing", n.service.Name, words.Number(n.Percent), n.Provider()),
				"add `sla`, or need nothing of it")
		case !n.dependency.Soft && len(n.dependency.Alternatives) == 1:
			report(n.at("provider"), fmt.Sprintf("%s fails with %s, whose contract promises nothing", n.service.Name, n.Provider()),
				"add `sla` as its contract says, name an alternative by `anyOf`, or make it `kind: soft`")
		}
	})
}
