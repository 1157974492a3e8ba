package templates

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUser(t *testing.T) {
	names := Names{Labels: []string{"slo_id", "region"}, External: []string{"cluster"}, Value: true}
	for text, want := range map[string]struct {
		template string
		refused  []Refused
	}{
		"plain % text":                     {"plain % text", nil},
		"at {{ $value }}×":                 {"at {{ $value }}×", nil},
		"{{$value|humanize}}":              {"{{$value|humanize}}", nil},
		"{{ humanizePercentage $value }}":  {"{{ humanizePercentage $value }}", nil},
		"{{ $labels.region }}":             {"{{ $labels.region }}", nil},
		"in {{$externalLabels.cluster}}":   {"in {{$externalLabels.cluster}}", nil},
		"{{ $labels.pod }}":                {`{{"{{"}} $labels.pod }}`, []Refused{{"{{ $labels.pod }}", true, "$labels.pod"}}},
		"{{ $externalLabels.region }}":     {`{{"{{"}} $externalLabels.region }}`, []Refused{{"{{ $externalLabels.region }}", true, "$externalLabels.region"}}},
		"{{ query `up` }} {{ $value }}":    {"{{\"{{\"}} query `up` }} {{ $value }}", []Refused{{Text: "{{ query `up` }}"}}},
		"{{ $labels.region | reReplaceAll": {`{{"{{"}} $labels.region | reReplaceAll`, nil},
		"{{- $value -}}":                   {`{{"{{"}}- $value -}}`, []Refused{{Text: "{{- $value -}}"}}},
		"{{{ $value }}}":                   {`{{"{{"}}{ $value }}}`, []Refused{{Text: "{{{ $value }}"}}},
		"{{ $value | humanizeX }}":         {`{{"{{"}} $value | humanizeX }}`, []Refused{{Text: "{{ $value | humanizeX }}"}}},
		`{{"{{"}} {{ $value }}`:            {`{{"{{"}}"{{"{{"}}"}} {{ $value }}`, []Refused{{Text: `{{"{{"}}`}}},
	} {
		template, refused := User(text, names)
		if template != want.template {
			t.Errorf("%s becomes %s, not %s", text, template, want.template)
		}
		if diff := cmp.Diff(want.refused, refused); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
	names.Value = false
	if template, refused := User("{{ $value }} {{ $labels.region }}", names); template != `{{"{{"}} $value }} {{ $labels.region }}` || len(refused) != 1 {
		t.Error(template, refused)
	}
}
