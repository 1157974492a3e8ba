// Package alertmanager generates routes for the alerts of SLOs, and inhibition rules
// by which a page silences the ticket of its SLO.
//
// In: the plan of a project's routes. Out: a configuration that is valid by
// itself and notifies nobody, to be merged into one that defines the receivers.
package alertmanager

import (
	"bytes"
	"fmt"
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
			Source: matchers(plan.Page, ""),
			Target: matchers(plan.Ticket, ""),
			Equal:  r.Equal,
		}},
	}
	for _, s := range r.Silences {
		c.Inhibit = append(c.Inhibit, inhibitRule{
			Source: []string{idMatcher(s.Provider), severityMatcher(plan.Page)},
			Target: []string{idMatcher(s.Consumers...), severityMatcher(plan.Ticket)},
			Equal:  r.Servers,
		})
	}
	receivers := []string{nullReceiver}
	for _, planned := range r.Routes {
		receivers = append(receivers, planned.Receiver)
		to := route{
			Receiver: planned.Receiver,
			Matchers: matchers(planned.Severity, planned.Tier),
			GroupBy:  []string{plan.LabelID},
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

// matchers select the alerts of SLOs of one severity, and of one tier or any.
func matchers(of plan.Severity, tier string) []string {
	out := []string{plan.LabelID + `!=""`, severityMatcher(of)}
	if tier != "" {
		out = append(out, fmt.Sprintf("%s=%q", plan.LabelTier, tier))
	}
	return out
}

func severityMatcher(of plan.Severity) string { return fmt.Sprintf("%s=%q", plan.LabelSeverity, of) }

// idMatcher selects the alerts of some SLOs. IDs contain no regular-expression
// syntax.
func idMatcher(ids ...string) string {
	if len(ids) == 1 {
		return fmt.Sprintf("%s=%q", plan.LabelID, ids[0])
	}
	return fmt.Sprintf("%s=~%q", plan.LabelID, strings.Join(ids, "|"))
}
