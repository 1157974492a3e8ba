package schema

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/promslo/promslo/testdata"
)

const unformatted = `# Who signs up.


slos:

    # Kept by the team.
    availability:    # the most important

        sli:
            http:
              promises: [2xx,   404]
              # Of the gateway.
              metric: http_requests_total
        window:  30d
        objective: 99.9     # percent
        description: |
            Two lines,

            and an empty one.

    zeta: {window: 7d, sli: {grpc: {}}, objective: 99}
    alpha:
        labels: {b: "1", a: x}
        schedule:
        - objective: 80
          at: {timezone: UTC, days: [sat]}
          name: weekend
        objective: 99
        sli: {grpc: {}}
service: users
`

const formatted = `# Who signs up.

service: users
slos:
  # Kept by the team.
  availability: # the most important
    description: |
      Two lines,

      and an empty one.
    objective: 99.9 # percent
    window: 30d
    sli:
      http:
        # Of the gateway.
        metric: http_requests_total
        promises: [2xx, 404]

  zeta: {objective: 99, window: 7d, sli: {grpc: {}}}
  alpha:
    objective: 99
    sli: {grpc: {}}
    labels: {b: "1", a: x}
    schedule:
      - name: weekend
        at: {days: [sat], timezone: UTC}
        objective: 80
`

func TestFormat(t *testing.T) {
	for _, text := range []string{unformatted, formatted, strings.ReplaceAll(unformatted, "\n", "\r\n")} {
		got, err := Format([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(formatted, string(got)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
}

// An alias that would stand before its anchor stays where it is.
func TestCannotFormat(t *testing.T) {
	_, err := Format([]byte("slos:\n  a: {window: &w 7d, objective: 99, sli: {grpc: {}}}\nservice: *w\n"))
	if err != ErrCannotFormat {
		t.Error(err)
	}
}

// TestFormatKeeps formats all specs of testdata: twice makes no difference, and values and
// comments are read from the result by other means than Format reads them.
func TestFormatKeeps(t *testing.T) {
	specs := 0
	err := filepath.WalkDir(testdata.Dir(), func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".slo.yaml") || strings.Contains(path, "hostile") || strings.Contains(path, "/bad/") {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		once, err := Format(data)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return nil
		}
		specs++
		twice, err := Format(once)
		if err != nil || string(twice) != string(once) {
			t.Errorf("%s: %v\n%s", path, err, cmp.Diff(string(once), string(twice)))
		}
		if before, after := comments(data), comments(once); !reflect.DeepEqual(before, after) {
			t.Errorf("%s: comments\n%s", path, cmp.Diff(before, after))
		}
		return nil
	})
	if err != nil || specs < 100 {
		t.Errorf("%d specs: %v", specs, err)
	}
}

// comments are the lines of a text that are comments as a whole, and how often each is there.
func comments(data []byte) map[string]int {
	out := map[string]int{}
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "#") {
			out[line]++
		}
	}
	return out
}
