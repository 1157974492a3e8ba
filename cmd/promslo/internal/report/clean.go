package report

import (
	"bytes"
	"encoding/json"
	"io"
	"regexp"
	"strings"
	"unicode"
)

// orders are what CI servers obey wherever it stands in a log: GitHub a line that
// begins with `::`, after blanks too, and `##[group]` anywhere, and Azure
// `##vso[…]`. Their comparison of text does not see marks.
var (
	orders   = regexp.MustCompile(`^[\s\pM]*:\pM*:|#\pM*#[\pM\w]*\[`)
	brackets = regexp.MustCompile(`#(\pM*)#([\pM\w]*\[)`)
)

// clean replaces, one for one, the characters of a line that cannot be printed and
// those that make an order of it: neither a terminal nor a CI server must obey
// what a file contains.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if r != '\t' && !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
	if !strings.Contains(s, ":") && !strings.Contains(s, "[") {
		return s
	}
	return orders.ReplaceAllStringFunc(s, func(order string) string {
		return order[:len(order)-1] + string(unicode.ReplacementChar)
	})
}

// Lines cleans each line of a text, for commands that print more than findings.
func Lines(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		body := strings.TrimRight(line, "\r\n")
		b.WriteString(clean(body))
		b.WriteString(line[len(body):])
	}
	return b.String()
}

// WriteJSON prints a value. What would be an order in a log is written as an escape, so
// that programs read what it was.
func WriteJSON(w io.Writer, value any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(value); err != nil {
		return err
	}
	_, err := w.Write(brackets.ReplaceAll(b.Bytes(), []byte(`#$1\u0023$2`)))
	return err
}
