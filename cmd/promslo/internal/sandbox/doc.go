// Package sandbox evaluates CUE files in a process of its own, with limits: CUE can be
// neither cancelled nor bounded, and a file may come from a stranger.
//
// In: the contents of files. Out: their values, or why one had to be given up. The
// process is this program once more (Serve). It opens no file: what a file imports is
// asked for, and read by the parent.
package sandbox

import "github.com/promslo/promslo/schema/read"

// question is what the parent writes: a file to evaluate, or the packages that were
// asked for.
type question struct {
	File  *read.CUESource
	Files map[string][]byte
	Err   string
}

// answer is what the child writes: at first that it is ready, then for a file which
// packages it needs, and at last what came out.
type answer struct {
	Ready   bool
	Needs   *string // directory of packages
	Result  read.Evaluated
	Runaway string // why the file was given up; the child ends
}
