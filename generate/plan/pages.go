package plan

import (
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/promslo/promslo/schema/model"
)

// Pages are the dashboards of a service and its neighbours. Names of services and SLOs have
// no underscore, so that no two pages have one uid.
type Pages struct {
	Prefix string // of all uids, which tells projects in one Grafana apart
	Shared bool   // there is a project file, of which the page of all services is made
	Base   string // address below which Grafana serves dashboards; empty: unknown
	// Contracts is the address of the directory of contract pages; empty: unknown.
	Contracts string
}

// PagesOf returns the pages of a project.
func PagesOf(p model.Project) Pages {
	return Pages{
		Prefix: p.Dashboards.UIDPrefix(), Shared: p.File != "", Base: strings.TrimSuffix(p.Dashboards.URL, "/"), Contracts: strings.TrimSuffix(p.Dashboards.Contracts, "/"),
	}
}

// Fleet is the uid of the overview of all services.
func (p Pages) Fleet() string { return fit(p.Prefix + "_fleet") }

// Service is the uid of the overview of a service.
func (p Pages) Service(name string) string { return fit(p.Prefix + name) }

// SLO is the uid of the page of an SLO.
func (p Pages) SLO(service, name string) string { return fit(p.Prefix + service + "_" + name) }

// Address is where the dashboard with a uid is served, empty if unknown.
func (p Pages) Address(uid string) string {
	if p.Base == "" {
		return ""
	}
	return p.Base + "/d/" + uid
}

// fit shortens a uid to the 40 characters that Grafana allows.
func fit(uid string) string {
	const longest = 40
	if len(uid) <= longest {
		return uid
	}
	h := fnv.New64a()
	h.Write([]byte(uid))
	return fmt.Sprintf("%s-%016x", uid[:longest-17], h.Sum64())
}

// Page is the uid of the SLO's dashboard.
func (s SLO) Page() string { return s.Pages.SLO(s.Service, s.Name) }
