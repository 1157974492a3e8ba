package ruletest

import (
	"math"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/sli"
)

// addOddTests adds tests of time-based SLIs whose values are neither good nor bad as usual,
// or which lack a series.
func (c *sloTests) addOddTests() {
	at := c.suite.rateTestTime()
	t := c.trace(at, []phase{{ceil(at, c.interval(at)), c.traffic, 0}})
	others := t
	others.phases = []phase{{t.length(), t.phases[0].traffic, 1}}
	second, _ := c.states.SecondInstance()
	for _, odd := range c.states.Odd {
		t.phases = []phase{{t.length(), odd.All * t.interval.Seconds(), ratio(odd.Bad, odd.All)}}
		b := c.newTest(odd.Name, at, t, nil)
		for i, value := range odd.Values {
			if value == sli.Missing {
				continue
			}
			s := sli.State{Series: c.states.All[i].Series, Good: value, Since: c.states.All[i].Since}
			b.addConstant(s)
			if odd.Second {
				s.Series = second.All[i].Series
				b.addConstant(s)
			}
		}
		for _, s := range c.uncounted {
			b.addInput(s, others.stateValues(c.states.Like(s)))
		}
		if math.IsNaN(odd.All) {
			b.expectNoReadings(at)
			continue
		}
		b.expectReadings(at)
		if odd.All == 0 {
			for _, w := range c.slo.BurnRateWindows() {
				if c.slo.Lag(w) == 0 && !c.slo.Sliding(w) {
					b.expectAbsent(at, plan.BurnRate, w)
				}
			}
		}
	}
}

// addConstant adds a series of the value while all is good.
func (b *builder) addConstant(s sli.State) {
	t := b.trace
	t.instances = 1
	t.phases = []phase{{t.length(), t.interval.Seconds(), 0}}
	b.addInput(s.Series, t.stateValues(s))
}

// expectNoReadings checks that nothing is read from raw series.
func (b *builder) expectNoReadings(at time.Duration) {
	b.addClocks(at)
	for _, events := range []plan.Events{plan.TotalEvents, plan.BadEvents} {
		for _, w := range b.slo.RateWindows() {
			if w == tile || !b.slo.TilesOnly {
				b.expectAbsent(at, events.Rate(w), 0)
			}
		}
		for _, length := range b.readTiles() {
			b.expectAbsent(at, events.Tile(length), 0)
		}
	}
}
