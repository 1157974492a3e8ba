package dashboard

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
)

// escape makes text of a spec inert in Markdown. Everything but letters, digits
// and a few marks that mean nothing within a line becomes a character
// reference: CommonMark takes no reference for markup, and Grafana, which looks
// for variables before it renders, finds no `$`.
func escape(s string) string {
	visible := strings.Map(func(r rune) rune {
		// Able to turn the direction of what follows, or invisible.
		if unicode.Is(unicode.Bidi_Control, r) || unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
	var b strings.Builder
	for _, r := range strings.Join(strings.Fields(visible), " ") {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), strings.ContainsRune(" ,-", r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "&#%d;", r)
		}
	}
	return b.String()
}

// plain makes text inert in a title, which is no Markdown but in which Grafana
// replaces variables. There is no way to quote them: look-alikes take their place.
func plain(s string) string {
	return strings.NewReplacer("$", "＄", "[[", "[ [").Replace(s)
}

// httpURL returns an address that is safe as the target of a link, in Markdown
// too: no scheme that runs code, no password, and neither variables nor markup.
func httpURL(s string) (string, bool) {
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
