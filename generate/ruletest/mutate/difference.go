package mutate

import "strings"

const (
	around  = 30 // characters of what stays are shown beside a difference
	longest = 90 // characters of a difference are shown
)

// different returns the parts in which two texts differ, with some of what is around them.
func different(before, after string) (string, string) {
	start, end := 0, 0
	for n := min(len(before), len(after)); start < n && before[start] == after[start]; {
		start++
	}
	for start > 0 && wordByte(before[start-1]) {
		start--
	}
	for n := min(len(before), len(after)) - start; end < n && before[len(before)-1-end] == after[len(after)-1-end]; {
		end++
	}
	for end > 0 && wordByte(before[len(before)-end]) {
		end--
	}
	part := func(text string) string {
		changed := text[start : len(text)-end]
		if len(changed) > longest {
			changed = changed[:longest/2] + " … " + changed[len(changed)-longest/2:]
		}
		from, to := max(0, start-around), min(len(text), len(text)-end+around)
		lead, tail := text[from:start], text[len(text)-end:to]
		if from > 0 {
			lead = "…" + lead
		}
		if to < len(text) {
			tail += "…"
		}
		return strings.ToValidUTF8(lead+changed+tail, "")
	}
	return part(before), part(after)
}

func wordByte(b byte) bool {
	return b == '_' || b == ':' || b == '.' || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}
