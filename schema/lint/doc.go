// Package lint holds the rules: the page of each in rules/ID.md, and the functions of
// those that need no more than the specs.
//
// In: services and their project. Out: findings, and for each ID what it means, a
// bad example and the way out.
//
// The function of a rule is called like its ID: no-owner is noOwner. It stands in the
// file no_owner.go or, with others of its kind, in one that is called by their first
// words or their category. Three packages have such rules:
//
//   - schema/lint: about specs
//   - generate/lint: about PromQL and the plan of a service, such as its windows
//   - schema/breaking: about what became of a promise
//
// Other findings come from what reads files, runs tests and writes output:
// schema/diag/ids.go says from where.
package lint
