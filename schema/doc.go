// Package schema reads specs and project files.
//
// In: files in YAML, JSON or CUE, as bytes. Out: the model, validated against the
// *.cue files and completed with the defaults of the tiers, or findings with the
// position of each error and a suggestion.
// Files are untrusted: limits bound the memory and time that one can take.
package schema
