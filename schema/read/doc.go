// Package read reads YAML, JSON and CUE into one kind of tree, within limits.
//
// In: the bytes of a file. Out: its documents as nodes with positions, and findings if the
// file cannot be parsed or exceeds a limit. The package does not know the schema.
package read
