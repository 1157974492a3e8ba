package mutate

import (
	"maps"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
)

func dropped(ruleFile, rulefmt.Rule) []*rulefmt.Rule { return []*rulefmt.Rule{nil} }

// labelChanged forgets each label of a rule, and gives it another value.
func labelChanged(f ruleFile, r rulefmt.Rule) []*rulefmt.Rule {
	var out []*rulefmt.Rule
	for _, name := range slices.Sorted(maps.Keys(r.Labels)) {
		out = append(out, withLabel(r, name, ""))
		for _, value := range f.otherValues(name, r.Labels[name]) {
			out = append(out, withLabel(r, name, value))
		}
	}
	return out
}

// otherValues returns values for which a label may be mistaken.
func (f ruleFile) otherValues(name, value string) []string {
	if d, ok := f.windowLabel(name, value); ok {
		var out []string
		for _, other := range neighbours(f.windows[name], d) {
			out = append(out, model.Duration(other).String())
		}
		return out
	}
	switch value {
	case "page":
		return []string{"ticket"}
	case "ticket":
		return []string{"page"}
	default:
		return []string{value + "x"}
	}
}

func withLabel(r rulefmt.Rule, name, value string) *rulefmt.Rule {
	r.Labels = maps.Clone(r.Labels)
	if value == "" {
		delete(r.Labels, name)
	} else {
		r.Labels[name] = value
	}
	return &r
}

func annotationDropped(_ ruleFile, r rulefmt.Rule) []*rulefmt.Rule {
	var out []*rulefmt.Rule
	for _, name := range slices.Sorted(maps.Keys(r.Annotations)) {
		changed := r
		changed.Annotations = maps.Clone(r.Annotations)
		delete(changed.Annotations, name)
		out = append(out, &changed)
	}
	return out
}

// timeChanged adds a time to wait or to stay, or forgets and doubles it.
func timeChanged(of func(*rulefmt.Rule) *model.Duration) func(ruleFile, rulefmt.Rule) []*rulefmt.Rule {
	return func(_ ruleFile, r rulefmt.Rule) []*rulefmt.Rule {
		var out []*rulefmt.Rule
		for _, d := range otherTimes(r, *of(&r)) {
			changed := r
			*of(&changed) = d
			out = append(out, &changed)
		}
		return out
	}
}

func otherTimes(r rulefmt.Rule, d model.Duration) []model.Duration {
	switch {
	case r.Alert == "":
		return nil
	case d == 0:
		return []model.Duration{model.Duration(15 * time.Minute)}
	default:
		return []model.Duration{0, 2 * d}
	}
}
