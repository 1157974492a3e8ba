package dashboard

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/model"
)

// services are what the structural tests look at.
func services() map[string]plan.Service {
	lonely := users()
	lonely.SLOs = lonely.SLOs[:1]
	lonely.SLOs[0].Pairs = nil // both alerts disabled
	short := users()
	short.SLOs = []plan.SLO{newSLO("users", "short", "", 50, time.Hour), newSLO("users", "year", "", 99.99, 365*day)}
	special := users()
	special.SLOs[0].Schedule.Objectives = []plan.Override{{Times: plan.Times{Days: []time.Weekday{0, 6}, Length: 86400, Clock: plan.Clock{Timezone: "UTC"}}, Value: 0.8}}
	special.SLOs[0].GroupBy = []string{"gateway"}
	special.SLOs[1].Calendar = model.Week
	special.SLOs[2].Schedule.Maintenance = []plan.MaintenanceWindow{{Reason: "<b>move</b>", From: 1_800_000_000, To: 1_800_003_600}}
	return map[string]plan.Service{
		"short": short, "special": special,
		"users": users(), "many": many("many", 100), "lonely": lonely, "long": many(strings.Repeat("a-long-name-", 8)+"x", 2), "hostile": hostile(),
		"empty": {Name: "empty"},
	}
}

func generated(t *testing.T, s plan.Service) []byte {
	t.Helper()
	out, err := Service(s, header)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// decode reads a dashboard as Grafana does: without our types.
func decode(t *testing.T, s plan.Service) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal(generated(t, s), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// panels returns all panels, those of closed rows after their row.
func panels(container map[string]any) []map[string]any {
	var out []map[string]any
	list, _ := container["panels"].([]any)
	for _, p := range list {
		p := p.(map[string]any)
		out = append(append(out, p), panels(p)...)
	}
	return out
}

func TestGolden(t *testing.T) {
	got := generated(t, users())
	path := filepath.Join("testdata", "users.json")
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("run `UPDATE=1 go test ./generate/dashboard` if this is meant (-want +got):\n%s", diff)
	}
}

func TestDeterministic(t *testing.T) {
	want := generated(t, many("many", 5))
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			if got, err := Service(many("many", 5), header); err != nil || !bytes.Equal(got, want) {
				t.Errorf("differs, or fails: %v", err)
			}
		})
	}
	wait.Wait()
}

func TestBoard(t *testing.T) {
	for name, s := range services() {
		t.Run(name, func(t *testing.T) {
			b := decode(t, s)
			if got := b["description"]; got != header {
				t.Errorf("description: %v", got)
			}
			if uid := b["uid"].(string); uid != plan.DashboardUID(s.Name) || len(uid) > 40 {
				t.Errorf("uid: %s", uid)
			}
			if b["schemaVersion"] != 42.0 || b["editable"] != false {
				t.Errorf("schemaVersion %v, editable %v", b["schemaVersion"], b["editable"])
			}
			if tags := b["tags"].([]any); tags[0] != "promslo" || s.Tier != "" && tags[1] != s.Tier {
				t.Errorf("tags: %v", tags)
			}
			for _, key := range []string{"__inputs", "id", "slug", "rows", "style", "originalTitle", "hideControls", "sharedCrosshair"} {
				if _, found := b[key]; found {
					t.Errorf("has %s", key)
				}
			}
			variables := b["templating"].(map[string]any)["list"].([]any)
			if len(variables) != 1 || variables[0].(map[string]any)["name"] != "datasource" {
				t.Errorf("variables: %v", variables)
			}
		})
	}
}

func TestPanels(t *testing.T) {
	for name, s := range services() {
		t.Run(name, func(t *testing.T) {
			seen := map[float64]bool{}
			for _, p := range panels(decode(t, s)) {
				if id := p["id"].(float64); seen[id] {
					t.Errorf("id %v twice", id)
				} else {
					seen[id] = true
				}
				// Rows have no description in Grafana's schema.
				if description, _ := p["description"].(string); p["title"] == "" || (description == "") != (p["type"] == "row") {
					t.Errorf("panel %v: title %q, description %q", p["id"], p["title"], description)
				}
				for _, key := range []string{"error", "editable", "isNew", "span", "transparent", "renderer"} {
					if _, found := p[key]; found {
						t.Errorf("panel %v has %s", p["id"], key)
					}
				}
				refs := map[any]bool{}
				targets, _ := p["targets"].([]any)
				for _, target := range targets {
					target := target.(map[string]any)
					want := map[string]any{"type": "prometheus", "uid": "${datasource}"}
					if diff := cmp.Diff(want, target["datasource"]); diff != "" {
						t.Errorf("panel %v: datasource %s", p["id"], diff)
					}
					if refs[target["refId"]] {
						t.Errorf("panel %v: refId %v twice", p["id"], target["refId"])
					}
					refs[target["refId"]] = true
				}
				if p["type"] != "row" && p["type"] != "text" && len(targets) == 0 {
					t.Errorf("panel %v has no query", p["id"])
				}
				// An override that names no query would be silently dead.
				config, _ := p["fieldConfig"].(map[string]any)
				overrides, _ := config["overrides"].([]any)
				for _, o := range overrides {
					if ref := o.(map[string]any)["matcher"].(map[string]any)["options"]; !refs[ref] {
						t.Errorf("panel %v: override of the absent query %v", p["id"], ref)
					}
				}
			}
		})
	}
}

// TestRows: the first row is open with its panels after it, the others are
// closed and hold theirs.
func TestRows(t *testing.T) {
	top := decode(t, users())["panels"].([]any)
	var rows []map[string]any
	for _, p := range top {
		if p := p.(map[string]any); p["type"] == "row" {
			rows = append(rows, p)
		}
	}
	if len(rows) != 3 || len(top) <= 3 {
		t.Fatalf("%d rows among %d panels", len(rows), len(top))
	}
	for i, row := range rows {
		if closed := row["collapsed"].(bool); closed != (i > 0) || (len(row["panels"].([]any)) > 0) != closed {
			t.Errorf("row %d: collapsed %v with %d panels", i, closed, len(row["panels"].([]any)))
		}
	}
}

func TestGrid(t *testing.T) {
	for name, s := range services() {
		t.Run(name, func(t *testing.T) {
			b := decode(t, s)
			checkGrid(t, b)
			for _, p := range panels(b) {
				checkGrid(t, p) // the panels of a closed row lie below it only when it is open
			}
		})
	}
}

func checkGrid(t *testing.T, container map[string]any) {
	t.Helper()
	taken := map[[2]int]any{}
	list, _ := container["panels"].([]any)
	for _, p := range list {
		p := p.(map[string]any)
		at := p["gridPos"].(map[string]any)
		x, y, w, h := int(at["x"].(float64)), int(at["y"].(float64)), int(at["w"].(float64)), int(at["h"].(float64))
		if x < 0 || y < 0 || w <= 0 || h <= 0 || x+w > 24 {
			t.Errorf("panel %v at %v", p["id"], at)
		}
		for i := x; i < x+w; i++ {
			for j := y; j < y+h; j++ {
				if other := taken[[2]int{i, j}]; other != nil {
					t.Fatalf("panels %v and %v overlap", other, p["id"])
				}
				taken[[2]int{i, j}] = p["id"]
			}
		}
	}
}
