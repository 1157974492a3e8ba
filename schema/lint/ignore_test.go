package lint_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

// TestIgnore checks to which lines a comment applies, and what is a comment.
func TestIgnore(t *testing.T) {
	here := "# promslo:ignore retention Thanos keeps it"
	yaml := func(line, above string) string {
		return strings.Join([]string{"service: users", "slos:", "  it:", "    objective: 99", above + "    window: 1y" + line, "    sli: {uptime: {expr: up}}", ""}, "\n")
	}
	for name, test := range map[string]struct {
		spec string
		want []string
	}{
		"same line":          {yaml(" "+here, ""), nil},
		"line above":         {yaml("", "    "+here+"\n"), nil},
		"not indented":       {yaml("", here+"\n"), nil},
		"more comments":      {yaml("", "    # first\n    "+here+"\n    # last\n"), nil},
		"after a comment":    {yaml(" # a year "+here, ""), nil},
		"line endings":       {strings.ReplaceAll(yaml(" "+here, ""), "\n", "\r\n"), nil},
		"byte order mark":    {"\ufeff" + yaml(" "+here, ""), nil},
		"many blanks":        {yaml("   #promslo:ignore   retention   because ", ""), nil},
		"another line":       {yaml("", "    "+here+"\n\n"), []string{"5:5 warning ignore-unused", "7:13 warning retention"}},
		"below":              {yaml("\n    "+here, ""), []string{"5:13 warning retention", "6:5 warning ignore-unused"}},
		"another rule":       {yaml(" # promslo:ignore schedule-never because", ""), []string{"5:13 warning retention", "5:16 warning ignore-unused"}},
		"no rule":            {yaml(" # promslo:ignore", ""), []string{"5:13 warning retention", "5:16 error ignore-invalid"}},
		"fixed":              {yaml(" # promslo:ignore promql because", ""), []string{"5:13 warning retention", "5:16 error ignore-invalid"}},
		"of itself":          {yaml(" # promslo:ignore ignore-unused because", ""), []string{"5:13 warning retention", "5:16 error ignore-invalid"}},
		"no reason":          {yaml(" # promslo:ignore retention", ""), []string{"5:16 error ignore-reason"}},
		"another word":       {yaml(" # promslo:ignored retention because", ""), []string{"5:13 warning retention"}},
		"in a quoted text":   {yaml("", "    description: 'a "+here+"'\n"), []string{"6:13 warning retention"}},
		"in a folded text":   {yaml("", "    description: >\n      "+here+"\n"), []string{"7:13 warning retention"}},
		"in a text of lines": {yaml("", "    description: \"a\n      "+here+"\n      b\"\n"), []string{"8:13 warning retention"}},
		"both":               {yaml(" "+here, "    description: |\n      "+here+"\n"), nil},
		"two documents":      {yaml(" "+here, "") + "---\n" + strings.Replace(yaml("", ""), "users", "orders", 1), []string{"12:13 warning retention"}},
	} {
		if diff := cmp.Diff(test.want, lines(run(t, read.YAML, test.spec, model.Project{}))); diff != "" {
			t.Errorf("%s, - want, + got:\n%s\n%s", name, diff, test.spec)
		}
	}
}

func TestIgnoreCUE(t *testing.T) {
	here := "// promslo:ignore retention Thanos keeps it"
	cue := func(line, above string) string {
		return "service: \"users\"\nslos: it: {\n\tobjective: 99\n" + above + "\twindow: \"1y\"" + line + "\n\tsli: uptime: expr: \"up\"\n}\n"
	}
	for name, test := range map[string]struct {
		spec string
		want []string
	}{
		"same line":        {cue(" "+here, ""), nil},
		"line above":       {cue("", "\t"+here+"\n"), nil},
		"not below":        {cue("\n\t"+here, ""), []string{"4:10 warning retention", "5:2 warning ignore-unused"}},
		"in a text":        {cue("", "\tdescription: \"a "+here+"\"\n"), []string{"5:10 warning retention"}},
		"in lines of text": {cue("", "\tdescription: \"\"\"\n\t\t"+here+"\n\t\t\"\"\"\n"), []string{"7:10 warning retention"}},
		"a definition":     {cue("", "\t"+here+"\n#A: 1\n"), []string{"4:2 warning ignore-unused", "6:10 warning retention"}},
	} {
		if diff := cmp.Diff(test.want, lines(run(t, read.CUE, test.spec, model.Project{}))); diff != "" {
			t.Errorf("%s, - want, + got:\n%s\n%s", name, diff, test.spec)
		}
	}
}

// TestIgnoreText checks that an ignore covers all lines of the text that begins on
// its line, and no more.
func TestIgnoreText(t *testing.T) {
	services, findings := schema.LoadSpecs(t.Context(), schema.DefaultProject(), []read.Input{{File: "f", Data: []byte(`service: users
slos:
  it:
    objective: 99
    window: 30d
    sli:
      uptime:
        expr: |- # promslo:ignore missing-rate because
          a
            > bool 0

  other:
    objective: 99
    window: 30d
    sli: {uptime: {expr: up}} # promslo:ignore missing-rate because
`)}}, schema.Options{})
	if len(findings) > 0 || len(services) != 1 {
		t.Fatal(findings)
	}
	all := services[0].Source.Ignores
	if len(all) != 2 || all[0].From != 8 || all[0].To != 11 || all[1].From != 15 || all[1].To < 16 {
		t.Errorf("%+v", all)
	}
}

// TestManyIgnores limits the time for comments.
func TestManyIgnores(t *testing.T) {
	spec := "service: users\nslos: {it: {objective: 99, window: 30d, sli: {uptime: {expr: up}}}}\n"
	for comments, want := range map[int]int{1000: 1000, 30_000: 1} {
		start := time.Now()
		data := []byte(spec + strings.Repeat("# promslo:ignore nothing\n", comments))
		services, findings := schema.LoadSpecs(t.Context(), schema.DefaultProject(), []read.Input{{File: "f", Data: data}}, schema.Options{})
		findings = append(findings, lint.Run(lint.Input{Services: services})...)
		findings = append(findings, lint.IgnoreUnused(findings, services, false)...)
		if got := lint.Filter(findings, model.Project{}, services); len(got) < want || len(got) > want+3 {
			t.Errorf("%d comments: %d findings", comments, len(got))
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%d comments take %s", comments, took)
		}
	}
}
