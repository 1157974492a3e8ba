// Command promslo compiles SLO specs into Prometheus rules, tests that prove
// them, and Grafana dashboards.
package main

import (
	"os"

	"github.com/promslo/promslo/cmd/promslo/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
