package read

import (
	"path"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/diag"
)

// Format is the language of an input.
type Format int

// The formats.
const (
	YAML Format = iota
	JSON
	CUE
)

// FormatOf returns the format of a file by its extension.
func FormatOf(file string) (format Format, known bool) {
	switch path.Ext(file) {
	case ".yaml", ".yml":
		return YAML, true
	case ".json":
		return JSON, true
	case ".cue":
		return CUE, true
	}
	return YAML, false
}

// IsAgreements reports whether a file has the name of one of agreements.
func IsAgreements(file string) bool {
	return strings.HasSuffix(strings.TrimSuffix(file, path.Ext(file)), ".agreements")
}

// Input is one file.
type Input struct {
	File   string // as findings show it, with slashes
	Source string // name in generated files, relative to the project's root; File if empty
	Data   []byte
	Dir    string // directory of the file, from which its CUE module is looked for upwards; empty: imports only promslo's and CUE's own
	Within string // absolute directory above which no CUE module is looked for; empty: there is no bound
	Format Format
}

// File reads the documents of a file, without empty ones, and returns its usage.
func File(in Input, evaluate Evaluate) (docs []*Node, used Usage, findings []diag.Finding) {
	m := &meter{file: in.File}
	defer func() { used = Usage{max(m.bytes, len(in.Data)), m.values} }()
	data := m.cleanText(in.Data)
	if m.exceeded {
		return nil, used, m.findings
	}
	switch in.Format {
	case YAML:
		docs = readYAML(m, data)
	case JSON:
		docs = readJSON(m, data)
	case CUE:
		docs = readCUE(m, in, data, evaluate)
	}
	if m.exceeded {
		return nil, used, m.findings
	}
	if len(docs) == 0 && len(m.findings) == 0 {
		m.add(diag.EmptySpec, Position{1, 1}, "the file is empty", "start with `promslo init`")
	}
	docs = slices.DeleteFunc(docs, func(n *Node) bool {
		if n.Kind == Null {
			m.add(diag.EmptySpec, n.Pos, "the document is empty", "remove it, with the line --- before it")
		}
		return n.Kind == Null
	})
	return docs, used, m.findings
}
