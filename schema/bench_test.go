package schema

import (
	"fmt"
	"strings"
	"testing"

	"github.com/promslo/promslo/schema/read"
)

const benchSpec = `service: users
tier: P1
owner: identity-team
description: Accounts and sign-in.
contacts: {slack: "#identity", runbook: https://runbooks.example.com/users}
slos:
  create-user:                         # the promise of POST /users
    description: POST /users answers as documented.
    objective: 90                      # percent, as people say it
    window: 30d
    sli:
      http:
        metric: http_requests_total
        match: {job: users, handler: /users, method: POST}
        promises: [201, 400, 401, 404] # every other status breaks the promise
  latency:
    objective: 99
    window: 7d
    sli:
      latency:
        histogram: http_request_duration_seconds   # classic or native
        match: {job: users}
        threshold: 1s
  uptime:
    objective: 98
    window: 7d
    sli: {uptime: {expr: 'up{job="users"}'}}
`

func benchInputs(n int) []read.Input {
	in := make([]read.Input, n)
	for i := range in {
		// Other names and values in each file: nothing may profit from equal files.
		data := strings.NewReplacer("users", fmt.Sprintf("service-%d", i), "objective: 99", fmt.Sprintf("objective: 99.%d", i),
			"http_requests", fmt.Sprintf("app%d_requests", i), "Accounts", fmt.Sprintf("Accounts %d", i)).Replace(benchSpec)
		in[i] = read.Input{File: fmt.Sprintf("services/%d/users.slo.yaml", i), Data: []byte(data)}
	}
	return in
}

// BenchmarkLoad1000 loads 1,000 files of three SLOs each with two workers.
func BenchmarkLoad1000(b *testing.B) {
	in := benchInputs(1000)
	b.ReportAllocs()
	for b.Loop() {
		services, findings := LoadSpecs(b.Context(), DefaultProject(), in, Options{Workers: 2})
		if len(services) != len(in) {
			b.Fatal(show(findings))
		}
	}
}

// BenchmarkLoad1 is what a pre-commit hook does with one file.
func BenchmarkLoad1(b *testing.B) {
	in := benchInputs(1)
	for b.Loop() {
		LoadSpecs(b.Context(), DefaultProject(), in, Options{})
	}
}

// BenchmarkLoadCUE loads 100 CUE files that import the schema.
func BenchmarkLoadCUE(b *testing.B) {
	in := make([]read.Input, 100)
	for i := range in {
		in[i] = read.Input{File: fmt.Sprintf("%d.cue", i), Format: read.CUE, Data: []byte(strings.ReplaceAll(asCUE, `"users"`, fmt.Sprintf(`"users-%d"`, i)))}
	}
	for b.Loop() {
		services, findings := LoadSpecs(b.Context(), DefaultProject(), in, Options{Workers: 2})
		if len(services) != len(in) {
			b.Fatal(show(findings))
		}
	}
}
