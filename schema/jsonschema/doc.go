// Package jsonschema writes the language of specs as JSON Schema, by which editors complete
// fields, show what they mean, and underline mistakes.
//
// In: the CUE files of package schema. Out: a JSON Schema (draft-07) of one of their
// definitions, with the comments as descriptions and the arguments of error() as messages.
// It reads the text of the files and evaluates nothing. What it does not know is an error,
// so that a constraint of a new form is not lost in silence.
//
// Editors see less than promslo lint does: limits that depend on other fields, and numbers
// of digits, are left to it.
package jsonschema
