package report

import (
	"io"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
)

// jsonFinding is a finding in JSON. Its fields are documented in templates/help/ci.md: they must stay
// compatible, new ones may be added.
type jsonFinding struct {
	ID         diag.ID `json:"id"`
	Severity   string  `json:"severity"` // error or warning
	File       string  `json:"file,omitempty"`
	Line       int     `json:"line,omitempty"`   // from 1
	Column     int     `json:"column,omitempty"` // from 1, in characters
	Message    string  `json:"message"`          // one line
	Details    string  `json:"details,omitempty"`
	Suggestion string  `json:"suggestion,omitempty"`

	Change *jsonChange `json:"change,omitempty"`
}

// jsonChange is a change of a promise in JSON.
type jsonChange struct {
	Category  string         `json:"category"` // promise, history or ambition
	Subject   string         `json:"subject"`  // a service, or an SLO as service/slo
	Before    string         `json:"before"`
	After     string         `json:"after"`
	Consumers []jsonConsumer `json:"consumers"`      // affected ones
	More      bool           `json:"more,omitempty"` // there are more indirect consumers
}

type jsonConsumer struct {
	Name string `json:"name"`
	Says string `json:"says"` // what it needs, and whether that is still promised
}

func changeOf(f diag.Finding) *jsonChange {
	c := f.Change
	if c == nil {
		return nil
	}
	rule, _ := lint.Find(f.ID)
	out := &jsonChange{Category: string(rule.Category), Subject: c.Subject, Before: c.Before, After: c.After, Consumers: []jsonConsumer{}, More: c.More}
	for _, consumer := range c.Consumers {
		out.Consumers = append(out.Consumers, jsonConsumer{Name: consumer.Name, Says: consumer.Text})
	}
	return out
}

// toJSON prints an array of findings, which may be empty.
func toJSON(w io.Writer, r Report) error {
	list := []jsonFinding{}
	for _, f := range r.all() {
		message, details := split(f.Message)
		list = append(list, jsonFinding{
			ID: f.ID, Severity: f.Severity.String(),
			File: f.Pos.File, Line: f.Pos.Line, Column: f.Pos.Column,
			Message: message, Details: details, Suggestion: f.Suggestion,
			Change: changeOf(f),
		})
	}
	return WriteJSON(w, list)
}
