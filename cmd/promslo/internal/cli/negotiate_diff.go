package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/promslo/promslo/cmd/promslo/internal/textedit"
	"github.com/promslo/promslo/generate/negotiate"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
	"github.com/promslo/promslo/schema/words"
)

// diff prints a way as a change of the specs. What cannot be written into them is said in
// lines in front, which patch does not read.
func (n negotiation) diff(ctx context.Context, s streams, way int) error {
	changes := []negotiate.Change{n.Wanted}
	switch {
	case n.Fits && way == 1:
	case way > len(n.Ways):
		return fmt.Errorf("--way %d: there is no such way; promslo negotiate lists %d", way, len(n.Ways))
	default:
		changes = append(changes, n.Ways[way-1].Changes...)
	}
	e := specEdits{negotiation: n, texts: map[string]*textedit.Text{}}
	for _, c := range changes {
		e.make(c)
	}
	if len(e.byHand) == 0 {
		if err := e.verify(ctx); err != nil {
			return err
		}
	}
	return printed(s.out, e.print)
}

// specEdits is changes of the texts of specs.
type specEdits struct {
	negotiation
	texts  map[string]*textedit.Text // by file
	byHand []string                  // what is left to people
}

// make writes a change into the specs.
func (e *specEdits) make(c negotiate.Change) {
	if s, slo, known := e.find(c); known {
		w := fieldWriter{e, s}
		if c.SLO == "" {
			w.dependency(c)
		} else {
			w.slo(c, slo)
		}
	}
}

// find returns the service and the SLO of a change.
func (e *specEdits) find(c negotiate.Change) (s model.Service, slo model.SLO, known bool) {
	for _, s = range e.all {
		if s.Name != c.Service {
			continue
		}
		for _, slo = range s.SLOs {
			if slo.Name == c.SLO {
				return s, slo, true
			}
		}
		return s, model.SLO{}, c.SLO == ""
	}
	return s, slo, false
}

// verify reads the changed specs again: what was written must be what is meant.
func (e *specEdits) verify(ctx context.Context) error {
	changed := *e.w
	changed.Inputs = slices.Clone(e.w.Inputs)
	for i, in := range changed.Inputs {
		if text, found := e.texts[in.File]; found {
			changed.Inputs[i].Data = text.Bytes()
		}
	}
	contracts, _, err := changed.Contracts(ctx)
	if err != nil {
		return err
	}
	again, err := negotiate.Ask(contracts, e.Request)
	if err != nil || !again.Fits || again.SLO.Objective != e.Want {
		return errors.New("what would be written into the specs does not say what is meant: change them by hand, as --format text says")
	}
	return nil
}

func (e *specEdits) print(out io.Writer) error {
	for _, line := range e.byHand {
		fmt.Fprintln(out, "# by hand: "+line)
	}
	for _, file := range slices.Sorted(maps.Keys(e.texts)) {
		for _, in := range e.w.Inputs {
			if in.File == file {
				// The first line names both files, and so do the next two.
				_, text, _ := strings.Cut(string(diff.Diff("a/"+file, in.Data, "b/"+file, e.texts[file].Bytes())), "\n")
				fmt.Fprint(out, text)
			}
		}
	}
	return nil
}

// fieldWriter writes into the spec of a service.
type fieldWriter struct {
	*specEdits
	service model.Service
}

// text returns the text of the service's file, and nil if it is none of those that were read.
func (w fieldWriter) text(file string) *textedit.Text {
	if w.texts[file] == nil {
		i := slices.IndexFunc(w.w.Inputs, func(in read.Input) bool { return in.File == file })
		if i < 0 {
			return nil
		}
		w.texts[file] = textedit.New(w.w.Inputs[i].Data, w.flow(file).yaml)
	}
	return w.texts[file]
}

// set sets a scalar field of a map, whose value was: it replaces the value or adds the field.
func (w fieldWriter) set(path []string, key string, is func(string) bool, value string) {
	at, parent := w.service.Source.At(append(slices.Clone(path), key)...), w.service.Source.At(path...)
	err := textedit.ErrByHand
	switch text := w.text(parent.File); {
	case text == nil:
	case at != parent:
		err = text.Replace(at, is, value)
	default:
		f := w.flow(parent.File)
		if _, notNumber := strconv.ParseFloat(value, 64); notNumber != nil {
			value = f.text(value)
		}
		err = text.InsertField(parent, !isItem(path), f.key(key)+": "+value)
	}
	if err != nil {
		w.leave(path, key+": "+value)
	}
}

// isItem reports whether a path is that of an item of a list.
func isItem(path []string) bool {
	_, err := strconv.Atoi(path[len(path)-1])
	return err == nil
}

// leave leaves a change to people.
func (w fieldWriter) leave(path []string, what string) {
	w.byHand = append(w.byHand, fmt.Sprintf("in %s write %s into %s", w.service.Source.File, what, strings.Join(path, ".")))
}

// slo writes a change of an SLO.
func (w fieldWriter) slo(c negotiate.Change, slo model.SLO) {
	path := []string{"slos", slo.Key}
	f := w.flow(w.service.Source.At(path...).File)
	if slo.Key != slo.Name {
		w.leave(path, fmt.Sprintf("%s %s for %s", c.Kind, words.Number(c.To), slo.Name))
		return
	}
	switch c.Kind {
	case negotiate.Raise:
		w.set(path, "objective", isNumber(slo.Objective), words.Number(max(c.To, w.objective(c, slo))))
		for _, i := range c.RaisedEntries(slo) {
			w.set(append(path, "schedule", strconv.Itoa(i)), "objective", isNumber(slo.Schedule[i].Objective), words.Number(c.To))
		}
	case negotiate.SetWindow:
		if slo.Calendar != "" {
			w.leave(path, "window: "+words.Duration(c.Window)+" instead of calendar")
			return
		}
		w.set(path, "window", isDuration, words.Duration(c.Window))
	case negotiate.Exclude:
		var items []string
		for _, x := range c.Exclusions {
			items = append(items, f.object("reason", f.text(x.Reason), "at", f.times(x.At)))
		}
		w.add(path, "exclude", items, len(slo.Exclude) > 0)
	case negotiate.Relax:
		var items []string
		for _, x := range c.Schedule {
			items = append(items, f.object("name", f.optional(x.Name), "at", f.times(x.At), "objective", f.number(x.Objective)))
		}
		w.add(path, "schedule", items, len(slo.Schedule) > 0)
	}
}

// objective is what an SLO promises in any case: what is wanted of it may be less than it
// promises, a climb is not.
func (w fieldWriter) objective(c negotiate.Change, slo model.SLO) float64 {
	if c.Subject() == w.Wanted.Subject() {
		return 0
	}
	return slo.Objective
}

// add adds items to a list, which is there or not.
func (w fieldWriter) add(path []string, key string, items []string, there bool) {
	parent := w.service.Source.At(path...)
	text := w.text(parent.File)
	err := textedit.ErrByHand
	switch {
	case text == nil:
	case there:
		for _, item := range items {
			err = text.InsertItem(w.service.Source.At(append(slices.Clone(path), key)...), item)
		}
	default:
		err = text.InsertField(parent, true, w.flow(parent.File).key(key)+": ["+strings.Join(items, ", ")+"]")
	}
	if err != nil {
		w.leave(path, key+": ["+strings.Join(items, ", ")+"]")
	}
}

func isNumber(want float64) func(string) bool {
	return func(text string) bool {
		got, err := strconv.ParseFloat(text, 64)
		return err == nil && got == want
	}
}

func isDuration(text string) bool { return text != "" && text[0] >= '0' && text[0] <= '9' }
