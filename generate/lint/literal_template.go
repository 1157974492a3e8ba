package lint

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/templates"
)

// literalTemplate reports what looks like a template in a label or annotation of alerts and
// stays literal.
func literalTemplate(s subject, report lint.Report) {
	a := s.model.Alerting
	for _, of := range []struct {
		path  []string
		texts map[string]string
	}{
		{[]string{"labels"}, s.model.Labels}, {[]string{"annotations"}, s.model.Annotations},
		{[]string{"alerting", "page", "labels"}, a.Page.Labels}, {[]string{"alerting", "page", "annotations"}, a.Page.Annotations},
		{[]string{"alerting", "ticket", "labels"}, a.Ticket.Labels}, {[]string{"alerting", "ticket", "annotations"}, a.Ticket.Annotations},
	} {
		isLabel := of.path[len(of.path)-1] == "labels"
		for _, name := range slices.Sorted(maps.Keys(of.texts)) {
			_, refused := templates.User(of.texts[name], s.plan.TemplateNames(s.external, isLabel))
			for _, r := range refused {
				message := fmt.Sprintf("%s of %s has %s, which stays as it is", name, s.plan.FullName(), diag.Shorten(r.Text))
				suggestion := "write {{ $value }}, perhaps with a function as in {{ $value | humanize }}, {{ $labels.NAME }} or {{ $externalLabels.NAME }}"
				switch {
				case r.Unknown && strings.HasPrefix(r.Name, "$labels."):
					message += ": the alerts have no label " + strings.TrimPrefix(r.Name, "$labels.")
					suggestion = "write one of " + strings.Join(s.plan.TemplateNames(nil, true).Labels, ", ")
				case r.Unknown:
					message += ": the project file does not name the external label " + strings.TrimPrefix(r.Name, "$externalLabels.")
					suggestion = "add it to externalLabels"
				case isLabel && strings.Contains(r.Text, "$value"):
					message += ": with the value in a label, each evaluation would make another alert"
					suggestion = "put it into an annotation"
				}
				report(s.at(append(of.path, name)...), message, suggestion)
			}
		}
	}
}
