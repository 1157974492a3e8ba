// Package check holds specs against the server that their rules are for.
//
// In: a client, services and their plans. Out: findings at the places of the specs: what
// is not on the server, is of another kind there, or is another than the generated rules
// say. What the server cannot tell is a finding, too.
package check

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	prom "github.com/prometheus/common/model"
	"golang.org/x/sync/errgroup"

	"github.com/promslo/promslo/cmd/promslo/internal/promapi"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/schema/model"
)

// Service is what is checked.
type Service struct {
	Spec model.Service
	Plan plan.Service
}

// known is for how long a series that has ended is still known.
const known = 24 * time.Hour

// Run checks services. An error means that the server does not answer as it should.
func Run(ctx context.Context, client *promapi.Client, at time.Time, services []Service) ([]diag.Finding, error) {
	c := &checker{client: client, at: at, values: map[string]prom.LabelValues{}}
	loaded, err := c.loadedRules(ctx)
	if err != nil {
		return nil, err
	}
	retention, err := c.retention(ctx)
	if err != nil {
		return nil, err
	}
	var mutex sync.Mutex
	var all []diag.Finding
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(4)
	for _, service := range services {
		rules, findings, err := compareRules(service, loaded)
		if err != nil {
			return nil, err
		}
		all = append(all, findings...)
		for _, slo := range service.Plan.SLOs {
			g.Go(func() error {
				s := &subject{checker: c, service: service.Spec, slo: slo, key: specKey(service.Spec, slo)}
				s.checkRetention(retention)
				err := s.check(ctx, rules)
				mutex.Lock()
				defer mutex.Unlock()
				all = append(all, s.findings...)
				return err
			})
		}
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return diag.Sort(all), nil
}

// checker asks the server.
type checker struct {
	client *promapi.Client
	at     time.Time
	mutex  sync.Mutex
	values map[string]prom.LabelValues // of labels that were asked for, by label and selector
}

// labelValues returns the values of a label in the series of a selector; empty: in all.
func (c *checker) labelValues(ctx context.Context, label string, selector string) (prom.LabelValues, error) {
	c.mutex.Lock()
	values, asked := c.values[label+" "+selector]
	c.mutex.Unlock()
	if asked {
		return values, nil
	}
	var selectors []string
	if selector != "" {
		selectors = []string{selector}
	}
	values, err := c.client.LabelValues(ctx, label, selectors, c.at.Add(-known), c.at)
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.values[label+" "+selector] = values
	return values, err
}

// subject is an SLO that is checked.
type subject struct {
	*checker
	service  model.Service
	slo      plan.SLO
	key      string // in the spec
	findings []diag.Finding
	untold   []string // what the server cannot tell
}

func specKey(s model.Service, slo plan.SLO) string {
	i := slices.IndexFunc(s.SLOs, func(other model.SLO) bool { return other.Name == slo.Name })
	return cmp.Or(s.SLOs[i].Key, slo.Name)
}

// pos is a position in the SLO.
func (s *subject) pos(path ...string) diag.Pos {
	return s.service.Source.At(append([]string{"slos", s.key}, path...)...)
}

// report adds a finding.
func (s *subject) report(id diag.ID, at diag.Pos, suggestion, format string, args ...any) {
	lint.Reporter(id, &s.findings)(at, fmt.Sprintf(format, args...), suggestion)
}

// check checks one SLO: first what it reads, and if that is there what comes of it.
func (s *subject) check(ctx context.Context, rules ruleState) error {
	before := len(s.findings)
	for _, r := range s.reads() {
		if err := s.checkRead(ctx, r); err != nil {
			return err
		}
	}
	if len(s.findings) == before {
		err := s.checkNumbers(ctx)
		if refused, ok := errors.AsType[*promapi.Error](err); ok && refused.Status == http.StatusUnprocessableEntity {
			if err = nil; !rules.wrong[s.slo.ID] {
				s.report(diag.EmptySLI, s.pos("sli"), "", "the SLI of %s has no value: %s", s.slo.FullName(), refused.Text)
			}
		}
		if err != nil {
			return err
		}
	}
	if len(s.findings) == before && !rules.wrong[s.slo.ID] {
		if err := s.checkRecords(ctx, rules); err != nil {
			return err
		}
	}
	if len(s.untold) > 0 {
		slices.Sort(s.untold)
		s.report(diag.NotChecked, s.slo.Pos, "", "%s: the server does not tell %s", s.slo.FullName(), strings.Join(slices.Compact(s.untold), "; "))
	}
	return nil
}

// checkNumbers checks that the SLI gives numbers that make sense.
func (s *subject) checkNumbers(ctx context.Context) error {
	total, bad, good := s.slo.SLI.Total, s.slo.SLI.Bad, s.slo.SLI.Good
	if s.slo.SLI.Moment != nil {
		values, err := s.client.Instant(ctx, promql.String(s.slo.SLI.Moment.All), s.at)
		if err == nil && len(values) == 0 {
			s.report(diag.EmptySLI, s.pos("sli"), "ask the server for the expression without its comparisons", "the SLI of %s has no value now, though its series are there", s.slo.FullName())
		}
		return err
	}
	if total == nil {
		return nil
	}
	all, err := s.client.Instant(ctx, promql.String(total.Rate(time.Hour, s.slo.GroupBy...)), s.at)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		s.report(diag.EmptySLI, s.pos("sli"), "see whether its targets are scraped", "nothing that %s counts has had two samples within an hour", s.slo.FullName())
		return nil
	}
	side, of := bad, "bad"
	if side == nil {
		side, of = good, "good"
	}
	if side == nil || s.slo.SLI.Subtracts && s.slo.SLI.Parts != nil {
		return nil
	}
	some, err := s.client.Instant(ctx, promql.String(side.Rate(time.Hour, s.slo.GroupBy...)), s.at)
	for _, one := range some {
		for _, n := range all {
			if n.Metric.Equal(one.Metric) && float64(one.Value) > float64(n.Value)*1.01+1e-9 && (of == "bad" || !s.slo.SLI.Retried) {
				s.report(diag.BadAboveTotal, s.pos("sli"), "make "+of+" a part of total", "more events of %s are %s than there are: %.3g/s of %.3g/s within an hour", s.slo.FullName(), of, float64(one.Value), float64(n.Value))
				return nil
			}
		}
	}
	return err
}
