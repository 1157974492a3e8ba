package cli

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/pflag"

	"github.com/promslo/promslo/cmd/promslo/internal/report"
	"github.com/promslo/promslo/schema/diag"
)

// bindFormat adds --format to a command that has findings.
func bindFormat(flags *pflag.FlagSet, f *report.Format) {
	*f = report.Text
	flags.Var(f, "format", "`FORMAT` of findings: "+report.Formats())
}

// checkFormat refuses a format that a command does not have.
func checkFormat(format report.Format, all []report.Format) error {
	if !slices.Contains(all, format) {
		return fmt.Errorf("there is no format %q: want %s", format, report.JoinFormats(all))
	}
	return nil
}

// findingFlags are the flags of a command whose findings are warnings, too.
type findingFlags struct {
	format report.Format
	least  severityFlag // that is shown
	failOn severityFlag // the least that fails
}

func (f *findingFlags) bind(flags *pflag.FlagSet, command string) {
	f.least, f.failOn = severityFlag(diag.Warning), severityFlag(diag.Error)
	bindFormat(flags, &f.format)
	flags.Var(&f.failOn, "fail-on", "least `SEVERITY` that makes "+command+" fail: error or warning")
	flags.Var(&f.least, "min-severity", "least `SEVERITY` that is shown: error or warning")
}

// shown returns the findings that are severe enough.
func (f findingFlags) shown(findings []diag.Finding) []diag.Finding {
	return slices.DeleteFunc(findings, func(finding diag.Finding) bool { return !f.least.admits(finding) })
}

// verdict returns errFindings if findings that are shown fail.
func (f findingFlags) verdict(findings []diag.Finding) error {
	if slices.ContainsFunc(findings, f.failOn.admits) || diag.HasErrors(findings) {
		return errFindings
	}
	return nil
}

// severityFlag is a severity and the worse ones.
type severityFlag diag.Severity

func (f severityFlag) admits(finding diag.Finding) bool { return finding.Severity <= diag.Severity(f) }

func (f *severityFlag) Set(text string) error {
	switch text {
	case "error":
		*f = severityFlag(diag.Error)
	case "warning":
		*f = severityFlag(diag.Warning)
	default:
		return errors.New("want error or warning")
	}
	return nil
}

func (f *severityFlag) String() string { return diag.Severity(*f).String() }
func (f *severityFlag) Type() string   { return "SEVERITY" }
