package dashboard

import (
	"bytes"
	"encoding/json"
)

// lineLength is up to which length an object or array stays on one line.
// A dashboard with every bracket on a line of its own is twice as large, most
// of it white space, and hard to review.
const lineLength = 160

// encode writes v as indented JSON, comparisons in queries as they are.
func encode(v any) ([]byte, error) {
	var compact bytes.Buffer
	enc := json.NewEncoder(&compact)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return indent(compact.Bytes()), nil
}

// indent spreads valid JSON without white space over lines, indented by one
// space, with a new line at the end. Unlike json.Indent it need not validate,
// and it keeps what is short on one line.
func indent(src []byte) []byte {
	out := make([]byte, 0, 2*len(src))
	depth, inline := 0, 0 // inline: up to where the current short container reaches
	for i := 0; i < len(src); i++ {
		short := i < inline
		switch c := src[i]; c {
		case '"':
			end := i + quoted(src[i:])
			out = append(out, src[i:end]...)
			i = end - 1
		case '{', '[':
			out = append(out, c)
			if short {
				break
			}
			if n := container(src[i:], lineLength); n > 0 {
				inline = i + n
				break
			}
			depth++
			out = newline(out, depth)
		case '}', ']':
			if !short {
				depth--
				out = newline(out, depth)
			}
			out = append(out, c)
		case ',':
			out = append(out, c)
			if short {
				out = append(out, ' ')
			} else {
				out = newline(out, depth)
			}
		case ':':
			out = append(out, ':', ' ')
		default:
			out = append(out, c)
		}
	}
	return out
}

func newline(out []byte, depth int) []byte {
	out = append(out, '\n')
	for range depth {
		out = append(out, ' ')
	}
	return out
}

// quoted returns the length of the string that src starts with, quotes included.
func quoted(src []byte) int {
	for i := 1; ; i++ {
		switch src[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
}

// container returns the length of the object or array that src starts with, or
// 0 if it is longer than limit.
func container(src []byte, limit int) int {
	depth := 0
	for i := 0; i < min(limit, len(src)); i++ {
		switch src[i] {
		case '"':
			i += quoted(src[i:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}
