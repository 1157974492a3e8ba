package cli

import (
	"bytes"
	"path"
	"regexp"
	"strings"
	"sync"
)

// modeline is the comment by which yaml-language-server finds the schema of a document.
var modeline = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^#[ \t]+(yaml-language-server[ \t]*:|\$schema:)[^\r\n]*`)
})

// ownModeline is one that promslo wrote.
var ownModeline = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^# yaml-language-server: \$schema=(\.\./)*` + regexp.QuoteMeta(schemaDir) + `/\S+$`)
})

// documentStart is the line that begins a document of YAML. No text can hold it.
var documentStart = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^---([ \t]*|[ \t]+#[^\r\n]*)\r?$`)
})

// modelineOf is the comment for a file in a directory of a project, which is named from the
// project's root with slashes.
func modelineOf(file schemaFile, dir string) string {
	up := ""
	if dir = path.Clean(dir); dir != "." {
		up = strings.Repeat("../", strings.Count(dir, "/")+1)
	}
	return "# yaml-language-server: $schema=" + up + file.name
}

// withModeline adds a modeline to each document of a YAML file, and corrects those that
// promslo wrote. All else stays as it is, and so does the whole file if it has others.
func withModeline(data []byte, line string) []byte {
	if text, marked := bytes.CutPrefix(data, []byte("\ufeff")); marked {
		return append([]byte("\ufeff"), withModeline(text, line)...)
	}
	if found := modeline().FindAll(data, -1); len(found) > 0 {
		for _, old := range found {
			if !ownModeline().Match(old) {
				return data
			}
		}
		return modeline().ReplaceAllLiteral(data, []byte(line))
	}
	end := "\n"
	if first, _, _ := bytes.Cut(data, []byte("\n")); bytes.HasSuffix(first, []byte("\r")) {
		end = "\r\n"
	}
	var out []byte
	starts := documentStart().FindAllIndex(data, -1)
	if len(starts) == 0 || hasContent(data[:starts[0][0]]) {
		out = append(out, line+end...)
	}
	from := 0
	for _, at := range starts {
		out = append(append(out, data[from:at[1]]...), '\n')
		out = append(out, line+end...)
		from = min(at[1]+1, len(data)) // behind the line break
	}
	return append(out, data[from:]...)
}

// hasContent reports whether a YAML text has lines that are neither empty nor comments nor
// directives.
func hasContent(data []byte) bool {
	for text := range bytes.Lines(data) {
		if text = bytes.TrimSpace(text); len(text) > 0 && text[0] != '#' && text[0] != '%' {
			return true
		}
	}
	return false
}
