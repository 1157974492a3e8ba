package schema

import (
	"bytes"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/promslo/promslo/schema/diag"
)

// What one file may cost. The limits hold before CUE sees a value: its
// evaluation cannot be stopped, and 10,000 entries in one map take it 0.2 s.
const (
	maxBytes    = 1 << 20 // of a file
	maxDepth    = 64      // of maps and lists in each other
	maxNodes    = 50_000  // values of a file, with YAML aliases expanded
	maxChildren = 1_000   // entries of one map or list
	maxSLOs     = 100     // of a service; schema.cue says the same
	maxName     = 63      // characters of a name; schema.cue says the same
)

// Ranges of the durations; schema.cue only knows how a duration looks.
const (
	minWindow, maxWindow         = time.Hour, 365 * 24 * time.Hour
	minScrape, maxScrape         = time.Second, 2 * time.Minute
	minEvaluation, maxEvaluation = 5 * time.Second, 4 * time.Minute
	minThreshold, maxThreshold   = time.Millisecond, 24 * time.Hour
	minKeepFiring, maxKeepFiring = time.Minute, time.Hour
	minOffset, maxOffset         = time.Second, 2 * time.Minute
	maxMaintenance               = 31 * 24 * time.Hour
	minAt, maxAt                 = time.Second, 7 * 24 * time.Hour
	minInterval, maxInterval     = time.Second, time.Hour
)

// budget counts what one file costs and collects what is wrong with its text.
type budget struct {
	file     string
	nodes    int
	spent    bool // nothing more is read
	findings []diag.Finding
}

// take counts a value that stands depth maps and lists deep, and reports whether
// it is within the limits; if not, reading stops.
func (b *budget) take(depth int, at place) bool {
	b.nodes++
	switch {
	case b.spent:
	case depth > maxDepth:
		b.stop("too-deep", at, fmt.Sprintf("maps and lists are nested more than %d levels deep", maxDepth))
	case b.nodes > maxNodes:
		b.stop("too-many-values", at, fmt.Sprintf("the file holds more than %d values, with aliases expanded", maxNodes))
	}
	return !b.spent
}

// fits reports whether a map or list may have so many entries.
func (b *budget) fits(entries int, at place) bool {
	if !b.spent && entries > maxChildren {
		b.stop("too-many-values", at, fmt.Sprintf("a map or list has more than %d entries", maxChildren))
	}
	return !b.spent
}

func (b *budget) stop(id string, at place, message string) {
	b.spent = true
	b.add(id, at, message, "")
}

func (b *budget) add(id string, at place, message, suggestion string) {
	b.findings = append(b.findings, finding(id, at.in(b.file), message, suggestion))
}

// clean returns the text of a file without byte order mark and carriage
// returns. What is not text, or too much of it, is a finding.
func (b *budget) clean(data []byte) []byte {
	if len(data) > maxBytes {
		b.stop("too-large", place{}, fmt.Sprintf("the file has more than %d MiB", maxBytes>>20))
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
		at := place{bytes.Count(before, []byte("\n")) + 1, utf8.RuneCount(before[start:]) + 1}
		b.stop("not-text", at, "the file is not text: it holds a byte that is not UTF-8, or a NUL")
		return nil
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	return bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
}
