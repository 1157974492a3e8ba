package report

import (
	"encoding/json"
	"io"
)

// jsonFinding is a finding in JSON. Its fields are documented in the README:
// names and meanings stay as they are, more may be added.
type jsonFinding struct {
	ID         string `json:"id"`
	Severity   string `json:"severity"` // error or warning
	File       string `json:"file,omitempty"`
	Line       int    `json:"line,omitempty"`   // from 1
	Column     int    `json:"column,omitempty"` // from 1, in characters
	Message    string `json:"message"`          // one line
	Details    string `json:"details,omitempty"`
	Suggestion string `json:"suggestion,omitempty"`
}

// toJSON prints a list of findings, which may be empty.
func toJSON(w io.Writer, r Report) error {
	list := []jsonFinding{}
	for _, f := range r.all() {
		message, details := split(f.Message)
		list = append(list, jsonFinding{
			ID: f.ID, Severity: f.Severity.String(),
			File: f.Pos.File, Line: f.Pos.Line, Column: f.Pos.Column,
			Message: message, Details: details, Suggestion: f.Suggestion,
		})
	}
	return encodeJSON(w, list)
}

func encodeJSON(w io.Writer, value any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(value)
}
