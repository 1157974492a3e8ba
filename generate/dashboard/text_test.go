package dashboard

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/promslo/promslo/generate/plan"
)

const attack = "<script>alert(1)</script> [x](javascript:alert(1)) ![i](https://evil.example/i.png) ${datasource} $__all [[datasource]] " +
	"`code` www.evil.example a@evil.example <https://evil.example> &lt;b&gt; &#36;{datasource} **b** _i_ ~~s~~ | a | b |\n\n# heading\n- item\n1. item\n> quote\n```\nfence\n```\n    code\r\n\x00\u202e"

// hostile is a service whose every text is an attack, also where the schema allows none.
func hostile() plan.Service {
	s := users()
	s.Name, s.Tier, s.Owner, s.Description, s.File = "h${datasource}", attack, attack, attack, "h.slo.yaml"
	s.Contacts = map[string]string{"runbook": "https://runbooks.example.com/${datasource}/[[x]]/a)<script>`"}
	s.SLOs = s.SLOs[:2]
	for i := range s.SLOs {
		s.SLOs[i].ID, s.SLOs[i].Name, s.SLOs[i].Description = "h${datasource}/"+attack, attack, attack
	}
	s.SLOs[1].ID += "2"
	return s
}

var inert = regexp.MustCompile(`^([\pL\pN ,-]|&#\d+;)*$`)

func TestEscape(t *testing.T) {
	for _, s := range []string{attack, "plain words, and a-dash", "1. one", "é 漢字 😀", ""} {
		got := escape(s)
		if !inert.MatchString(got) {
			t.Errorf("escape(%q) = %q", s, got)
		}
		// Nothing that can be seen is lost.
		want := strings.Join(strings.Fields(strings.NewReplacer("\x00", "", "\u202e", "").Replace(s)), " ")
		if html.UnescapeString(got) != want {
			t.Errorf("escape(%q) reads as %q", s, html.UnescapeString(got))
		}
	}
}

func TestHTTPURL(t *testing.T) {
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
		if got, ok := httpURL(in); got != want || ok != (want != "") {
			t.Errorf("httpURL(%q) = %q, %v; want %q", in, got, ok, want)
		}
	}
}

// variable is what Grafana replaces; ${datasource} as a data source's uid is ours.
var grafanaVariable = regexp.MustCompile(`\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:^\}]+))?(?::([^\}]+))?\}`)

// TestHostile: no text of a spec becomes a variable, a tag or a link, wherever it is shown.
func TestHostile(t *testing.T) {
	b := decode(t, hostile())
	var check func(path string, v any)
	check = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, v := range v {
				check(path+"."+k, v)
			}
		case []any:
			for _, v := range v {
				check(path+"[]", v)
			}
		case string:
			if strings.HasSuffix(path, ".datasource.uid") || path == ".uid" || path == ".tags[]" {
				return // read as they are
			}
			if found := grafanaVariable.FindString(v); found != "" {
				t.Errorf("%s has the variable %s: %q", path, found, v)
			}
		}
	}
	check("", b)
	texts := 0
	for _, p := range panels(b) {
		if p["type"] != "text" {
			continue
		}
		texts++
		content := p["options"].(map[string]any)["content"].(string)
		link := "[Runbook](<https://runbooks.example.com/%24%7Bdatasource%7D/%5B%5Bx%5D%5D/a%29%3Cscript%3E%60>)"
		if strings.Count(content, link) != 1 {
			t.Errorf("link: %q", content)
		}
		content = strings.Replace(content, link, "", 1)
		if strings.ContainsAny(content, "<>[]()`$_!|@\\") {
			t.Errorf("markup: %q", content)
		}
	}
	if texts != 2 {
		t.Errorf("%d text panels", texts)
	}
}
