// Command promslo compiles SLO specs into Prometheus rules, tests that prove
// them, and Grafana dashboards.
package main

import (
	"os"

	"github.com/promslo/promslo/cmd/promslo/internal/cli"
	"github.com/promslo/promslo/cmd/promslo/internal/sandbox"
)

func main() {
	if sandbox.IsChild() {
		sandbox.Serve(os.Stdin, os.Stdout)
		return
	}
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
