package engine

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"
)

// A template runs until it ends, however long: nothing can cancel it, and it may
// range over a number. So it is rewritten to count what it does: each value, each
// turn of a range and each call of a template costs as much as it may print.
const (
	mostExpanded = 1 << 20  // bytes that a template may make, all steps on the way included
	mostValue    = 64 << 10 // bytes of one value
)

var errExpansion = errors.New("the template makes too much text or too many turns: print less, and range over less")

// allowance is how many bytes an expansion may still make.
type allowance int

func (a *allowance) take(n int) error {
	if n < 0 || n > int(*a) {
		*a = 0
		return errExpansion
	}
	*a -= allowance(n)
	return nil
}

// harmless tells that a template takes little more than its length: it has neither
// loops nor calls that multiply.
func harmless(text string) bool {
	return len(text) <= mostValue && strings.Count(text, "{{") <= 100 && !hasAny(text, multiplies) && !hasAny(text, loops)
}

var (
	// loops are the words without which a template cannot go on for long.
	loops = []string{"range", "template", "block"}
	// multiplies are words that may stand for more than their length, and what
	// variables are set with, which can be doubled again and again.
	multiplies = []string{"=", "print", "html", "js", "urlquery", "args", "reReplaceAll", "match", "query"}
)

func hasAny(text string, words []string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(text, word) })
}

// metered rewrites a template so that it counts what it does. The error is that of the parser.
func metered(name, text string) (string, error) {
	trees := map[string]*parse.Tree{}
	main := parse.New(name)
	main.Mode = parse.SkipFuncCheck
	if _, err := main.Parse(text, "", "", trees); err != nil {
		return "", err
	}
	var out strings.Builder
	for of, tree := range trees {
		if tree.Root == nil {
			continue
		}
		size := len(tree.Root.String())
		meterList(tree.Root)
		body := fmt.Sprintf("{{metered_step %d}}%s", size, tree.Root)
		if of != name {
			body = "{{define " + strconv.Quote(of) + "}}" + body + "{{end}}"
		}
		out.WriteString(body)
	}
	return out.String(), nil
}

func meterList(list *parse.ListNode) {
	if list == nil {
		return
	}
	for _, node := range list.Nodes {
		switch n := node.(type) {
		case *parse.TextNode: // so that it never makes a delimiter with what is beside it
			n.Text = bytes.ReplaceAll(n.Text, []byte("{"), []byte(`{{"{"}}`))
		case *parse.ActionNode:
			meterPipe(n.Pipe)
		case *parse.IfNode:
			meterBranch(&n.BranchNode)
		case *parse.WithNode:
			meterBranch(&n.BranchNode)
		case *parse.RangeNode:
			size := len(n.List.String())
			meterBranch(&n.BranchNode)
			n.Pipe.Cmds = append(n.Pipe.Cmds, call("metered_turns", strconv.Itoa(size)))
		case *parse.TemplateNode:
			meterPipe(n.Pipe)
		}
	}
}

func meterBranch(n *parse.BranchNode) {
	meterPipe(n.Pipe)
	meterList(n.List)
	meterList(n.ElseList)
}

// meterPipe lets every result on the way through a pipe be counted.
func meterPipe(pipe *parse.PipeNode) {
	if pipe == nil {
		return
	}
	var cmds []*parse.CommandNode
	for _, cmd := range pipe.Cmds {
		for _, arg := range cmd.Args {
			if chain, ok := arg.(*parse.ChainNode); ok {
				arg = chain.Node
			}
			if inner, ok := arg.(*parse.PipeNode); ok {
				meterPipe(inner)
			}
		}
		cmds = append(cmds, cmd, call("metered", ""))
	}
	pipe.Cmds = cmds
}

// call returns the call of a function, with a number before what is piped to it.
func call(function, number string) *parse.CommandNode {
	cmd := &parse.CommandNode{NodeType: parse.NodeCommand, Args: []parse.Node{parse.NewIdentifier(function)}}
	if number != "" {
		cmd.Args = append(cmd.Args, &parse.NumberNode{NodeType: parse.NodeNumber, Text: number})
	}
	return cmd
}

// functions are those that a rewritten template calls, and those of templates that
// return more than their arguments.
func (a *allowance) functions() template.FuncMap {
	return template.FuncMap{
		"metered": func(v any) (any, error) {
			n := sizeOf(v, mostExpanded)
			if n > mostValue {
				n = mostExpanded + 1
			}
			return v, a.take(n)
		},
		"metered_step": func(size int) (string, error) { return "", a.take(1 + size) },
		"metered_turns": func(size int, v any) (any, error) {
			turns := 1
			of := reflect.ValueOf(v)
			for of.Kind() == reflect.Pointer || of.Kind() == reflect.Interface {
				of = of.Elem()
			}
			switch of.Kind() {
			case reflect.Array, reflect.Slice, reflect.Map, reflect.String:
				turns = of.Len()
			case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
				turns = int(min(max(0, of.Int()), mostExpanded))
			case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
				turns = int(min(of.Uint(), mostExpanded))
			case reflect.Chan, reflect.Func:
				turns = mostExpanded
			}
			return v, a.take(turns * (1 + size))
		},
		"printf": func(format string, args ...any) (string, error) {
			each := 0
			for _, arg := range args {
				each = max(each, sizeOf(arg, mostExpanded))
			}
			n := len(format) + widthsIn(format) + strings.Count(format, "%")*each
			for range strings.Count(format, "*") { // a width among the arguments
				n += 1_000_000
			}
			if err := a.take(n); err != nil {
				return "", err
			}
			return fmt.Sprintf(format, args...), nil
		},
		"print":    a.joins(fmt.Sprint),
		"println":  a.joins(fmt.Sprintln),
		"html":     a.joins(template.HTMLEscaper),
		"js":       a.joins(template.JSEscaper),
		"urlquery": a.joins(template.URLQueryEscaper),
		"reReplaceAll": func(pattern, by, text string) (string, error) {
			if err := a.match(pattern, text); err != nil {
				return "", err
			}
			// The parts of a text that "$1" stands for are no longer together than the text.
			if err := a.take((1+strings.Count(by, "$"))*len(text) + (1+len(text))*len(by)); err != nil {
				return "", err
			}
			re, err := regexp.Compile(pattern)
			if err != nil {
				return "", err
			}
			return re.ReplaceAllString(text, by), nil
		},
		"match": func(pattern, text string) (bool, error) {
			if err := a.match(pattern, text); err != nil {
				return false, err
			}
			return regexp.MatchString(pattern, text)
		},
	}
}

// joins counts the arguments of a function before it prints them.
func (a *allowance) joins(f func(...any) string) func(...any) (string, error) {
	return func(args ...any) (string, error) {
		n := 1
		for _, arg := range args {
			n += sizeOf(arg, mostExpanded)
		}
		if err := a.take(n); err != nil {
			return "", err
		}
		return f(args...), nil
	}
}

// match counts a regular expression: x{1000} is compiled to a thousand parts.
func (a *allowance) match(pattern, text string) error {
	return a.take(1000 + 10*len(pattern) + 100*numbersIn(pattern) + 10*len(text))
}

// widthsIn adds up the numbers in the verbs of a format, such as the 9 of %9d. Other numbers print
// as they are.
func widthsIn(format string) int {
	sum := 0
	for _, verb := range strings.Split(format, "%")[1:] {
		sum += numbersIn(verb[:len(verb)-len(strings.TrimLeft(verb, "+-# 0123456789.*[]"))])
	}
	return sum
}

// numbersIn adds up the decimal numbers in a text.
func numbersIn(text string) int {
	sum, number := 0, 0
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			number = 0
			continue
		}
		digit := int(c - '0')
		sum += 9*number + digit // instead of the number so far
		number = min(10*number+digit, mostExpanded)
		if sum > mostExpanded {
			return mostExpanded + 1
		}
	}
	return sum
}

// sizeOf is about how long a value is when it is printed. It stops above a limit,
// as maps may hold each other many times over.
func sizeOf(v any, most int) int {
	switch v := v.(type) {
	case string:
		return 1 + len(v)
	case map[string]string:
		n := 1
		for name, value := range v {
			n += len(name) + len(value)
		}
		return n
	case map[string]any:
		n := 1
		for name, value := range v {
			if n += len(name); n > most {
				break
			}
			n += sizeOf(value, most-n)
		}
		return n
	}
	switch of := reflect.ValueOf(v); of.Kind() {
	case reflect.String:
		return 1 + of.Len()
	case reflect.Slice, reflect.Array, reflect.Map:
		return 1 + 64*of.Len()
	}
	return 16
}
