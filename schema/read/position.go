package read

import (
	"strings"
	"unicode/utf8"
)

// PositionInText returns the position in a file of a byte of a string value at a position.
// Because of quotes, block scalars and indentation it searches each line of the string in
// the lines of the file. If escapes or folded lines hide it, it returns at.
func PositionInText(lines []string, at Position, text string, offset int) Position {
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
			return Position{line, column + utf8.RuneCountInString(part) + 1}
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
