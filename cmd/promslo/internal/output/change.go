package output

import (
	"fmt"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
)

// Action is what is to be done with a file.
type Action string

// The actions, in the words of a report.
const (
	Missing  Action = "missing"  // is to be written
	Changed  Action = "changed"  // is to be replaced
	Orphaned Action = "orphaned" // was generated from a spec that no longer asks for it: is to be removed
	Foreign  Action = "foreign"  // stands where a file is to be written, but promslo did not generate it
)

// Change is one difference between the disk and what was generated.
type Change struct {
	Path   string // slash-separated, below the output directory
	Action Action
	Source string // what the file on disk was generated from, by its header; empty: not known
	Diff   string // a unified diff, cut off where it is long; only of a comparison
	temp   string // the new content, until it is renamed to Path
}

// How many lines of a diff are shown: a dashboard has thousands, and of a file
// that is there on one side only the first ones tell which it is.
const (
	maxDiffLines = 100
	maxFileLines = 10
)

// difference returns a unified diff, cut off where it is long. name is how the
// reader calls the file.
func difference(name string, action Action, old, new []byte) string {
	from, to, longest := name+"\ton disk", name+"\tgenerated", maxDiffLines
	switch action {
	case Missing:
		from, longest = "/dev/null", maxFileLines
	case Orphaned:
		to, longest = "/dev/null", maxFileLines
	}
	// The first line names both sides; patch and people take them from the next two.
	_, text, _ := strings.Cut(string(diff.Diff(from, old, to, new)), "\n")
	lines := strings.SplitAfter(text, "\n")
	if more := len(lines) - 1 - longest; more > 0 {
		return strings.Join(lines[:longest], "") + fmt.Sprintf("… %d more lines\n", more)
	}
	return text
}
