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
	Dir    string // directory of the file, from which its CUE module is looked for upwards; empty: imports only promslo's and CUE's own
	Within string // absolute directory above which no CUE module is looked for; empty: there is no bound
	Format Format
}

// Options adapt loading.
type Options struct {
	Workers int // files read at the same time; 0: one a processor
	// Evaluate evaluates a CUE file, or returns a *Runaway. Nil: an Evaluator does it,
	// which is not enough for files of strangers.
	Evaluate func(CUESource, Packages) (Evaluated, error)
	// Find returns files in which services may stand whose SLOs are parts of a
	// journey, or are depended on, and which the inputs lack. Nil: there are none.
	Find func(services []string) []Input

	readers *sync.Pool // of *reader, which takes milliseconds to read the schema
	used    *usage     // by the files of the run so far
}

// pooled returns the options with readers to share, for one run.
func (o Options) pooled() Options {
	if o.Evaluate == nil {
		o.Evaluate = new(Evaluator).Evaluate
	}
	o.used = &usage{}
	o.readers = &sync.Pool{New: func() any { return newReader(o) }}
	return o
}

// LoadProject reads the project file. Where there are findings, what is wrong
// has its default.
func LoadProject(in Input, opts Options) (model.Project, []diag.Finding) {
	r := newReader(opts.pooled())
	docs, _, findings := r.read(in)
	if len(docs) == 0 {
		findings = slices.DeleteFunc(findings, func(f diag.Finding) bool { return f.ID == "empty-spec" }) // everything in it is optional
	}
	if len(docs) > 1 {
		findings = append(findings, diag.Finding{ID: "invalid-value", Pos: docs[1].pos.in(in.File), Message: "a project file holds one document, this one has several"})
	}
	if len(docs) == 0 || len(findings) > 0 {
		project := DefaultProject()
		project.File = cmp.Or(in.Source, in.File)
		return project, diag.Cap(diag.Sort(findings), maxFindings)
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
func LoadSpecs(ctx context.Context, project model.Project, inputs []Input, opts Options) ([]model.Service, []diag.Finding) {
	l := loadAll(ctx, project, inputs, opts.pooled())
	return l.services(), diag.Cap(onceNotEvaluated(l.findings), maxFindings)
}

// loading is what came out of all inputs.
type loading struct {
	found    []named
	findings []diag.Finding
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
	var found []named
	var findings []diag.Finding
	nameless := false
	loaded, over := readAll(ctx, project, inputs, opts)
	if over != nil {
		return loading{findings: []diag.Finding{*over}, nameless: true}
	}
	for _, l := range loaded {
		found = append(found, l.services...)
		nameless = nameless || len(l.services) == 0
		findings = append(findings, l.findings...)
	}
	var others []named
	missing := qualify(found)
	findings = append(findings, duplicates(found)...)
	if len(missing) > 0 && opts.Find != nil {
		var more []diag.Finding
		others, more = readOthers(ctx, project, missing, opts)
		findings = append(findings, more...)
	}
	findings = append(findings, sameIdentity(found, others)...)
	return loading{found, append(findings, resolve(found, others)...), nameless}
}

// readAll reads files, in parallel, until ctx is done or the run has read more than it
// may: then the error tells at which file.
func readAll(ctx context.Context, project model.Project, inputs []Input, opts Options) (loaded []specs, over *diag.Finding) {
	workers := cmp.Or(max(opts.Workers, 0), runtime.GOMAXPROCS(0))
	// The order decides which file passes a limit.
	inputs = slices.SortedStableFunc(slices.Values(inputs), func(a, b Input) int { return cmp.Compare(a.File, b.File) })
	loaded = make([]specs, len(inputs))
	var next atomic.Int64
	var passed atomic.Bool
	var mutex sync.Mutex
	total := *opts.used
	var wg sync.WaitGroup
	for range min(workers, len(inputs)) {
		wg.Go(func() {
			r := opts.readers.Get().(*reader)
			for ctx.Err() == nil && !passed.Load() {
				i := int(next.Add(1)) - 1
				if i >= len(inputs) {
					break
				}
				loaded[i] = r.specs(inputs[i], project)
				mutex.Lock()
				if id, _ := total.add(loaded[i].usage); id != "" {
					passed.Store(true)
				}
				mutex.Unlock()
			}
			opts.readers.Put(r)
		})
	}
	wg.Wait()
	// Files are begun in order, so that all up to the one that passes a limit were read.
	for i := range loaded {
		if id, message := opts.used.add(loaded[i].usage); id != "" {
			return nil, &diag.Finding{ID: id, Pos: diag.Pos{File: inputs[i].File}, Message: message, Suggestion: "run promslo on parts of the project"}
		}
	}
	return loaded, nil
}

// readOthers returns the services of some names that are not among the inputs,
// and what keeps them from being used. What else is wrong elsewhere is not said.
func readOthers(ctx context.Context, project model.Project, names []string, opts Options) (found []named, findings []diag.Finding) {
	loaded, over := readAll(ctx, project, opts.Find(names), opts)
	if over != nil {
		return nil, []diag.Finding{*over}
	}
	for _, l := range loaded {
		broken := l.lost
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
	lost     bool // as CUE, it could not be evaluated
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
}

func newReader(opts Options) *reader {
	return &reader{opts: opts, checker: newChecker()}
}

// specs reads the services of one file.
func (r *reader) specs(in Input, project model.Project) specs {
	var out specs
	docs, used, findings := r.read(in)
	out.findings, out.usage = findings, used
	out.lost = slices.ContainsFunc(findings, func(f diag.Finding) bool { return f.ID == "runaway" || f.ID == notEvaluated })
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
		docs = r.readCUE(m, in, data)
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
