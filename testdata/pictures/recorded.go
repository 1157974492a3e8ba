package main

import (
	"context"
	"crypto/sha256"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/testdata"
)

// recordedBy returns what the rules record of the scenes. As that takes a minute, it is
// kept for the next run with the same rules and scenes.
func recordedBy(ctx context.Context, groups []rulefmt.RuleGroup) ([]engine.Series, error) {
	kept, err := keptAt(groups)
	if err != nil {
		return nil, err
	}
	type series struct {
		Labels []byte
		Times  []int64
		Values []float64
	}
	var stored []series
	if f, err := os.Open(kept); err == nil {
		defer f.Close()
		if err := gob.NewDecoder(f).Decode(&stored); err != nil {
			return nil, err
		}
	} else {
		in := engine.Input{Groups: groups, Start: now.Add(-history), End: now, Step: evaluation}
		for _, s := range scenes() {
			in.Series = append(in.Series, s.series()...)
		}
		result, err := engine.Run(ctx, in)
		if err != nil {
			return nil, err
		}
		if len(result.Errors) > 0 {
			return nil, result.Errors[0]
		}
		for _, s := range result.Storage.ByHash {
			if s.Labels.Has(string(plan.LabelID)) || s.Labels.Has(string(plan.LabelService)) {
				l, err := s.Labels.MarshalJSON()
				if err != nil {
					return nil, err
				}
				stored = append(stored, series{l, s.Times, s.Values})
			}
		}
		f, err := os.Create(kept)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		if err := gob.NewEncoder(f).Encode(stored); err != nil {
			return nil, err
		}
	}
	out := make([]engine.Series, len(stored))
	for i, s := range stored {
		if err := json.Unmarshal(s.Labels, &out[i].Labels); err != nil {
			return nil, err
		}
		out[i].Times, out[i].Values = s.Times, s.Values
	}
	slices.SortFunc(out, func(a, b engine.Series) int { return labels.Compare(a.Labels, b.Labels) })
	return out, nil
}

// keptAt is a path that depends on rules and scenes.
func keptAt(groups []rulefmt.RuleGroup) (string, error) {
	hash := sha256.New()
	scenes, err := os.ReadFile(filepath.Join(testdata.Dir(), "pictures", "scenes.go"))
	if err != nil {
		return "", err
	}
	hash.Write(scenes)
	for _, g := range groups {
		for _, r := range g.Rules {
			fmt.Fprintln(hash, r.Record, r.Alert, r.Expr, r.For, r.Labels)
		}
	}
	return filepath.Join(os.TempDir(), fmt.Sprintf("promslo-pictures-%x", hash.Sum(nil)[:8])), nil
}
