package breaking

import (
	"fmt"
	"time"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// scrape returns how often the metrics of an SLO are scraped.
func (v Version) scrape(slo model.SLO) time.Duration {
	if slo.Scrape != 0 {
		return slo.Scrape
	}
	return v.Project.Scrape
}

// scrapeSlower reports longer intervals of scrapes and of evaluations.
func scrapeSlower(c *comparison, report func(change)) {
	slower := func(was, is time.Duration, at diag.Pos, subject, what string, touched impact) {
		if is > was {
			report(change{
				pos: at, subject: subject, before: words.Duration(was), after: words.Duration(is), impact: touched,
				message:    fmt.Sprintf("%s every %s, and every %s before: what is shorter may not be seen, and alerts come later", what, words.Duration(is), words.Duration(was)),
				suggestion: "keep it as often for what pages",
			})
		}
	}
	slower(c.before.Project.Scrape, c.after.Project.Scrape, c.projectPos("scrapeInterval"), "the project", "targets are scraped", impact{})
	slower(c.before.Project.Evaluation, c.after.Project.Evaluation, c.projectPos("evaluationInterval"), "the project", "rules are evaluated", impact{})
	for _, p := range c.pairs {
		if p.before.slo.Scrape != 0 || p.after.slo.Scrape != 0 {
			slower(c.before.scrape(p.before.slo), c.after.scrape(p.after.slo), p.after.pos("sli", "scrapeInterval"), p.after.name(), "the metrics of "+p.after.name()+" are scraped", c.impact(p, ""))
		}
	}
}
