// Package markdown escapes text of specs for Markdown as GitHub reads it, in tables
// too, so that it shows as it was written and stays readable in the file.
package markdown

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode"
)

// Line returns text as one line that can be seen: without control characters and
// those that turn the direction of what follows.
func Line(s string) string {
	visible := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Bidi_Control, r) || unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(visible), " ")
}

var (
	// Braces and dollars mean something to generators of web sites and to GitHub.
	special = strings.NewReplacer(append([]string{"{%", `\{\%`}, escaped("\\`*_{}[]<>#|~&$@")...)...)
	// Addresses become links by themselves.
	address = regexp.MustCompile(`(?i)(://|www\.)`)
	// Lists and headings begin with these.
	start = regexp.MustCompile(`^(?:(\d+)([.)])|([-+=]))`)
)

// escaped pairs characters with themselves behind a backslash.
func escaped(chars string) (pairs []string) {
	for _, c := range strings.Split(chars, "") {
		pairs = append(pairs, c, `\`+c)
	}
	return pairs
}

// Text escapes text, so that it is read as it stands in the spec.
func Text(s string) string {
	s = special.Replace(Line(s))
	s = address.ReplaceAllStringFunc(s, func(at string) string {
		if at == "://" {
			return `\://`
		}
		return at[:3] + `\.`
	})
	return start.ReplaceAllString(s, `$1\$2$3`)
}

var (
	backticks = regexp.MustCompile("`+")
	pipes     = regexp.MustCompile(`\\*\|`)
)

// fence returns more backticks than stand together in text, and at least those given.
func fence(least, text string) string {
	for _, run := range backticks.FindAllString(text, -1) {
		if len(run) >= len(least) {
			least = run + "`"
		}
	}
	return least
}

// Block returns text as a block of code in a language.
func Block(language, text string) string {
	fence := fence("```", text)
	return fence + language + "\n" + text + "\n" + fence
}

// Code returns a line as code in a cell of a table. In a cell one backslash before a
// pipe goes with it, and pairs of backslashes do not escape it: their number must be
// odd.
func Code(text string) string {
	fence := fence("`", text)
	text = pipes.ReplaceAllStringFunc(text, func(run string) string {
		return strings.Repeat(`\`, 1-len(run)%2) + `\` + run
	})
	if strings.Trim(text, "` ") != text || text == "" {
		text = " " + text + " "
	}
	return fence + text + fence
}

// Link returns a link if the address is safe as the target of one, and false
// otherwise. The text is Markdown.
func Link(text, address string) (string, bool) {
	target, ok := URL(address)
	return "[" + text + "](<" + strings.ReplaceAll(target, "&", "&amp;") + ">)", ok
}

// URL returns an address that is safe as the target of a link: no scheme that
// runs code, no password, and neither markup nor variables of Grafana.
func URL(s string) (string, bool) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return "", false
	}
	for _, r := range u.Host {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-.:", r) {
			return "", false
		}
	}
	var b strings.Builder
	for _, c := range []byte(u.String()) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~:/?#@+,;=%&", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String(), true
}
