package cli

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	prom "github.com/prometheus/common/model"

	"github.com/promslo/promslo/cmd/promslo/internal/textedit"
	"github.com/promslo/promslo/generate/negotiate"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
	"github.com/promslo/promslo/schema/words"
)

// dependency writes a change of a dependency.
func (w fieldWriter) dependency(c negotiate.Change) {
	d := w.service.DependsOn[c.Dependency]
	path := []string{"dependsOn", strconv.Itoa(c.Dependency)}
	switch c.Kind {
	case negotiate.MakeSoft:
		w.set(path, "kind", func(old string) bool { return old == "hard" }, "soft")
	case negotiate.BuyMore:
		sla := d.Alternatives[c.Alternative].Bought.SLA
		w.set(append(w.service.NeedPath(c.Dependency, c.Alternative), "provider"), "sla", isNumber(sla), words.Number(c.To))
	case negotiate.NeedMore:
		w.set(w.service.NeedPath(c.Dependency, c.Alternative), "needs", isNumber(c.From), words.Number(c.To))
	case negotiate.AddSecond:
		f := w.flow(w.service.Source.At(path...).File)
		second := f.need(model.Need{Bought: &model.BoughtService{Name: negotiate.SecondName, SLA: c.To, Window: c.Window}})
		if len(d.Alternatives) > 1 {
			w.add(path, "anyOf", []string{second}, true)
			return
		}
		err := textedit.ErrByHand
		at := w.service.Source.At(path...)
		if text := w.text(at.File); text != nil {
			err = text.ReplaceMap(at, f.anyOf(d, second))
		}
		if err != nil {
			w.leave(path, "anyOf, with "+second+" beside what is there")
		}
	}
}

// flow writes maps and lists on one line, as YAML or as JSON.
type flow struct{ yaml bool }

func (w fieldWriter) flow(file string) flow {
	format, _ := read.FormatOf(file)
	return flow{format == read.YAML}
}

// text is a text as a value.
func (f flow) text(s string) string {
	if _, err := prom.ParseDuration(s); f.yaml && err == nil {
		return s
	}
	if f.yaml {
		return quoted(s)
	}
	b, _ := json.Marshal(s) // strings can be written
	return string(b)
}

func (f flow) texts(all []string) string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = f.text(s)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// object is a map of keys and values, as they follow each other; it leaves out empty values.
func (f flow) object(keysAndValues ...string) string {
	var out []string
	for i := 0; i < len(keysAndValues); i += 2 {
		if key, value := keysAndValues[i], keysAndValues[i+1]; value != "" {
			out = append(out, f.key(key)+": "+value)
		}
	}
	return "{" + strings.Join(out, ", ") + "}"
}

func (f flow) key(name string) string {
	if f.yaml {
		return name
	}
	return strconv.Quote(name)
}

func (f flow) number(x float64) string {
	if x == 0 {
		return ""
	}
	return words.Number(x)
}

func (f flow) duration(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return f.text(words.Duration(d))
}

func (f flow) optional(s string) string {
	if s == "" {
		return ""
	}
	return f.text(s)
}

func (f flow) list(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return f.texts(all)
}

// need is an alternative of a dependency.
func (f flow) need(n model.Need) string {
	if n.Bought == nil {
		return f.object("service", f.text(n.Service), "slo", f.text(n.SLO), "needs", f.number(n.Percent), "window", f.duration(n.Window))
	}
	b := n.Bought
	provider := f.object("name", f.text(b.Name), "sla", f.number(b.SLA), "window", f.duration(b.Window), "credit", f.optional(b.Credit))
	return f.object("provider", provider, "needs", f.number(n.Percent), "window", f.duration(n.Window))
}

// anyOf is a dependency with a second provider.
func (f flow) anyOf(d model.Dependency, second string) string {
	kind := ""
	if d.Soft {
		kind = "soft"
	}
	return f.object("anyOf", "["+f.need(d.Alternatives[0])+", "+second+"]", "kind", kind, "mitigations", f.list(d.Mitigations), "for", f.list(d.For))
}

// times are times of the week.
func (f flow) times(at model.Times) string {
	days, hours := "", ""
	if len(at.Days) < 7 {
		var names []string
		for _, d := range at.Days {
			names = append(names, strings.ToLower(d.String()[:3]))
		}
		days = f.texts(names)
	}
	if at.From != 0 || at.To != model.Day {
		clock := func(d time.Duration) string { return fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60) }
		hours = strconv.Quote(clock(at.From) + "-" + clock(at.To))
	}
	return f.object("days", days, "hours", hours, "timezone", f.text(at.Timezone))
}
