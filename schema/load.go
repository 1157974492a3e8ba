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
	Workers int // files read in parallel; 0: one per CPU
	// Evaluate evaluates CUE files. The default, an Evaluator in this process, does not
	// contain untrusted files.
	Evaluate read.Evaluate
	// Find returns further files that may define the named services. It is called for
	// services that journeys or dependencies refer to and the inputs do not define.
	Find  func(services []string) []read.Input
	Whole bool // Find looks at a whole project
	// Agreements returns further files of agreements; nil: there are none.
	Agreements func() []read.Input

	readers *sync.Pool  // of *reader; a new one takes milliseconds to compile the schema
	usage   *read.Usage // by the files read so far
}

// pooled returns the options of one run, with a pool of readers.
func (o Options) pooled() Options {
	if o.Evaluate == nil {
		o.Evaluate = (&read.Evaluator{Schema: Definitions()}).Evaluate
	}
	o.usage = &read.Usage{}
	o.readers = &sync.Pool{New: func() any { return newReader(o) }}
	return o
}

// LoadProject reads the project file. Invalid fields keep their defaults.
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
	c := &fileChecker{cueChecker: r.checker, file: in.File}
	c.walk(r.checker.project, docs[0], "the project file")
	project := DefaultProject()
	if !c.invalid[docs[0]] {
		project = c.project(docs[0])
	}
	project.File = cmp.Or(in.Source, in.File)
	project.At = func(path ...string) diag.Pos { return docs[0].Find(path).Pos.In(in.File) }
	return project, diag.Cap(diag.Sort(c.findings), maxFindings)
}

// LoadSpecs reads specs and returns the services without errors, sorted by name, and the
// findings of all files. Neither depends on the order of the inputs or on the number of
// workers. When ctx is done it returns early with partial results.
func LoadSpecs(ctx context.Context, project model.Project, inputs []read.Input, opts Options) ([]model.Service, []diag.Finding) {
	l := loadAll(ctx, project, inputs, opts.pooled())
	l.attach()
	return l.validServices(), diag.Cap(read.MergeNotEvaluated(l.findings), maxFindings)
}

// loadResult is the result of reading all inputs.
type loadResult struct {
	services []namedService
	findings []diag.Finding
	nameless bool // some inputs have no readable service name
	accords  accords
}

// validServices returns the services without errors, sorted by name.
func (l loadResult) validServices() (out []model.Service) {
	for _, s := range l.services {
		if s.valid {
			out = append(out, s.Service)
		}
	}
	slices.SortFunc(out, func(a, b model.Service) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Source.File, b.Source.File))
	})
	return out
}

func loadAll(ctx context.Context, project model.Project, inputs []read.Input, opts Options) loadResult {
	var found []namedService
	var findings []diag.Finding
	nameless := false
	if opts.Agreements != nil {
		inputs = slices.Concat(inputs, opts.Agreements())
	}
	loaded, over := readAll(ctx, project, inputs, opts)
	if over != nil {
		return loadResult{findings: []diag.Finding{*over}, nameless: true}
	}
	var agreed accords
	for _, l := range loaded {
		found = append(found, l.services...)
		agreed.add(l.accords)
		nameless = nameless || len(l.services) == 0 && !l.isAgreements
		findings = append(findings, l.findings...)
	}
	findings = append(findings, agreed.duplicates(found)...)
	var others []namedService
	missing := qualifyParts(found)
	findings = append(findings, duplicateNames(found)...)
	if len(missing) > 0 && opts.Find != nil {
		var more []diag.Finding
		others, more = readReferenced(ctx, project, missing, opts)
		findings = append(findings, more...)
	}
	findings = append(findings, duplicateIDs(found, others)...)
	findings = append(findings, duplicateAlerts(found, others)...)
	return loadResult{found, append(findings, resolveParts(found, others, opts.Whole)...), nameless, agreed}
}

// readAll reads files in parallel until ctx is done or the run exceeds a limit: then it
// returns a finding at the file that exceeded it.
func readAll(ctx context.Context, project model.Project, inputs []read.Input, opts Options) (loaded []fileSpecs, over *diag.Finding) {
	workers := cmp.Or(max(opts.Workers, 0), runtime.GOMAXPROCS(0))
	// Sorted, so that the same file exceeds a limit each time.
	inputs = slices.SortedStableFunc(slices.Values(inputs), func(a, b read.Input) int { return cmp.Compare(a.File, b.File) })
	loaded = make([]fileSpecs, len(inputs))
	var next atomic.Int64
	var passed atomic.Bool
	var mutex sync.Mutex
	total := *opts.usage
	var wg sync.WaitGroup
	for range min(workers, len(inputs)) {
		wg.Go(func() {
			r := opts.readers.Get().(*reader)
			for ctx.Err() == nil && !passed.Load() {
				i := int(next.Add(1)) - 1
				if i >= len(inputs) {
					break
				}
				loaded[i] = r.readSpecs(inputs[i], project)
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
	// Workers take files in order, so all files up to the one over the limit were read.
	for i := range loaded {
		if id, message := opts.usage.Add(loaded[i].usage); id != "" {
			return nil, &diag.Finding{ID: id, Pos: diag.Pos{File: inputs[i].File}, Message: message, Suggestion: "run promslo on parts of the project"}
		}
	}
	return loaded, nil
}

// readReferenced reads the named services from files that opts.Find returns. Of their
// findings it returns only those of files that make one of the services unusable.
func readReferenced(ctx context.Context, project model.Project, names []string, opts Options) (found []namedService, findings []diag.Finding) {
	loaded, over := readAll(ctx, project, opts.Find(names), opts)
	if over != nil {
		return nil, []diag.Finding{*over}
	}
	for _, l := range loaded {
		broken := l.notEvaluated
		for _, s := range l.services {
			if slices.Contains(names, s.Name) {
				found = append(found, s)
				broken = broken || !s.valid
			}
		}
		if broken {
			findings = append(findings, l.findings...)
		}
	}
	return found, append(findings, duplicateNames(found)...)
}

// fileSpecs is the result of reading one file.
type fileSpecs struct {
	services     []namedService
	findings     []diag.Finding
	usage        read.Usage
	notEvaluated bool // the CUE evaluation failed or was stopped
	accords      accords
	isAgreements bool // the file has the name of one of agreements
}

// namedService is a service with a name and perhaps errors.
type namedService struct {
	model.Service
	valid bool // without errors
}

// reader reads files sequentially.
type reader struct {
	opts    Options
	checker *cueChecker
}

func newReader(opts Options) *reader {
	return &reader{opts: opts, checker: newCUEChecker()}
}

// readSpecs reads the services of one file.
func (r *reader) readSpecs(in read.Input, project model.Project) fileSpecs {
	var out fileSpecs
	docs, used, findings := read.File(in, r.opts.Evaluate)
	out.findings, out.usage, out.isAgreements = findings, used, read.IsAgreements(in.File)
	out.notEvaluated = slices.ContainsFunc(findings, func(f diag.Finding) bool { return f.ID == diag.Runaway || f.ID == diag.NotEvaluated })
	for _, doc := range docs {
		c := &fileChecker{cueChecker: r.checker, file: in.File, source: cmp.Or(in.Source, in.File), data: in.Data, renamed: project.LabelNames.Renamed()}
		if out.isAgreements {
			out.accords.add(c.accordsOf(doc))
			out.findings = append(out.findings, c.findings...)
			continue
		}
		if !c.refuseForeign(doc) {
			c.walk(r.checker.spec, doc, "the spec")
		}
		if !c.invalid[doc] {
			if s := c.service(doc, project); s.Name != "" {
				out.services = append(out.services, namedService{s, !diag.HasErrors(c.findings)})
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
			out.services[i].valid = out.services[i].valid && readable
		}
	}
	out.findings = diag.Cap(diag.Sort(out.findings), maxFindings)
	return out
}
