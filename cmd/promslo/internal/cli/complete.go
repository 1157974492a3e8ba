package cli

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/promslo/promslo/cmd/promslo/internal/gitref"
	"github.com/promslo/promslo/cmd/promslo/internal/report"
	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/schema/words"
)

// setCompletions has shells complete SLOs, services, refs of git and the values of flags.
func setCompletions(root *cobra.Command, s streams) {
	for _, cmd := range root.Commands() {
		noun, _, _ := strings.Cut(strings.TrimPrefix(cmd.Use, cmd.Name()+" "), " ")
		if strings.Contains(noun, "SLO") || strings.Contains(noun, "SERVICE") {
			first := cmd.ValidArgsFunction
			cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, start string) ([]cobra.Completion, cobra.ShellCompDirective) {
				return completeSLOs(s, noun, first, cmd, args, start)
			}
		}
		cmd.Flags().VisitAll(func(flag *pflag.Flag) {
			complete := completeValues(flag.Usage)
			if flag.Name == "against" {
				complete = completeRefs
			}
			if complete != nil {
				_ = cmd.RegisterFlagCompletionFunc(flag.Name, complete) // fails only if there is one
			}
		})
	}
}

// completeSLOs completes the first argument of a command: SLOs, and services where its
// usage says so. What first completes comes before.
func completeSLOs(s streams, noun string, first cobra.CompletionFunc, cmd *cobra.Command, args []string, start string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 && !strings.Contains(noun, "…") {
		return nil, cobra.ShellCompDirectiveDefault
	}
	var all []cobra.Completion
	if first != nil {
		all, _ = first(cmd, args, start)
	}
	w, err := workspace.Open(cmd.Context(), s.env(), nil)
	if err != nil {
		return all, cobra.ShellCompDirectiveDefault
	}
	services, _, _ := w.Services(cmd.Context()) // what cannot be read has no names
	for _, service := range services {
		if strings.Contains(noun, "SERVICE") {
			all = append(all, cobra.CompletionWithDesc(service.Name, report.SanitizeLines(service.Description)))
		}
		for _, slo := range service.SLOs {
			all = append(all, cobra.CompletionWithDesc(service.Name+"/"+slo.Name, words.Percent(slo.Objective)+" over "+words.Period(slo.Window, slo.Calendar)))
		}
	}
	return all, cobra.ShellCompDirectiveDefault
}

// completeRefs completes branches and tags.
func completeRefs(cmd *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	repo, err := gitref.Open(cmd.Context(), ".")
	if err != nil {
		return nil, cobra.ShellCompDirectiveFilterDirs
	}
	refs, _ := repo.Refs(cmd.Context()) // without refs there are directories
	return refs, cobra.ShellCompDirectiveDefault
}

// completeValues completes the values that the usage of a flag lists behind its colon, as in
// `FORMAT of findings: text, json or sarif`; nil: it lists none.
func completeValues(usage string) cobra.CompletionFunc {
	_, list, listed := strings.Cut(usage, ": ")
	if !listed || !strings.Contains(usage, "`") {
		return nil
	}
	list, _, _ = strings.Cut(list, " (")
	values := strings.Split(strings.NewReplacer(" or ", ", ", "|", ", ", "`", "").Replace(list), ", ")
	for _, value := range values {
		if strings.ContainsAny(value, " :") {
			return nil // it is a sentence
		}
	}
	return cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)
}
