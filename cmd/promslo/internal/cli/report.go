package cli

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	prom "github.com/prometheus/common/model"
	"github.com/spf13/cobra"

	"github.com/promslo/promslo/cmd/promslo/internal/promapi"
	"github.com/promslo/promslo/cmd/promslo/internal/recorded"
	"github.com/promslo/promslo/cmd/promslo/internal/report"
	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/generate/budget"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/review"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/zone"
)

// reportFlags are the flags of `promslo report`.
type reportFlags struct {
	server   serverFlags
	last     time.Duration
	format   reviewFormat
	timezone string
}

func newReport(s streams) *cobra.Command {
	flags := reportFlags{last: 30 * model.Day, format: "text", timezone: "UTC"}
	cmd := &cobra.Command{
		Use:   "report [PATH…]",
		Short: "Report which promises were broken, what was burnt, and where to go next",
		Long: `Report reads what the rules recorded of the specs in the files and directories given
(default: the working directory), and ranks the SLOs by the share of the budget that a
period burnt: which promises were broken, the trend against the period before, incidents,
pages with the hours that they took, whose budget burnt while that of a provider did,
budgets that are hardly touched, and the next rung of the ladder where it would have been
kept. Boundaries are how close each service is to breaking a promise, how much its people
bear, and for how many days its policy closed the gate.

Budgets are as agreed: without the times of ` + "`corrections`" + `. Where these change something,
what was measured stands beside it.

--format html prints one page that needs nothing else, for a screen, a phone and paper.
The exit code is 0 whatever was broken, and 2 if the server does not answer or knows of
no budget.

` + serverHelp,
		Example: `  promslo report --prometheus http://localhost:9090
  promslo report --last 90d --format html > report.html`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runReport(cmd.Context(), s, flags, args)
		},
	}
	flags.server.bind(cmd.Flags())
	cmd.Flags().Var((*durationFlag)(&flags.last), "last", "length of the period that is reported on")
	cmd.Flags().Var(&flags.format, "format", "`FORMAT` of the report: text, markdown, json or html")
	cmd.Flags().StringVar(&flags.timezone, "timezone", flags.timezone, "`ZONE` of the people: pages from 22:00 to 6:00 are at night")
	return cmd
}

// The period of a report.
const minReport, maxReport = model.Day, 366 * model.Day

func runReport(ctx context.Context, s streams, flags reportFlags, paths []string) error {
	location, known := zone.Load(flags.timezone)
	switch {
	case flags.last < minReport || flags.last > maxReport:
		return errors.New("--last: want 1d to 1y")
	case !known:
		return errors.New("--timezone: there is no time zone " + diag.Shorten(flags.timezone))
	}
	w, services, err := planAll(ctx, s, paths)
	if err != nil {
		return err
	}
	client, end, err := flags.server.open(ctx, s, w.Project)
	if err != nil {
		return err
	}
	defer end()
	to := flags.server.now().Truncate(recorded.Hour)
	in := review.Input{From: to.Add(-flags.last).Truncate(recorded.Hour), To: to, Services: services, Ladder: ladderOf(w.Project), Location: location}
	if err := readReview(ctx, client, &in); err != nil {
		return err
	}
	end()
	r := review.New(in)
	if flags.format == "html" {
		err = r.HTML(s.out)
	} else {
		err = printed(s.out, func(out io.Writer) error { return reviewPrinters[flags.format](r, out) })
	}
	if err == nil && len(r.Budgets) == 0 {
		return errCannotTell
	}
	return err
}

// planAll plans all services of the specs that paths name.
func planAll(ctx context.Context, s streams, paths []string) (*workspace.Workspace, []plan.Service, error) {
	w, contracts, findings, err := contractsOf(ctx, s, paths)
	if err != nil {
		return nil, nil, err
	}
	var out []plan.Service
	for _, service := range contracts.Services {
		planned, found := plan.New(service, w.Project)
		findings = append(findings, found...)
		out = append(out, planned)
	}
	if err := (reporting{}).print(s.err, w, errorsIn(findings)); errors.Is(err, errFindings) {
		return nil, nil, errSpecs
	} else if err != nil {
		return nil, nil, err
	}
	return w, out, nil
}

// readReview reads the events and the pages of all services.
func readReview(ctx context.Context, client *promapi.Client, in *review.Input) error {
	var slos []plan.SLO
	corrections, longest := map[string][]model.Correction{}, time.Duration(0)
	for _, service := range in.Services {
		for _, slo := range service.SLOs {
			slos = append(slos, slo)
			corrections[slo.ID], longest = service.Corrections, max(longest, slo.Reach())
			for _, e := range slo.Externals { // their periods, of which the first may begin before
				longest = max(longest, slo.Measuring(e).Reach()+model.Day)
			}
		}
	}
	r := recorded.New(client, in.To, slos)
	// The budgets of the whole period, and the period before.
	from := in.From.Add(-max(in.To.Sub(in.From), longest)).Truncate(recorded.Hour)
	histories, err := r.History(ctx, nil, from, in.To, recorded.Hour)
	if err != nil {
		return err
	}
	corrected := func(audience model.Audience) (map[recorded.Key][]budget.History, error) {
		return r.Corrected(ctx, from, in.To, func(slo plan.SLO) []model.Interval {
			if audience == model.ExternalAudience && len(slo.Externals) == 0 {
				return nil
			}
			return model.Corrected(corrections[slo.ID], slo.Name, audience)
		})
	}
	internal, err := corrected(model.InternalAudience)
	if err != nil {
		return err
	}
	external, err := corrected(model.ExternalAudience)
	if err != nil {
		return err
	}
	for key, h := range histories {
		m := review.Measured{SLO: r.SLO(key).FullName(), Group: key.Group, History: h}
		if not := internal[key]; not != nil {
			agreed := h.Without(not...)
			m.Agreed = &agreed
			for _, one := range not {
				if one.Start.Before(in.To) && one.End().After(in.From) {
					m.Corrected++
				}
			}
		}
		if not := external[key]; not != nil {
			agreed := h.Without(not...)
			m.External = &agreed
		}
		in.Budgets = append(in.Budgets, m)
	}
	slices.SortFunc(in.Budgets, func(a, b review.Measured) int {
		return strings.Compare(a.SLO+"\x00"+a.Group, b.SLO+"\x00"+b.Group)
	})
	in.Pages, err = pagesOf(ctx, r, in.From)
	return err
}

// pagesOf returns the pages since a time. One that comes back within two steps is the same.
func pagesOf(ctx context.Context, r *recorded.Reader, from time.Time) ([]review.Page, error) {
	const step = recorded.Short
	var out []review.Page
	err := r.Ranges(ctx, recorded.Series{Name: "ALERTS", Has: func(slo plan.SLO, m prom.Metric) bool {
		a, ok := firingAlert(slo, m)
		return ok && a.Severity == plan.Page
	}}, from, step, func(key recorded.Key, samples []prom.SamplePair) {
		name := r.SLO(key).FullName()
		for i, sample := range samples {
			at := sample.Timestamp.Time().UTC()
			if n := len(out) - 1; i > 0 && at.Sub(out[n].To) <= step {
				out[n].To = at.Add(step)
				continue
			}
			out = append(out, review.Page{SLO: name, From: at, To: at.Add(step)})
		}
	})
	slices.SortFunc(out, func(a, b review.Page) int {
		if c := a.From.Compare(b.From); c != 0 {
			return c
		}
		return strings.Compare(a.SLO, b.SLO)
	})
	return out, err
}

// reviewFormat is a format of the report.
type reviewFormat string

var reviewPrinters = map[reviewFormat]func(review.Review, io.Writer) error{
	"text": review.Review.Text, "markdown": review.Review.Markdown,
	"json": func(r review.Review, out io.Writer) error { return report.WriteJSON(out, r) },
}

func (f *reviewFormat) Set(text string) error {
	if _, known := reviewPrinters[reviewFormat(text)]; !known && text != "html" {
		return errors.New("want text, markdown, json or html")
	}
	*f = reviewFormat(text)
	return nil
}

func (f *reviewFormat) String() string { return string(*f) }
func (f *reviewFormat) Type() string   { return "FORMAT" }
