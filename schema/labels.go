package schema

import (
	"fmt"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

// maxRecordLabels limits the labels that stand on each recorded series of an SLO.
const maxRecordLabels = 10

// labelsOf adds the labels of a project, a tier or a service to those of all above it.
func (c *fileChecker) labelsOf(n *read.Node, to model.Tier) model.Tier {
	to.Labels = c.labels(to.Labels, n)
	to.RecordLabels = c.recordLabels(to.RecordLabels, n)
	return to
}

// labels adds the labels that n gives to alerts.
func (c *fileChecker) labels(to map[string]string, n *read.Node) map[string]string {
	labels := c.valid(n, "labels")
	if labels == nil {
		return to
	}
	c.checkAllFree(labels)
	return c.stringMap(to, labels)
}

// recordLabels adds the labels that n gives to recorded series.
func (c *fileChecker) recordLabels(to map[string]string, n *read.Node) map[string]string {
	labels := c.valid(n, "recordLabels")
	if labels == nil {
		return to
	}
	c.checkAllFree(labels)
	if to = c.stringMap(to, labels); len(to) > maxRecordLabels {
		c.add(diag.TooManyValues, labels.Pos, fmt.Sprintf("with this, recorded series have %d labels of recordLabels, and may have at most %d", len(to), maxRecordLabels), "remove some: what changes rarely matters to alerts belongs into `labels`")
	}
	return to
}

// checkGroupByLabels reports labels that would override a label of groupBy.
func (c *fileChecker) checkGroupByLabels(n *read.Node, slo model.SLO) {
	by := c.valid(n, "groupBy")
	if by == nil {
		return
	}
	a := slo.Alerting
	for _, item := range by.Items {
		c.checkFree(item.Text, item.Pos)
		for _, labels := range []map[string]string{slo.Labels, a.Page.Labels, a.Ticket.Labels, slo.RecordLabels} {
			if value, ok := labels[item.Text]; ok {
				c.add(diag.InvalidValue, item.Pos, fmt.Sprintf("groupBy splits the promise by %s, and labels set it to %s", diag.Shorten(item.Text), diag.Shorten(value)), "remove one of them")
				break
			}
		}
	}
}
