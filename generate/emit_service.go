package generate

import (
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/rules"
	"github.com/promslo/promslo/generate/ruletest"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// The kinds of files that every service has.
const (
	Rules Kind = "rules"
	Tests Kind = "tests"
)

// comment is the header of a YAML file.
func (in serviceInput) comment() string { return "# " + in.header + "\n\n" }

func ruleFile(in serviceInput) (map[string][]byte, error) {
	data, err := rules.Encode(in.groups, in.comment())
	return map[string][]byte{in.plan.Name + ".rules.yaml": data}, err
}

func testFiles(in serviceInput) (map[string][]byte, error) {
	groups := make([]string, len(in.groups))
	for i, g := range in.groups {
		groups[i] = g.Name
	}
	files, _, err := ruletest.Files(in.plan, groups, in.comment())
	return files, err
}

// checkTestable reports SLOs for which no tests can be generated.
func checkTestable(_ model.Service, p plan.Service) []diag.Finding { return ruletest.Check(p) }
