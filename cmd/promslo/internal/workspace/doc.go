// Package workspace reads the project and the specs that a command works on, from the
// disk or from a commit.
//
// In: the paths of a command line, or the files of a commit. Out: the settings of the
// project, services, findings, and the text that findings quote. It knows no command
// and prints nothing. Where a project lies and which files are specs, package project
// knows.
package workspace
