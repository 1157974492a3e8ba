package schema

import (
	"slices"
	"strings"
	"testing"

	"github.com/promslo/promslo/schema/read"
	"github.com/promslo/promslo/schema/sli"
)

const shopYAML = `service: shop
slos:
  checkout:
    objective: 99
    window: 30d
    sli: {journey: {all: [{slo: cart/availability}, {slo: payment/availability}]}}
`

// availability is the spec of a service with one SLO.
func availability(file, service, objective string) read.Input {
	return read.Input{File: file, Data: []byte("service: " + service + "\nslos:\n  availability:\n    objective: " + objective +
		"\n    window: 30d\n    sli: {http: {metric: http_requests_total, match: {job: " + service + "}}}\n")}
}

// TestFind loads a journey without the specs of its parts, which are asked for.
func TestFind(t *testing.T) {
	cart, payment := availability("cart.yaml", "cart", "99"), availability("payment.yaml", "payment", "99")
	other := availability("other.yaml", "other", "0.99")
	for name, test := range map[string]struct {
		inputs, others []read.Input
		missing        string
		want           string // findings
	}{
		"others":             {nil, []read.Input{payment, other, cart}, "cart payment", ""},
		"one of them":        {[]read.Input{cart}, []read.Input{payment}, "payment", ""},
		"nothing is missing": {[]read.Input{cart, payment}, nil, "", ""},
		"not there": {nil, []read.Input{payment}, "cart payment",
			"shop.yaml:6:33: there is no spec of the service cart among those that were read (unknown-service)\n  name the file or directory of its spec as well\n"},
		"wrong": {nil, []read.Input{cart, availability("payment.yaml", "payment", "100.5")}, "cart payment",
			"payment.yaml:4:16: objective must be a number above 10 and below 100 percent, not 100.5 (invalid-value)\n"},
		"twice": {nil, []read.Input{cart, payment, availability("copy.yaml", "cart", "99")}, "cart payment",
			"cart.yaml:1:10: there is another service cart, in copy.yaml:1:10 (duplicate-service)\n"},
	} {
		t.Run(name, func(t *testing.T) {
			missing := ""
			find := func(services []string) []read.Input {
				missing = strings.Join(services, " ")
				return test.others
			}
			inputs := append(slices.Clone(test.inputs), read.Input{File: "shop.yaml", Data: []byte(shopYAML)})
			services, findings := LoadSpecs(t.Context(), DefaultProject(), inputs, Options{Find: find})
			if missing != test.missing {
				t.Errorf("asked for %q, want %q", missing, test.missing)
			}
			if got := show(findings); !strings.Contains(got, test.want) || test.want == "" && got != "" {
				t.Errorf("found %s, want %s", got, test.want)
			}
			want := len(inputs)
			if test.want != "" {
				want--
			}
			if len(services) != want {
				t.Errorf("%d services, want %d", len(services), want)
			}
			if test.want == "" {
				parts := services[len(services)-1].SLOs[0].SLI.Parts()
				if p := parts[1]; p.SLO != "payment/availability" || p.SLI.(*sli.HTTP).Match["job"][0] != "payment" || p.Source.At("service").File != "payment.yaml" {
					t.Errorf("%+v", p)
				}
			}
		})
	}
}
