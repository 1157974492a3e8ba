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

// defaultTraffic is the event rate of tests with errors.
var defaultTraffic = model.Rate{Events: 100, Per: time.Second}

// tests decodes the user's test cases of an SLI.
func (c *fileChecker) tests(n, sli *read.Node) []model.Test {
	timed := countsTime(sli)
	var out []model.Test
	names := map[string]bool{}
	for _, item := range n.Items {
		if c.invalid[item] {
			continue
		}
		t := model.Test{Name: c.text(item, "name"), Traffic: defaultTraffic}
		if names[t.Name] && t.Name != "" {
			c.add(diag.InvalidValue, item.Get("name").Pos, "there is another test "+diag.Shorten(t.Name), "rename one of them")
		}
		names[t.Name] = true
		c.checkTestInput(item, timed)
		for _, f := range c.fields(item) {
			v := f.Value
			switch f.Key {
			case "errors":
				t.Errors = c.testErrors(v)
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

// checkTestInput requires exactly one of errors and series, and refuses fields that do
// not go with it. An SLI that counts time has no traffic.
func (c *fileChecker) checkTestInput(n *read.Node, timed bool) {
	switch errors, series := c.missing(n, "errors"), c.missing(n, "series"); {
	case errors && series:
		c.add(diag.MissingField, n.Pos, "the test needs the field errors or the field series", "say what happens, for example `errors: [0%:1h, 20%:5m]`")
	case n.Get("errors") != nil && n.Get("series") != nil:
		c.add(diag.InvalidValue, n.Get("series").Pos, "the test has both errors and series", "keep one")
	case errors && n.Get("traffic") != nil:
		c.add(diag.InvalidValue, n.Get("traffic").Pos, "traffic goes with errors, and series have their own", "remove it")
	case timed && n.Get("traffic") != nil:
		c.refuseTraffic(n.Get("traffic"))
	case series && n.Get("interval") != nil:
		c.add(diag.InvalidValue, n.Get("interval").Pos, "interval goes with series, and errors are scraped as the project says", "remove it")
	}
}

func (c *fileChecker) testErrors(n *read.Node) []model.Errors {
	if len(n.Items) == 0 {
		c.add(diag.InvalidValue, n.Pos, "errors is empty", "say what happens, for example `errors: [0%:1h, 20%:5m]`")
	}
	var out []model.Errors
	for _, item := range n.Items {
		if c.invalid[item] {
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

func (c *fileChecker) refuseTraffic(n *read.Node) {
	c.add(diag.InvalidValue, n.Pos, "traffic is for SLIs that count events, and this one counts time", "remove it")
}

// traffic decodes the expected traffic of an SLI.
func (c *fileChecker) traffic(n, sli *read.Node) model.Rate {
	if countsTime(sli) {
		c.refuseTraffic(n)
	}
	return c.rate(n)
}

func (c *fileChecker) rate(n *read.Node) model.Rate {
	r, ok := ParseRate(n.Text)
	if !ok {
		c.add(diag.InvalidValue, n.Pos, fmt.Sprintf("traffic must be above 0 and at most %d events a second, not %s", maxTraffic, diag.Shorten(n.Text)), "")
	}
	return r
}

func (c *fileChecker) series(n *read.Node) []model.TestSeries {
	if len(n.Fields) == 0 {
		c.add(diag.InvalidValue, n.Pos, "series is empty", "give each series its values, such as `requests_total: 0+100x60`")
	}
	var out []model.TestSeries
	for _, f := range c.fields(n) {
		out = append(out, model.TestSeries{Series: f.Key, Values: f.Value.Text, Pos: f.Pos.In(c.file)})
	}
	return out
}

func (c *fileChecker) expectations(n *read.Node) []model.Expectation {
	if len(n.Items) == 0 {
		c.add(diag.InvalidValue, n.Pos, "expect is empty", "say what must be, for example `{at: 1h5m, fires: page}`")
	}
	var out []model.Expectation
	for _, item := range n.Items {
		if c.invalid[item] {
			continue
		}
		e := model.Expectation{Fires: c.text(item, "fires"), Value: c.text(item, "value")}
		if at := c.valid(item, "at"); at != nil {
			e.At = c.duration(at, "at", minAt, maxAt)
		}
		if is := c.valid(item, "is"); is != nil {
			e.Is = is.Number
		}
		value, is := c.missing(item, "value"), c.missing(item, "is")
		switch {
		case value && is && c.missing(item, "fires"):
			c.add(diag.MissingField, item.Pos, "the expectation needs the field fires, or the fields value and is", "")
		case value != is:
			c.add(diag.MissingField, item.Pos, "the expectation needs both of the fields value and is, or none", "")
		}
		out = append(out, e)
	}
	return out
}

// ParseErrors parses an error ratio and its duration, such as 20%:5m.
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

// rateUnits are the units of event rates.
var rateUnits = map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}

// maxTraffic, in events per second, keeps the sum over decades exact in float64.
const maxTraffic = 10_000_000

// ParseRate parses events per second, minute, hour or day, such as 10/h.
func ParseRate(text string) (r model.Rate, ok bool) {
	number, unit, _ := strings.Cut(text, "/")
	n, err := strconv.ParseFloat(number, 64)
	per, known := rateUnits[unit]
	if err != nil || !known || !(n > 0 && n/per.Seconds() <= maxTraffic) {
		return model.Rate{}, false
	}
	return model.Rate{Events: n, Per: per}, true
}
