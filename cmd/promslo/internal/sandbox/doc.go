// Package sandbox evaluates CUE files in a separate process with limits, as the evaluation
// can be neither cancelled nor limited, and files are untrusted.
//
// In: the contents of files. Out: their values, or a *read.Runaway error. The process runs
// this program (Serve). It cannot open files: it requests imported packages from the
// parent.
package sandbox

import "github.com/promslo/promslo/schema/read"

// request is a message of the parent: a file to evaluate, or requested packages.
type request struct {
	File  *read.CUESource
	Files map[string][]byte
	Err   string
}

// response is a message of the child: first that it is ready, then for each file the
// packages that it needs, and finally the result.
type response struct {
	Ready   bool
	Needs   *string // directory of the packages
	Result  read.Evaluated
	Runaway string // why the evaluation was abandoned; the child exits
}
