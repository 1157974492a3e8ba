package schema

import (
	"cmp"
	"fmt"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

// dashboards decodes how dashboards come to Grafana.
func (c *fileChecker) dashboards(n *read.Node) model.Dashboards {
	out := model.Dashboards{
		URL: c.text(n, "url"), Contracts: c.text(n, "contracts"), Folder: c.text(n, "folder"), Namespace: c.text(n, "namespace"),
		Format: model.DashboardFormat(cmp.Or(c.text(n, "format"), string(model.DashboardJSON))),
		Prefix: c.text(n, "uidPrefix"),
		Labels: c.stringMap(nil, n.Get("labels")),
	}
	if len(out.Labels) > maxMetadata {
		c.add(diag.TooManyValues, n.Get("labels").Pos, fmt.Sprintf("labels has %d entries, and may have at most %d", len(out.Labels), maxMetadata), "")
	}
	if out.Format != model.DashboardJSON || c.invalid[n.Get("format")] {
		return out
	}
	for _, key := range []string{"namespace", "labels"} {
		if v := n.Get(key); v != nil {
			c.add(diag.InvalidValue, v.Pos, fmt.Sprintf("dashboards.%s is for resources of Kubernetes, and none are generated", key), "add `format: configmap`, operator or resource, or remove it")
		}
	}
	return out
}
