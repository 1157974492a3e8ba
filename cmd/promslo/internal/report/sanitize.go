package report

import (
	"bytes"
	"encoding/json"
	"io"
	"regexp"
	"strings"
	"sync"
	"unicode"
)

// Commands that CI servers execute when they are in a log: GitHub lines that begin with
// `::`, perhaps after blanks, and `##[group]` anywhere, and Azure `##vso[…]`. They ignore
// combining marks.
var (
	ciCommands = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[\s\pM]*:\pM*:|#\pM*#[\pM\w]*\[`) })
	ciBrackets = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`#(\pM*)#([\pM\w]*\[)`) })
)

// sanitize replaces unprintable characters of a line and those that make it a CI command,
// one by one, so that file contents cannot control a terminal or a CI server.
func sanitize(s string) string {
	s = strings.Map(func(r rune) rune {
		if r != '\t' && !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
	if !strings.Contains(s, ":") && !strings.Contains(s, "[") {
		return s
	}
	return ciCommands().ReplaceAllStringFunc(s, func(order string) string {
		return order[:len(order)-1] + string(unicode.ReplacementChar)
	})
}

// SanitizeLines sanitizes each line of a text, for commands that print other text than
// findings.
func SanitizeLines(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		body := strings.TrimRight(line, "\r\n")
		b.WriteString(sanitize(body))
		b.WriteString(line[len(body):])
	}
	return b.String()
}

// WriteJSON prints a value. It escapes CI commands, so that programs still read the
// original text.
func WriteJSON(w io.Writer, value any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(value); err != nil {
		return err
	}
	_, err := w.Write(ciBrackets().ReplaceAll(b.Bytes(), []byte(`#$1\u0023$2`)))
	return err
}
