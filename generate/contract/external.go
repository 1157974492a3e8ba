package contract

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/promslo/promslo/generate/markdown"
	"github.com/promslo/promslo/generate/plan"
)

// audience is a page for external readers: their own SLAs and nothing internal.
type audience struct {
	File     string
	Name     string
	Promises []external
}

// newAudiences collects the promises to each audience, by the names of services
// and SLOs, which the pages do not tell. Names that differ in capitals or marks
// alone are one audience.
func newAudiences(services []plan.Service) []audience {
	var out []audience
	for _, s := range services {
		for _, slo := range s.SLOs {
			for _, e := range slo.Externals {
				file := audienceFile(e.Audience)
				i := slices.IndexFunc(out, func(a audience) bool { return a.File == file })
				if i < 0 {
					i = len(out)
					out = append(out, audience{File: file, Name: markdown.Text(e.Audience)})
				}
				promise := newExternal(slo, e)
				if promise.What == "" {
					promise.What = markdown.Text(slo.Name)
				}
				out[i].Promises = append(out[i].Promises, promise)
			}
		}
	}
	slices.SortFunc(out, func(a, b audience) int { return strings.Compare(a.File, b.File) })
	return out
}

// external is a promise to customers, as they read it.
type external struct {
	What, Audience, Objective, Over string
	Remedy                          string
	Good                            string // what is good, a sentence
	Facts                           []fact // of the contract
	Exceptions                      []string
}

func newExternal(slo plan.SLO, e plan.External) external {
	of := slo.Measuring(e)
	out := external{
		What: markdown.Text(cmp.Or(e.Description, slo.Description)), Audience: markdown.Text(e.Audience), Remedy: markdown.Text(e.Remedy),
		Objective: plan.Number(e.Objective) + percent + " of " + slo.SLI.Words.Events, Over: periodText(e.Window, e.Calendar),
		Good: markdown.Text(slo.SLI.Words.Good), Exceptions: externalExceptions(slo),
	}
	add := func(name, value string) {
		if value != "" {
			out.Facts = append(out.Facts, fact{name, value})
		}
	}
	requests, outage := allowed(of, of.Period, e.Budget)
	if slo.TimeBased {
		add("May be bad", outage)
	} else {
		add("May be bad", requests+"; if all are, for "+outage)
	}
	if e.Calendar != "" {
		add("Time zone", of.Clock.Timezone+", where each "+string(e.Calendar)+" begins")
	}
	add("Measured", markdown.Text(e.Measured))
	add("If it is broken", cmp.Or(out.Remedy, "no remedy is promised"))
	add("How to claim", markdown.Text(e.Claim))
	add("Contact", markdown.Text(e.Contact))
	add("Promised by", markdown.Text(e.By))
	version := markdown.Text(e.Version)
	if !e.Since.IsZero() {
		version = strings.TrimPrefix(version+", from "+e.Since.Format(time.DateOnly)+" on", ", ")
	}
	add("Version", version)
	return out
}

// externalExceptions lists when another limit holds, and when nothing counts, without what
// is said of it within.
func externalExceptions(slo plan.SLO) (out []string) {
	for _, c := range slo.Schedule.Thresholds {
		out = append(out, markdown.Text(fmt.Sprintf("%s: up to %s is good", c.Times, slo.ThresholdText(c.Value))))
	}
	for _, e := range slo.Schedule.Exclude {
		out = append(out, markdown.Text(fmt.Sprintf("%s: nothing counts", e.Times)))
	}
	for _, m := range slo.Schedule.Maintenance {
		out = append(out, markdown.Text(fmt.Sprintf("%s: nothing counts", m)))
	}
	return out
}

// longestAudience is how many letters of an audience are in the name of its page.
const longestAudience = 40

// audienceFile is the name of an audience's page: letters and digits of ASCII in
// lower case. A hash is added where these are ambiguous.
func audienceFile(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	slug := strings.Join(words, "-")
	plain := strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII {
			return -1
		}
		return r
	}, slug)
	if plain != slug || len(slug) > longestAudience || slug == "" {
		hash := sha256.Sum256([]byte(cmp.Or(slug, name)))
		plain = strings.Trim(plain[:min(len(plain), longestAudience)], "-")
		plain = strings.TrimPrefix(fmt.Sprintf("%s-%x", plain, hash[:4]), "-")
	}
	return plain + ".external.md"
}
