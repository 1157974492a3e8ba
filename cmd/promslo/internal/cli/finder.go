package cli

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/promslo/promslo/cmd/promslo/internal/project"
	"github.com/promslo/promslo/schema/read"
)

// finder returns what finds the specs of the project that name a service in their
// text, and are not read already: a hook names only the files that changed. Without a
// project there is no telling where to look. What goes wrong is added to err.
func (w *workspace) finder(ctx context.Context, err *error) func(services []string) []read.Input {
	all := w.others
	looked := all != nil || !w.rooted
	return func(services []string) (found []read.Input) {
		if !looked {
			looked = true
			*err = errors.Join(*err, w.walk(ctx, w.root, func(file string, spec project.Spec) {
				if spec.Err == nil {
					all = append(all, w.read(file, spec.Format, spec.Data))
				}
			}))
		}
		for _, in := range all {
			names := func(service string) bool { return bytes.Contains(in.Data, []byte(service)) }
			known := func(other read.Input) bool { return other.File == in.File }
			if slices.ContainsFunc(services, names) && !slices.ContainsFunc(w.inputs, known) {
				found = append(found, in)
				w.shows(in.File)
			}
		}
		return found
	}
}
