package schema

import (
	"bytes"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/parser"
	"go.yaml.in/yaml/v3"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

// directive is the prefix of a comment that ignores findings; the ID of a rule and a
// reason follow.
const directive = "promslo:ignore"

// commentMarks start a comment. JSON has none.
var commentMarks = map[read.Format]string{read.YAML: "#", read.CUE: "//"}

// directivePatterns match the directive at the end of a line.
var directivePatterns = map[read.Format]*regexp.Regexp{read.YAML: directivePattern("#"), read.CUE: directivePattern("//")}

func directivePattern(mark string) *regexp.Regexp {
	return regexp.MustCompile(`(` + mark + `[ \t]*` + directive + `)(?:[ \t]+(\S+)[ \t]*(.*))?$`)
}

// ignores returns the comments of a file that ignore findings: on the line that a comment
// ends, or on the next line that is no comment. A multi-line string belongs to its first
// line.
func ignores(in read.Input, docs []*read.Node) []model.Ignore {
	pattern := directivePatterns[in.Format]
	if pattern == nil || !bytes.Contains(in.Data, []byte(directive)) {
		return nil
	}
	lines := strings.Split(strings.ReplaceAll(string(in.Data), "\r\n", "\n"), "\n")
	starts, isComment := nodeLines(docs), commentLines(in, lines)
	var out []model.Ignore
	about := len(lines) // the line that a comment above applies to
	for i, line := range slices.Backward(lines) {
		if !strings.HasPrefix(strings.TrimLeft(line, " \t"), commentMarks[in.Format]) {
			about = i
		}
		m := pattern.FindStringSubmatch(line)
		if m == nil || !isComment(i) {
			continue
		}
		ignore := model.Ignore{
			Rule: diag.ID(m[2]), Reason: strings.TrimSpace(m[3]), From: about + 1, To: math.MaxInt,
			Pos: diag.Pos{File: in.File, Line: i + 1, Column: utf8.RuneCountInString(line[:strings.Index(line, m[1])]) + 1},
		}
		if next, _ := slices.BinarySearch(starts, about+2); next < len(starts) {
			ignore.To = starts[next] - 1
		}
		out = append(out, ignore)
	}
	slices.Reverse(out)
	return out
}

// nodeLines returns the first lines of keys and values, ascending.
func nodeLines(docs []*read.Node) []int {
	var out []int
	var collect func(n *read.Node)
	collect = func(n *read.Node) {
		out = append(out, n.Pos.Line)
		for _, item := range n.Items {
			collect(item)
		}
		for _, f := range n.Fields {
			out = append(out, f.Pos.Line)
			collect(f.Value)
		}
	}
	for _, doc := range docs {
		collect(doc)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// commentLines returns a function that reports whether the directive in a line, counted
// from 0, is in a comment and not in a string.
func commentLines(in read.Input, lines []string) func(line int) bool {
	if in.Format == read.CUE {
		return cueCommentLines(in)
	}
	// The parser returns where a string begins, not where it ends. So each directive is
	// replaced with its line number: those found in strings are no comments.
	marked := slices.Clone(lines)
	for i, line := range lines {
		marked[i] = strings.ReplaceAll(line, directive, fmt.Sprintf("promslo:%06x", i))
	}
	mark := regexp.MustCompile(`promslo:([0-9a-f]{6})`)
	texts := map[int]bool{}
	var look func(y *yaml.Node)
	look = func(y *yaml.Node) {
		for _, m := range mark.FindAllStringSubmatch(y.Value, -1) {
			line, _ := strconv.ParseInt(m[1], 16, 64)
			texts[int(line)] = true
		}
		for _, c := range y.Content {
			look(c)
		}
	}
	dec := yaml.NewDecoder(strings.NewReader(strings.Join(marked, "\n")))
	for {
		var y yaml.Node
		if dec.Decode(&y) != nil {
			break // the end, as the file was parsed before
		}
		look(&y)
	}
	return func(line int) bool { return !texts[line] }
}

func cueCommentLines(in read.Input) func(line int) bool {
	found := map[int]bool{}
	file, err := parser.ParseFile(in.File, in.Data, parser.ParseComments)
	if err != nil {
		return func(int) bool { return false }
	}
	ast.Walk(file, func(n ast.Node) bool {
		for _, group := range ast.Comments(n) {
			for _, c := range group.List {
				if strings.Contains(c.Text, directive) {
					found[c.Pos().Line()-1] = true
				}
			}
		}
		return true
	}, nil)
	return func(line int) bool { return found[line] }
}
