// Package history looks at the past through what a Prometheus server knows, without a
// network: it says what to ask, and what the answers mean.
//
// In: the plan of an SLO, or rule groups. Out: questions (PromQL, a step, how far back),
// and, given the answers, the events of each slot of the clock, or the rules replayed: what
// they would have recorded and when alerts would have fired.
//
// The server aggregates: it is asked what the rules read from raw series, never for these
// themselves. All that is built on that, recorded windows and alerts, is evaluated here.
package history
