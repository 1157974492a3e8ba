// Package templates holds the texts that people read in alerts, apart from the
// code that fills them in.
//
// In: the plan of an alert. Out: annotations, which Prometheus expands when the
// alert fires. [[ … ]] is filled in here, {{ … }} by Prometheus.
package templates

import (
	"embed"
	"fmt"
	"strings"
	"text/template"
)

//go:embed alert.tmpl init
var files embed.FS

var alert = template.Must(template.New("alert.tmpl").Delims("[[", "]]").ParseFS(files, "alert.tmpl"))

// Alert is what the annotations of an alert are made of. For Prometheus, users'
// text in it must be Literal already.
type Alert struct {
	ID          string // service/slo
	Page        bool   // else a ticket
	Objective   string // percent
	Period      string
	Burn        string // the burn rate: BurnNow, or a number
	Left        string // the share of the budget that is left: LeftNow, or a percentage
	Description string
	Runbook     string // URL or empty
	Dashboard   string // URL or empty
}

// Annotations returns the annotations of an alert by name.
func Annotations(a Alert) (map[string]string, error) {
	out := map[string]string{}
	for _, t := range alert.Templates() {
		if t.Name() == alert.Name() {
			continue
		}
		var b strings.Builder
		if err := t.Execute(&b, a); err != nil {
			return nil, fmt.Errorf("annotation %s: %w", t.Name(), err)
		}
		if text := strings.TrimSpace(b.String()); text != "" {
			out[t.Name()] = text
		}
	}
	return out, nil
}

// BurnNow makes Prometheus fill in the alert's value.
const BurnNow = `{{ $value | printf "%.1f" }}`

// LeftNow makes Prometheus fill in the value of a series as a percentage.
func LeftNow(series string) string {
	return "{{ with query `100 * " + series + "` }}{{ . | first | value | printf `%.1f` }} %{{ else }}an unknown share{{ end }}"
}

// Literal makes text that a user wrote mean itself in a template of Prometheus.
func Literal(text string) string { return strings.ReplaceAll(text, "{{", `{{"{{"}}`) }

// Start returns a file that a new project starts with, by the name that it has there.
func Start(name string) ([]byte, error) {
	return files.ReadFile("init/" + strings.TrimPrefix(name, "."))
}
