package main_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/textproto"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/promslo/promslo/testdata"
)

// languageServer is a running yaml-language-server, asked as editors ask it.
type languageServer struct {
	t           *testing.T
	dir         string
	in          io.Writer
	messages    chan message
	id          int
	diagnostics map[string][]diagnostic // by URI
}

// message is one of the language server protocol.
type message struct {
	ID     json.RawMessage `json:"id,omitempty"`
	Method string          `json:"method,omitempty"`
	Params json.RawMessage `json:"params,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
}

type diagnostic struct {
	Range struct {
		Start struct {
			Line int `json:"line"`
		} `json:"start"`
	} `json:"range"`
	Message string `json:"message"`
}

type object = map[string]any

// startLanguageServer starts the server that `make editors` installs; without it the test is
// skipped, unless EDITORS says that it must be there.
func startLanguageServer(t *testing.T, dir string) *languageServer {
	t.Helper()
	program := filepath.Join(testdata.Dir(), "editors", "node_modules", "yaml-language-server", "bin", "yaml-language-server")
	if _, err := os.Stat(program); err != nil && os.Getenv("EDITORS") == "" {
		t.Skip("yaml-language-server is not here: make editors")
	}
	cmd := exec.CommandContext(t.Context(), "node", program, "--stdio")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	s := &languageServer{t: t, dir: dir, in: in, messages: make(chan message, 100), diagnostics: map[string][]diagnostic{}}
	go func() {
		defer close(s.messages)
		for r := bufio.NewReader(out); ; {
			header, err := textproto.NewReader(r).ReadMIMEHeader()
			if err != nil {
				return
			}
			length, _ := strconv.Atoi(header.Get("Content-Length"))
			body := make([]byte, length)
			var m message
			if _, err := io.ReadFull(r, body); err != nil || json.Unmarshal(body, &m) != nil {
				return
			}
			s.messages <- m
		}
	}()
	s.ask("initialize", object{
		"processId": os.Getpid(), "rootUri": s.uri(""), "capabilities": object{"textDocument": object{"hover": object{"contentFormat": []string{"plaintext"}}}},
	}, nil)
	s.send(object{"method": "initialized", "params": object{}})
	return s
}

func (s *languageServer) uri(file string) string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(s.dir, file))}).String()
}

func (s *languageServer) send(m object) {
	m["jsonrpc"] = "2.0"
	body, err := json.Marshal(m)
	if err == nil {
		_, err = fmt.Fprintf(s.in, "Content-Length: %d\r\n\r\n%s", len(body), body)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// receive handles a message: it keeps diagnostics, and answers what the server asks with nothing.
func (s *languageServer) receive() message {
	select {
	case m, ok := <-s.messages:
		if !ok {
			s.t.Fatal("the language server ended")
		}
		if m.Method == "textDocument/publishDiagnostics" {
			var p struct {
				URI         string       `json:"uri"`
				Diagnostics []diagnostic `json:"diagnostics"`
			}
			if err := json.Unmarshal(m.Params, &p); err != nil {
				s.t.Fatal(err)
			}
			s.diagnostics[p.URI] = p.Diagnostics
		}
		if m.Method != "" && m.ID != nil {
			s.send(object{"id": m.ID, "result": nil})
		}
		return m
	case <-time.After(time.Minute):
		s.t.Fatal("the language server is silent")
	}
	return message{}
}

// ask sends a request and reads the answer into result.
func (s *languageServer) ask(method string, params object, result any) {
	s.t.Helper()
	s.id++
	s.send(object{"id": s.id, "method": method, "params": params})
	for {
		m := s.receive()
		if m.Method != "" || string(m.ID) != strconv.Itoa(s.id) {
			continue
		}
		if result != nil {
			if err := json.Unmarshal(m.Result, result); err != nil {
				s.t.Fatalf("%s: %v: %s", method, err, m.Result)
			}
		}
		return
	}
}

// open shows a file to the server and returns what is wrong in it.
func (s *languageServer) open(file string) []diagnostic {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, file))
	if err != nil {
		s.t.Fatal(err)
	}
	uri := s.uri(file)
	s.send(object{"method": "textDocument/didOpen", "params": object{
		"textDocument": object{"uri": uri, "languageId": "yaml", "version": 1, "text": string(text)},
	}})
	for {
		if found, known := s.diagnostics[uri]; known {
			return found
		}
		s.receive()
	}
}

// at is a place in a file, counted from 0.
func (s *languageServer) at(file string, line, column int) object {
	return object{"textDocument": object{"uri": s.uri(file)}, "position": object{"line": line, "character": column}}
}

// hover returns what is shown of a place.
func (s *languageServer) hover(file string, line, column int) string {
	s.t.Helper()
	var result struct {
		Contents any `json:"contents"`
	}
	s.ask("textDocument/hover", s.at(file, line, column), &result)
	return fmt.Sprint(result.Contents)
}

// complete returns what is offered at a place.
func (s *languageServer) complete(file string, line, column int) []string {
	s.t.Helper()
	var result struct {
		Items []struct {
			Label string `json:"label"`
		} `json:"items"`
	}
	s.ask("textDocument/completion", s.at(file, line, column), &result)
	var labels []string
	for _, item := range result.Items {
		labels = append(labels, item.Label)
	}
	return labels
}
