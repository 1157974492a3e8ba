package schema

import (
	"fmt"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

// Kubernetes allows more, but every PrometheusRule has all of them.
const (
	maxMetadata     = 50      // labels, and annotations
	maxMetadataText = 8 << 10 // bytes of all annotations
)

// delivery decodes how rules are deployed: as rule files or as PrometheusRules.
func (c *fileChecker) delivery(n *read.Node) model.Delivery {
	out := model.Delivery{
		Operator:    c.text(n, "format") == "operator",
		Namespace:   c.text(n, "namespace"),
		Labels:      c.stringMap(nil, n.Get("labels")),
		Annotations: c.stringMap(nil, n.Get("annotations")),
	}
	for _, key := range []string{"labels", "annotations"} {
		if v := c.valid(n, key); v != nil && len(v.Fields) > maxMetadata {
			c.add(diag.TooManyValues, v.Pos, fmt.Sprintf("%s has %d entries, and may have at most %d", key, len(v.Fields), maxMetadata), "")
		}
	}
	size := 0
	for key, text := range out.Annotations {
		size += len(key) + len(text)
	}
	if size > maxMetadataText {
		c.add(diag.TooLarge, n.Get("annotations").Pos, fmt.Sprintf("the annotations have %d bytes, and may have at most %d KiB", size, maxMetadataText>>10), "shorten them: each resource has them all")
	}
	if out.Operator || c.invalid[n.Get("format")] {
		return out
	}
	for _, key := range []string{"namespace", "labels", "annotations"} {
		if v := n.Get(key); v != nil {
			c.add(diag.InvalidValue, v.Pos, fmt.Sprintf("rules.%s is for the resources of the Prometheus operator, and none are generated", key), "add `format: operator`, or remove it")
		}
	}
	return out
}
