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

// directive begins a comment that takes findings back: the ID of a rule follows,
// and a reason.
const directive = "promslo:ignore"

// marks begin a comment. JSON has none.
var marks = map[read.Format]string{read.YAML: "#", read.CUE: "//"}

// directives find the directive at the end of a line.
var directives = map[read.Format]*regexp.Regexp{read.YAML: pattern("#"), read.CUE: pattern("//")}

func pattern(mark string) *regexp.Regexp {
	return regexp.MustCompile(`(` + mark + `[ \t]*` + directive + `)(?:[ \t]+(\S+)[ \t]*(.*))?$`)
}

// ignores returns the comments of a file that take findings back: on the line that
// a comment ends, or else on the next line that is no comment. A text of several
// lines belongs to the line that it begins on.
func ignores(in read.Input, docs []*read.Node) []model.Ignore {
	pattern := directives[in.Format]
	if pattern == nil || !bytes.Contains(in.Data, []byte(directive)) {
		return nil
	}
	lines := strings.Split(strings.ReplaceAll(string(in.Data), "\r\n", "\n"), "\n")
	starts, isComment := starts(docs), comments(in, lines)
	var out []model.Ignore
	about := len(lines) // the line that a comment above it is about
	for i, line := range slices.Backward(lines) {
		if !strings.HasPrefix(strings.TrimLeft(line, " \t"), marks[in.Format]) {
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

// starts returns the lines on which keys and values begin, ascending.
func starts(docs []*read.Node) []int {
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

// comments returns whether the directive in a line, from 0, stands in a comment and
// not in a text.
func comments(in read.Input, lines []string) func(line int) bool {
	if in.Format == read.CUE {
		return cueComments(in)
	}
	// The parser tells where a text begins, and not where it ends. So each
	// directive gets a mark, and what has a mark in a text is none.
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
			break // at the end: it was read before
		}
		look(&y)
	}
	return func(line int) bool { return !texts[line] }
}

func cueComments(in read.Input) func(line int) bool {
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
