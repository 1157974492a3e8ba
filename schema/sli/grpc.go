package sli

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/promslo/promslo/schema/model"
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

// Names of the gRPC middleware for Prometheus.
const (
	defaultCalls     = "grpc_server_handled_total"
	defaultCodeLabel = "grpc_code"
)

func (*GRPC) Decode(v Value, _ DecodeContext) model.SLI {
	return &GRPC{
		Metric:    cmp.Or(text(v, "metric"), defaultCalls),
		Match:     match(v),
		CodeLabel: cmp.Or(text(v, "codeLabel"), defaultCodeLabel),
		Promises:  promises(v, "list the codes that keep the promise, or remove it: then all do but the server's own failures"),
	}
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

func (g *GRPC) Measured(func(model.Part) string) string {
	return fmt.Sprintf("grpc %s %q %s", g.Metric, g.Match.sorted(), g.CodeLabel)
}

// Compare checks each code against both promises.
func (g *GRPC) Compare(was model.SLI) (weaker, stronger bool) {
	old := was.(*GRPC).Promises
	all := slices.Concat(old, g.Promises, ServerFailures, []string{"any other"})
	return comparePromises(all, old, g.Promises, keepsCode)
}

func keepsCode(promises []string, code string) bool {
	if len(promises) == 0 {
		return !slices.Contains(ServerFailures, code)
	}
	return slices.Contains(promises, code)
}

func (*GRPC) PartRefused(string) (why, instead string) { return "", "" }
func (*GRPC) RawWindowRefused() string                 { return "" }
func (*GRPC) ScheduleThreshold() (time.Duration, bool) { return 0, false }
func (*GRPC) Parts() []model.PartAt                    { return nil }
