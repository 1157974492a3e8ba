package grafana

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/promslo/promslo/cmd/promslo/internal/httpapi"
)

// Folder is where dashboards go.
type Folder struct {
	UID   string // empty: it is not there yet, or General
	Title string // empty: General, which all Grafanas have
}

// missing reports whether a folder is yet to be created.
func (f Folder) missing() bool { return f.UID == "" && f.Title != "" }

// folderUID is empty for General, which has a name of its own in some versions.
func folderUID(uid string) string {
	if uid == "general" {
		return ""
	}
	return uid
}

// FolderByUID returns the folder with a uid, which must be there.
func (c *Client) FolderByUID(ctx context.Context, uid string) (Folder, error) {
	var f Folder
	err := c.call(ctx, http.MethodGet, "/api/folders/"+url.PathEscape(uid), nil, nil, &f)
	switch {
	case httpapi.HasStatus(err, http.StatusNotFound):
		return f, c.http.Errorf("there is no folder with the uid %s", uid)
	case err == nil && (f.UID != uid || f.Title == ""):
		return f, c.http.Errorf("it answers with another folder")
	}
	return f, err
}

// FolderByTitle returns the folder at the top with a title, without uid if there is none.
func (c *Client) FolderByTitle(ctx context.Context, title string) (Folder, error) {
	all, err := pages(ctx, c, "/api/folders", url.Values{}, func(f Folder) string { return f.UID })
	if err != nil {
		return Folder{}, err
	}
	out := Folder{Title: title}
	var uids []string
	for _, f := range all {
		if f.Title == title && f.UID != "" {
			out = f
			uids = append(uids, f.UID)
		}
	}
	if len(uids) > 1 {
		return out, fmt.Errorf("several folders are called %s: name one by --folder, %s", title, strings.Join(uids, " or "))
	}
	return out, nil
}

// create creates a folder.
func (c *Client) create(ctx context.Context, f *Folder) error {
	var made Folder
	if err := c.call(ctx, http.MethodPost, "/api/folders", nil, map[string]string{"title": f.Title}, &made); err != nil {
		return err
	}
	if made.UID == "" || made.Title != f.Title {
		return c.http.Errorf("it does not say that it created the folder")
	}
	*f = made
	return nil
}
