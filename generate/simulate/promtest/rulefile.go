package promtest

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/rulefmt"
	"go.yaml.in/yaml/v3"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/diag"
)

// ruleFile is a parsed rule file, or what is wrong with it.
type ruleFile struct {
	groups   []rulefmt.RuleGroup
	problems []diag.Finding
}

func parseRuleFile(path string, read func(string) ([]byte, error)) ruleFile {
	content, err := read(path)
	if err != nil {
		return ruleFile{problems: []diag.Finding{finding(diag.RuleInvalid, diag.Pos{File: slashed(path)}, err.Error())}}
	}
	groups, problems := ParseRules(path, content)
	return ruleFile{groups, problems}
}

// ParseRules parses and validates the content of a rule file. If anything is
// wrong there are no groups, and findings tell what and where.
func ParseRules(path string, content []byte) ([]rulefmt.RuleGroup, []diag.Finding) {
	file := slashed(path)
	if failed := boundRules(file, content); failed != nil {
		return nil, []diag.Finding{*failed}
	}
	groups, errs := promql.ParseRules(content)
	if len(errs) > 0 {
		root, _ := parseYAML(diag.RuleInvalid, file, content) // nil if that is what the errors tell
		return nil, yamlFindings(diag.RuleInvalid, file, root, errs...)
	}
	return groups.Groups, nil
}

// Places returns where each rule of each group of a rule file stands.
func Places(path string, groups []rulefmt.RuleGroup, read func(string) ([]byte, error)) [][]diag.Pos {
	var root yaml.Node
	if content, err := read(path); err != nil || yaml.Unmarshal(content, &root) != nil {
		root = yaml.Node{}
	}
	places := make([][]diag.Pos, len(groups))
	for i, g := range groups {
		for j := range g.Rules {
			places[i] = append(places[i], place(slashed(path), &root, "groups", i, "rules", j))
		}
	}
	return places
}

var (
	// rulefmt begins its errors with one position, or two of which the second
	// may be 0:0; the yaml package with one line.
	rulePosition = regexp.MustCompile(`^(\d+):(\d+): (?:(\d+):(\d+): )?`)
	yamlLine     = regexp.MustCompile(`^(?:yaml: )?line (\d+): `)
	unknownField = regexp.MustCompile(`^field (\S+) not found in type \S+$`)
	quotedValue  = regexp.MustCompile("`([^`]*)`")
)

// mostFindings of one file are reported: whoever made thousands of mistakes made one.
const mostFindings = 20

// yamlFindings turns errors of the yaml package or of rulefmt into findings with positions.
func yamlFindings(id diag.ID, file string, root *yaml.Node, errs ...error) []diag.Finding {
	var messages []string
	for _, err := range errs {
		if typeError, ok := errors.AsType[*yaml.TypeError](err); ok {
			messages = append(messages, typeError.Errors...)
		} else {
			messages = append(messages, err.Error())
		}
	}
	slices.Sort(messages) // rulefmt decodes twice, and tells of each mistake twice
	messages = slices.Compact(messages)
	var findings []diag.Finding
	for i, message := range messages {
		if i == mostFindings {
			return append(findings, finding(id, diag.Pos{File: file}, fmt.Sprintf("there are %d more mistakes", len(messages)-i)))
		}
		pos := diag.Pos{File: file}
		if m := rulePosition.FindStringSubmatch(message); m != nil {
			message = message[len(m[0]):]
			pos.Line, pos.Column = number(m[1]), number(m[2])
			if pos.Line == 0 {
				pos.Line, pos.Column = number(m[3]), number(m[4])
			}
		} else if m := yamlLine.FindStringSubmatch(message); m != nil {
			message = message[len(m[0]):]
			pos.Line = number(m[1])
		}
		value := ""
		if m := unknownField.FindStringSubmatch(message); m != nil {
			value, message = m[1], "unknown field "+strconv.Quote(m[1])
		} else if m := quotedValue.FindStringSubmatch(message); m != nil {
			value = m[1]
		}
		if pos.Column == 0 {
			pos.Column = columnOf(root, pos.Line, value)
		}
		findings = append(findings, finding(id, pos, strings.TrimPrefix(message, "yaml: ")))
	}
	return findings
}

// columnOf finds a scalar, or the first one that the decoder may have shortened
// to it, in a line. It returns 0 if there is no such scalar.
func columnOf(root *yaml.Node, line int, value string) int {
	if value == "" || root == nil {
		return 0
	}
	value = strings.TrimSuffix(value, "...")
	var find func(*yaml.Node) int
	find = func(node *yaml.Node) int {
		if node.Line == line && node.Kind == yaml.ScalarNode && strings.HasPrefix(node.Value, value) {
			return node.Column
		}
		for _, child := range node.Content {
			if column := find(child); column > 0 {
				return column
			}
		}
		return 0
	}
	return find(root)
}

// number converts digits; what overflows or is empty is an unknown position.
func number(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

func finding(id diag.ID, pos diag.Pos, message string) diag.Finding {
	return diag.Finding{ID: id, Severity: diag.Error, Pos: pos, Message: message}
}

func slashed(path string) string { return filepath.ToSlash(path) }
