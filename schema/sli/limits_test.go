package sli_test

import (
	"testing"

	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/quantity"
	"github.com/promslo/promslo/schema/sli"
)

// TestMatchOrder: matchers of a label must all hold, in whatever order.
func TestMatchOrder(t *testing.T) {
	measured := func(match ...string) string {
		return (&sli.HTTP{Match: sli.Match{"path": match}}).Measured(nil, nil)
	}
	if a, b := measured("=~/a.*", "!=/a"), measured("!=/a", "=~/a.*"); a != b {
		t.Errorf("%s, and %s", a, b)
	}
	if a := measured("=~/a.*"); a == measured("=~/a.*", "!=/a") {
		t.Error(a)
	}
}

func TestLimits(t *testing.T) {
	one, ten := 1.0, 10.0
	for want, s := range map[string]model.SLI{
		"not 5xx":         &sli.HTTP{},
		"200, 201 or 404": &sli.HTTP{Promises: []string{"404", "200", "201"}},
		"OK":              &sli.GRPC{Promises: []string{"OK"}},
		"none of DataLoss, DeadlineExceeded, Internal, Unavailable, Unimplemented or Unknown": &sli.GRPC{},
		"at most 1s500ms":               &sli.Latency{Threshold: quantity.Quantity{Amount: 1.5e9}},
		"at least one instance":         &sli.Uptime{},
		"all instances":                 &sli.Uptime{Share: 1},
		"at least 7 % of the instances": &sli.Uptime{Share: 0.07},
		"above 1 and below 10":          &sli.Threshold{Above: &one, Below: &ten},
		"":                              &sli.Events{},
	} {
		if got := s.Limits(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
