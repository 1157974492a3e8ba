package cli

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/spf13/cobra"
)

// needs refuses a command without arguments, and says what to give.
func needs(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return nil
		}
		example, _, _ := strings.Cut(strings.TrimSpace(cmd.Example), "\n")
		return fmt.Errorf("%s needs %s, as in `%s`; `promslo list` lists all", cmd.Name(), what, example)
	}
}

// flagLine is a line about a flag: the flag, and what it does.
var flagLine = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^( +-\S+(?: \S+)*?) {3,}(\S.*)$`) })

// setUsage has flags printed without what says that `--check` means `--check=true`.
func setUsage(root *cobra.Command) {
	cobra.AddTemplateFunc("shortFlags", shortFlags)
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), "FlagUsages | ", "FlagUsages | shortFlags | "))
}

// shortFlags takes [=true|false] out of a list of flags, and aligns it anew.
func shortFlags(usages string) string {
	lines := strings.Split(strings.ReplaceAll(usages, "[=true|false]", ""), "\n")
	width, before := 0, 0
	for _, line := range lines {
		if m := flagLine().FindStringSubmatchIndex(line); m != nil {
			width, before = max(width, m[3]), max(before, m[4])
		}
	}
	for i, line := range lines {
		if m := flagLine().FindStringSubmatch(line); m != nil {
			lines[i] = m[1] + strings.Repeat(" ", width+3-len(m[1])) + m[2]
		} else if rest := strings.TrimLeft(line, " "); len(line)-len(rest) >= before && rest != "" {
			lines[i] = strings.Repeat(" ", width+3) + rest
		}
	}
	return strings.Join(lines, "\n")
}
