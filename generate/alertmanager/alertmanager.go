// Package alertmanager generates routes for the alerts of SLOs, and inhibition rules
// by which a page silences the ticket of its SLO.
//
// In: the plan of a project's routes. Out: a configuration that is valid by
// itself and notifies nobody, to be merged into one that defines the receivers.
package alertmanager

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/promslo/promslo/generate/plan"
)

const about = `#
# Routes and inhibition rules for the alerts of SLOs. Put the routes in front of
# those of your Alertmanager, and the rules beside its own. Its configuration
# defines the receivers: those below are empty, so that this file is valid.

`

// nullReceiver is the receiver of alerts that no route matches.
const nullReceiver = "default"

// The parts of Alertmanager's configuration that are generated.
type config struct {
	Route     route         `yaml:"route"`
	Inhibit   []inhibitRule `yaml:"inhibit_rules"`
	Receivers []receiver    `yaml:"receivers"`
}

type route struct {
	Receiver string   `yaml:"receiver"`
	Matchers []string `yaml:"matchers,flow,omitempty"`
	GroupBy  []string `yaml:"group_by,flow,omitempty"`
	Wait     string   `yaml:"group_wait,omitempty"`
	Continue bool     `yaml:"continue,omitempty"`
	Routes   []route  `yaml:"routes,omitempty"`
}

type inhibitRule struct {
	Source []string `yaml:"source_matchers,flow"`
	Target []string `yaml:"target_matchers,flow"`
	Equal  []string `yaml:"equal,flow,omitempty"`
}

type receiver struct {
	Name string `yaml:"name"`
}

// File writes the configuration behind a header that says where it comes from.
func File(r plan.Routing, header string) ([]byte, error) {
	c := config{
		Route: route{Receiver: nullReceiver},
		Inhibit: []inhibitRule{{
			Source: matchers(r, r.Pages, ""),
			Target: matchers(r, r.Tickets, ""),
			Equal:  r.Equal,
		}},
	}
	for _, s := range r.Silences {
		c.Inhibit = append(c.Inhibit, inhibitRule{
			Source: []string{matcher(r.Label(plan.LabelID), s.Provider), matcher(r.Label(plan.LabelSeverity), s.Page)},
			Target: []string{matcher(r.Label(plan.LabelID), s.Consumers...), matcher(r.Label(plan.LabelSeverity), s.Ticket)},
			Equal:  r.Servers,
		})
	}
	receivers := []string{nullReceiver}
	for _, planned := range r.Routes {
		receivers = append(receivers, planned.Receiver)
		to := route{
			Receiver: planned.Receiver,
			Matchers: matchers(r, planned.Severities, planned.Tier),
			GroupBy:  []string{r.Label(plan.LabelID)},
		}
		if planned.Notify != "" {
			to.Matchers, to.Continue = append(to.Matchers, notifies(r, planned.Notify)), true
		}
		if planned.Wait > 0 {
			to.Wait = plan.Duration(planned.Wait)
		}
		c.Route.Routes = append(c.Route.Routes, to)
	}
	slices.Sort(receivers)
	for _, name := range slices.Compact(receivers) {
		c.Receivers = append(c.Receivers, receiver{name})
	}
	var b bytes.Buffer
	b.WriteString(header + about)
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(c); err != nil {
		return nil, fmt.Errorf("alertmanager: %w", err)
	}
	return b.Bytes(), nil
}

// matchers select the alerts of SLOs of some severities, and of one tier or any.
func matchers(r plan.Routing, severities []string, tier string) []string {
	out := []string{r.Label(plan.LabelID) + `!=""`, matcher(r.Label(plan.LabelSeverity), severities...)}
	if tier != "" {
		out = append(out, matcher(r.Label(plan.LabelTier), tier))
	}
	return out
}

// notifies selects the steps of policies by which somebody is told, perhaps among others.
func notifies(r plan.Routing, name string) string {
	among := "(.+,)?" + regexp.QuoteMeta(plan.NotifyLabel(name)) + "(,.+)?"
	return r.Label(plan.LabelNotify) + `=~"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(among) + `"`
}

// matcher selects the alerts whose label has one of some values.
func matcher(label string, values ...string) string {
	if len(values) == 1 {
		return fmt.Sprintf("%s=%q", label, values[0])
	}
	quoted := make([]string, len(values))
	for i, value := range values {
		quoted[i] = regexp.QuoteMeta(value)
	}
	return fmt.Sprintf("%s=~%q", label, strings.Join(quoted, "|"))
}
