package model

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// AlertKind is what an alert of an SLO is for, as its name has it. Steps of a policy have
// kinds of their own, see Step.AlertKind.
type AlertKind string

// The kinds.
const (
	BurnPage   AlertKind = "BurnPage"
	BurnTicket AlertKind = "BurnTicket"
	Missing    AlertKind = "NoData"
	BudgetEnds AlertKind = "BudgetEnds"
)

// defaultAlertName is the pattern of the names of alerts.
const defaultAlertName = "{service}{slo}{alert}"

// AlertName returns the name of an alert of an SLO. In a pattern without {alert} the page
// and the ticket share the name, and the other kinds follow it.
func (s Service) AlertName(slo SLO, kind AlertKind) string {
	pattern, part := cmp.Or(slo.Alerting.Name, defaultAlertName), string(kind)
	if !strings.Contains(pattern, "{alert}") {
		pattern += "{alert}"
		if kind == BurnPage || kind == BurnTicket {
			part = ""
		}
	}
	return strings.NewReplacer("{service}", CamelCase(s.Name), "{slo}", CamelCase(slo.Name), "{alert}", part).Replace(pattern)
}

// AlertNames returns the names of all alerts that an SLO may have, sorted.
func (s Service) AlertNames(slo SLO) []string {
	var names []string
	for _, kind := range []AlertKind{BurnPage, BurnTicket, Missing} {
		names = append(names, s.AlertName(slo, kind))
	}
	if slo.Alerting.Exhaustion > 0 {
		names = append(names, s.AlertName(slo, BudgetEnds))
	}
	for _, step := range s.Policy {
		names = append(names, s.AlertName(slo, step.AlertKind()))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// AlertKind is BudgetBelow50, BudgetSpent for 0, or BudgetOverspent50.
func (s Step) AlertKind() AlertKind {
	if s.Below == 0 {
		return "BudgetSpent"
	}
	state, percent := "Below", s.Below
	if s.Below < 0 {
		state, percent = "Overspent", -s.Below
	}
	return AlertKind("Budget" + state + strings.ReplaceAll(strconv.FormatFloat(percent, 'f', -1, 64), ".", "p"))
}

// CamelCase joins names of letters, digits and dashes, as alerts are called: UsersCreateUser.
func CamelCase(names ...string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(strings.Join(names, "-"), func(r rune) bool { return r == '-' }) {
		b.WriteString(strings.ToUpper(word[:1]))
		b.WriteString(word[1:])
	}
	return b.String()
}
