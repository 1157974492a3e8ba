package contract

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
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
			if slo.External == nil {
				continue
			}
			file := audienceFile(slo.External.Audience)
			i := slices.IndexFunc(out, func(a audience) bool { return a.File == file })
			if i < 0 {
				i = len(out)
				out = append(out, audience{File: file, Name: markdown.Text(slo.External.Audience)})
			}
			promise := *newExternal(slo)
			if promise.What == "" {
				promise.What = markdown.Text(slo.Name)
			}
			out[i].Promises = append(out[i].Promises, promise)
		}
	}
	slices.SortFunc(out, func(a, b audience) int { return strings.Compare(a.File, b.File) })
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
