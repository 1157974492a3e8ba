package cli

import (
	"regexp"
	"strings"

	"github.com/spf13/cobra"
)

// flagLine is a line about a flag: the flag, and what it does.
var flagLine = regexp.MustCompile(`^( +-\S+(?: \S+)*?) {3,}(\S.*)$`)

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
		if m := flagLine.FindStringSubmatchIndex(line); m != nil {
			width, before = max(width, m[3]), max(before, m[4])
		}
	}
	for i, line := range lines {
		if m := flagLine.FindStringSubmatch(line); m != nil {
			lines[i] = m[1] + strings.Repeat(" ", width+3-len(m[1])) + m[2]
		} else if rest := strings.TrimLeft(line, " "); len(line)-len(rest) >= before && rest != "" {
			lines[i] = strings.Repeat(" ", width+3) + rest
		}
	}
	return strings.Join(lines, "\n")
}
