// Package read reads YAML, JSON and CUE into one kind of tree, within limits.
//
// In: the bytes of a file. Out: its documents as nodes that know their place, and
// findings where the text cannot be read, or costs too much. What a spec may say is
// not known here.
package read
