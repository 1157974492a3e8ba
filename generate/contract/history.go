package contract

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/promslo/promslo/generate/markdown"
	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
	"github.com/promslo/promslo/templates"
)

// Version is what was promised as of a commit.
type Version struct {
	Commit   string // hash
	Day      time.Time
	Subject  string // first line of its message
	Services []model.Service
	Broken   map[string]bool // files that do not load: what they promise stays as it was
}

// Entry is a change of a promise.
type Entry struct {
	Day     time.Time `json:"day"`
	Commit  string    `json:"commit"`
	Subject string    `json:"subject"`
	SLO     string    `json:"slo"` // service/slo
	Changes []string  `json:"changes"`
	version string    // hash of what is promised; empty: nothing any more
}

// History returns what changed of promises, the latest first. Versions are the oldest first.
// What the first one promises is in no entry, unless it is the first of all: then before it
// there was nothing.
func History(versions []Version, complete bool) (out []Entry) {
	var was map[string]promised
	if complete {
		was = map[string]promised{}
	}
	for _, v := range versions {
		now := promisesOf(v, was)
		if was != nil {
			for _, id := range slices.Sorted(maps.Keys(merged(was, now))) {
				e := Entry{Day: v.Day, Commit: v.Commit, Subject: v.Subject, SLO: now[id].name, Changes: changes(was[id], now[id]), version: now[id].version}
				if now[id].name == "" {
					e.SLO = was[id].name
				}
				if len(e.Changes) > 0 {
					out = append(out, e)
				}
			}
		}
		was = now
	}
	slices.Reverse(out)
	return out
}

// promised is what an SLO promises, in words.
type promised struct {
	name, file string
	version    string
	aspects    [][2]string // what, and how it is
}

// promisesOf returns the promises of a version by their identity.
func promisesOf(v Version, was map[string]promised) map[string]promised {
	out := map[string]promised{}
	for id, p := range was {
		if v.Broken[p.file] {
			out[id] = p
		}
	}
	needs := depend.New(model.Contracts{Services: v.Services})
	for _, s := range v.Services {
		for _, slo := range s.SLOs {
			out[s.Identity(slo)] = promised{s.Name + "/" + slo.Name, s.Source.File, needs.Version(s.Name, slo.Name), aspects(slo)}
		}
	}
	return out
}

// aspects are what consumers and customers are promised.
func aspects(slo model.SLO) [][2]string {
	out := [][2]string{
		{"objective", words.Percent(slo.Objective) + " of " + slo.SLI.Words().Events},
		{"window", words.Period(slo.Window, slo.Calendar)},
		{"good", slo.SLI.Limits()},
		{"split by", strings.Join(slo.GroupBy, ", ")},
	}
	for _, e := range slo.Schedule {
		text := e.Threshold.String()
		if e.Objective != 0 {
			text = words.Percent(e.Objective)
		}
		out = append(out, [2]string{"at " + timesText(e.At), text})
	}
	for _, e := range slo.Exclude {
		out = append(out, [2]string{"at " + timesText(e.At), "nothing counts"})
	}
	for _, e := range slo.Externals {
		text := words.Percent(e.Objective) + " over " + words.Period(e.Window, e.Calendar)
		if e.Remedy != "" {
			text += ", or " + e.Remedy
		}
		out = append(out, [2]string{"to " + e.Audience, text})
	}
	return slices.DeleteFunc(out, func(a [2]string) bool { return a[1] == "" })
}

// timesText formats times of the week: sat sun, 22:00 to 06:00, Europe/Berlin.
func timesText(at model.Times) string {
	var parts []string
	if len(at.Days) < 7 {
		var days []string
		monday := func(a, b time.Weekday) int { return int((a+6)%7) - int((b+6)%7) }
		for _, d := range slices.SortedFunc(slices.Values(at.Days), monday) {
			days = append(days, strings.ToLower(d.String()[:3]))
		}
		parts = append(parts, strings.Join(days, " "))
	}
	if at.From != 0 || at.To != model.Day {
		clock := func(d time.Duration) string { return fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60) }
		parts = append(parts, clock(at.From)+" to "+clock(at.To))
	}
	return strings.Join(append(parts, at.Timezone), ", ")
}

// changes says what is different.
func changes(was, now promised) (out []string) {
	switch {
	case was.name == "":
		return []string{"new: " + said(now)}
	case now.name == "":
		return []string{"gone: " + said(was)}
	case was.name != now.name:
		out = append(out, "was called "+was.name)
	}
	value := func(p promised, what string) string {
		for _, a := range p.aspects {
			if a[0] == what {
				return a[1]
			}
		}
		return "nothing"
	}
	seen := map[string]bool{}
	for _, a := range slices.Concat(was.aspects, now.aspects) {
		if before, after := value(was, a[0]), value(now, a[0]); before != after && !seen[a[0]] {
			seen[a[0]] = true
			out = append(out, a[0]+": "+before+" → "+after)
		}
	}
	return out
}

func said(p promised) string {
	var out []string
	for _, a := range p.aspects {
		out = append(out, a[0]+" "+a[1])
	}
	return strings.Join(out, "; ")
}

func merged(a, b map[string]promised) map[string]promised {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

// HistoryFile returns a history as Markdown. At is the commit up to which it goes.
func HistoryFile(entries []Entry, at string) ([]byte, error) {
	type line struct{ Day, SLO, What, Version, Commit string }
	var lines []line
	for _, e := range entries {
		l := line{Day: e.Day.Format(time.DateOnly), SLO: markdown.Text(e.SLO), What: list(e.Changes, "<br>"), Version: e.version}
		l.Commit = e.Commit[:min(len(e.Commit), shortHash)] + " " + markdown.Text(e.Subject)
		lines = append(lines, l)
	}
	// No header by which generated files are known: generate neither writes nor removes it.
	return templates.Document("history", "Written by promslo history, from the commits up to "+at+".", lines)
}

// shortHash is how many digits of a commit are shown.
const shortHash = 10
