package alertmanager_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/promslo/promslo/generate/alertmanager"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/testdata"
)

// write generates the configuration of a project.
func write(t *testing.T, p model.Project, services ...plan.Service) string {
	t.Helper()
	data, err := alertmanager.File(plan.NewRouting(p, services), "# a header\n")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "alertmanager.yml")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// Alertmanager's own tool accepts what is generated, whatever receivers are called.
func TestValid(t *testing.T) {
	for name, p := range map[string]model.Project{
		"nobody":  {},
		"default": {Alertmanager: model.Alertmanager{Receivers: model.Receivers{Page: "default"}}},
		"one":     {Alertmanager: model.Alertmanager{Receivers: model.Receivers{Page: "team", Ticket: "team"}, Equal: []string{"cluster", "cluster"}}},
		"names": {
			Alertmanager: model.Alertmanager{Receivers: model.Receivers{Page: "null", Ticket: "a: [b] # c"}},
			Tiers: map[string]model.Tier{
				"P0":  {Receivers: model.Receivers{Page: "{{ .Page }}", Ticket: "'\""}},
				"yes": {Receivers: model.Receivers{Page: "~", Ticket: "two\nlines: x"}},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if out := testdata.Run(t, "amtool", "check-config", write(t, p)); !strings.Contains(out, "SUCCESS") || !strings.Contains(out, "1 inhibit rules") {
				t.Error(out)
			}
		})
	}
}

// Alertmanager's own tool accepts the rules by which providers silence consumers.
func TestSilences(t *testing.T) {
	alerts := []plan.Alert{{Severity: plan.Page}, {Severity: plan.Ticket}}
	hard := model.Dependency{Alternatives: []model.Need{{Service: "database", SLO: "queries"}}}
	services := []plan.Service{
		{Name: "database", SLOs: []plan.SLO{{ID: "db/queries", Severities: model.Severities{Page: "page", Ticket: "ticket"}, Service: "database", Name: "queries", Alerts: alerts}}},
		{Name: "shop", Severities: model.Severities{Page: "page", Ticket: "ticket"}, DependsOn: []model.Dependency{hard}, SLOs: []plan.SLO{
			{ID: "shop/buy", Service: "shop", Name: "buy", Alerts: alerts},
			{ID: "shop/look", Service: "shop", Name: "look", Alerts: alerts},
			{ID: "shop/quiet", Service: "shop", Name: "quiet", Alerts: alerts[:1]},
		}},
	}
	file := write(t, model.Project{Alertmanager: model.Alertmanager{ProvidersSilenceConsumers: true}}, services...)
	if out := testdata.Run(t, "amtool", "check-config", file); !strings.Contains(out, "2 inhibit rules") {
		t.Error(out)
	}
	data, err := os.ReadFile(file)
	want := `
  - source_matchers: [slo_id="db/queries", severity="page"]
    target_matchers: [slo_id=~"shop/buy|shop/look", severity="ticket"]
receivers:`
	if err != nil || !strings.Contains(string(data), want) {
		t.Errorf("%s\n%v", data, err)
	}
}

// Alertmanager sends each alert where the project says, and those that are not
// of an SLO nowhere else.
func TestRoutes(t *testing.T) {
	file := write(t, model.Project{
		Tiers: map[string]model.Tier{
			"P0":       {Receivers: model.Receivers{Page: "everybody"}},
			"internal": {Receivers: model.Receivers{Page: "chat", Ticket: "backlog"}},
		},
		Alertmanager: model.Alertmanager{Receivers: model.Receivers{Page: "pager", Ticket: "tracker"}},
	})
	for labels, want := range map[string]string{
		"slo_id=a/b severity=page tier=P0":         "everybody",
		"slo_id=a/b severity=ticket tier=P0":       "tracker",
		"slo_id=a/b severity=page tier=internal":   "chat",
		"slo_id=a/b severity=ticket tier=internal": "backlog",
		"slo_id=a/b severity=page tier=P1":         "pager",
		"slo_id=a/b severity=page":                 "pager",
		"slo_id=a/b severity=ticket":               "tracker",
		"slo_id=a/b severity=info":                 "default",
		"severity=page tier=P0":                    "default",
	} {
		args := append([]string{"config", "routes", "test", "--config.file=" + file}, strings.Fields(labels)...)
		if got := testdata.Run(t, "amtool", args...); got != want {
			t.Errorf("%s goes to %s, not to %s", labels, got, want)
		}
	}
}

// Alerts are routed by the values of the severity label that the project and the tiers say.
func TestRoutesBySeverities(t *testing.T) {
	file := write(t, model.Project{
		Untiered: model.Tier{Severities: model.Severities{Page: "critical", Ticket: "warning"}},
		Tiers: map[string]model.Tier{
			"P0": {Severities: model.Severities{Page: "sev.1", Ticket: "warning"}, Receivers: model.Receivers{Ticket: "tracker-0"}},
		},
		Alertmanager: model.Alertmanager{Receivers: model.Receivers{Page: "pager", Ticket: "tracker"}},
	})
	for labels, want := range map[string]string{
		"slo_id=a/b severity=sev.1 tier=P0":   "pager",
		"slo_id=a/b severity=sevx1 tier=P0":   "default",
		"slo_id=a/b severity=warning tier=P0": "tracker-0",
		"slo_id=a/b severity=critical":        "pager",
		"slo_id=a/b severity=warning":         "tracker",
		"slo_id=a/b severity=page":            "default",
	} {
		args := append([]string{"config", "routes", "test", "--config.file=" + file}, strings.Fields(labels)...)
		if got := testdata.Run(t, "amtool", args...); got != want {
			t.Errorf("%s goes to %s, not to %s", labels, got, want)
		}
	}
}

// A step of a policy goes to all whom it names and who have a receiver, and to the receiver of
// policies.
func TestRoutesByName(t *testing.T) {
	file := write(t, model.Project{
		Tiers: map[string]model.Tier{"P0": {Receivers: model.Receivers{Policy: "board"}}},
		Alertmanager: model.Alertmanager{
			Receivers: model.Receivers{Page: "pager", Ticket: "tracker", Policy: "decisions"},
			Notify:    map[string]string{"product": "product-chat", "sales": "sales-mail", `head of "sales", a.b`: "head"},
		},
	})
	for labels, want := range map[string]string{
		"severity=policy slo_notify=product":                "product-chat,decisions",
		"severity=policy slo_notify=identity,product,sales": "product-chat,sales-mail,decisions",
		"severity=policy slo_notify=sales,product tier=P0":  "product-chat,sales-mail,board",
		"severity=policy slo_notify=identity":               "decisions",
		"severity=policy slo_notify=products,no-sales":      "decisions",
		"severity=policy":                                            "decisions",
		"severity=ticket slo_notify=product":                         "tracker",
		`severity=policy slo_notify=x,head\ of\ \"sales\";\ a.b`:     "head,decisions",
		`severity=policy slo_notify=head\ of\ \"sales\";\ axb,sales`: "sales-mail,decisions",
	} {
		args := []string{"config", "routes", "test", "--config.file=" + file, "slo_id=a/b"}
		for _, label := range strings.Fields(strings.ReplaceAll(labels, `\ `, "\u00a7")) {
			name, value, _ := strings.Cut(strings.ReplaceAll(label, "\u00a7", " "), "=")
			args = append(args, name+`="`+value+`"`)
		}
		if got := testdata.Run(t, "amtool", args...); got != want {
			t.Errorf("%s goes to %s, not to %s", labels, got, want)
		}
	}
}
