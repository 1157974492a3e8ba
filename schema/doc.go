// Package schema reads specs and project files.
//
// In: files in YAML, JSON or CUE, as bytes. Out: the model of what they promise,
// checked against the language in the *.cue files and completed with
// the defaults of the tiers, or findings that say where a file is wrong and what
// to write instead.
// Every file is untrusted: limits bound what one can cost.
package schema
