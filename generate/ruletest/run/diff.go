package run

import (
	"fmt"
	"strings"
)

const (
	mostCompared = 1_000 // lines that are compared one by one
	mostShown    = 10    // lines that are shown of more than those
)

// diff lists what was expected and what came, one per line: "- " expected, "+ " got,
// "  " both. Both are sorted by labels, so that equal lines come in the same order.
func diff[T fmt.Stringer](want, got []T) string {
	a, b := lines(want), lines(got)
	if len(a)+len(b) > mostCompared {
		return fmt.Sprintf("- %d, among them:\n%s\n+ %d, among them:\n%s", len(a), firstLines("- ", a), len(b), firstLines("+ ", b))
	}
	wanted, came := counted(a), counted(b)
	var out strings.Builder
	write := func(sign string, lines []string) {
		for _, l := range lines {
			fmt.Fprintf(&out, "%s %s\n", sign, l)
		}
	}
	for len(a)+len(b) > 0 {
		removed, added := leading(a, came), leading(b, wanted)
		write("-", a[:removed])
		write("+", b[:added])
		a, b = a[removed:], b[added:]
		if len(a) == 0 || len(b) == 0 || a[0] != b[0] { // not sorted alike: no more in common
			write("-", a)
			write("+", b)
			break
		}
		write(" ", a[:1])
		wanted[a[0]]--
		came[a[0]]--
		a, b = a[1:], b[1:]
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// leading counts the first lines that are not among others.
func leading(lines []string, others map[string]int) int {
	n := 0
	for n < len(lines) && others[lines[n]] == 0 {
		n++
	}
	return n
}

func counted(lines []string) map[string]int {
	n := map[string]int{}
	for _, l := range lines {
		n[l]++
	}
	return n
}

func firstLines(sign string, all []string) string {
	return sign + strings.Join(all[:min(mostShown, len(all))], "\n"+sign)
}

func lines[T fmt.Stringer](values []T) []string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = v.String()
	}
	return all
}
