package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/promslo/promslo/cmd/promslo/internal/cli"
	"github.com/promslo/promslo/testdata"
)

const silenceProject = `
alertmanager: {receivers: {page: pager, ticket: tracker}, equal: [cluster], providersSilenceConsumers: true}
`

// Shop fails with what it needs of payments, for its purchases alone. It goes on
// without mail, and with either of two caches.
const silenceSpec = `
service: shop
slos:
  buy: {objective: 99, window: 30d, sli: {http: {metric: buy_total}}}
  look: {objective: 99, window: 30d, sli: {http: {metric: look_total}}}
dependsOn:
  - {service: payments, slo: pay, for: [buy]}
  - {service: mail, slo: send, kind: soft}
  - anyOf: [{service: mail, slo: send}, {provider: {name: Postbote}}]
---
service: payments
slos: {pay: {id: bank/pay, objective: 99, window: 30d, sli: {http: {metric: pay_total}}}}
---
service: mail
slos: {send: {objective: 99, window: 30d, sli: {http: {metric: send_total}}}}
`

// A real Alertmanager silences the tickets of those that fail with what pages,
// in the same cluster, and no page.
func TestProvidersSilenceConsumers(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a server")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	a := alertmanager{newServer(ctx, t)}
	a.write(t, "promslo.yaml", silenceProject)
	a.write(t, "shop.slo.yaml", silenceSpec)
	var out, errOut bytes.Buffer
	t.Chdir(a.dir)
	if code := cli.Main([]string{"generate"}, nil, &out, &errOut); code != 0 {
		t.Fatal(code, out.String(), errOut.String())
	}
	a.run(t, testdata.Tool(t, "alertmanager"), "--config.file=gen/alertmanager/promslo.yaml", "--storage.path=notified",
		"--web.listen-address="+a.address(), "--cluster.listen-address=")

	alert := func(id, severity, cluster string) map[string]map[string]string {
		return map[string]map[string]string{"labels": {"slo_id": id, "severity": severity, "cluster": cluster}}
	}
	body, err := json.Marshal([]any{
		alert("bank/pay", "page", "eu"), alert("mail/send", "page", "eu"),
		alert("shop/look", "page", "eu"), alert("shop/look", "ticket", "us"), alert("shop/buy", "ticket", "us"),
		alert("payments/pay", "ticket", "eu"), alert("shop/buy", "ticket", "eu"),
	})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post("http://"+a.address()+"/api/v2/alerts", "application/json", bytes.NewReader(body))
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(resp, err)
	}
	resp.Body.Close()
	a.wait(t, "one alert to be silenced, and six others", func() bool {
		var all []known
		a.get(t, "/api/v2/alerts", nil, &all)
		var silenced []string
		for _, k := range all {
			if len(k.Status.InhibitedBy) > 0 {
				silenced = append(silenced, k.Labels["slo_id"]+" "+k.Labels["severity"]+" "+k.Labels["cluster"])
			}
		}
		return len(all) == 7 && slices.Equal(silenced, []string{"shop/buy ticket eu"})
	})
}
