package yaml

import "strings"

// style is how a string is written.
type style int

const (
	doubtful style = iota // as the library decides
	plain                 // without quotes
	single                // in single quotes
	literal               // as lines after |-
)

// longestWord is the length of the longest word that YAML takes for something else than text.
const longestWord = len("FALSE")

// styleOf tells how the library writes a string, where that is simple to tell.
func styleOf(s string) style {
	switch {
	case len(s) <= longestWord, s[0] == ' ', s[len(s)-1] == ' ', strings.ContainsFunc(s, special):
		return doubtful
	case strings.Contains(s, "\n"):
		return styleOfLines(s)
	case beginsAsText(s):
		if strings.Contains(s, ": ") || strings.HasSuffix(s, ":") || strings.Contains(s, " #") {
			return single // else it would be a key, or end in a comment
		}
		return plain
	case strings.IndexByte(`{['"#`, s[0]) >= 0:
		return single // else it would be a collection, a quoted string or a comment
	}
	return doubtful
}

// styleOfLines is the style of a string with line breaks: literal, unless breaks or
// blanks at the end of a line would be lost.
func styleOfLines(s string) style {
	if strings.HasPrefix(s, "\n") || strings.HasSuffix(s, "\n") || strings.Contains(s, " \n") {
		return doubtful
	}
	return literal
}

// beginsAsText tells that a string begins as text does, and not as a number, a date or
// something with a meaning in YAML.
func beginsAsText(s string) bool {
	switch c := s[0]; {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '_', c == '(', c == '/':
		return true
	case '0' <= c && c <= '9':
		// A number has no space, and a date with one has colons.
		return strings.Contains(s, " ") && !strings.Contains(s, ":")
	}
	return false
}

// special tells that the library may escape a character: a control character, or one
// of more than two bytes, which the one for invalid UTF-8 is too.
func special(r rune) bool {
	return r != '\n' && (r < ' ' || '~' < r && r < 0xa0 || r > 0x7ff)
}
