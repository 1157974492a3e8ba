package trace

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/diag"
)

// Columns are the names in the first row of a CSV file.
var Columns = []string{"time", "total", "bad"}

// MostBytes is how long a file may be.
const MostBytes = 64 << 20

const (
	mostRows   = 1_000_000
	mostEvents = 1 << 52                   // so that sums stay whole in floating point
	mostTime   = 10 * 365 * 24 * time.Hour // far beyond any use, and no overflow
)

// ReadCSV reads a trace from rows of a time, as seconds or as 1h30m since the
// trace began, and the events and the bad ones among them since the row before.
// The finding tells of the first thing that is wrong.
func ReadCSV(file string, from io.Reader) (Trace, []diag.Finding) {
	r := csv.NewReader(from)
	r.TrimLeadingSpace = true
	r.FieldsPerRecord = len(Columns)
	r.ReuseRecord = true
	wrong := func(column int, message, suggestion string) (Trace, []diag.Finding) {
		line, column := r.FieldPos(column)
		return nil, []diag.Finding{{ID: diag.TraceInvalid, Pos: diag.Pos{File: file, Line: line, Column: column}, Message: message, Suggestion: suggestion}}
	}
	var t Trace
	var last time.Duration
	var sum int64
	for first := true; ; first = false {
		row, err := r.Read()
		switch {
		case errors.Is(err, io.EOF) && len(t) == 0:
			return nil, []diag.Finding{{ID: diag.TraceInvalid, Pos: diag.Pos{File: file}, Message: "there are no rows", Suggestion: header}}
		case errors.Is(err, io.EOF):
			return t, nil
		case err != nil:
			return nil, []diag.Finding{malformed(file, err)}
		}
		if first {
			row[0] = strings.TrimPrefix(row[0], "\ufeff")
			if !slices.Equal(row, Columns) {
				return wrong(0, "the first line does not name the columns", header)
			}
			continue
		}
		at, err := parseTime(row[0])
		switch {
		case err != nil:
			return wrong(0, err.Error(), "")
		case at <= last:
			return wrong(0, fmt.Sprintf("the time %s is not after that of the row before, %s", row[0], plan.Duration(last)), "the first row counts the events since 0s")
		case len(t) == mostRows:
			return wrong(0, fmt.Sprintf("there are more than %d rows", mostRows), "")
		}
		total, err := parseCount(row[1])
		if err != nil {
			return wrong(1, err.Error(), "")
		}
		bad, err := parseCount(row[2])
		if err != nil {
			return wrong(2, err.Error(), "")
		}
		if bad > total {
			return wrong(2, fmt.Sprintf("%d of %d events are bad", bad, total), "`total` counts the bad events too")
		}
		if sum += total; sum > mostEvents {
			return wrong(1, "there are too many events", "")
		}
		t = append(t, Stretch{Length: at - last, Total: total, Bad: bad})
		last = at
	}
}

// header is what a file begins with.
var header = "begin with the line `" + strings.Join(Columns, ",") + "`"

// malformed is what is no CSV, or has too few or too many fields.
func malformed(file string, err error) diag.Finding {
	f := diag.Finding{ID: diag.TraceInvalid, Pos: diag.Pos{File: file}, Message: err.Error()}
	if parse, ok := errors.AsType[*csv.ParseError](err); ok {
		f.Pos.Line, f.Pos.Column = parse.Line, parse.Column
		f.Message = parse.Err.Error()
		if errors.Is(err, csv.ErrFieldCount) {
			f.Message = fmt.Sprintf("want %d fields: %s", len(Columns), strings.Join(Columns, ","))
		}
	}
	return f
}

func parseTime(text string) (time.Duration, error) {
	if seconds, err := strconv.ParseFloat(text, 64); err == nil && seconds >= 0 && seconds <= mostTime.Seconds() {
		return time.Duration(seconds * float64(time.Second)).Round(time.Millisecond), nil
	}
	if d, err := model.ParseDuration(text); err == nil && time.Duration(d) <= mostTime {
		return time.Duration(d), nil
	}
	return 0, fmt.Errorf("%.50q is no time: want seconds since the start, or a duration such as 1h30m", text)
}

func parseCount(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > mostEvents {
		return 0, fmt.Errorf("%.50q is no count: want a whole number of events", text)
	}
	return n, nil
}
