package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

// subjects are the SLOs that the arguments of a command name.
type subjects struct {
	w         *workspace.Workspace
	contracts model.Contracts
	all       []subject // by service and name
}

// subject is one SLO.
type subject struct {
	service model.Service
	slo     model.SLO
	plan    plan.Service // of this SLO alone
}

func (s subject) planned() plan.SLO { return s.plan.SLOs[0] }
func (s subject) String() string    { return s.planned().FullName() }

// openSubjects reads specs and plans the SLOs that arguments name: a service, service/slo,
// or the path of specs, all of whose SLOs are meant if nothing is named. What is there is
// a path. Findings that keep it from that are printed.
func openSubjects(ctx context.Context, s streams, findingsTo io.Writer, args []string) (subjects, error) {
	var names, paths []string
	for _, arg := range args {
		if _, err := os.Lstat(arg); err == nil || arg == "-" || isSpecPath(arg) {
			paths = append(paths, arg)
		} else {
			names = append(names, arg)
		}
	}
	w, contracts, findings, err := contractsOf(ctx, s, paths)
	if err != nil {
		return subjects{}, err
	}
	if err := (reporting{}).print(findingsTo, w, errorsIn(findings)); err != nil {
		return subjects{}, err
	}
	out := subjects{w: w, contracts: contracts}
	found := map[string]bool{}
	var ids []string
	for _, service := range contracts.Services {
		for _, slo := range service.SLOs {
			id := service.Name + "/" + slo.Name
			ids = append(ids, id)
			wanted := len(names) == 0
			for _, name := range names {
				if name == id || name == service.Name {
					wanted, found[name] = true, true
				}
			}
			if !wanted {
				continue
			}
			planned, findings := out.planSLO(service, slo)
			if err := (reporting{}).print(findingsTo, w, findings); err != nil {
				return subjects{}, err
			}
			out.all = append(out.all, subject{service, slo, planned})
		}
	}
	for _, name := range names {
		if !found[name] {
			return subjects{}, unknownSLO(name, ids)
		}
	}
	return out, nil
}

// one returns the only SLO that is named.
func (x subjects) one() (subject, error) {
	if len(x.all) == 1 {
		return x.all[0], nil
	}
	var ids []string
	for _, s := range x.all {
		ids = append(ids, s.String())
	}
	if len(ids) > maxListed {
		ids = append(ids[:maxListed], "…")
	}
	return subject{}, fmt.Errorf("which SLO? Name one of %s", strings.Join(ids, ", "))
}

// planSLO plans one SLO as the only one of its service.
func (x subjects) planSLO(service model.Service, slo model.SLO) (plan.Service, []diag.Finding) {
	service.SLOs = []model.SLO{slo}
	return plan.New(service, x.w.Project)
}

// find returns an SLO of any service that was read.
func (x subjects) find(service, slo string) (subject, bool) {
	for _, s := range slices.Concat(x.contracts.Services, x.contracts.Providers) {
		for _, o := range s.SLOs {
			if s.Name == service && o.Name == slo {
				planned, findings := x.planSLO(s, o)
				return subject{s, o, planned}, !diag.HasErrors(findings)
			}
		}
	}
	return subject{}, false
}

func isSpecPath(arg string) bool {
	_, known := read.FormatOf(arg)
	return known
}

func errorsIn(findings []diag.Finding) []diag.Finding {
	return slices.DeleteFunc(slices.Clone(findings), func(f diag.Finding) bool { return !diag.HasErrors([]diag.Finding{f}) })
}
