// Package templates holds the texts that people read in alerts and documents,
// apart from the code that fills them in.
//
// In: the plan of an alert. Out: annotations, which Prometheus expands when the
// alert fires. [[ … ]] is filled in here, {{ … }} by Prometheus.
// In: what a document says. Out: Markdown.
package templates

import (
	"bytes"
	"embed"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"text/template"
)

//go:embed alert.tmpl init contract help
var files embed.FS

var alert = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("alert.tmpl").Delims("[[", "]]").ParseFS(files, "alert.tmpl"))
})

var documents = sync.OnceValue(func() *template.Template {
	return template.Must(template.ParseFS(files, "contract/*.md"))
})

// Document returns a document of contracts below the comment by which generated
// files are known. Name is that of its template, and all text of data is Markdown.
func Document(name, header string, data any) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("<!-- " + header + " -->\n\n")
	if err := documents().ExecuteTemplate(&b, name+".md", data); err != nil {
		return nil, fmt.Errorf("document %s: %w", name, err)
	}
	return b.Bytes(), nil
}

// Alert is what the annotations of an alert are made of. For Prometheus, users'
// text in it must be Literal already.
type Alert struct {
	ID          string // service/slo
	Page        bool   // else a ticket
	NoData      bool   // the metrics are gone
	Policy      *Policy
	Where       string // values of the labels that tell one group and one server from others, may be empty: GroupNow, ExternalNow, or text
	Objective   string // such as 99.9 %
	Period      string
	Burn        string // the burn rate: BurnNow, or a number
	Ends        string // when the budget ends: EndsNow, or a time; empty if the alert is not about that
	Before      string // month and the like: the calendar period with which a new budget begins, or empty
	Rate        string // the time whose burn rate tells when it ends, 6h
	Left        string // the share of the budget that is left: LeftNow, or a percentage
	Description string
	Runbook     string // URL or empty
	Dashboard   string // URL or empty
}

// Policy is a step of an error-budget policy that is due.
type Policy struct {
	Below             string // share of the budget, such as 50 %, or how much is overspent
	Spent, Overspent  bool   // nothing is left, or less than nothing
	Do                string
	Notify, Approvers string // names, or empty
	Owner             string // of the service, or empty
	Blocks            bool   // releases are blocked
}

// Annotations returns the annotations of an alert by name.
func Annotations(a Alert) (map[string]string, error) {
	out := map[string]string{}
	for _, t := range alert().Templates() {
		if t.Name() == alert().Name() {
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

// EndsNow makes Prometheus fill in the alert's value as a date.
const EndsNow = `{{ $value | humanizeTimestamp }}`

// GroupNow makes Prometheus fill in the alert's values of some labels.
func GroupNow(labels []string) string { return valuesNow("$labels", labels) }

// ExternalNow makes Prometheus fill in its own values of some external labels.
func ExternalNow(labels []string) string { return valuesNow("$externalLabels", labels) }

func valuesNow(of string, labels []string) string {
	values := make([]string, len(labels))
	for i, label := range labels {
		values[i] = "{{ " + field(of, label) + " }}"
	}
	return strings.Join(values, ", ")
}

// isField tells names that templates read as a field: not those that have to be quoted.
var isField = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)
})

// field reads a label in a template.
func field(of, label string) string {
	if isField().MatchString(label) {
		return of + "." + label
	}
	return "index " + of + " " + strconv.Quote(label)
}

// LeftNow makes Prometheus fill in the value of a series as a percentage. Of
// several series it is the one that agrees with the alert in some labels.
func LeftNow(series string, labels []string) string {
	query := "query `100 * " + series + "`"
	if len(labels) > 0 {
		matchers, values := "", ""
		for _, label := range labels {
			name, value := label, field("$labels", label)
			if !isField().MatchString(label) {
				name, value = strconv.Quote(label), "("+value+")"
			}
			matchers += "," + name + "=%q"
			values += " " + value
		}
		query = "printf `100 * " + strings.TrimSuffix(series, "}") + matchers + "}`" + values + " | query"
	}
	return "{{ with " + query + " }}{{ . | first | value | printf `%.1f` }} %{{ else }}an unknown share{{ end }}"
}

// Literal makes text that a user wrote mean itself in a template of Prometheus.
func Literal(text string) string { return strings.ReplaceAll(text, "{{", `{{"{{"}}`) }

// Start returns a file that a new project starts with, by the name that it has there.
func Start(name string) ([]byte, error) {
	return files.ReadFile("init/" + strings.TrimPrefix(name, "."))
}
