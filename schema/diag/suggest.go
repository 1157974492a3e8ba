package diag

import (
	"fmt"
	"slices"
	"strings"
)

// Closest returns the name that a wrong one was probably meant to be, or "".
func Closest[T ~string](wrong T, names []T) T {
	best, least := T(""), len(wrong)/3
	for _, name := range names {
		if len(wrong)-len(name) > least || len(name)-len(wrong) > least {
			continue // and hostile texts cost nothing
		}
		if d := distance(strings.ToLower(string(wrong)), strings.ToLower(string(name))); d < least || d == least && (best == "" || name < best) {
			best, least = name, d
		}
	}
	return best
}

// DidYouMean suggests a guess, or else lists all names.
func DidYouMean(guess string, names []string) string {
	if guess != "" {
		return fmt.Sprintf("did you mean `%s`?", guess)
	}
	return "write one of " + strings.Join(slices.Sorted(slices.Values(names)), ", ")
}

// distance counts the letters to insert, remove, replace or swap with their
// neighbour (optimal string alignment) that turn a into b.
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
