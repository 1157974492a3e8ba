package schema

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

// Options adapt loading.
type Options struct {
	Workers int // files read at the same time; 0: one a processor
	// Evaluate evaluates CUE files. Nil: an Evaluator does it, which is not enough for
	// files of strangers.
	Evaluate read.Evaluate
	// Find returns files in which services may stand whose SLOs are parts of a
	// journey, or are depended on, and which the inputs lack. Nil: there are none.
	Find func(services []string) []read.Input

	readers *sync.Pool  // of *reader, which takes milliseconds to read the schema
	used    *read.Usage // by the files of the run so far
}

// pooled returns the options with readers to share, for one run.
func (o Options) pooled() Options {
	if o.Evaluate == nil {
		o.Evaluate = (&read.Evaluator{Schema: Definitions()}).Evaluate
	}
	o.used = &read.Usage{}
	o.readers = &sync.Pool{New: func() any { return newReader(o) }}
	return o
}

// LoadProject reads the project file. Where there are findings, what is wrong
// has its default.
func LoadProject(in read.Input, opts Options) (model.Project, []diag.Finding) {
	r := newReader(opts.pooled())
	docs, _, findings := read.File(in, r.opts.Evaluate)
	if len(docs) == 0 {
		findings = slices.DeleteFunc(findings, func(f diag.Finding) bool { return f.ID == diag.EmptySpec }) // everything in it is optional
	}
	if len(docs) > 1 {
		findings = append(findings, diag.Finding{ID: diag.InvalidValue, Pos: docs[1].Pos.In(in.File), Message: "a project file holds one document, this one has several"})
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
	project.At = func(path ...string) diag.Pos { return docs[0].Find(path).Pos.In(in.File) }
	return project, diag.Cap(diag.Sort(c.findings), maxFindings)
}

// LoadSpecs reads specs and returns the services that have no errors, by name, and the findings of all files. Neither depends on the order of the inputs
// or on the number of workers. When ctx is done it returns early, with what it has.
func LoadSpecs(ctx context.Context, project model.Project, inputs []read.Input, opts Options) ([]model.Service, []diag.Finding) {
	l := loadAll(ctx, project, inputs, opts.pooled())
	return l.services(), diag.Cap(read.OnceNotEvaluated(l.findings), maxFindings)
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

func loadAll(ctx context.Context, project model.Project, inputs []read.Input, opts Options) loading {
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
func readAll(ctx context.Context, project model.Project, inputs []read.Input, opts Options) (loaded []specs, over *diag.Finding) {
	workers := cmp.Or(max(opts.Workers, 0), runtime.GOMAXPROCS(0))
	// The order decides which file passes a limit.
	inputs = slices.SortedStableFunc(slices.Values(inputs), func(a, b read.Input) int { return cmp.Compare(a.File, b.File) })
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
				if id, _ := total.Add(loaded[i].usage); id != "" {
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
		if id, message := opts.used.Add(loaded[i].usage); id != "" {
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
	usage    read.Usage
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
func (r *reader) specs(in read.Input, project model.Project) specs {
	var out specs
	docs, used, findings := read.File(in, r.opts.Evaluate)
	out.findings, out.usage = findings, used
	out.lost = slices.ContainsFunc(findings, func(f diag.Finding) bool { return f.ID == diag.Runaway || f.ID == diag.NotEvaluated })
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
		out.findings = append(out.findings, diag.Finding{ID: diag.TooManyValues, Pos: diag.Pos{File: in.File},
			Message: fmt.Sprintf("the file has %d SLOs, and all services in one may have at most %d", slos, maxFileSLOs), Suggestion: "write services into files of their own"})
	}
	if len(out.services) > 0 {
		ignored := ignores(in, docs)
		if len(ignored) > read.MaxChildren {
			readable = false
			out.findings = append(out.findings, diag.Finding{ID: diag.TooManyValues, Pos: ignored[read.MaxChildren].Pos,
				Message: fmt.Sprintf("the file has more than %d comments that ignore a rule", read.MaxChildren)})
		}
		for i := range out.services {
			out.services[i].Source.Ignores = ignored
			out.services[i].good = out.services[i].good && readable
		}
	}
	out.findings = diag.Cap(diag.Sort(out.findings), maxFindings)
	return out
}
