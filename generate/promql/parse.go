// Package promql is the only place that calls Prometheus's parser and engine,
// whose interfaces change with each of its minor versions.
//
// In: PromQL text of users, and pieces of expressions. Out: trees that print
// as valid PromQL, and evaluated series.
package promql

import "github.com/prometheus/prometheus/promql/parser"

// prom parses what every supported ruler accepts: no experimental functions.
var prom = parser.NewParser(parser.Options{})

// Parse parses an expression of any type.
func Parse(text string) (Expr, error) { return prom.ParseExpr(text) }
