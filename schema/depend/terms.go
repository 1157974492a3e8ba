package depend

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// Terms returns what there is to agree on between a consumer and a provider, the name of
// an SLO as service/slo or of a bought service. False: the consumer needs nothing of it, or
// it promises nothing that is known.
func (g *Graph) Terms(consumer model.Service, provider string) (model.Terms, bool) {
	var needs []string
	promise := ""
	for _, d := range consumer.DependsOn {
		for _, n := range d.Alternatives {
			if n.Provider() == provider {
				needs = append(needs, needTerms(d, n))
				promise = g.promiseTerms(n)
			}
		}
	}
	if promise == "" {
		return model.Terms{}, false
	}
	slices.Sort(needs)
	return model.Terms{Need: short(strings.Join(needs, "\n")), Promise: short(promise)}, true
}

// needTerms are the terms of a need: how much, over which time, how badly, and for what.
func needTerms(d model.Dependency, n model.Need) string {
	var others []string
	for _, other := range d.Alternatives {
		if other.Provider() != n.Provider() {
			others = append(others, other.Provider())
		}
	}
	slices.Sort(others)
	text := fmt.Sprintf("%s over %s soft %t for %q or %q", words.Number(n.Percent), n.Window, d.Soft, slices.Sorted(slices.Values(d.For)), others)
	if n.Percent, n.Window = 0, 0; NeedText(n) != "" {
		text += ", " + NeedText(n)
	}
	return text
}

// promiseTerms are the terms of a promise: objectives, times and limits, but not the series
// that count. Empty: nothing is promised.
func (g *Graph) promiseTerms(n model.Need) string {
	if n.Bought != nil {
		return fmt.Sprintf("%s over %s, %q", words.Number(n.Bought.SLA), n.Bought.Window, n.Bought.Credit)
	}
	slo, known := g.slo(n.Service, n.SLO)
	if !known {
		return ""
	}
	text := fmt.Sprintf("%s of %s over %s, %s %q", words.Number(slo.Objective), slo.SLI.Kind(), words.Period(slo.Window, slo.Calendar), slo.SLI.Limits(), slo.GroupBy)
	for _, e := range slo.Schedule {
		text += fmt.Sprintf("\n%v: %s %s", e.At, words.Number(e.Objective), e.Threshold)
	}
	if n.UpTo.Events != 0 {
		text += "\nexpected: " + words.Rate(slo.Traffic)
	}
	for _, e := range slo.Exclude {
		text += fmt.Sprintf("\nnothing counts: %v", e.At)
	}
	return text
}

// short is the beginning of a hash.
func short(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:4])
}
