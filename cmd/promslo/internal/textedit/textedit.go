// Package textedit changes values in the text of a spec, so that all else of it stays as
// somebody wrote it.
//
// In: the text of a YAML, JSON or CUE file, and positions in it as the reader of specs
// tells them. Out: the changed text. Whatever it does not recognise it leaves alone and
// says so: callers read the result again, and see whether it means what it should.
package textedit

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/promslo/promslo/schema/diag"
)

// ErrByHand is the error where a text is written in a way that cannot be edited.
var ErrByHand = errors.New("the text is written in a way that is left to people")

// Text is the text of a file, and changes of it.
type Text struct {
	data    string
	indents bool // maps and lists may be without braces
	changes []change
}

type change struct {
	at, length int // bytes
	with       string
}

// New returns a text without changes; yaml tells it from JSON and CUE.
func New(data []byte, yaml bool) *Text { return &Text{data: string(data), indents: yaml} }

// Bytes returns the text with all changes.
func (t *Text) Bytes() []byte {
	out := t.data
	later := func(a, b change) int { return b.at - a.at }
	for _, c := range slices.SortedStableFunc(slices.Values(t.changes), later) {
		out = out[:c.at] + c.with + out[c.at+c.length:]
	}
	return []byte(out)
}

// offset returns where a position is in the text.
func (t *Text) offset(pos diag.Pos) (int, error) {
	at := 0
	for range pos.Line - 1 {
		end := strings.IndexByte(t.data[at:], '\n')
		if end < 0 {
			return 0, ErrByHand
		}
		at += end + 1
	}
	for range pos.Column - 1 {
		_, size := utf8.DecodeRuneInString(t.data[at:])
		at += size
	}
	if pos.Line < 1 || pos.Column < 1 || at >= len(t.data) {
		return 0, ErrByHand
	}
	return at, nil
}

// scalar is a number, a word or a quoted text without escapes.
var scalar = regexp.MustCompile(`^(?:"[^"\\\n]*"|'[^'\n]*'|[^\s,{}\[\]#"']+)`)

// Replace replaces the scalar at a position, of which is reports whether it is the one
// that is meant. A quoted scalar stays quoted.
func (t *Text) Replace(pos diag.Pos, is func(old string) bool, with string) error {
	at, err := t.offset(pos)
	if err != nil {
		return err
	}
	old := scalar.FindString(t.data[at:])
	plain := strings.Trim(old, `"'`)
	if old == "" || !is(plain) {
		return ErrByHand
	}
	if plain != old {
		with = old[:1] + with + old[:1]
	}
	t.changes = append(t.changes, change{at, len(old), with})
	return nil
}

// InsertField adds a field in front of those of a map. The position is that of its key, or
// that of the map itself where it is an item of a list.
func (t *Text) InsertField(pos diag.Pos, ofKey bool, field string) error {
	return t.insert(pos, ofKey, '{', field)
}

// InsertItem adds an item in front of those of the list that is the value of a key.
func (t *Text) InsertItem(key diag.Pos, item string) error { return t.insert(key, true, '[', item) }

func (t *Text) insert(pos diag.Pos, ofKey bool, open byte, what string) error {
	at, err := t.offset(pos)
	if err != nil {
		return err
	}
	if ofKey {
		if at, err = t.valueOf(at); err != nil {
			return err
		}
	}
	separator := ""
	if t.data[at] == open {
		if at, err = t.skip(at + 1); err != nil {
			return err
		}
		separator = ","
	} else if !t.indents {
		return ErrByHand
	} else if open == '[' {
		if !strings.HasPrefix(t.data[at:], "- ") {
			return ErrByHand
		}
		what = "- " + what
	}
	line := t.data[strings.LastIndexByte(t.data[:at], '\n')+1 : at]
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	switch {
	case indent == line: // it is the first of its line
		what += separator + "\n" + indent
	case separator == "": // behind the dash of an item
		what += "\n" + strings.Repeat(" ", utf8.RuneCountInString(line))
	default:
		what += ", "
	}
	t.changes = append(t.changes, change{at: at, with: what})
	return nil
}

// key is a key with its colon.
var key = regexp.MustCompile(`^(?:"[^"\\\n]*"|'[^'\n]*'|[^\s:{}\[\],"']+):[ \t]*`)

// comment is the rest of a line without a value, and lines without any.
var comment = regexp.MustCompile(`^(?:[ \t]*(?:(?:#|//)[^\n]*)?\r?\n)*[ \t]*`)

// valueOf returns where the value of a key begins.
func (t *Text) valueOf(at int) (int, error) {
	k := key.FindString(t.data[at:])
	if k == "" {
		return 0, ErrByHand
	}
	at, err := t.skip(at + len(k))
	if err != nil || strings.IndexByte("&*!|>", t.data[at]) >= 0 {
		return 0, ErrByHand
	}
	return at, nil
}

// skip skips blanks, comments and ends of lines.
func (t *Text) skip(at int) (int, error) {
	at += len(comment.FindString(t.data[at:]))
	if at >= len(t.data) {
		return 0, ErrByHand
	}
	return at, nil
}

// ReplaceMap replaces the map in braces at a position, if it ends on its line.
func (t *Text) ReplaceMap(pos diag.Pos, with string) error {
	at, err := t.offset(pos)
	if err != nil {
		return err
	}
	line, _, _ := strings.Cut(t.data[at:], "\n")
	end := closing(line)
	if end < 0 {
		return ErrByHand
	}
	t.changes = append(t.changes, change{at, end, with})
	return nil
}

// closing returns the length of the braces with which a line begins; -1: it does not, or
// they do not end on it.
func closing(line string) int {
	depth, quote := 0, rune(0)
	for i, r := range line {
		switch {
		case i == 0 && r != '{':
			return -1
		case quote != 0:
			if r == '\\' {
				return -1
			}
			if r == quote {
				quote = 0
			}
		case r == '"' || r == '\'':
			quote = r
		case r == '{' || r == '[':
			depth++
		case r == '}' || r == ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}
