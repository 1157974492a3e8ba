package grafana

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/promslo/promslo/generate/dashboard"
)

// Push is what to bring into a Grafana.
type Push struct {
	Dashboards []Dashboard
	Folder     Folder
	Prune      string // uids of dashboards to remove unless they are among these begin with this; empty: none
	// Diff shows a difference; nil: none is asked for. Old is nil where there is nothing yet,
	// new where nothing is to be left.
	Diff     func(uid string, old, new []byte) string
	Progress func(done, all int)
}

// Action is what is to be done.
type Action string

// The actions, in the order in which they are done.
const (
	CreateFolder Action = "create folder"
	Create       Action = "create"
	Update       Action = "update"
	Move         Action = "move"
	Remove       Action = "remove"
)

// Change is one difference between a Grafana and what was generated.
type Change struct {
	Action Action
	Name   string // uid of a dashboard, or title of a folder
	Diff   string

	dashboard Dashboard
	version   any // of the dashboard that is there
}

// requestsAtOnce keeps Grafana quick for others.
const requestsAtOnce = 4

// Compare returns what is to change, and changes nothing.
func (c *Client) Compare(ctx context.Context, p Push) ([]Change, error) {
	changes := make([]*Change, len(p.Dashboards))
	var done atomic.Int64
	g, limited := errgroup.WithContext(ctx)
	g.SetLimit(requestsAtOnce)
	for i, d := range p.Dashboards {
		g.Go(func() (err error) {
			if changes[i], err = c.compare(limited, p, d); err != nil {
				return fmt.Errorf("dashboard %s: %w", d.UID, err)
			}
			if p.Progress != nil {
				p.Progress(int(done.Add(1)), len(p.Dashboards))
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var out []Change
	if p.Folder.missing() {
		out = append(out, Change{Action: CreateFolder, Name: p.Folder.Title})
	}
	for _, change := range changes {
		if change != nil {
			out = append(out, *change)
		}
	}
	if p.Prune == "" || p.Folder.missing() {
		return out, nil
	}
	left, err := c.leftOver(ctx, p)
	return append(out, left...), err
}

// compare returns what is to be done about a dashboard; nil: nothing.
func (c *Client) compare(ctx context.Context, p Push, d Dashboard) (*Change, error) {
	there, err := c.get(ctx, d.UID)
	if err != nil {
		return nil, err
	}
	change := &Change{Action: Create, Name: d.UID, dashboard: d, version: there.version()}
	var old []byte
	now := text(d.content)
	if there != nil {
		old = text(there.Dashboard)
		same, moved := bytes.Equal(old, now), p.Folder.missing() || there.Meta.FolderUID != p.Folder.UID
		switch {
		case same && !moved:
			return nil, nil
		case same:
			change.Action = Move
		default:
			change.Action = Update
		}
		if err := there.ours(); err != nil {
			return nil, err
		}
	}
	if p.Diff != nil && change.Action != Move {
		change.Diff = p.Diff(d.UID, old, now)
	}
	return change, nil
}

// leftOver returns the dashboards to remove: those with the tag of promslo, in the folder, with
// the prefix of the project, that were not generated.
func (c *Client) leftOver(ctx context.Context, p Push) ([]Change, error) {
	all, err := c.search(ctx)
	if err != nil {
		return nil, err
	}
	generated := map[string]bool{}
	for _, d := range p.Dashboards {
		generated[d.UID] = true
	}
	var out []Change
	for _, f := range all {
		if !strings.HasPrefix(f.UID, p.Prune) || generated[f.UID] || !slices.Contains(f.Tags, dashboard.Tag) {
			continue
		}
		there, err := c.get(ctx, f.UID) // what a search finds may be old
		if err == nil && there != nil {
			err = there.ours()
		}
		if err != nil {
			return nil, fmt.Errorf("dashboard %s: %w", f.UID, err)
		}
		if there == nil || there.Meta.FolderUID != p.Folder.UID {
			continue
		}
		change := Change{Action: Remove, Name: f.UID}
		if p.Diff != nil {
			change.Diff = p.Diff(f.UID, text(there.Dashboard), nil)
		}
		out = append(out, change)
	}
	slices.SortFunc(out, func(a, b Change) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// Apply does what Compare found, one after the other, and tells of each change that is done.
func (c *Client) Apply(ctx context.Context, p Push, changes []Change, done func(Change) error) error {
	for _, change := range changes {
		var err error
		switch change.Action {
		case CreateFolder:
			if err = c.create(ctx, &p.Folder); err != nil {
				return fmt.Errorf("folder %s: %w", change.Name, err)
			}
		case Remove:
			err = c.remove(ctx, change.Name)
		default:
			err = c.save(ctx, change.dashboard, p.Folder.UID, change.version)
		}
		if err != nil {
			return fmt.Errorf("dashboard %s: %w", change.Name, err)
		}
		if err := done(change); err != nil {
			return err
		}
	}
	return nil
}
