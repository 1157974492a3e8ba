package report

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"io"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/diag"
)

// The JUnit XML elements that all CI servers support.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name       string         `xml:"name,attr"`
		Class      string         `xml:"classname,attr"`
		File       string         `xml:"file,attr,omitempty"`
		Line       int            `xml:"line,attr,omitempty"`
		Assertions int            `xml:"assertions,attr,omitempty"`
		Failures   []junitFailure `xml:"failure"`
		Out        string         `xml:"system-out,omitempty"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
)

// junit prints a suite for each file, with its tests and findings as cases. A file without
// any is a passed case, and so is a warning.
func junit(w io.Writer, r Report) error {
	out := junitSuites{Name: "promslo " + r.Command}
	q := r.quoter()
	for _, s := range r.suites() {
		suite := junitSuite{Name: cmp.Or(sanitize(s.File), "promslo")}
		for _, c := range s.Cases {
			c := q.junitCase(suite.Name, c)
			suite.Cases = append(suite.Cases, c)
			suite.Tests++
			suite.Failures += min(1, len(c.Failures))
		}
		out.Suites = append(out.Suites, suite)
		out.Tests += suite.Tests
		out.Failures += suite.Failures
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	e := xml.NewEncoder(&b)
	e.Indent("", "  ")
	if err := e.Encode(out); err != nil {
		return err
	}
	b.WriteByte('\n')
	_, err := w.Write(b.Bytes())
	return err
}

// suites returns the cases of each file.
func (r Report) suites() []Suite {
	var suites []Suite
	index := map[string]int{}
	add := func(file string, cases ...Case) {
		i, known := index[file]
		if !known {
			i = len(suites)
			index[file], suites = i, append(suites, Suite{File: file})
		}
		suites[i].Cases = append(suites[i].Cases, cases...)
	}
	for _, s := range r.Suites {
		add(s.File, s.Cases...)
	}
	for _, f := range diag.Sort(slices.Clone(r.Findings)) {
		add(f.Pos.File, Case{Name: string(f.ID), Pos: f.Pos, Findings: []diag.Finding{f}})
	}
	for _, file := range r.Files {
		add(file)
	}
	for i, s := range suites {
		if len(s.Cases) == 0 {
			suites[i].Cases = []Case{{Name: r.Command, Pos: diag.Pos{File: s.File}}}
		}
	}
	slices.SortStableFunc(suites, func(a, b Suite) int { return strings.Compare(a.File, b.File) })
	return suites
}

func (q *quoter) junitCase(class string, c Case) junitCase {
	out := junitCase{Name: sanitize(c.Name), Class: class, File: sanitize(c.Pos.File), Line: c.Pos.Line, Assertions: c.Assertions}
	var warnings strings.Builder
	for _, f := range diag.Sort(slices.Clone(c.Findings)) {
		if f.Severity == diag.Warning {
			warnings.WriteString(q.text(f))
			continue
		}
		message, _ := split(f.Message)
		out.Failures = append(out.Failures, junitFailure{Message: sanitize(message), Type: string(f.ID), Text: q.text(f)})
	}
	out.Out = warnings.String()
	return out
}
