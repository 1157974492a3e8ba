// Package incremental tells whether checks of a Result fail once one rule is
// changed, at a fraction of the work of evaluating all rules again.
//
// In: a Result of package engine, checks that all pass on it, and a Change: another
// rule in the place of one, or none. Out: whether a rule or a check would fail, which
// is exactly what engine.Run on the changed rules, followed by the checks, would
// find. Mutation testing makes thousands of changes to the rules of one test.
//
// # How a change is tried
//
// A replay evaluates rules in levels: a rule comes after those that it reads. So a
// change can only affect the changed rule and those downstream of it, and of these
// only the ones that select a series that really has other samples, is new or is
// gone. Trial.replay goes through them:
//
//  1. downstream lists the rules that may read what the old rule records. It gives up
//     if the changed rule might be evaluated in another order.
//  2. The changed rule is evaluated into a copyOnWrite, which shares all series with
//     the base Result until one differs. The difference is kept as labels: of series
//     that differ, of series that are new, and of alerts whose state, labels, value
//     or annotations differ.
//  3. Each downstream rule on which checks depend is evaluated again if it selects a
//     differing series. After each rule those checks are made that need nothing
//     evaluated later, and that look at a difference. The first that fails ends it.
//  4. Downstream rules on which no check depends matter only if they fail. Evaluating
//     them is avoided with possibleLabels: a rule fails where two series of its result
//     have the same labels, or a match is not one to one. That can be told from the
//     labels of all series that may ever be recorded, whatever their values.
//
// # When it gives up
//
// Each of these leads to engine.ErrStepByStep, and Trial.run evaluates all rules anew:
//
//   - the base was not replayed, or the changed rule cannot be (see
//     engine.Rule.Replayable);
//   - the groups, or the levels, would come in another order;
//   - two rules would write the same series, or one in the way of the input;
//   - a rule that is not downstream selects a series that only the change records.
//
// # Order of evaluation
//
// A rule that reads a later one finds its value of the step before. If the change
// makes it do so over a range or at an offset, each step needs a query of its own
// (engine.Rule.ReadsLaterPast). Annotations that query are bound to the copy, so that
// they see its series, and count as reading what they select.
package incremental
