package check

import (
	"context"
	"strings"
	"time"

	prom "github.com/prometheus/common/model"

	"github.com/promslo/promslo/cmd/promslo/internal/promapi"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/diag"
)

// retention returns how long the server keeps samples; 0: it does not tell.
func (c *checker) retention(ctx context.Context) (time.Duration, error) {
	info, err := c.client.Runtime(ctx)
	if promapi.Unsupported(err) {
		return 0, nil
	}
	// Such as 15d, 50GB, or 15d or 50GB: of a size nobody knows how long it lasts.
	text, _, bySize := strings.Cut(info.StorageRetention, " or ")
	d, failed := prom.ParseDuration(text)
	if failed != nil || bySize {
		return 0, err
	}
	return time.Duration(d), err
}

// checkRetention checks that the period of the budget is kept.
func (s *subject) checkRetention(kept time.Duration) {
	field := "window"
	if s.slo.Calendar != "" {
		field = "calendar"
	}
	switch {
	case kept == 0:
		s.untold = append(s.untold, "how long it keeps samples")
	case kept < s.slo.Period:
		s.report(diag.RetentionShort, s.pos(field), "keep samples longer (--storage.tsdb.retention.time), or ask a server with long-term storage", "the server keeps samples for %s, and the period is %s", plan.Duration(kept), s.slo.PeriodText())
	}
}
