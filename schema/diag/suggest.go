package diag

import (
	"fmt"
	"slices"
	"strings"
)

// Closest returns the most similar name, or "" if none is similar enough.
func Closest[T ~string](wrong T, names []T) T {
	best, maxDistance := T(""), len(wrong)/3
	for _, name := range names {
		if len(wrong)-len(name) > maxDistance || len(name)-len(wrong) > maxDistance {
			continue // cheap for long untrusted texts
		}
		if d := distance(strings.ToLower(string(wrong)), strings.ToLower(string(name))); d < maxDistance || d == maxDistance && (best == "" || name < best) {
			best, maxDistance = name, d
		}
	}
	return best
}

// DidYouMean returns a suggestion with a guess, or else with all names.
func DidYouMean(guess string, names []string) string {
	if guess != "" {
		return fmt.Sprintf("did you mean `%s`?", guess)
	}
	return "write one of " + strings.Join(slices.Sorted(slices.Values(names)), ", ")
}

// distance returns the edit distance of a and b with transpositions (optimal string
// alignment).
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
