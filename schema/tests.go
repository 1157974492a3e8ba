package schema

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	prom "github.com/prometheus/common/model"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

// defaultTraffic is that of errors in tests.
var defaultTraffic = model.Rate{Events: 100, Per: time.Second}

// tests decodes the user's own test cases of an SLI.
func (c *check) tests(n, sli *read.Node) []model.Test {
	timed := timed(sli)
	var out []model.Test
	names := map[string]bool{}
	for _, item := range n.Items {
		if c.bad[item] {
			continue
		}
		t := model.Test{Name: c.text(item, "name"), Traffic: defaultTraffic}
		if names[t.Name] && t.Name != "" {
			c.add(diag.InvalidValue, item.Get("name").Pos, "there is another test "+diag.Shorten(t.Name), "rename one of them")
		}
		names[t.Name] = true
		c.happens(item, timed)
		for _, f := range c.fields(item) {
			v := f.Value
			switch f.Key {
			case "errors":
				t.Errors = c.errors(v)
			case "traffic":
				t.Traffic = c.rate(v)
			case "series":
				t.Series = c.series(v)
			case "interval":
				t.Interval = c.duration(v, f.Key, minInterval, maxInterval)
			case "expect":
				t.Expect = c.expectations(v)
			}
		}
		out = append(out, t)
	}
	return out
}

// happens checks that a test says what happens, in one way. The events of a timed
// SLI are moments, and there is no traffic.
func (c *check) happens(n *read.Node, timed bool) {
	switch errors, series := c.lacks(n, "errors"), c.lacks(n, "series"); {
	case errors && series:
		c.add(diag.MissingField, n.Pos, "the test needs the field errors or the field series", "say what happens, for example `errors: [0%:1h, 20%:5m]`")
	case n.Get("errors") != nil && n.Get("series") != nil:
		c.add(diag.InvalidValue, n.Get("series").Pos, "the test has both errors and series", "keep one")
	case errors && n.Get("traffic") != nil:
		c.add(diag.InvalidValue, n.Get("traffic").Pos, "traffic goes with errors, and series have their own", "remove it")
	case timed && n.Get("traffic") != nil:
		c.noTraffic(n.Get("traffic"))
	case series && n.Get("interval") != nil:
		c.add(diag.InvalidValue, n.Get("interval").Pos, "interval goes with series, and errors are scraped as the project says", "remove it")
	}
}

func (c *check) errors(n *read.Node) []model.Errors {
	if len(n.Items) == 0 {
		c.add(diag.InvalidValue, n.Pos, "errors is empty", "say what happens, for example `errors: [0%:1h, 20%:5m]`")
	}
	var out []model.Errors
	for _, item := range n.Items {
		if c.bad[item] {
			continue
		}
		e, ok := ParseErrors(item.Text)
		if !ok || e.Length > maxAt {
			c.add(diag.InvalidValue, item.Pos, fmt.Sprintf("errors last for a duration above 0 and up to %s, not %s", prom.Duration(maxAt), diag.Shorten(item.Text)), "")
		}
		out = append(out, e)
	}
	return out
}

func (c *check) noTraffic(n *read.Node) {
	c.add(diag.InvalidValue, n.Pos, "traffic is for SLIs that count events, and this one counts time", "remove it")
}

// expected decodes the traffic of an SLI.
func (c *check) expected(n, sli *read.Node) model.Rate {
	if timed(sli) {
		c.noTraffic(n)
	}
	return c.rate(n)
}

func (c *check) rate(n *read.Node) model.Rate {
	r, ok := ParseRate(n.Text)
	if !ok {
		c.add(diag.InvalidValue, n.Pos, fmt.Sprintf("traffic must be above 0 and at most %d events a second, not %s", mostTraffic, diag.Shorten(n.Text)), "")
	}
	return r
}

func (c *check) series(n *read.Node) []model.TestSeries {
	if len(n.Fields) == 0 {
		c.add(diag.InvalidValue, n.Pos, "series is empty", "give each series its values, such as `requests_total: 0+100x60`")
	}
	var out []model.TestSeries
	for _, f := range c.fields(n) {
		out = append(out, model.TestSeries{Series: f.Key, Values: f.Value.Text, Pos: f.Pos.In(c.file)})
	}
	return out
}

func (c *check) expectations(n *read.Node) []model.Expectation {
	if len(n.Items) == 0 {
		c.add(diag.InvalidValue, n.Pos, "expect is empty", "say what must be, for example `{at: 1h5m, fires: page}`")
	}
	var out []model.Expectation
	for _, item := range n.Items {
		if c.bad[item] {
			continue
		}
		e := model.Expectation{Fires: c.text(item, "fires"), Value: c.text(item, "value")}
		if at := c.good(item, "at"); at != nil {
			e.At = c.duration(at, "at", minAt, maxAt)
		}
		if is := c.good(item, "is"); is != nil {
			e.Is = is.Number
		}
		value, is := c.lacks(item, "value"), c.lacks(item, "is")
		switch {
		case value && is && c.lacks(item, "fires"):
			c.add(diag.MissingField, item.Pos, "the expectation needs the field fires, or the fields value and is", "")
		case value != is:
			c.add(diag.MissingField, item.Pos, "the expectation needs both of the fields value and is, or none", "")
		}
		out = append(out, e)
	}
	return out
}

// ParseErrors parses a share of errors and how long they last, such as 20%:5m.
func ParseErrors(text string) (e model.Errors, ok bool) {
	share, length, _ := strings.Cut(text, ":")
	number, isPercent := strings.CutSuffix(share, "%")
	percent, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	d, errLength := prom.ParseDuration(length)
	if !isPercent || cmp.Or(err, errLength) != nil || d == 0 || !(percent >= 0 && percent <= 100) {
		return model.Errors{}, false
	}
	return model.Errors{Ratio: percent / 100, Length: time.Duration(d)}, true
}

// units of traffic, as they are written.
var units = map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}

// mostTraffic, in a second, keeps decades of events exact in floating point.
const mostTraffic = 10_000_000

// ParseRate parses events in a second, minute, hour or day, such as 10/h.
func ParseRate(text string) (r model.Rate, ok bool) {
	number, unit, _ := strings.Cut(text, "/")
	n, err := strconv.ParseFloat(number, 64)
	per, known := units[unit]
	if err != nil || !known || !(n > 0 && n/per.Seconds() <= mostTraffic) {
		return model.Rate{}, false
	}
	return model.Rate{Events: n, Per: per}, true
}
