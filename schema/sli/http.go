package sli

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/quantity"
)

// HTTP counts requests with a status that is not promised.
type HTTP struct {
	Metric      string // counter of requests
	Match       Match
	StatusLabel string   // label that holds the status
	Promises    []string // statuses ("404") or classes ("2xx"); empty: everything but 5xx
}

var _ = register(&HTTP{})

// defaultStatusLabel is the label of Prometheus's client libraries.
const defaultStatusLabel = "code"

func (*HTTP) Decode(v Value, _ DecodeContext) model.SLI {
	return &HTTP{
		Metric:      text(v, "metric"),
		Match:       match(v),
		StatusLabel: cmp.Or(text(v, "statusLabel"), defaultStatusLabel),
		Promises:    promises(v, "list the statuses that keep the promise, or remove it: then all but 5xx do"),
	}
}

func (*HTTP) Variants(Value) ([]Variant, bool) { return nil, false }

func (*HTTP) Kind() string         { return "http" }
func (*HTTP) CountsTime() bool     { return false }
func (*HTTP) IsAvailability() bool { return true }

func (h *HTTP) Words() model.Words {
	return model.Words{Events: "requests", Good: "A request is good if its status is " + h.Limits() + "."}
}

func (h *HTTP) Limits() string {
	if len(h.Promises) == 0 {
		return "not 5xx"
	}
	return joinOr(h.Promises)
}

func (*HTTP) LimitsField() string { return "promises" }

func (h *HTTP) Measured(func(string) string, func(model.Part) string) string {
	return fmt.Sprintf("http %s %q %s", h.Metric, h.Match.sorted(), h.StatusLabel)
}

// Compare checks each status against both promises.
func (h *HTTP) Compare(was model.SLI) (weaker, stronger bool) {
	var all []string
	for i := 100; i < 600; i++ {
		all = append(all, strconv.Itoa(i))
	}
	return comparePromises(all, was.(*HTTP).Promises, h.Promises, keepsStatus)
}

func keepsStatus(promises []string, status string) bool {
	if len(promises) == 0 {
		return status[0] != '5'
	}
	return slices.Contains(promises, status) || slices.Contains(promises, status[:1]+"xx")
}

func (h *HTTP) Expressions() []model.Expression {
	return expressions("match", h.Match.selector(h.Metric))
}

func (*HTTP) PartRefused(string) (why, instead string)     { return "", "" }
func (*HTTP) RawWindowRefused() string                     { return "" }
func (*HTTP) ScheduleThreshold() (quantity.Quantity, bool) { return quantity.Quantity{}, false }
func (*HTTP) Parts() []model.PartAt                        { return nil }
