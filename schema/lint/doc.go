// Package lint holds the rules: the page of each in rules/ID.md, and the functions of
// those that need no more than the specs.
//
// In: services and their project. Out: findings, and for each ID what it means, a
// bad example and the way out.
//
// The function of a rule is called like its ID: no-owner is noOwner. It stands in the
// file no_owner.go or, with others of its kind, in one that is called by the first words
// of their IDs or by their category. Three packages have such rules:
//
//   - schema/lint: about specs
//   - generate/lint: about PromQL and the plan of a service, such as its windows
//   - schema/breaking: about what became of a promise
//
// Other findings come from what reads files, runs tests and writes output. In
// schema/diag/ids.go each ID has the package that finds it.
//
// A new rule is a function in a file of its own, a line in the table checks of its
// package, a page, and a case in testdata; `make golden` adds its ID.
package lint
