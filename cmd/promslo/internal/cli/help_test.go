package cli

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/promslo/promslo/templates"
)

func TestRenderHelp(t *testing.T) {
	page := `# A page

<!-- from a.yaml -->
` + "```yaml\na: 1 # " + strings.Repeat("x", 90) + "\n```" + `

See [the schema](../../schema/schema.cue), or [Mimir](https://grafana.com/mimir), of which this says so much that it does
not fit into a line.

![A picture](../../testdata/images/slo.png)

- one point that has a text so long that it goes on in another line, which is not at the margin
- two

| short | table |
|---|---|
| ` + "`a\\|b`" + ` | c |

| key | what |
|---|---|
| long | a text that is so long that columns of it would not fit into eighty characters at all |
`
	want := `# A page

    a: 1 # ` + strings.Repeat("x", 90) + `

See the schema, or Mimir (https://grafana.com/mimir), of which this says so much
that it does not fit into a line.

- one point that has a text so long that it goes on in another line, which is
  not at the margin
- two

short  table
` + "`a|b`" + `  c

long
    a text that is so long that columns of it would not fit into eighty
    characters at all
`
	if diff := cmp.Diff(want, renderHelp(page)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// No line of a page is too long for a terminal, but for examples and addresses.
func TestHelpFits(t *testing.T) {
	for _, topic := range templates.Topics() {
		for line := range strings.Lines(renderHelp(string(topic.Page))) {
			line = strings.TrimSuffix(line, "\n")
			if utf8.RuneCountInString(line) > helpWidth && !strings.HasPrefix(line, "    ") && strings.Contains(strings.TrimSpace(line), " ") {
				t.Errorf("%s: %s", topic.Name, line)
			}
		}
	}
}
