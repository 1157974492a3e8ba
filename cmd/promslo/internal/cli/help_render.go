package cli

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// helpWidth is the width of a page of the manual on a terminal.
const helpWidth = 80

// renderHelp formats a page of the manual for a terminal: prose is wrapped, links into the
// repository are their texts, and tables have columns, or a paragraph for each row where these
// are too wide. Examples stay as they are.
func renderHelp(page string) string {
	comments, images := regexp.MustCompile(`(?m)^<!-- .* -->\n`), regexp.MustCompile(`(?m)^!\[.*\n\n?`)
	links := regexp.MustCompile(`\[([^\]]+)\]\(([^)]+)\)`)
	page = images.ReplaceAllString(comments.ReplaceAllString(page, ""), "")
	page = links.ReplaceAllStringFunc(page, func(link string) string {
		m := links.FindStringSubmatch(link)
		if strings.Contains(m[2], "://") {
			return m[1] + " (" + m[2] + ")"
		}
		return m[1]
	})
	var b strings.Builder
	lines := strings.Split(strings.TrimSuffix(page, "\n"), "\n")
	for i := 0; i < len(lines); {
		end := i + 1
		switch line := lines[i]; {
		case strings.HasPrefix(line, "```"):
			for end < len(lines) && lines[end] != "```" {
				b.WriteString("    " + lines[end] + "\n")
				end++
			}
			end++
		case strings.HasPrefix(line, "|"):
			for end < len(lines) && strings.HasPrefix(lines[end], "|") {
				end++
			}
			b.WriteString(renderTable(lines[i:end]))
		case line == "" || strings.HasPrefix(line, "#"):
			b.WriteString(line + "\n")
		default:
			indent := ""
			if strings.HasPrefix(line, "- ") {
				indent = "  "
			}
			for end < len(lines) && lines[end] != "" && !strings.HasPrefix(lines[end], "- ") && !strings.HasPrefix(lines[end], "```") && !strings.HasPrefix(lines[end], "|") {
				end++
			}
			b.WriteString(wrapped(strings.Join(lines[i:end], " "), "", indent))
		}
		i = end
	}
	return b.String()
}

// renderTable formats the rows of a table.
func renderTable(lines []string) string {
	var rows [][]string
	for _, line := range lines {
		if strings.Trim(line, "|-") == "" {
			continue
		}
		cells := strings.Split(strings.Trim(strings.ReplaceAll(line, `\|`, "\x00"), "|"), "|")
		for i, cell := range cells {
			cells[i] = strings.ReplaceAll(strings.TrimSpace(cell), "\x00", "|")
		}
		rows = append(rows, cells)
	}
	widths := make([]int, len(rows[0]))
	all := 2 * (len(widths) - 1)
	for column := range widths {
		for _, row := range rows {
			if column < len(row) {
				widths[column] = max(widths[column], utf8.RuneCountInString(row[column]))
			}
		}
		all += widths[column]
	}
	var b strings.Builder
	for i, row := range rows {
		switch {
		case all <= helpWidth:
			line := ""
			for column, cell := range row {
				line += cell + strings.Repeat(" ", widths[column]-utf8.RuneCountInString(cell)+2)
			}
			b.WriteString(strings.TrimRight(line, " ") + "\n")
		case i > 0: // without the header
			b.WriteString(wrapped(row[0], "", "  "))
			b.WriteString(wrapped(strings.Trim(strings.Join(row[1:], "; "), "; "), "    ", "    "))
		}
	}
	return b.String()
}

// wrapped breaks a text between words. The first line begins with one indent, and the others
// with another.
func wrapped(text, first, indent string) string {
	var b strings.Builder
	line := first
	for word := range strings.FieldsSeq(text) {
		switch {
		case strings.TrimSpace(line) == "":
			line += word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > helpWidth:
			b.WriteString(line + "\n")
			line = indent + word
		default:
			line += " " + word
		}
	}
	return b.String() + line + "\n"
}
