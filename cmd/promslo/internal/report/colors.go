package report

import (
	"regexp"
	"strings"
	"sync"
)

// Colors paints texts for a terminal; false paints nothing. What users wrote must be
// sanitized before.
type Colors bool

func (c Colors) paint(code, text string) string {
	if !c || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (c Colors) bold(text string) string   { return c.paint("1", text) }
func (c Colors) red(text string) string    { return c.paint("31", text) }
func (c Colors) green(text string) string  { return c.paint("32", text) }
func (c Colors) yellow(text string) string { return c.paint("33", text) }
func (c Colors) cyan(text string) string   { return c.paint("36", text) }

// Diff paints a unified diff.
func (c Colors) Diff(text string) string {
	return c.lines(text, func(line string) string {
		switch {
		case strings.HasPrefix(line, "+++"), strings.HasPrefix(line, "---"):
			return c.bold(line)
		case strings.HasPrefix(line, "+"):
			return c.green(line)
		case strings.HasPrefix(line, "-"):
			return c.red(line)
		case strings.HasPrefix(line, "@@"):
			return c.cyan(line)
		}
		return line
	})
}

// alertRow is a line of a chart that tells when alerts fire.
var alertRow = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^ *(\S+)  [·█░]+$`) })

// Chart paints the lines of alerts in a chart, those of pages red.
func (c Colors) Chart(text string) string {
	return c.lines(text, func(line string) string {
		switch m := alertRow().FindStringSubmatch(line); {
		case m == nil:
			return line
		case m[1] == "page" || m[1] == "critical":
			return c.red(line)
		default:
			return c.yellow(line)
		}
	})
}

func (c Colors) lines(text string, paint func(line string) string) string {
	if !c {
		return text
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = paint(line)
	}
	return strings.Join(lines, "\n")
}
