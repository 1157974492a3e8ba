package grafana

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/promslo/promslo/cmd/promslo/internal/httpapi"
	"github.com/promslo/promslo/generate/dashboard"
)

// Dashboard is one as it was generated.
type Dashboard struct {
	UID     string
	content map[string]any
}

// Parse reads a generated dashboard.
func Parse(data []byte) (Dashboard, error) {
	var d Dashboard
	if err := json.Unmarshal(data, &d.content); err != nil {
		return d, err
	}
	d.UID, _ = d.content["uid"].(string)
	if d.UID == "" {
		return d, errors.New("the dashboard has no uid")
	}
	return d, nil
}

// saved is a dashboard as Grafana has it.
type saved struct {
	Dashboard map[string]any
	Meta      struct {
		FolderUID   string
		Provisioned bool
	}
}

// get returns a dashboard; nil: there is none with the uid.
func (c *Client) get(ctx context.Context, uid string) (*saved, error) {
	var out saved
	err := c.call(ctx, http.MethodGet, "/api/dashboards/uid/"+url.PathEscape(uid), nil, nil, &out)
	switch {
	case httpapi.HasStatus(err, http.StatusNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case out.Dashboard["uid"] != uid:
		return nil, c.http.Errorf("it answers with another dashboard")
	}
	out.Meta.FolderUID = folderUID(out.Meta.FolderUID)
	return &out, nil
}

// ours returns an error unless promslo made a dashboard, and may change it.
func (s *saved) ours() error {
	switch tags, _ := s.Dashboard["tags"].([]any); {
	case !slices.Contains(tags, any(dashboard.Tag)):
		return errors.New("it has this uid and was not made by promslo, or lost the tag " + dashboard.Tag + ": give the project another dashboards.uidPrefix, or remove it")
	case s.Meta.Provisioned:
		return errors.New("it is provisioned from files, and Grafana lets nobody else change it")
	}
	return nil
}

// version is what Grafana counts, so that no change of somebody else is lost.
func (s *saved) version() any {
	if s == nil {
		return nil
	}
	return s.Dashboard["version"]
}

// text is a dashboard as people compare it: without what Grafana adds, in one order.
func text(content map[string]any) []byte {
	content = maps.Clone(content)
	for _, of := range []string{"id", "version"} {
		delete(content, of)
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(content) // what was JSON
	return b.Bytes()
}

// save writes a dashboard over one of a version, or a new one.
func (c *Client) save(ctx context.Context, d Dashboard, folder string, version any) error {
	content := maps.Clone(d.content)
	content["id"] = nil // the uid tells
	if version != nil {
		content["version"] = version
	}
	answer := struct{ Status, UID string }{}
	err := c.call(ctx, http.MethodPost, "/api/dashboards/db", nil, map[string]any{
		"dashboard": content, "folderUid": folder, "overwrite": false, "message": "promslo push",
	}, &answer)
	if err == nil && (answer.Status != "success" || answer.UID != d.UID) {
		err = c.http.Errorf("it does not say that it saved the dashboard")
	}
	return err
}

// remove removes a dashboard. It may be gone already.
func (c *Client) remove(ctx context.Context, uid string) error {
	err := c.call(ctx, http.MethodDelete, "/api/dashboards/uid/"+url.PathEscape(uid), nil, nil, &struct{}{})
	if httpapi.HasStatus(err, http.StatusNotFound) {
		return nil
	}
	return err
}

// found is a dashboard as a search finds it.
type found struct {
	UID  string
	Tags []string
}

// Grafana gives so many dashboards or folders at a time.
const (
	pageSize = 500
	maxPages = 200
)

// search returns the dashboards with the tag of promslo.
func (c *Client) search(ctx context.Context) ([]found, error) {
	return pages(ctx, c, "/api/search", url.Values{"type": {"dash-db"}, "tag": {dashboard.Tag}}, func(f found) string { return f.UID })
}

// pages asks for a list until there is no more.
func pages[T any](ctx context.Context, c *Client, path string, query url.Values, uid func(T) string) ([]T, error) {
	var all []T
	seen := map[string]bool{}
	for page := 1; page <= maxPages; page++ {
		query.Set("limit", fmt.Sprint(pageSize))
		query.Set("page", fmt.Sprint(page))
		var some []T
		if err := c.call(ctx, http.MethodGet, path, query, nil, &some); err != nil {
			return nil, err
		}
		if len(some) == 0 {
			return all, nil
		}
		for _, one := range some {
			if seen[uid(one)] {
				return nil, c.http.Errorf("its list at %s has %s twice", path, httpapi.Shorten(uid(one)))
			}
			seen[uid(one)] = true
		}
		all = append(all, some...)
	}
	return nil, c.http.Errorf("its list at %s does not end", path)
}
