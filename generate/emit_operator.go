package generate

import (
	"fmt"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/rules"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// Operator is the kind of PrometheusRule resources for the Prometheus operator. They
// have the same groups as the rule files, which tests read.
const Operator Kind = "operator"

func operatorEnabled(p model.Project) bool { return p.Rules.Operator }

// operatorFile makes a resource for a service. Its name differs from what else a
// namespace may have for the service.
func operatorFile(in serviceInput) (map[string][]byte, error) {
	about := rules.Metadata{
		Name: "promslo-" + in.plan.Name, Namespace: in.project.Rules.Namespace,
		Labels: in.project.Rules.Labels, Annotations: in.project.Rules.Annotations,
	}
	data, err := rules.EncodeResource(in.groups, about, in.comment())
	return map[string][]byte{in.plan.Name + ".yaml": data}, err
}

// maxResource is how many bytes of rules the operator accepts in one resource: half of
// the limit of a ConfigMap.
const maxResource = 512 << 10

// checkResourceSize reports that the rules of a service are too large for one resource.
func checkResourceSize(s model.Service, p plan.Service) []diag.Finding {
	groups, err := rules.Groups(p)
	if err != nil {
		return nil // Generate reports the error
	}
	data, err := rules.Encode(groups, "")
	if err != nil || len(data) <= maxResource {
		return nil
	}
	return []diag.Finding{{
		ID: diag.TooLarge, Pos: s.Source.At("service"),
		Message:    fmt.Sprintf("the rules of %s have %d KiB, and the Prometheus operator takes at most %d KiB in one resource", s.Name, len(data)>>10, maxResource>>10),
		Suggestion: "split the service",
	}}
}
