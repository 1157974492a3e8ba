package grafana

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/promslo/promslo/cmd/promslo/internal/grafana/grafanatest"
)

func board(t *testing.T, uid, title string) Dashboard {
	t.Helper()
	d, err := Parse(fmt.Appendf(nil, `{"uid": %q, "title": %q, "tags": ["promslo", "P1"], "schemaVersion": 42, "refresh": "1m", "panels": [{"id": 1, "max": 1.0, "title": "a < b"}]}`, uid, title))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func newGrafana(t *testing.T) *grafanatest.Server {
	t.Helper()
	s := grafanatest.New()
	t.Cleanup(s.Close)
	return s
}

func open(t *testing.T, f *grafanatest.Server) *Client {
	t.Helper()
	c, err := Open(t.Context(), Options{Address: f.URL + "/grafana/", Token: grafanatest.Token, Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// push compares and applies, and returns what was done.
func push(t *testing.T, c *Client, p Push) []string {
	t.Helper()
	changes, err := c.Compare(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	var did []string
	err = c.Apply(t.Context(), p, changes, func(change Change) error {
		did = append(did, string(change.Action)+" "+change.Name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return did
}

// TestPush follows a project: its dashboards are created once, sent again only when they
// changed, moved, and removed when they are gone, and nobody else's ever are.
func TestPush(t *testing.T) {
	t.Parallel()
	f := newGrafana(t)
	c := open(t, f)
	for uid, tags := range map[string][]any{
		"shop-mine":  {"mine"},    // our prefix, not our tag
		"other-slo":  {"promslo"}, // our tag, not our prefix
		"shop-gone":  {"promslo"},
		"shop-gone2": {"promslo", "P1"},
		"shop-far":   {"promslo"}, // of a project whose prefix begins with ours, in another folder
	} {
		f.Dashboards[uid] = grafanatest.Dashboard{Content: map[string]any{"uid": uid, "title": uid, "tags": tags}, Folder: "f1", Version: 3}
	}
	f.Folders["f1"], f.Folders["f2"] = "SLOs", "Others"
	far := f.Dashboards["shop-far"]
	far.Folder = "f2"
	f.Dashboards["shop-far"] = far

	folder, err := c.FolderByTitle(t.Context(), "SLOs")
	if err != nil || folder.UID != "f1" {
		t.Fatal(folder, err)
	}
	p := Push{Dashboards: []Dashboard{board(t, "shop-a", "A"), board(t, "shop-b", "B")}, Folder: folder}
	for _, step := range []struct {
		name         string
		change       func()
		did          []string
		wrote        []string
		shop, others int // dashboards of each folder afterwards
	}{
		{"first", func() {}, []string{"create shop-a", "create shop-b"}, []string{"POST /api/dashboards/db", "POST /api/dashboards/db"}, 6, 1},
		{"again", func() {}, nil, nil, 6, 1},
		{"with another title", func() { p.Dashboards[1] = board(t, "shop-b", "B2") }, []string{"update shop-b"}, []string{"POST /api/dashboards/db"}, 6, 1},
		{"after somebody changed one", func() {
			d := f.Dashboards["shop-a"]
			d.Content["refresh"], d.Version = "5s", d.Version+1
			f.Dashboards["shop-a"] = d
		}, []string{"update shop-a"}, []string{"POST /api/dashboards/db"}, 6, 1},
		{"after somebody moved one", func() {
			d := f.Dashboards["shop-a"]
			d.Folder = "f2"
			f.Dashboards["shop-a"] = d
		}, []string{"move shop-a"}, []string{"POST /api/dashboards/db"}, 6, 1},
		{"of one, with prune", func() { p.Dashboards, p.Prune = p.Dashboards[:1], "shop-" },
			[]string{"remove shop-b", "remove shop-gone", "remove shop-gone2"},
			[]string{"DELETE /api/dashboards/uid/shop-b", "DELETE /api/dashboards/uid/shop-gone", "DELETE /api/dashboards/uid/shop-gone2"}, 3, 1},
		{"with prune again", func() {}, nil, nil, 3, 1},
	} {
		step.change()
		did := push(t, c, p)
		if diff := cmp.Diff(step.did, did); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", step.name, diff)
		}
		if diff := cmp.Diff(step.wrote, f.Wrote()); diff != "" {
			t.Errorf("%s wrote (-want +got)\n%s", step.name, diff)
		}
		count := map[string]int{}
		for _, d := range f.Dashboards {
			count[d.Folder]++
		}
		if count["f1"] != step.shop || count["f2"] != step.others {
			t.Errorf("%s: %v", step.name, count)
		}
	}
	if got := f.Dashboards["shop-a"].Content["refresh"]; got != "1m" {
		t.Errorf("the change of somebody is still there: %v", got)
	}
}

// TestManyDashboards: what a search finds comes in pages.
func TestManyDashboards(t *testing.T) {
	t.Parallel()
	f := newGrafana(t)
	c := open(t, f)
	for i := range pageSize + 7 {
		uid := fmt.Sprintf("slo-%04d", i)
		f.Dashboards[uid] = grafanatest.Dashboard{Content: map[string]any{"uid": uid, "title": uid, "tags": []any{"promslo"}}, Folder: "", Version: 1}
	}
	did := push(t, c, Push{Dashboards: []Dashboard{board(t, "slo-0003", "x")}, Prune: "slo-"})
	if len(did) != pageSize+7 || did[0] != "update slo-0003" || len(f.Dashboards) != 1 {
		t.Errorf("%d changes, %d dashboards are left", len(did), len(f.Dashboards))
	}
}

// TestFolder: a folder is found by its title, created once, and never guessed.
func TestFolder(t *testing.T) {
	t.Parallel()
	f := newGrafana(t)
	c := open(t, f)
	for _, want := range [][]string{{"create folder SLOs", "create slo-a"}, nil} {
		folder, err := c.FolderByTitle(t.Context(), "SLOs")
		if err != nil {
			t.Fatal(err)
		}
		if did := push(t, c, Push{Dashboards: []Dashboard{board(t, "slo-a", "A")}, Folder: folder, Prune: "slo-"}); !slices.Equal(did, want) {
			t.Errorf("did %v, want %v", did, want)
		}
	}
	if f.Dashboards["slo-a"].Folder != "f1" || len(f.Folders) != 1 {
		t.Errorf("%v %v", f.Dashboards["slo-a"].Folder, f.Folders)
	}
	f.Folders["f9"] = "SLOs"
	if _, err := c.FolderByTitle(t.Context(), "SLOs"); err == nil || !strings.Contains(err.Error(), "several folders are called SLOs: name one by --folder, f1 or f9") {
		t.Error(err)
	}
	if folder, err := c.FolderByUID(t.Context(), "f9"); err != nil || folder.Title != "SLOs" {
		t.Error(folder, err)
	}
	if _, err := c.FolderByUID(t.Context(), "f8"); err == nil || !strings.Contains(err.Error(), "there is no folder with the uid f8") {
		t.Error(err)
	}
}

// TestNotOurs: nothing is written over what others made, or change meanwhile, and nothing is
// sent if any dashboard cannot be.
func TestNotOurs(t *testing.T) {
	t.Parallel()
	f := newGrafana(t)
	c := open(t, f)
	p := Push{Dashboards: []Dashboard{board(t, "slo-a", "A"), board(t, "slo-b", "B")}}
	refused := func(want string) {
		t.Helper()
		if _, err := c.Compare(t.Context(), p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	f.Dashboards["slo-b"] = grafanatest.Dashboard{Content: map[string]any{"uid": "slo-b", "title": "theirs", "tags": []any{"sales"}}, Folder: "", Version: 4}
	refused("dashboard slo-b: it has this uid and was not made by promslo")
	f.Dashboards["slo-b"].Content["tags"] = []any{"promslo"}
	b := f.Dashboards["slo-b"]
	b.Provisioned = true
	f.Dashboards["slo-b"] = b
	refused("dashboard slo-b: it is provisioned from files")
	b.Provisioned = false
	f.Dashboards["slo-b"] = b

	changes, err := c.Compare(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	d := f.Dashboards["slo-b"]
	d.Version++
	f.Dashboards["slo-b"] = d
	var did []string
	err = c.Apply(t.Context(), p, changes, func(c Change) error { did = append(did, c.Name); return nil })
	if err == nil || !strings.Contains(err.Error(), "dashboard slo-b: Grafana at ") ||
		!strings.Contains(err.Error(), "412 Precondition Failed: The dashboard has been changed by someone else (somebody changed it meanwhile, then push again") {
		t.Error(err)
	}
	if f.Dashboards["slo-b"].Content["title"] != "theirs" || !slices.Equal(did, []string{"slo-a"}) {
		t.Errorf("did %v", did)
	}
}

// TestDiff: a dry run shows what would change, and changes nothing.
func TestDiff(t *testing.T) {
	t.Parallel()
	f := newGrafana(t)
	c := open(t, f)
	p := Push{Dashboards: []Dashboard{board(t, "slo-a", "A")}, Prune: "slo-", Diff: func(uid string, old, new []byte) string {
		return fmt.Sprintf("%s %t %t", uid, old == nil, new == nil)
	}}
	f.Dashboards["slo-z"] = grafanatest.Dashboard{Content: map[string]any{"uid": "slo-z", "title": "z", "tags": []any{"promslo"}}, Folder: "", Version: 1}
	changes, err := c.Compare(t.Context(), p)
	if err != nil || len(changes) != 2 || changes[0].Diff != "slo-a true false" || changes[1].Diff != "slo-z false true" {
		t.Error(changes, err)
	}
	if wrote := f.Wrote(); wrote != nil {
		t.Errorf("wrote %v", wrote)
	}
}

// TestInterrupt: what was done before an interrupt is told, and nothing is done after.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	f := newGrafana(t)
	c := open(t, f)
	ctx, cancel := context.WithCancel(t.Context())
	p := Push{Dashboards: []Dashboard{board(t, "slo-a", "A"), board(t, "slo-b", "B")}}
	changes, err := c.Compare(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	err = c.Apply(ctx, p, changes, func(Change) error { cancel(); return nil })
	if err == nil || !strings.Contains(err.Error(), "context canceled") || len(f.Dashboards) != 1 {
		t.Error(err, len(f.Dashboards))
	}
}
