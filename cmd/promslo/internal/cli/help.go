package cli

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/promslo/promslo/templates"
)

// newHelp prints help about commands, and the pages of the manual.
func newHelp(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND|TOPIC]",
		Short: "Print help about a command, or a page of the manual",
		Long:  "Print help about a command, or a page of the manual. Without either, list both.",
		Example: `  promslo help generate
  promslo help language`,
		ValidArgsFunction: completeHelp,
		RunE: func(help *cobra.Command, args []string) error {
			if len(args) == 1 {
				if topic, known := templates.FindTopic(args[0]); known {
					return paged(s.out, string(topic.Page))
				}
			}
			cmd, rest, err := help.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return fmt.Errorf("there is no command and no topic %s: %s", strings.Join(args, " "), closestTopic(strings.Join(args, " ")))
			}
			cmd.InitDefaultHelpFlag()
			if err := cmd.Help(); err != nil || cmd.HasParent() {
				return err
			}
			return listTopics(s.out)
		},
	}
}

// closestTopic says which page has a word in its title or a heading.
func closestTopic(word string) string {
	heading := regexp.MustCompile(`(?im)^#.*\b` + regexp.QuoteMeta(word) + `\b`)
	for _, topic := range templates.Topics() {
		if heading.Match(topic.Page) {
			return "see `promslo help " + topic.Name + "`"
		}
	}
	return "`promslo help` lists all"
}

// listTopics prints a line for each page of the manual.
func listTopics(out io.Writer) error {
	var b strings.Builder
	b.WriteString("\nThe manual, as in `promslo help language`:\n")
	for _, topic := range templates.Topics() {
		fmt.Fprintf(&b, "  %-11s %s\n", topic.Name, topic.Title)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// completeHelp completes the names of topics and commands.
func completeHelp(help *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var all []cobra.Completion
	for _, cmd := range help.Root().Commands() {
		if cmd.IsAvailableCommand() {
			all = append(all, cobra.CompletionWithDesc(cmd.Name(), cmd.Short))
		}
	}
	for _, topic := range templates.Topics() {
		all = append(all, cobra.CompletionWithDesc(topic.Name, topic.Title))
	}
	return all, cobra.ShellCompDirectiveNoFileComp
}

// paged prints a page of the manual: Markdown, or on a terminal text in the user's pager (PAGER,
// or less).
func paged(out io.Writer, page string) error {
	if interactive(out) {
		page = renderHelp(page)
		pager := os.Getenv("PAGER")
		if pager == "" {
			pager = "less -FRX"
		}
		if words := strings.Fields(pager); len(words) > 0 {
			cmd := exec.Command(words[0], words[1:]...)
			cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(page), out, os.Stderr
			if cmd.Run() == nil {
				return nil
			}
		}
	}
	_, err := io.WriteString(out, page)
	return err
}
