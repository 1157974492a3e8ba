package schema

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// Format is the language of an input.
type Format int

// The formats.
const (
	YAML Format = iota
	JSON
	CUE
)

// FormatOf returns the format that a file's name stands for.
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

// Input is one file.
type Input struct {
	File   string // as findings show it, with slashes
	Source string // as generated files name it: relative to the project's root; File if empty
	Data   []byte
	Dir    string // directory of the file, where CUE finds packages to import; empty: imports only promslo's and CUE's own
	Format Format
}

// Options adapt loading.
type Options struct {
	Workers  int           // files read at the same time; 0: one a processor
	Deadline time.Duration // for the evaluation of one CUE file; 0: 2 s
	// Find returns files in which services may stand whose SLOs are parts of a
	// journey, or are depended on, and which the inputs lack. Nil: there are none.
	Find func(services []string) []Input

	readers *sync.Pool // of *reader, which takes milliseconds to read the schema
	used    *usage     // by the files of the run so far
}

// pooled returns the options with readers to share, for one run.
func (o Options) pooled() Options {
	o.used = &usage{}
	o.readers = &sync.Pool{New: func() any { return newReader(o) }}
	return o
}

// LoadProject reads the project file. Where there are findings, what is wrong
// has its default.
func LoadProject(in Input, opts Options) (model.Project, []diag.Finding) {
	r := newReader(opts)
	docs, _, findings := r.read(in)
	if len(docs) > 1 {
		findings = append(findings, diag.Finding{ID: "invalid-value", Pos: docs[1].pos.in(in.File), Message: "a project file holds one document, this one has several"})
	}
	if len(docs) == 0 || len(findings) > 0 {
		return DefaultProject(), diag.Cap(diag.Sort(findings), maxFindings)
	}
	c := &check{checker: r.checker, file: in.File}
	c.walk(r.checker.proj, docs[0], "the project file")
	project := DefaultProject()
	if !c.bad[docs[0]] {
		project = c.project(docs[0])
	}
	project.File = cmp.Or(in.Source, in.File)
	project.At = func(path ...string) diag.Pos { return docs[0].find(path).pos.in(in.File) }
	return project, diag.Cap(diag.Sort(c.findings), maxFindings)
}

// LoadSpecs reads specs and returns the services that have no errors, by name, and the findings of all files. Neither depends on the order of the inputs
// or on the number of workers. When ctx is done it returns early, with what it has.
//
// A finding "runaway" means that the evaluation of a CUE file had to be given
// up. It cannot be stopped and goes on taking memory, so that the caller is to
// report the finding and end the process.
func LoadSpecs(ctx context.Context, project model.Project, inputs []Input, opts Options) ([]model.Service, []diag.Finding) {
	l := loadAll(ctx, project, inputs, opts.pooled())
	return l.services(), diag.Cap(diag.Sort(l.findings), maxFindings)
}

// loading is what came out of all inputs.
type loading struct {
	found    []named
	findings []diag.Finding
	runaway  bool // some inputs were not read
	nameless bool // there are inputs of which it is not known whose they are
}

// services returns those without errors, by name.
func (l loading) services() (out []model.Service) {
	for _, s := range l.found {
		if s.good {
			out = append(out, s.Service)
		}
	}
	slices.SortFunc(out, func(a, b model.Service) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Source.File, b.Source.File))
	})
	return out
}

func loadAll(ctx context.Context, project model.Project, inputs []Input, opts Options) loading {
	loaded, runaway := readAll(ctx, project, inputs, opts)
	var found []named
	var findings []diag.Finding
	nameless := false
	for _, l := range loaded {
		found = append(found, l.services...)
		nameless = nameless || len(l.services) == 0
		if !runaway || l.runaway {
			findings = append(findings, l.findings...)
		}
	}
	var others []named
	missing := qualify(found)
	if !runaway {
		findings = append(findings, duplicates(found)...)
		if len(missing) > 0 && opts.Find != nil {
			var more []diag.Finding
			others, more = readOthers(ctx, project, missing, opts)
			findings = append(findings, more...)
		}
	}
	if !runaway {
		findings = append(findings, sameIdentity(found, others)...)
	}
	if unresolved := resolve(found, others); !runaway {
		findings = append(findings, unresolved...)
	}
	return loading{found, findings, runaway, nameless}
}

// readAll reads files, in parallel, until ctx is done, one is a runaway or the run
// has read more than it may.
func readAll(ctx context.Context, project model.Project, inputs []Input, opts Options) (loaded []specs, ranAway bool) {
	workers := cmp.Or(max(opts.Workers, 0), runtime.GOMAXPROCS(0))
	// The order decides which file passes a limit.
	inputs = slices.SortedStableFunc(slices.Values(inputs), func(a, b Input) int { return cmp.Compare(a.File, b.File) })
	loaded = make([]specs, len(inputs))
	var next atomic.Int64
	var runaway atomic.Bool
	var mu sync.Mutex
	total := *opts.used
	var wg sync.WaitGroup
	for range min(workers, len(inputs)) {
		wg.Go(func() {
			r := opts.readers.Get().(*reader)
			for ctx.Err() == nil && !runaway.Load() {
				i := int(next.Add(1)) - 1
				if i >= len(inputs) {
					break
				}
				loaded[i] = r.specs(inputs[i], project)
				if loaded[i].runaway {
					runaway.Store(true)
					return // the evaluation goes on in r
				}
				mu.Lock()
				if id, _ := total.add(loaded[i].usage); id != "" {
					runaway.Store(true)
				}
				mu.Unlock()
			}
			opts.readers.Put(r)
		})
	}
	wg.Wait()
	// Files are begun in order, so that all up to the one that passes a limit were read.
	for i := range loaded {
		if id, message := opts.used.add(loaded[i].usage); id != "" {
			loaded[i] = specs{runaway: true, findings: []diag.Finding{{ID: id, Pos: diag.Pos{File: inputs[i].File}, Message: message, Suggestion: "run promslo on parts of the project"}}}
			break
		}
	}
	return loaded, runaway.Load()
}

// readOthers returns the services of some names that are not among the inputs,
// and what keeps them from being used. What else is wrong elsewhere is not said.
func readOthers(ctx context.Context, project model.Project, names []string, opts Options) (found []named, findings []diag.Finding) {
	loaded, _ := readAll(ctx, project, opts.Find(names), opts)
	for _, l := range loaded {
		broken := l.runaway
		for _, s := range l.services {
			if slices.Contains(names, s.Name) {
				found = append(found, s)
				broken = broken || !s.good
			}
		}
		if broken {
			findings = append(findings, l.findings...)
		}
	}
	return found, append(findings, duplicates(found)...)
}

// specs is what came out of one file.
type specs struct {
	services []named
	findings []diag.Finding
	usage    usage
	runaway  bool // the run cannot go on behind it
}

// named is a service that has at least a name.
type named struct {
	model.Service
	good bool // no error was found
}

// reader reads files one after the other.
type reader struct {
	opts    Options
	checker *checker
	cue     cueReader
}

func newReader(opts Options) *reader {
	return &reader{opts: opts, checker: newChecker()}
}

// specs reads the services of one file.
func (r *reader) specs(in Input, project model.Project) specs {
	var out specs
	docs, used, findings := r.read(in)
	out.findings, out.usage = findings, used
	out.runaway = slices.ContainsFunc(findings, func(f diag.Finding) bool { return f.ID == "runaway" })
	for _, doc := range docs {
		c := &check{checker: r.checker, file: in.File, source: cmp.Or(in.Source, in.File), data: in.Data}
		c.walk(r.checker.spec, doc, "the spec")
		if !c.bad[doc] {
			if s := c.service(doc, project); s.Name != "" {
				out.services = append(out.services, named{s, !diag.HasErrors(c.findings)})
			}
		}
		out.findings = append(out.findings, c.findings...)
	}
	readable := len(findings) == 0
	slos := 0
	for _, s := range out.services {
		slos += len(s.SLOs)
	}
	if slos > maxFileSLOs {
		readable = false
		out.findings = append(out.findings, diag.Finding{ID: "too-many-values", Pos: diag.Pos{File: in.File},
			Message: fmt.Sprintf("the file has %d SLOs, and all services in one may have at most %d", slos, maxFileSLOs), Suggestion: "write services into files of their own"})
	}
	if len(out.services) > 0 {
		ignored := ignores(in, docs)
		if len(ignored) > maxChildren {
			readable = false
			out.findings = append(out.findings, diag.Finding{ID: "too-many-values", Pos: ignored[maxChildren].Pos,
				Message: fmt.Sprintf("the file has more than %d comments that ignore a rule", maxChildren)})
		}
		for i := range out.services {
			out.services[i].Source.Ignores = ignored
			out.services[i].good = out.services[i].good && readable
		}
	}
	out.findings = diag.Cap(diag.Sort(out.findings), maxFindings)
	return out
}

// read returns the documents of a file, without those that are empty, and what they
// cost.
func (r *reader) read(in Input) (docs []*node, used usage, findings []diag.Finding) {
	m := &meter{file: in.File}
	defer func() { used = usage{max(m.bytes, len(in.Data)), m.values} }()
	data := m.clean(in.Data)
	if m.over {
		return nil, used, m.findings
	}
	switch in.Format {
	case YAML:
		docs = readYAML(m, data)
	case JSON:
		docs = readJSON(m, data)
	case CUE:
		docs = r.cue.read(m, in, data, cmp.Or(r.opts.Deadline, maxTime))
	}
	if m.over {
		return nil, used, m.findings
	}
	if len(docs) == 0 && len(m.findings) == 0 {
		m.add("empty-spec", place{1, 1}, "the file is empty", "start with `promslo init`")
	}
	docs = slices.DeleteFunc(docs, func(n *node) bool {
		if n.kind == null {
			m.add("empty-spec", n.pos, "the document is empty", "remove it, with the line --- before it")
		}
		return n.kind == null
	})
	return docs, used, m.findings
}
