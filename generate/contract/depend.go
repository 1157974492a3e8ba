package contract

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/promslo/promslo/generate/markdown"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/model"
)

// need is one provider of a service.
type need struct {
	Provider  string // a link, if there is a page
	Needed    string
	Promised  string
	Kind      string // hard or soft
	For       string
	Otherwise string // what keeps its failures from being felt, and what is paid back
	Agreed    string // who agreed on it, and when
}

// consumer depends on an SLO of the service.
type consumer struct{ Who, What, Needed, Kind, Agreed string }

// catalogue has the SLOs of all services, and their consumers.
type catalogue struct {
	slos      map[string]plan.SLO // by service/slo
	needs     *depend.Graph
	consumers map[string][]consumer // by the service that they rely on, as pages list them
}

func newCatalogue(services []plan.Service, needs *depend.Graph) catalogue {
	all := catalogue{needs: needs, slos: map[string]plan.SLO{}, consumers: map[string][]consumer{}}
	for _, s := range services {
		for _, slo := range s.SLOs {
			all.slos[slo.FullName()] = slo
		}
	}
	for _, s := range services {
		for _, d := range s.DependsOn {
			for _, n := range d.Alternatives {
				if n.Bought != nil {
					continue
				}
				c := consumer{Who: consumerNames(s, d.For), What: slo(n.Service, n.SLO), Needed: neededText(n), Kind: kind(d.Soft), Agreed: all.agreed(s, n)}
				if len(d.Alternatives) > 1 {
					c.Kind += ", or another"
				}
				all.add(n.Service, c)
			}
		}
		for _, journey := range s.SLOs {
			all.journey(journey)
		}
	}
	for _, c := range all.consumers {
		slices.SortStableFunc(c, func(a, b consumer) int { return cmp.Compare(a.What, b.What) })
	}
	return all
}

func (c catalogue) add(service string, who consumer) {
	c.consumers[service] = append(c.consumers[service], who)
}

// journey adds a journey as a consumer of the SLOs it counts.
func (c catalogue) journey(of plan.SLO) {
	for _, part := range of.SLI.Parts {
		if counted, ok := c.slos[part.Name]; ok && counted.Service != of.Service {
			c.add(counted.Service, consumer{Who: slo(of.Service, of.Name), What: slo(counted.Service, counted.Name), Needed: "its SLI", Kind: "journey"})
		}
	}
}

// providers returns those of a service.
func (c catalogue) providers(s plan.Service) []need {
	var out []need
	for _, d := range s.DependsOn {
		for i, n := range d.Alternatives {
			line := need{
				Provider: c.provider(n), Needed: neededText(n), Promised: c.promised(s.Name, d, n),
				Kind: kind(d.Soft), For: cmp.Or(list(d.For, ", "), "all"), Otherwise: list(d.Mitigations, "; "),
				Agreed: c.agreed(s, n),
			}
			if n.Bought != nil && n.Bought.Credit != "" {
				line.Otherwise = strings.TrimPrefix(line.Otherwise+"; paid back: "+markdown.Text(n.Bought.Credit), "; ")
			}
			if i > 0 {
				line.Provider = "or " + line.Provider
			}
			out = append(out, line)
		}
	}
	return out
}

// provider is the name of a provider, with a link if it has a page.
func (c catalogue) provider(n model.Need) string {
	if n.Bought != nil {
		return markdown.Text(n.Bought.Name) + " (bought)"
	}
	if _, ok := c.slos[n.Provider()]; ok {
		return slo(n.Service, n.SLO)
	}
	return markdown.Text(n.Provider())
}

// promisedText formats the objective of the provider, and whether it suffices.
func (c catalogue) promised(consumer string, d model.Dependency, n model.Need) string {
	promise, verdict := c.needs.Check(consumer, d, n)
	text := ratio(promise.Min, promise.Period.Window, "nothing")
	if found, ok := c.slos[n.Provider()]; ok && n.Bought == nil {
		text = found.ObjectiveText(percent) + " over " + found.PeriodText()
	}
	switch {
	case verdict == depend.NoService, verdict == depend.NoSLO:
		return text + ": there is no such SLO"
	case verdict == depend.TooLow:
		return text + " — **less than needed**"
	case verdict == depend.NotComparable:
		return text + " — **over which window is not said**"
	}
	for _, gap := range c.needs.Gaps(n) {
		text += " — **" + markdown.Text(gap.Promised) + "**"
	}
	return text
}

// slo is a link to the section of an SLO.
func slo(service, name string) string { return link(service+"/"+name, service, name) }

func link(text, service, name string) string {
	return "[" + text + "](" + pageFile(service) + "#" + name + ")"
}

// consumerNames lists the SLOs of a service that depend on a provider, or says all.
func consumerNames(s plan.Service, slos []string) string {
	if len(slos) == 0 {
		return "[" + s.Name + "](" + pageFile(s.Name) + ")"
	}
	links := make([]string, len(slos))
	for i, name := range slos {
		links[i] = slo(s.Name, name)
	}
	return strings.Join(links, ", ")
}

func neededText(n model.Need) string {
	text := ratio(n.Percent, n.Window, "")
	n.Percent = 0
	if more := depend.NeedText(n); more != "" {
		text = strings.TrimPrefix(text+", "+markdown.Text(more), ", ")
	}
	return cmp.Or(text, "not said")
}

// ratio is a percentage over a window, either of which may be missing.
func ratio(value float64, window time.Duration, otherwise string) string {
	switch {
	case value == 0:
		return otherwise
	case window == 0:
		return plan.Number(value) + percent
	}
	return plan.Number(value) + percent + " over " + plan.Duration(window)
}

func kind(soft bool) string {
	if soft {
		return "soft"
	}
	return "hard"
}
