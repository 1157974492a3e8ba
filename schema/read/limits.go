package read

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/promslo/promslo/schema/diag"
)

// Limits of one file. They are checked before CUE validates a value: its evaluation cannot
// be stopped, and a map of 10,000 entries takes 0.2 s.
const (
	maxBytes    = 1 << 20  // of a file
	maxText     = 16 << 10 // bytes of one text or key
	MaxExpanded = 1 << 20  // bytes of all texts and keys of a file, with YAML aliases expanded
	maxDepth    = 64       // of nested maps and lists
	maxValues   = 50_000   // of a file, with YAML aliases expanded
	MaxChildren = 1_000    // entries of one map or list
)

// Limits of all files of a run. Five thousand services need a fifth of it; a value takes
// about 400 bytes of memory.
const (
	MaxRunBytes  = 64 << 20
	MaxRunValues = 1_000_000
)

// meter counts the usage of one file against the limits and collects findings.
type meter struct {
	file     string
	Usage         // bytes of strings and keys, and number of values
	exceeded bool // a limit was exceeded: reading stops
	findings []diag.Finding
}

// countValue counts a value at a nesting depth, and reports whether it is within the
// limits; if not, reading stops.
func (m *meter) countValue(depth int, at Position) bool {
	m.values++
	switch {
	case m.exceeded:
	case depth > maxDepth:
		m.stop(diag.TooDeep, at, fmt.Sprintf("maps and lists are nested more than %d levels deep", maxDepth))
	case m.values > maxValues:
		m.stop(diag.TooManyValues, at, fmt.Sprintf("the file holds more than %d values, with aliases expanded", maxValues))
	}
	return !m.exceeded
}

// countText counts the bytes of a string or key, and reports whether it is within the limits.
func (m *meter) countText(text string, at Position) bool {
	m.bytes += len(text)
	switch {
	case m.exceeded:
	case len(text) > maxText:
		m.stop(diag.TooLarge, at, fmt.Sprintf("a text has %d bytes, and may have at most %d KiB", len(text), maxText>>10))
	case m.bytes > MaxExpanded:
		m.stop(diag.TooLarge, at, fmt.Sprintf("the texts of the file have more than %d MiB, with aliases expanded", MaxExpanded>>20))
	}
	return !m.exceeded
}

// Usage is the bytes and values read so far.
type Usage struct{ bytes, values int }

// Add adds a file, and returns the ID and message of the run limit that it exceeds.
func (u *Usage) Add(file Usage) (id diag.ID, message string) {
	u.bytes, u.values = u.bytes+file.bytes, u.values+file.values
	switch {
	case u.bytes > MaxRunBytes:
		return diag.TooLarge, fmt.Sprintf("up to this file, the specs have more than %d MiB", MaxRunBytes>>20)
	case u.values > MaxRunValues:
		return diag.TooManyValues, fmt.Sprintf("up to this file, the specs hold more than %d values", MaxRunValues)
	}
	return "", ""
}

// checkEntries reports whether a map or list may have so many entries.
func (m *meter) checkEntries(entries int, at Position) bool {
	if !m.exceeded && entries > MaxChildren {
		m.stop(diag.TooManyValues, at, fmt.Sprintf("a map or list has more than %d entries", MaxChildren))
	}
	return !m.exceeded
}

func (m *meter) stop(id diag.ID, at Position, message string) {
	m.exceeded = true
	m.add(id, at, message, "")
}

func (m *meter) add(id diag.ID, at Position, message, suggestion string) {
	m.findings = append(m.findings, diag.New(id, at.In(m.file), message, suggestion))
}

// cleanText returns the text of a file without byte order mark and carriage returns. It
// reports files that are too large or no text.
func (m *meter) cleanText(data []byte) []byte {
	if len(data) > maxBytes {
		m.stop(diag.TooLarge, Position{}, fmt.Sprintf("the file has more than %d MiB", maxBytes>>20))
		return nil
	}
	bad := bytes.IndexByte(data, 0)
	if !utf8.Valid(data) {
		for bad = 0; bad < len(data); {
			r, size := utf8.DecodeRune(data[bad:])
			if r == utf8.RuneError && size == 1 {
				break
			}
			bad += size
		}
	}
	if bad >= 0 {
		before := data[:bad]
		start := bytes.LastIndexByte(before, '\n') + 1
		at := Position{bytes.Count(before, []byte("\n")) + 1, utf8.RuneCount(before[start:]) + 1}
		m.stop(diag.NotText, at, "the file is not text: it holds a byte that is not UTF-8, or a NUL")
		return nil
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	return bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
}
