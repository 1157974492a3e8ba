package yaml

import "testing"

func TestStyleOf(t *testing.T) {
	for want, texts := range map[style][]string{
		plain:    {"some text", "sum(rate(a[5m]))", "_ 1x20", "/metrics", "0+1x5 2x3", "a:b and c#d", "nur für alle"},
		single:   {`{slo_id="a/b"}`, "[a, b]", `"quoted"`, "'quoted'", "# no comment", "key: value", "ends in a colon:", "text # no comment"},
		literal:  {"two\nlines", "key: value\n# a line", "-\na line"},
		doubtful: {"", "false", "NO", "12345", " indented", "blank at the end ", "2026-01-31 10:00:00", "123456", "- item", "*alias", "tab\there", "\nbreak first", "break last\n", "blank \nbefore a break", "über alles", "漢字 and text", "not \xff UTF-8"},
	} {
		for _, text := range texts {
			if got := styleOf(text); got != want {
				t.Errorf("styleOf(%q) = %d, want %d", text, got, want)
			}
		}
	}
}
