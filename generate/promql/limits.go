package promql

import (
	"fmt"
	"regexp/syntax"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/util/strutil"
)

// Limits bound the cost of a PromQL text. They are checked before parsing, as the
// parser has none.
type Limits struct {
	Bytes    int
	Tokens   int // words, numbers, texts and signs
	Depth    int // of brackets in each other
	Matchers int // of one selector
	Regexps  int // parts of all regular expressions, each as often as it is repeated
}

var (
	// SpecLimits apply to PromQL in specs.
	SpecLimits = Limits{Bytes: 8 << 10, Tokens: 500, Depth: 32, Matchers: 50, Regexps: 500}
	// RuleLimits apply to rule files, where expressions of specs are parts
	// of longer ones.
	RuleLimits = Limits{Bytes: 64 << 10, Tokens: 4000, Depth: 200, Matchers: 100, Regexps: 50_000}
)

// maxRegexpBytes limits the length of one regular expression.
const maxRegexpBytes = 2 << 10

// CheckText reports the first place at which a text of PromQL is over a limit.
// Whether it is PromQL at all is for the parser to say.
func CheckText(text string, limits Limits) *Error {
	_, err := countTokens(text, limits)
	return err
}

// ParsingCost is what it costs to parse an expression of so many words and signs, in
// units of about 0.1 µs: the parser goes down it in a time that grows with the square.
func ParsingCost(tokens int) int { return tokens + tokens*tokens/100 }

// countTokens counts words and signs, up to the first place that is over a limit.
func countTokens(text string, limits Limits) (tokens int, err *Error) {
	if len(text) > limits.Bytes {
		return 0, &Error{Offset: limits.Bytes, Message: fmt.Sprintf("PromQL: the expression has %d bytes, and may have at most %d", len(text), limits.Bytes), Hint: shorter}
	}
	var depth, signs, matchers, regexps int
	braces := false
	lexer := parser.Lex(text)
	for item := (parser.Item{}); ; {
		lexer.NextItem(&item)
		at := int(item.Pos)
		if item.Typ == parser.ADD || item.Typ == parser.SUB {
			signs++ // one before the other is as deep as brackets
		} else {
			signs = 0
		}
		switch item.Typ {
		case parser.EOF, parser.ERROR:
			return tokens, nil
		case parser.LEFT_PAREN, parser.LEFT_BRACKET, parser.LEFT_BRACE:
			depth++
			braces, matchers = item.Typ == parser.LEFT_BRACE, 0
		case parser.RIGHT_PAREN, parser.RIGHT_BRACKET, parser.RIGHT_BRACE:
			depth--
			braces = false
		case parser.EQL, parser.NEQ, parser.EQL_REGEX, parser.NEQ_REGEX:
			if braces { // NEQ compares, too
				matchers++
			}
		case parser.STRING:
			// Some functions take regular expressions, too. What is meant as plain text
			// seldom has many parts.
			pattern, err := strutil.Unquote(item.Val)
			if err != nil {
				return tokens, nil
			}
			parts, wrong := regexpParts(pattern)
			if regexps += parts; wrong == "" && regexps > limits.Regexps {
				wrong = fmt.Sprintf("the regular expressions have more than %d parts, with repetitions", limits.Regexps)
			}
			if wrong != "" {
				return tokens, &Error{Offset: at, Message: "PromQL: " + wrong, Hint: simpler}
			}
		}
		tokens++
		switch {
		case tokens > limits.Tokens:
			return tokens, &Error{Offset: at, Message: fmt.Sprintf("PromQL: the expression has more than %d words and signs", limits.Tokens), Hint: shorter}
		case signs > limits.Depth:
			return tokens, &Error{Offset: at, Message: fmt.Sprintf("PromQL: more than %d signs stand before each other", limits.Depth), Hint: shorter}
		case depth > limits.Depth:
			return tokens, &Error{Offset: at, Message: fmt.Sprintf("PromQL: brackets are nested more than %d levels deep", limits.Depth), Hint: shorter}
		case matchers > limits.Matchers:
			return tokens, &Error{Offset: at, Message: fmt.Sprintf("PromQL: a selector has more than %d matchers", limits.Matchers), Hint: simpler}
		}
	}
}

const (
	shorter = "record a part of it by a rule of your own, and read what that records"
	simpler = "match fewer labels, or shorter patterns"
)

// CheckRegexp reports a regular expression that costs too much.
func CheckRegexp(pattern string) *Error {
	parts, wrong := regexpParts(pattern)
	if wrong == "" && parts > SpecLimits.Regexps {
		wrong = fmt.Sprintf("it has more than %d parts, with repetitions", SpecLimits.Regexps)
	}
	if wrong != "" {
		return &Error{Message: "regular expression: " + wrong, Hint: simpler}
	}
	return nil
}

// regexpParts counts the parts of a regular expression as often as they are
// repeated. Plain text is one part, however long.
func regexpParts(pattern string) (parts int, wrong string) {
	re, err := syntax.Parse(pattern, syntax.Perl)
	switch {
	case err != nil:
		return 0, ""
	case len(pattern) > maxRegexpBytes && re.Op != syntax.OpLiteral:
		return 0, fmt.Sprintf("a regular expression has %d bytes, and may have at most %d", len(pattern), maxRegexpBytes)
	}
	return countParts(re), ""
}

func countParts(re *syntax.Regexp) int {
	below := 0
	for _, sub := range re.Sub {
		below += countParts(sub)
	}
	if re.Op == syntax.OpRepeat {
		below *= max(1, re.Min, re.Max)
	}
	return 1 + below
}
