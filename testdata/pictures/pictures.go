// Pictures evaluates the queries of generated dashboards, for render.mjs to draw.
//
// In: the specs beside it, and what happens to their SLOs (scenes.go). Out: NAME.json for
// each picture, with a dashboard and the frames that Grafana's data source would return.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/promslo/promslo/generate"
	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/rules"
	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/read"
	"github.com/promslo/promslo/testdata"
)

// evaluation is the interval of rules and the finest step of queries. Below the look-back of
// five minutes the engine replays rules instead of stepping through them.
const evaluation = 4 * time.Minute

func main() {
	out := flag.String("out", "", "directory of the pictures")
	only := flag.String("only", "", "draw only pictures whose names contain this")
	flag.Parse()
	if err := run(*out, *only); err != nil {
		log.Fatal(err)
	}
}

func run(out, only string) error {
	ctx := context.Background()
	files, groups, err := generated(ctx)
	if err != nil {
		return err
	}
	recorded, err := recordedBy(ctx, groups)
	if err != nil {
		return err
	}
	for _, p := range pictures() {
		if !strings.Contains(p.name, only) {
			continue
		}
		data, ok := files["dashboards/"+p.dashboard+".json"]
		if !ok {
			return fmt.Errorf("%s: no dashboard %s", p.name, p.dashboard)
		}
		seen, err := p.evaluate(ctx, data, p.servers(recorded))
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		encoded, err := json.Marshal(seen)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(out, p.name+".json"), encoded, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// generated returns the files and the rules of the specs beside this file.
func generated(ctx context.Context) (map[string][]byte, []rulefmt.RuleGroup, error) {
	dir := filepath.Join(testdata.Dir(), "pictures", "specs")
	paths, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		return nil, nil, err
	}
	var specs []read.Input
	project := schema.DefaultProject()
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, nil, err
		}
		in := read.Input{File: path, Source: filepath.Base(path), Data: data}
		if in.Source != "promslo.yaml" {
			specs = append(specs, in)
			continue
		}
		loaded, findings := schema.LoadProject(in, schema.Options{})
		if len(findings) > 0 {
			return nil, nil, fmt.Errorf("%v", findings)
		}
		project = loaded
	}
	services, findings := schema.LoadSpecs(ctx, project, specs, schema.Options{})
	if len(findings) > 0 {
		return nil, nil, fmt.Errorf("%v", findings)
	}
	files, findings, err := generate.Generate(ctx, services, project, generate.Options{Only: []generate.Kind{generate.Dashboards}})
	if err != nil || files == nil {
		return nil, nil, fmt.Errorf("%v %v", findings, err)
	}
	var groups []rulefmt.RuleGroup
	for _, s := range services {
		p, _ := plan.New(s, project)
		of, err := rules.Groups(p)
		if err != nil {
			return nil, nil, err
		}
		groups = append(groups, of...)
	}
	return files, groups, nil
}

// servers returns what the Prometheus servers of a picture have recorded: those of one
// cluster, of two, or a pair that records the same.
func (p picture) servers(recorded []engine.Series) *engine.Storage {
	out := engine.NewStorage()
	add := func(s engine.Series, with ...string) {
		b := labels.NewBuilder(s.Labels)
		for i := 0; i < len(with); i += 2 {
			b.Set(with[i], with[i+1])
		}
		if err := out.Add(engine.Series{Labels: b.Labels(), Times: s.Times, Values: s.Values}); err != nil {
			log.Fatal(err)
		}
	}
	for _, s := range recorded {
		id := s.Labels.Get(string(plan.LabelID))
		switch {
		case p.pair:
			add(s, "cluster", "eu", "replica", "a")
			add(s, "cluster", "eu", "replica", "b")
		default:
			add(s, "cluster", "eu")
		}
		if p.clusters && id == "shop/paging" { // it is ok that pages in the other cluster
			add(s, "cluster", "us", string(plan.LabelID), "shop/ok", string(plan.LabelName), "ok",
				"alertname", strings.Replace(s.Labels.Get("alertname"), "Paging", "Ok", 1),
				string(plan.LabelDashboard), strings.Replace(s.Labels.Get(string(plan.LabelDashboard)), "_paging", "_ok", 1))
		}
	}
	return out
}
