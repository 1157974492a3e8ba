package read

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/promslo/promslo/schema/diag"
)

// What one file may cost. The limits hold before CUE sees a value: its
// evaluation cannot be stopped, and 10,000 entries in one map take it 0.2 s.
const (
	maxBytes    = 1 << 20  // of a file
	maxText     = 16 << 10 // bytes of one text or key
	MaxExpanded = 1 << 20  // bytes of all texts and keys of a file, with YAML aliases expanded
	maxDepth    = 64       // of maps and lists in each other
	maxValues   = 50_000   // of a file, with YAML aliases expanded
	MaxChildren = 1_000    // entries of one map or list
)

// What all files of a run may cost. Five thousand services have a fifth of it; a
// value takes about 400 bytes of memory.
const (
	MaxRunBytes  = 64 << 20
	MaxRunValues = 1_000_000
)

// meter counts what one file costs and collects what is wrong with its text.
type meter struct {
	file     string
	Usage         // of texts and keys, and values
	over     bool // a limit was passed: nothing more is read
	findings []diag.Finding
}

// take counts a value that stands depth maps and lists deep, and reports whether
// it is within the limits; if not, reading stops.
func (m *meter) take(depth int, at Place) bool {
	m.values++
	switch {
	case m.over:
	case depth > maxDepth:
		m.stop(diag.TooDeep, at, fmt.Sprintf("maps and lists are nested more than %d levels deep", maxDepth))
	case m.values > maxValues:
		m.stop(diag.TooManyValues, at, fmt.Sprintf("the file holds more than %d values, with aliases expanded", maxValues))
	}
	return !m.over
}

// takeText counts the bytes of a text or key, as take counts values.
func (m *meter) takeText(text string, at Place) bool {
	m.bytes += len(text)
	switch {
	case m.over:
	case len(text) > maxText:
		m.stop(diag.TooLarge, at, fmt.Sprintf("a text has %d bytes, and may have at most %d KiB", len(text), maxText>>10))
	case m.bytes > MaxExpanded:
		m.stop(diag.TooLarge, at, fmt.Sprintf("the texts of the file have more than %d MiB, with aliases expanded", MaxExpanded>>20))
	}
	return !m.over
}

// Usage is what reading has cost so far.
type Usage struct{ bytes, values int }

// Add counts a file, and tells which limit of a run it passed.
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

// fits reports whether a map or list may have so many entries.
func (m *meter) fits(entries int, at Place) bool {
	if !m.over && entries > MaxChildren {
		m.stop(diag.TooManyValues, at, fmt.Sprintf("a map or list has more than %d entries", MaxChildren))
	}
	return !m.over
}

func (m *meter) stop(id diag.ID, at Place, message string) {
	m.over = true
	m.add(id, at, message, "")
}

func (m *meter) add(id diag.ID, at Place, message, suggestion string) {
	m.findings = append(m.findings, diag.New(id, at.In(m.file), message, suggestion))
}

// clean returns the text of a file without byte order mark and carriage
// returns. What is not text, or too much of it, is a finding.
func (m *meter) clean(data []byte) []byte {
	if len(data) > maxBytes {
		m.stop(diag.TooLarge, Place{}, fmt.Sprintf("the file has more than %d MiB", maxBytes>>20))
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
		at := Place{bytes.Count(before, []byte("\n")) + 1, utf8.RuneCount(before[start:]) + 1}
		m.stop(diag.NotText, at, "the file is not text: it holds a byte that is not UTF-8, or a NUL")
		return nil
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	return bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
}
