package gate

import (
	"strings"
	"testing"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/model"
)

func TestDecide(t *testing.T) {
	service := plan.Service{Name: "shop", Owner: "team", Policy: []model.Step{
		{Below: 50, Do: "Review", Gate: model.Warn},
		{Below: 20, Do: "Ask", Gate: model.Block, Approvers: []string{"ann", "bob"}},
		{Below: 0, Do: "Freeze", Gate: model.Block},
	}}
	agreed := func(f Facts, to float64) Facts { f.Agreed, f.AgreedLeast = &to, &to; return f }
	full := Facts{Remaining: 0.9, Least: 0.9, Coverage: 1}
	at := func(left, least float64) Facts { f := full; f.Remaining, f.Least = left, least; return f }
	with := func(change func(*Facts)) Facts { f := full; change(&f); return f }
	for name, c := range map[string]struct {
		facts Facts
		state State
		why   string
	}{
		"full":             {full, Allow, "90 % of the error budget is left"},
		"at a threshold":   {at(0.2, 0.2), Allow, "below 50 %"},
		"warn":             {at(0.3, 0.3), Allow, "Review"},
		"approval":         {at(0.1999, 0.1999), Approval, "19.9 % of the error budget is left, and below 20 % the policy of shop says: Ask"},
		"block":            {at(-0.0001, -0.0001), Block, "overspent by 0.1 %"},
		"shortly before":   {at(0.01, -0.01), Block, "1 % of the error budget is left, but it was below 0 % shortly before"},
		"corrected":        {agreed(at(-1, -1), 0.6), Allow, "60 % of the error budget is left"},
		"not known":        {Facts{Unknown: "no answer"}, Unknown, "no answer"},
		"metrics are gone": {with(func(f *Facts) { f.NoData = []string{"ShopNoData"} }), Unknown, "ShopNoData"},
		"gone and spent":   {with(func(f *Facts) { f.NoData, f.Least = []string{"ShopNoData"}, -1 }), Block, "Freeze"},
		"little measured":  {with(func(f *Facts) { f.Coverage = 0.49 }), Unknown, "only 49 % of the period was measured"},
		"little, spent":    {with(func(f *Facts) { f.Coverage, f.Remaining, f.Least = 0.1, -1, -1 }), Block, "overspent by 100 %"},
		"waived":           {with(func(f *Facts) { f.Least, f.Waiver = -1, &model.Waiver{By: []string{"ann"}, Because: "repair"} }), Allow, "a waiver of ann opens the gate: repair"},
		"pages":            {with(func(f *Facts) { f.Pages = []string{"ShopBurnPage"} }), Approval, "ShopBurnPage fires"},
	} {
		t.Run(name, func(t *testing.T) {
			d := Decide(service, c.facts, 0.5)
			if d.State != c.state || !strings.Contains(d.Why, c.why) {
				t.Errorf("%s: %s", d.State, d.Why)
			}
			if (d.State == Approval) != (len(d.Who) > 0) {
				t.Errorf("%s is to be approved by %v", d.State, d.Who)
			}
		})
	}
	if d := Decide(plan.Service{Name: "x"}, at(-3, -3), 0.5); d.State != Allow {
		t.Errorf("without a policy: %s", d.State)
	}
	if Worst(Unknown, Allow) != Unknown || Worst(Unknown, Block) != Block || Worst(Block, Approval) != Block {
		t.Error("the worst is another")
	}
}
