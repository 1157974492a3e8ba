// Package grafanatest is a Grafana for tests, as its HTTP API is documented
// (grafana.com/docs/grafana/latest/developers/http_api): folders, and dashboards by uid.
package grafanatest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Server is a Grafana below the path /grafana, which asks for a token. Whoever changes or
// reads its fields sees to it that nobody asks meanwhile.
type Server struct {
	*httptest.Server
	Folders    map[string]string    // title by uid
	Dashboards map[string]Dashboard // by uid

	mutex  sync.Mutex
	writes []string
}

// Dashboard is one that the server has.
type Dashboard struct {
	Content     map[string]any // without id and version
	Folder      string         // uid; empty: General
	Version     int
	Provisioned bool
}

// Token is what the server wants to see.
const Token = "secret"

// New starts a server, which has to be closed.
func New() *Server {
	s := &Server{Folders: map[string]string{}, Dashboards: map[string]Dashboard{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /grafana/api/health", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, 200, map[string]any{"commit": "abc", "database": "ok", "version": "12.3.0"})
	})
	for pattern, handle := range map[string]func(http.ResponseWriter, *http.Request){
		"GET /grafana/api/folders":                 s.listFolders,
		"GET /grafana/api/folders/{uid}":           s.getFolder,
		"POST /grafana/api/folders":                s.createFolder,
		"GET /grafana/api/search":                  s.search,
		"GET /grafana/api/dashboards/uid/{uid}":    s.get,
		"POST /grafana/api/dashboards/db":          s.save,
		"DELETE /grafana/api/dashboards/uid/{uid}": s.remove,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			s.mutex.Lock()
			defer s.mutex.Unlock()
			if r.Header.Get("Authorization") != "Bearer "+Token {
				message(w, 401, "Invalid API key")
				return
			}
			if r.Method != http.MethodGet {
				s.writes = append(s.writes, r.Method+" "+strings.TrimPrefix(r.URL.Path, "/grafana"))
			}
			handle(w, r)
		})
	}
	s.Server = httptest.NewServer(mux)
	return s
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func message(w http.ResponseWriter, status int, text string) {
	reply(w, status, map[string]any{"message": text, "traceID": ""})
}

func (s *Server) listFolders(w http.ResponseWriter, r *http.Request) {
	var all []map[string]any
	for _, uid := range slices.Sorted(maps.Keys(s.Folders)) {
		all = append(all, map[string]any{"id": 1, "uid": uid, "title": s.Folders[uid]})
	}
	reply(w, 200, page(r, all))
}

// page is a page of a list, of which the first is 1.
func page(r *http.Request, all []map[string]any) []map[string]any {
	limit, _ := strconv.Atoi(r.FormValue("limit"))
	n, _ := strconv.Atoi(r.FormValue("page"))
	from := min((n-1)*limit, len(all))
	return append([]map[string]any{}, all[from:min(from+limit, len(all))]...)
}

func (s *Server) getFolder(w http.ResponseWriter, r *http.Request) {
	title, known := s.Folders[r.PathValue("uid")]
	if !known {
		message(w, 404, "folder not found")
		return
	}
	reply(w, 200, map[string]any{"id": 1, "uid": r.PathValue("uid"), "title": title})
}

func (s *Server) createFolder(w http.ResponseWriter, r *http.Request) {
	var in struct{ Title string }
	_ = json.NewDecoder(r.Body).Decode(&in)
	uid := fmt.Sprintf("f%d", len(s.Folders)+1)
	s.Folders[uid] = in.Title
	reply(w, 200, map[string]any{"id": 1, "uid": uid, "title": in.Title, "version": 1})
}

func (s *Server) search(w http.ResponseWriter, r *http.Request) {
	all := []map[string]any{}
	for _, uid := range slices.Sorted(maps.Keys(s.Dashboards)) {
		d := s.Dashboards[uid]
		tags, _ := d.Content["tags"].([]any)
		if slices.Contains(tags, any(r.FormValue("tag"))) && r.FormValue("type") == "dash-db" {
			hit := map[string]any{"id": 1, "uid": uid, "title": d.Content["title"], "type": "dash-db", "tags": tags}
			if d.Folder != "" {
				hit["folderUid"] = d.Folder
			}
			all = append(all, hit)
		}
	}
	reply(w, 200, page(r, all))
}

func (s *Server) get(w http.ResponseWriter, r *http.Request) {
	uid := r.PathValue("uid")
	d, known := s.Dashboards[uid]
	if !known {
		message(w, 404, "Dashboard not found")
		return
	}
	content := maps.Clone(d.Content)
	content["id"], content["version"] = 7, d.Version
	reply(w, 200, map[string]any{"dashboard": content, "meta": map[string]any{"folderUid": d.Folder, "provisioned": d.Provisioned, "slug": "x"}})
}

// save refuses what would lose the change of somebody else, unless it is told to overwrite.
func (s *Server) save(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Dashboard map[string]any
		FolderUID string
		Overwrite bool
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Dashboard["title"] == "" {
		message(w, 400, "bad request data")
		return
	}
	if _, known := s.Folders[in.FolderUID]; in.FolderUID != "" && !known {
		message(w, 400, "folder not found")
		return
	}
	uid, _ := in.Dashboard["uid"].(string)
	d, known := s.Dashboards[uid]
	version, _ := in.Dashboard["version"].(float64)
	if known && int(version) != d.Version && !in.Overwrite {
		reply(w, 412, map[string]any{"status": "version-mismatch", "message": "The dashboard has been changed by someone else"})
		return
	}
	delete(in.Dashboard, "id")
	delete(in.Dashboard, "version")
	s.Dashboards[uid] = Dashboard{Content: in.Dashboard, Folder: in.FolderUID, Version: d.Version + 1}
	reply(w, 200, map[string]any{"id": 7, "uid": uid, "url": "/d/" + uid, "status": "success", "version": d.Version + 1})
}

func (s *Server) remove(w http.ResponseWriter, r *http.Request) {
	if _, known := s.Dashboards[r.PathValue("uid")]; !known {
		message(w, 404, "Dashboard not found")
		return
	}
	delete(s.Dashboards, r.PathValue("uid"))
	reply(w, 200, map[string]any{"title": "x", "message": "Dashboard x deleted", "id": 7})
}

// Wrote returns the requests that changed something since it was last asked.
func (s *Server) Wrote() []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	out := s.writes
	s.writes = nil
	return out
}
