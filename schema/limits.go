package schema

import (
	"bytes"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// What one file may cost. The limits hold before CUE sees a value: its
// evaluation cannot be stopped, and 10,000 entries in one map take it 0.2 s.
const (
	maxBytes    = 1 << 20  // of a file
	maxText     = 16 << 10 // bytes of one text or key
	maxExpanded = 1 << 20  // bytes of all texts and keys of a file, with YAML aliases expanded
	maxDepth    = 64       // of maps and lists in each other
	maxValues   = 50_000   // of a file, with YAML aliases expanded
	maxChildren = 1_000    // entries of one map or list
	maxSLOs     = 100      // of a service; schema.cue says the same
	maxName     = 63       // characters of a name; schema.cue says the same
	maxFindings = 100      // reported of one file
	maxFileSLOs = 500      // of all services in a file
)

// What all files of a run may cost. Five thousand services have a fifth of it; a
// value takes about 400 bytes of memory.
const (
	maxRunBytes  = 64 << 20
	maxRunValues = 1_000_000
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

// meter counts what one file costs and collects what is wrong with its text.
type meter struct {
	file     string
	usage         // of texts and keys, and values
	over     bool // a limit was passed: nothing more is read
	findings []diag.Finding
}

// take counts a value that stands depth maps and lists deep, and reports whether
// it is within the limits; if not, reading stops.
func (m *meter) take(depth int, at place) bool {
	m.values++
	switch {
	case m.over:
	case depth > maxDepth:
		m.stop("too-deep", at, fmt.Sprintf("maps and lists are nested more than %d levels deep", maxDepth))
	case m.values > maxValues:
		m.stop("too-many-values", at, fmt.Sprintf("the file holds more than %d values, with aliases expanded", maxValues))
	}
	return !m.over
}

// takeText counts the bytes of a text or key, as take counts values.
func (m *meter) takeText(text string, at place) bool {
	m.bytes += len(text)
	switch {
	case m.over:
	case len(text) > maxText:
		m.stop("too-large", at, fmt.Sprintf("a text has %d bytes, and may have at most %d KiB", len(text), maxText>>10))
	case m.bytes > maxExpanded:
		m.stop("too-large", at, fmt.Sprintf("the texts of the file have more than %d MiB, with aliases expanded", maxExpanded>>20))
	}
	return !m.over
}

// usage is what reading has cost so far.
type usage struct{ bytes, values int }

// add counts a file, and tells which limit of a run it passed.
func (u *usage) add(file usage) (id diag.ID, message string) {
	u.bytes, u.values = u.bytes+file.bytes, u.values+file.values
	switch {
	case u.bytes > maxRunBytes:
		return "too-large", fmt.Sprintf("up to this file, the specs have more than %d MiB", maxRunBytes>>20)
	case u.values > maxRunValues:
		return "too-many-values", fmt.Sprintf("up to this file, the specs hold more than %d values", maxRunValues)
	}
	return "", ""
}

// fits reports whether a map or list may have so many entries.
func (m *meter) fits(entries int, at place) bool {
	if !m.over && entries > maxChildren {
		m.stop("too-many-values", at, fmt.Sprintf("a map or list has more than %d entries", maxChildren))
	}
	return !m.over
}

func (m *meter) stop(id diag.ID, at place, message string) {
	m.over = true
	m.add(id, at, message, "")
}

func (m *meter) add(id diag.ID, at place, message, suggestion string) {
	m.findings = append(m.findings, finding(id, at.in(m.file), message, suggestion))
}

// copied is how many bytes the alerts of SLOs get from labels and annotations, those
// of tiers included, which stand in a file once.
func copied(slos []model.SLO) (bytes int) {
	for _, slo := range slos {
		a := slo.Alerting
		for _, texts := range []map[string]string{slo.Labels, slo.Annotations, a.Page.Labels, a.Page.Annotations, a.Ticket.Labels, a.Ticket.Annotations} {
			for name, text := range texts {
				bytes += len(name) + len(text)
			}
		}
	}
	return bytes
}

// clean returns the text of a file without byte order mark and carriage
// returns. What is not text, or too much of it, is a finding.
func (m *meter) clean(data []byte) []byte {
	if len(data) > maxBytes {
		m.stop("too-large", place{}, fmt.Sprintf("the file has more than %d MiB", maxBytes>>20))
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
		m.stop("not-text", at, "the file is not text: it holds a byte that is not UTF-8, or a NUL")
		return nil
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	return bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
}
