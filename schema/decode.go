package schema

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	prom "github.com/prometheus/common/model"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
	"github.com/promslo/promslo/schema/words"
)

// The functions below decode validated nodes into the model and check what the CUE
// schema cannot express. They skip values that are in invalid.

// service decodes a spec.
func (c *fileChecker) service(n *read.Node, project model.Project) model.Service {
	file, data := c.file, c.data
	lines := sync.OnceValue(func() []string { return strings.Split(string(data), "\n") })
	out := model.Service{Source: model.Source{
		File: c.source,
		At:   func(path ...string) diag.Pos { return n.Find(path).Pos.In(file) },
		AtOffset: func(offset int, path ...string) diag.Pos {
			found := n.Find(path)
			return read.PositionInText(lines(), found.Pos, found.Text, offset).In(file)
		},
		Start: n.Pos.In(file), SLOAt: sloAt(n),
	}}
	tier := project.Untiered
	if t := c.valid(n, "tier"); t != nil {
		tier = project.TierOf(t.Text)
		if _, known := project.Tiers[t.Text]; !known {
			tiers := slices.Collect(maps.Keys(project.Tiers))
			c.add(diag.UnknownTier, t.Pos, "there is no tier "+t.Text, diag.DidYouMean(diag.Closest(t.Text, tiers), tiers)+" (the project file can declare others)")
		}
	}
	out.Policy = tier.Policy
	defaults := c.labelsOf(n, cloneTier(tier))
	for _, f := range c.fields(n) {
		v := f.Value
		switch f.Key {
		case "service":
			out.Name = v.Text
		case "tier":
			out.Tier = v.Text
		case "owner":
			out.Owner = v.Text
		case "description":
			out.Description = v.Text
		case "contacts":
			out.Contacts = c.stringMap(nil, v)
		case "policy":
			out.Policy = c.policy(v)
		case "agreements":
			out.Agreements = c.agreements(v, c.text(n, "service"))
		case "waivers":
			out.Waivers = c.waivers(v, c.text(n, "service"))
		case "slos":
			if len(v.Fields) == 0 {
				c.add(diag.InvalidValue, v.Pos, "slos has no SLO", "")
			}
			if len(v.Fields) > maxSLOs {
				c.add(diag.TooManyValues, v.Pos, fmt.Sprintf("slos has %d SLOs, and a service may have at most %d", len(v.Fields), maxSLOs), "split the service")
				break
			}
			for _, slo := range c.fields(v) {
				out.SLOs = append(out.SLOs, c.slo(v, slo, defaults)...)
			}
			if len(out.SLOs) > maxSLOs {
				c.add(diag.TooManyValues, v.Pos, fmt.Sprintf("slos makes %d SLOs, one of each threshold, and a service may have at most %d", len(out.SLOs), maxSLOs), "split the service")
			}
			if labelBytes(out.SLOs) > read.MaxExpanded {
				c.add(diag.TooLarge, v.Pos, fmt.Sprintf("the labels and annotations of all SLOs, with those of the tier, have more than %d MiB", read.MaxExpanded>>20), "shorten them, or split the service")
			}
		}
	}
	if d := c.valid(n, "corrections"); d != nil {
		out.Corrections = c.corrections(d, n.Get("slos"), out.SLOs)
	}
	if d := c.valid(n, "dependsOn"); d != nil {
		out.DependsOn = c.dependencies(d, n.Get("slos"), out.Name, out.SLOs)
	}
	slices.SortFunc(out.SLOs, func(a, b model.SLO) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

func (c *fileChecker) alerting(out model.Alerting, n *read.Node) model.Alerting {
	for _, f := range c.fields(n) {
		v := f.Value
		switch f.Key {
		case "name":
			out.Name, out.NamePos = v.Text, v.Pos.In(c.file)
		case "minFailures":
			out.MinFailures = &v.Number
		case "minBudgetSpent":
			out.MinBudgetSpent = &v.Number
		case "confidence":
			out.Confidence = &v.Number
		case "windows":
			out.Windows.Page = c.burnWindows(out.Windows.Page, v, "page")
			out.Windows.Ticket = c.burnWindows(out.Windows.Ticket, v, "ticket")
		case "keepFiringFor":
			keep := c.durationOrZero(v, f.Key, minKeepFiring, maxKeepFiring)
			out.KeepFiringFor = &keep
		case "exhaustion":
			out.Exhaustion, out.ExhaustionPos = c.durationOrZero(v, f.Key, minExhaustion, maxExhaustion), v.Pos.In(c.file)
		case "page":
			out.Page = c.severity(out.Page, v)
		case "ticket":
			out.Ticket = c.severity(out.Ticket, v)
		case "noData":
			if after := c.valid(v, "after"); after != nil {
				out.NoDataAfter = c.duration(after, "noData.after", minNoData, maxNoData)
			}
			if severity := c.text(v, "severity"); severity != "" {
				out.NoData = model.NoData(severity)
			}
		}
	}
	return out
}

// durationOrZero parses a duration that is in a range or 0s.
func (c *fileChecker) durationOrZero(n *read.Node, field string, minimum, maximum time.Duration) time.Duration {
	if d, err := prom.ParseDuration(n.Text); err == nil && d == 0 {
		return 0
	}
	return c.duration(n, field, minimum, maximum)
}

func (c *fileChecker) severity(out model.Severity, n *read.Node) model.Severity {
	if c.valid(n, "disabled") != nil {
		out.Disabled = c.flag(n, "disabled")
	}
	out.Labels = c.labels(out.Labels, n)
	out.Annotations = c.stringMap(out.Annotations, n.Get("annotations"))
	return out
}

// project decodes a project file over the defaults.
func (c *fileChecker) project(n *read.Node) model.Project {
	out := DefaultProject()
	out.LabelNames = c.labelNames(n)
	out.Untiered = c.defaults(n, out.Untiered)
	out.Tiers = builtInTiers(out.Untiered)
	for _, f := range c.fields(n) {
		v := f.Value
		switch f.Key {
		case "scrapeInterval":
			out.Scrape = c.duration(v, f.Key, minScrape, maxScrape)
		case "prometheusVersion":
			if out.Prometheus = int(v.Number); v.Kind == read.Text {
				out.Prometheus = int(v.Text[0] - '0')
			}
		case "prometheus":
			out.Server = c.server(v)
		case "retention":
			out.Retention = c.duration(v, f.Key, time.Hour, 100*maxWindow)
		case "queryOffset":
			out.Offset = c.durationOrZero(v, f.Key, minOffset, maxOffset)
		case "externalLabels":
			for _, item := range v.Items {
				c.checkFree(item.Text, item.Pos)
				out.External = append(out.External, item.Text)
			}
		case "evaluationInterval":
			out.Evaluation = c.duration(v, f.Key, minEvaluation, maxEvaluation)
		case "out":
			out.Out = path.Clean(v.Text)
			if !isDirBelow(v.Text) {
				c.add(diag.InvalidValue, v.Pos, fmt.Sprintf("out must be a directory below the project file's, with slashes, not %q", diag.Shorten(v.Text)), "write a relative path such as gen")
			}
		case "contracts":
			out.Contracts = c.flag(n, f.Key)
		case "dashboards":
			out.Dashboards = c.dashboards(v)
		case "lint":
			out.Lint = c.lintLevels(v)
		case "alertmanager":
			out.Alertmanager.Enabled = true
			out.Alertmanager.ProvidersSilenceConsumers = c.flag(v, "providersSilenceConsumers")
			out.Alertmanager.Receivers = c.receivers(v)
			out.Alertmanager.Notify = c.stringMap(nil, v.Get("notify"))
			if equal := c.valid(v, "equal"); equal != nil {
				for _, label := range equal.Items {
					c.checkFree(label.Text, label.Pos)
					out.Alertmanager.Equal = append(out.Alertmanager.Equal, label.Text)
				}
			}
		case "rules":
			out.Rules = c.delivery(v)
		case "ladder":
			out.Ladder = c.ladder(v)
		case "tiers":
			out.Tiers = c.tiers(v, out.Tiers, out.Untiered)
			for _, tier := range out.Tiers {
				out.Alertmanager.Enabled = out.Alertmanager.Enabled || tier.Receivers != model.Receivers{}
			}
		}
	}
	if late := out.Evaluation + out.Offset; late > maxEvaluation && out.Evaluation <= maxEvaluation && out.Offset <= maxOffset {
		c.add(diag.InvalidValue, n.Get("queryOffset").Pos, fmt.Sprintf("rules look queryOffset %s into the past every %s, so that what they recorded is not found any more after 5m", words.Duration(out.Offset), words.Duration(out.Evaluation)),
			"have both add up to at most "+words.Duration(maxEvaluation))
	}
	c.checkSeverities(n, out)
	return out
}

// receivers decodes the receivers of all tiers or of one.
func (c *fileChecker) receivers(of *read.Node) model.Receivers {
	n := c.valid(of, "receivers")
	return model.Receivers{Page: c.text(n, "page"), Ticket: c.text(n, "ticket"), Policy: c.text(n, "policy")}
}

// isDirBelow reports whether p is a relative path of a subdirectory on every OS.
func isDirBelow(p string) bool {
	return !strings.ContainsAny(p, "\\:") && filepath.IsLocal(p) && path.Clean(p) != "." &&
		!strings.ContainsFunc(p, func(r rune) bool { return r < ' ' || r == 0x7f })
}
