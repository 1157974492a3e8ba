package markdown_test

import (
	"bytes"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	renderer "github.com/yuin/goldmark/renderer/html"

	"github.com/promslo/promslo/generate/markdown"
)

func TestURL(t *testing.T) {
	for in, want := range map[string]string{
		"https://runbooks.example.com/users?a=1&b=%20#top": "https://runbooks.example.com/users?a=1&b=%20#top",
		"http://localhost:8080":                            "http://localhost:8080",
		"https://example.com/${datasource}/$x/[[y]]":       "https://example.com/%24%7Bdatasource%7D/%24x/%5B%5By%5D%5D",
		"https://example.com/a)<b> \"'`|*":                 "https://example.com/a%29%3Cb%3E%20%22%27%60%7C%2A",
		"https://example.com/é":                            "https://example.com/%C3%A9",
		"HTTPS://example.com/":                             "https://example.com/",
		"javascript:alert(1)":                              "",
		"data:text/html,x":                                 "",
		"//example.com":                                    "",
		"/users":                                           "",
		"https://":                                         "",
		"https://user:secret@example.com/":                 "",
		"https://exa${datasource}mple.com/":                "",
		" https://example.com":                             "",
		"#identity":                                        "",
		"":                                                 "",
	} {
		if got, ok := markdown.URL(in); got != want || ok != (want != "") {
			t.Errorf("markdown.URL(%q) = %q, %v; want %q", in, got, ok, want)
		}
	}
}

// places are where text stands, % being the text.
var places = []struct{ markdown, shown string }{
	{"%\n", "%"},
	{"- %\n", "%"},
	{"# %\n", "%"},
	{"- Owner: %\n", "Owner: %"},
	{"| a | b |\n|---|---|\n| % | c |\n", "a b % c"},
	{"| a | b |\n|---|---|\n| c, % | % |\n", "a b c, % %"},
}

var (
	tag      = regexp.MustCompile(`</?(?:p|table|thead|tbody|tr|th|td|li|ul|h1)>`)
	variable = regexp.MustCompile(`\{\{|\{%|\{#|\$\{`)
)

// Text is read as it stands in the spec, wherever in a line, and nothing of it is
// a tag, a link or markup.
func TestText(t *testing.T) {
	for _, text := range []string{
		"plain words, one.two and a-dash (or two): 99.9 %",
		"# heading", "- item", "+ item", "* item", "1. one", "12) twelve", "> quote", "---", "===", "| a | b |", "    code", "~~~", "```",
		"C #", "a\\", `a\|b`, `\\|`, "`code`", "**b** _i_ ~~s~~ ^x^", "<script>alert(1)</script>", "<!-- c -->", "-->", "&lt;b&gt; &#36;",
		"[x](javascript:alert(1))", "![i](https://evil.example/i.png)", "[x]: https://evil.example", "https://evil.example", "(http://evil.example)",
		"www.evil.example WWW.EVIL.EXAMPLE", "ftp://evil.example", "a@evil.example", "<https://evil.example>",
		"{{ template }} {% tag %} ${variable} $x$ $$", "é 漢字 😀", "- [ ] task",
	} {
		got := markdown.Text(text)
		for _, place := range places {
			source := strings.ReplaceAll(place.markdown, "%", got)
			var page bytes.Buffer
			if err := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(renderer.WithUnsafe())).Convert([]byte(source), &page); err != nil {
				t.Fatal(err)
			}
			shown := strings.Join(strings.Fields(html.UnescapeString(tag.ReplaceAllString(page.String(), " "))), " ")
			want := strings.ReplaceAll(place.shown, "%", strings.TrimSpace(text))
			if shown != want {
				t.Errorf("%q as %q reads\n%s\nnot\n%s", text, source, shown, want)
			}
		}
		if found := variable.FindString(got); found != "" {
			t.Errorf("%q has %s, which means something to a generator of web sites", got, found)
		}
	}
}

// Nothing that cannot be seen is left, and no text leaves its line.
func TestLine(t *testing.T) {
	if got, want := markdown.Line(" a\r\n\tb\u2028c\x00d\u202ee "), "a b cde"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// A block ends where it ends.
func TestBlock(t *testing.T) {
	for text, fence := range map[string]string{"a": "```", "a```b": "````", "`````": "``````"} {
		if got, want := markdown.Block("text", text), fence+"text\n"+text+"\n"+fence; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
