package cli

import (
	"context"
	"time"

	prom "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"golang.org/x/sync/errgroup"

	"github.com/promslo/promslo/cmd/promslo/internal/promapi"
	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/history"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/model"
)

// ask has a server answer questions about a time, in their order.
func ask(ctx context.Context, client *promapi.Client, questions []history.Question, from, to time.Time) ([][]engine.Series, error) {
	answers := make([][]engine.Series, len(questions))
	g, ctx := errgroup.WithContext(ctx)
	for i, q := range questions {
		g.Go(func() error {
			matrix, err := client.Range(ctx, q.Expr, from.Add(-q.Before), to, q.Step)
			answers[i] = seriesOf(matrix)
			return err
		})
	}
	return answers, g.Wait()
}

func seriesOf(matrix prom.Matrix) []engine.Series {
	out := make([]engine.Series, len(matrix))
	for i, row := range matrix {
		b := labels.NewScratchBuilder(len(row.Metric))
		for name, value := range row.Metric {
			b.Add(string(name), string(value))
		}
		b.Sort()
		out[i] = engine.Series{Labels: b.Labels(), Times: make([]int64, len(row.Values)), Values: make([]float64, len(row.Values))}
		for j, v := range row.Values {
			out[i].Times[j], out[i].Values[j] = int64(v.Timestamp), float64(v.Value)
		}
	}
	return out
}

// askEvents asks for the events of an SLO, in slots of the clock, without corrected times.
func askEvents(ctx context.Context, client *promapi.Client, slo plan.SLO, from, to time.Time, corrected ...model.Interval) ([]history.Group, error) {
	events := history.NewEvents(slo, corrected...)
	answers, err := ask(ctx, client, events.Questions(), from, to)
	if err != nil {
		return nil, err
	}
	return events.Groups(answers, from, to), nil
}
