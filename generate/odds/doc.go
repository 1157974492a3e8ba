// Package odds estimates from what happened how likely a promise is to be kept.
//
// In: events of each slot of the clock, a window, an objective. Out: the odds with an
// interval, what was kept so far, and the incidents. Nothing here reads a clock, a disk or
// a network, and the same history gives the same odds.
//
// Whole days are drawn again (bootstrap) and never single requests: requests that fail
// together are no independent trials, and a binomial is far too sure of itself.
package odds
