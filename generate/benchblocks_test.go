//go:build unix

package generate_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/rulefmt"
	"go.yaml.in/yaml/v3"

	"github.com/promslo/promslo/testdata"
)

// BenchmarkBlocks prints the processor time that Prometheus takes in a minute to
// evaluate the rules of one SLO, on 35 days of raw and recorded series in blocks of
// its storage. See testdata/servers/rulecost, which makes and measures them; -v
// prints the dearest rules as well. With PROMSLO_PEERS (see BenchmarkRuleCost) the
// peers stand next to the SLO that they have too.
func BenchmarkBlocks(b *testing.B) {
	var args []string
	if testing.Verbose() {
		args = append(args, "-v")
	}
	dir := b.TempDir()
	for i, set := range blockSets(b) {
		file := filepath.Join(dir, fmt.Sprintf("%d.yaml", i))
		data, err := yaml.Marshal(rulefmt.RuleGroups{Groups: set.groups})
		if err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(file, data, 0o600); err != nil {
			b.Fatal(err)
		}
		args = append(args, fmt.Sprintf("%s=%d:%s", set.name, set.series, file))
	}
	cmd := exec.CommandContext(b.Context(), testdata.Tool(b, "rulecost"), args...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(0, "ns/op")
}

// blockSet is rules for one SLO, and how many raw series that has.
type blockSet struct {
	ruleSet
	series int
}

func blockSets(b *testing.B) []blockSet {
	b.Helper()
	const period = "    window: 30d\n"
	with := func(name, instead string) blockSet {
		set := ours(b, strings.Replace(availability, period, instead, 1))
		set.name = name
		return blockSet{set, 2}
	}
	var sets []blockSet
	for _, series := range []int{2, 20} {
		for _, set := range ruleSets(b) {
			if set.name == "promslo" {
				set.name = "30d"
			}
			sets = append(sets, blockSet{set, series})
		}
	}
	return append(sets,
		with("7d", "    window: 7d\n"),
		with("month, UTC", "    calendar: month\n"),
		with("month, Asia/Kolkata", "    calendar: month\n    timezone: Asia/Kolkata\n"),
		with("30d, scheduled objective", period+"    schedule: [{at: {hours: \"22:00-06:00\", timezone: Europe/Berlin}, objective: 99}]\n"),
		with("30d, daily exclusion", period+"    exclude: [{at: {hours: \"02:00-03:00\", timezone: Europe/Berlin}, reason: backup}]\n"),
	)
}
