package cli

import (
	"github.com/spf13/pflag"

	"github.com/promslo/promslo/cmd/promslo/internal/report"
)

// bindFormat adds --format to a command that has findings.
func bindFormat(flags *pflag.FlagSet, f *report.Format) {
	*f = report.Text
	flags.Var(f, "format", "`FORMAT` of findings: "+report.Formats())
}
