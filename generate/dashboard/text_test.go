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

var references = regexp.MustCompile(`^([\pL\pN ,-]|&#\d+;)*$`)

func TestEscape(t *testing.T) {
	for _, s := range []string{attack, "plain words, and a-dash", "1. one", "é 漢字 😀", ""} {
		got := escapeMarkdown(s)
		if !references.MatchString(got) {
			t.Errorf("escape(%q) = %q", s, got)
		}
		// Nothing that can be seen is lost.
		want := strings.Join(strings.Fields(strings.NewReplacer("\x00", "", "\u202e", "").Replace(s)), " ")
		if html.UnescapeString(got) != want {
			t.Errorf("escape(%q) reads as %q", s, html.UnescapeString(got))
		}
	}
}

// variable is what Grafana replaces; ${datasource} as a data source's uid is ours.
var grafanaVariable = regexp.MustCompile(`\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:^\}]+))?(?::([^\}]+))?\}`)

// TestHostile: no text of a spec becomes a variable, a tag or a link, wherever it is shown.
func TestHostile(t *testing.T) {
	s := hostile()
	b := decode(t, page(s, s.SLOs[0], header))
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
			if strings.HasSuffix(path, ".datasource.uid") || path == ".uid" || path == ".tags[]" || strings.HasSuffix(path, ".url") {
				return // read as they are
			}
			if found := grafanaVariable.FindString(v); found != "" {
				t.Errorf("%s has the variable %s: %q", path, found, v)
			}
		}
	}
	check("", b)
	texts := 0
	for _, p := range b["panels"].([]any) {
		p := p.(map[string]any)
		if p["type"] != "text" {
			continue
		}
		texts++
		content := p["options"].(map[string]any)["content"].(string)
		link := "[Runbook](<https://runbooks.example.com/%24%7Bdatasource%7D/%5B%5Bx%5D%5D/a%29%3Cscript%3E%60>)"
		content = strings.Replace(content, link, "", 1)
		content = strings.NewReplacer("**", "", "\n*", "", "*\n", "", "\n- ", "").Replace(content)
		if strings.ContainsAny(content, "<>[]()`$_!|@\\*") {
			t.Errorf("markup: %q", content)
		}
	}
	if texts != 3 {
		t.Errorf("%d text panels", texts)
	}
}
