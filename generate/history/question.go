package history

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"

	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/promql"
)

// Question is an expression that the server is to evaluate at all multiples of a step.
type Question struct {
	Expr   string
	Step   time.Duration
	Before time.Duration // how long before the first evaluation its answer begins
}

// name is that of the series that stand for the answer. Equal questions have equal names.
func (q Question) name() string {
	hash := sha256.Sum256(fmt.Append(nil, q.Step, " ", q.Expr))
	return "promslo_history_" + hex.EncodeToString(hash[:8])
}

// selector selects the answer.
func (q Question) selector() promql.Expr { return promql.Selector(q.name()) }

// series turns an answer into series that rules may read in place of the expression: where
// a series has no sample at a step, it ends, as in a result it would not be found.
func (q Question) series(answer []engine.Series) ([]engine.Series, error) {
	step := q.Step.Milliseconds()
	seen := map[uint64]bool{}
	var out []engine.Series
	for _, s := range answer {
		b := labels.NewBuilder(s.Labels)
		b.Set(labels.MetricName, q.name())
		named := engine.Series{Labels: b.Labels(), Times: make([]int64, 0, len(s.Times)+1), Values: make([]float64, 0, len(s.Times)+1)}
		if seen[named.Labels.Hash()] {
			return nil, fmt.Errorf("the server answers %s with series that differ only in their name: aggregate them", q.Expr)
		}
		seen[named.Labels.Hash()] = true
		for i, t := range s.Times {
			if i > 0 && t > s.Times[i-1]+step {
				named.Push(s.Times[i-1]+step, math.Float64frombits(value.StaleNaN), nil)
			}
			named.Push(t, s.Values[i], nil)
		}
		if n := len(s.Times); n > 0 {
			named.Push(s.Times[n-1]+step, math.Float64frombits(value.StaleNaN), nil)
		}
		out = append(out, named)
	}
	return out, nil
}
