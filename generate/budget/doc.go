// Package budget follows an error budget through time.
//
// In: events counted in slots of the clock that follow each other, and the period of the
// budget. Out: what was left at each time, since when it has been below a threshold, and
// when it is likely to be above it again. Nothing here reads a clock or a network.
package budget
