// Package lint has the documentation of all rules in rules/ID.md, and the checks that need
// only the specs.
//
// In: services and their project. Out: findings, and for each ID what it means, a bad
// example and how to fix it.
//
// The function of a rule has the name of its ID: no-owner is noOwner. It is in the file
// no_owner.go or, with similar rules, in a file named after the first words of their IDs
// or their category. Three packages have such rules:
//
//   - schema/lint: about specs
//   - generate/lint: about PromQL and the plan of a service, such as its windows
//   - schema/breaking: about changes of a promise
//
// Other findings come from the packages that read files, run tests and write output;
// schema/diag/ids.go lists the packages of each ID.
//
// A new rule is a function in a file of its own, a line in the table checks of its
// package, a page, and a case in testdata; `make golden` adds its ID.
package lint
