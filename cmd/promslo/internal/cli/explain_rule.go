package cli

import (
	"cmp"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
)

// explainRule prints the page of a rule.
func explainRule(out io.Writer, id diag.ID) error {
	rule, known := lint.Find(id)
	if !known {
		return fmt.Errorf("there is no rule %s: %s; an SLO is service/slo", id, cmp.Or(lint.Suggest(id), "findings end in the ID of theirs"))
	}
	kind := string(rule.Category) + ", " + rule.Severity.String()
	if rule.Off {
		kind += ", off"
	}
	change := fmt.Sprintf("In promslo.yaml: `lint: {%s: off}`, or `warning`, or `error`.", id)
	switch {
	case rule.Fixed:
		change = "It can be neither switched off nor ignored."
	case rule.Category != lint.Ignore:
		change += fmt.Sprintf("\nIn a spec: `# promslo:ignore %s REASON`.", id)
	}
	_, err := fmt.Fprintf(out, "# %s (%s)\n\n%s\n\n%s\n\n%s\n", id, kind, rule.Purpose, rule.Page, change)
	return err
}

// listRules prints a line for each rule.
func listRules(out io.Writer) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "RULE\tCATEGORY\tSEVERITY\tPURPOSE")
	for _, id := range lint.IDs() {
		rule := lint.MustFind(id)
		severity := rule.Severity.String()
		if rule.Off {
			severity = "off"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", id, rule.Category, severity, rule.Purpose)
	}
	return t.Flush()
}

// completeRules completes the first argument of explain.
func completeRules(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	var out []cobra.Completion
	for _, id := range lint.IDs() {
		out = append(out, cobra.CompletionWithDesc(string(id), lint.MustFind(id).Purpose))
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}
