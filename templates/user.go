package templates

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Names are what a template of a user may name.
type Names struct {
	Labels   []string // of the series for which the alert fires
	External []string // external labels of the server
	Value    bool     // whether it may name the value, as in an annotation
}

// Refused is a part of a text that looks like a template and stays literal.
type Refused struct {
	Text    string // {{ … }}
	Unknown bool   // only the name in it is not known; else it is none that users may write
	Name    string // $labels.NAME, if it is not known
}

// actions are what templates execute. One that does not end is literal.
var actions = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?s)\{\{.*?\}\}`)
})

// The actions of users: the value, as it is or for people, and labels.
var (
	valueAction = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^\{\{ *(\$value( *\| *(humanize|humanize1024|humanizeDuration|humanizePercentage|humanizeTimestamp))?|(humanize|humanize1024|humanizeDuration|humanizePercentage|humanizeTimestamp) +\$value) *\}\}$`)
	})
	labelAction = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^\{\{ *\$(labels|externalLabels)\.([a-zA-Z_][a-zA-Z0-9_]*) *\}\}$`)
	})
)

// User makes a text of a user a template of Prometheus: {{ $value }}, {{ $labels.NAME }}
// and {{ $externalLabels.NAME }} are executed, and all else means itself.
func User(text string, names Names) (template string, refused []Refused) {
	var b strings.Builder
	from := 0
	for _, at := range actions().FindAllStringIndex(text, -1) {
		action := text[at[0]:at[1]]
		r, ok := names.allow(action)
		if !ok {
			refused = append(refused, r)
			continue
		}
		b.WriteString(Literal(text[from:at[0]]))
		b.WriteString(action)
		from = at[1]
	}
	b.WriteString(Literal(text[from:]))
	return b.String(), refused
}

func (n Names) allow(action string) (Refused, bool) {
	label := labelAction().FindStringSubmatch(action)
	switch {
	case label == nil:
		return Refused{Text: action}, n.Value && valueAction().MatchString(action)
	case label[1] == "labels" && slices.Contains(n.Labels, label[2]), label[1] == "externalLabels" && slices.Contains(n.External, label[2]):
		return Refused{}, true
	}
	return Refused{Text: action, Unknown: true, Name: "$" + label[1] + "." + label[2]}, false
}
