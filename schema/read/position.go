package read

import (
	"strings"
	"unicode/utf8"
)

// Inside returns the place of a byte of a text that stands in a file's lines at a
// place. Quotes, block scalars and indentation lie between the two: each line of the
// text is looked for in the lines of the file. Where an escape or a folded line
// hides it, the place of the text itself has to do.
func Inside(lines []string, at Place, text string, offset int) Place {
	line, from := at.Line-1, at.Column-1
	before := strings.Split(text[:min(max(offset, 0), len(text))], "\n")
	whole := strings.Split(text, "\n")
	for i, part := range before {
		column := -1
		for ; line >= 0 && line < len(lines) && column < 0; line, from = line+1, 0 {
			skip := skipRunes(lines[line], from)
			if found := strings.Index(lines[line][skip:], whole[i]); found >= 0 {
				column = utf8.RuneCountInString(lines[line][:skip+found])
			}
		}
		if column < 0 {
			return at
		}
		if i == len(before)-1 {
			return Place{line, column + utf8.RuneCountInString(part) + 1}
		}
	}
	return at
}

// skipRunes returns the offset in bytes of the nth character.
func skipRunes(s string, n int) int {
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}
