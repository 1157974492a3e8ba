package sli

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/quantity"
)

// GRPC counts calls with a status code that is not promised.
type GRPC struct {
	Metric    string // counter of calls handled
	Match     Match
	CodeLabel string   // label that holds the code
	Promises  []string // codes such as NotFound; empty: everything but ServerFailures
}

var _ = register(&GRPC{})

// ServerFailures are the gRPC codes that count as failures by default.
var ServerFailures = []string{"Unknown", "DeadlineExceeded", "Unimplemented", "Internal", "Unavailable", "DataLoss"}

// Codes are the gRPC codes by number, as specs of promslo and Go call them.
var Codes = []string{
	"OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists", "PermissionDenied", "ResourceExhausted",
	"FailedPrecondition", "Aborted", "OutOfRange", "Unimplemented", "Internal", "Unavailable", "DataLoss", "Unauthenticated",
}

// Spellings returns how libraries write a code: by their language's name, that of the
// protocol, or its number.
func Spellings(code string) []string {
	all := []string{code}
	if code == "Canceled" { // outside of Go
		code = "Cancelled"
		all = append(all, code)
	}
	if upper := upperSnake(code); upper != code {
		all = append(all, upper)
	}
	return append(all, strconv.Itoa(slices.Index(Codes, all[0])))
}

// upperSnake turns DataLoss into DATA_LOSS.
func upperSnake(code string) string {
	if code == "OK" {
		return code
	}
	var b strings.Builder
	for i, r := range code {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToUpper(r))
	}
	return b.String()
}

// codeNamed returns the code of any spelling: DataLoss of data_loss and of 15.
func codeNamed(spelling string) string {
	for _, code := range Codes {
		if slices.ContainsFunc(Spellings(code), func(s string) bool { return strings.EqualFold(s, spelling) }) {
			return code
		}
	}
	return spelling // refused by the schema
}

// Names of the gRPC middleware for Prometheus.
const (
	defaultCalls     = "grpc_server_handled_total"
	defaultCodeLabel = "grpc_code"
)

// otelCalls are the metrics of OpenTelemetry, in both of its spellings, with or without
// a unit, and the label of their code.
var otelCalls = regexp.MustCompile(`^rpc([._])(?:server|client)[._](call[._])?duration(?:_(?:milli)?seconds)?_count$`)

// codeLabelOf returns the label that holds the code where the spec does not say.
func codeLabelOf(metric string) string {
	parts := otelCalls.FindStringSubmatch(metric)
	switch {
	case parts == nil:
		return defaultCodeLabel
	case parts[2] != "": // since version 1.39 of its conventions
		return strings.Join([]string{"rpc", "response", "status_code"}, parts[1])
	}
	return strings.Join([]string{"rpc", "grpc", "status_code"}, parts[1])
}

func (*GRPC) Decode(v Value, _ DecodeContext) model.SLI {
	metric := cmp.Or(text(v, "metric"), defaultCalls)
	var kept []string
	for _, spelling := range promises(v, "list the codes that keep the promise, or remove it: then all do but the server's own failures") {
		if code := codeNamed(spelling); !slices.Contains(kept, code) {
			kept = append(kept, code)
		}
	}
	return &GRPC{Metric: metric, Match: match(v), CodeLabel: cmp.Or(text(v, "codeLabel"), codeLabelOf(metric)), Promises: kept}
}

func (*GRPC) Variants(Value) ([]Variant, bool) { return nil, false }

func (*GRPC) Kind() string         { return "grpc" }
func (*GRPC) CountsTime() bool     { return false }
func (*GRPC) IsAvailability() bool { return true }

func (g *GRPC) Words() model.Words {
	return model.Words{Events: "calls", Good: "A call is good if its code is " + g.Limits() + "."}
}

func (g *GRPC) Limits() string {
	if len(g.Promises) == 0 {
		return "none of " + joinOr(ServerFailures)
	}
	return joinOr(g.Promises)
}

func (*GRPC) LimitsField() string { return "promises" }

func (g *GRPC) Measured(func(string) string, func(model.Part) string) string {
	return fmt.Sprintf("grpc %s %q %s", g.Metric, g.Match.sorted(), g.CodeLabel)
}

// Compare checks each code against both promises.
func (g *GRPC) Compare(was model.SLI) (weaker, stronger bool) {
	old := was.(*GRPC).Promises
	return comparePromises(append(Codes[:len(Codes):len(Codes)], "any other"), old, g.Promises, KeepsCode)
}

// KeepsCode reports whether a code keeps the promise.
func KeepsCode(promises []string, code string) bool {
	if len(promises) == 0 {
		return !slices.Contains(ServerFailures, code)
	}
	return slices.Contains(promises, code)
}

func (g *GRPC) Expressions() []model.Expression {
	return expressions("match", g.Match.selector(g.Metric))
}

func (*GRPC) PartRefused(string) (why, instead string)     { return "", "" }
func (*GRPC) RawWindowRefused() string                     { return "" }
func (*GRPC) ScheduleThreshold() (quantity.Quantity, bool) { return quantity.Quantity{}, false }
func (*GRPC) Parts() []model.PartAt                        { return nil }
