package words_test

import (
	"testing"
	"time"

	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

const day = 24 * time.Hour

func TestNumber(t *testing.T) {
	for _, tt := range []struct {
		x    float64
		want string
	}{{99.9 / 100, "0.999"}, {1 - 0.999, "0.001"}, {1 - 0.99999, "0.00001"}, {14.4, "14.4"}, {0.9 / 0.1, "9"}, {1e6, "1000000"}} {
		if got := words.Number(tt.x); got != tt.want {
			t.Errorf("Number(%v) = %s, want %s", tt.x, got, tt.want)
		}
	}
}

func TestDuration(t *testing.T) {
	for _, tt := range []struct {
		d    time.Duration
		want string
	}{{5 * time.Minute, "5m"}, {90 * time.Minute, "1h30m"}, {28 * day, "28d"}, {30 * day, "30d"}, {365 * day, "1y"}, {7 * day, "7d"}, {36 * time.Hour, "1d12h"}} {
		if got := words.Duration(tt.d); got != tt.want {
			t.Errorf("Duration(%v) = %s, want %s", tt.d, got, tt.want)
		}
	}
}

func TestLimits(t *testing.T) {
	one, ten := 1.0, 10.0
	for want, sli := range map[string]model.SLI{
		"not 5xx":         {HTTP: &model.HTTP{}},
		"200, 201 or 404": {HTTP: &model.HTTP{Promises: []string{"404", "200", "201"}}},
		"OK":              {GRPC: &model.GRPC{Promises: []string{"OK"}}},
		"none of DataLoss, DeadlineExceeded, Internal, Unavailable, Unimplemented or Unknown": {GRPC: &model.GRPC{}},
		"at most 1s500ms":               {Latency: &model.Latency{Threshold: 1500 * time.Millisecond}},
		"at least one instance":         {Uptime: &model.Uptime{}},
		"all instances":                 {Uptime: &model.Uptime{Share: 1}},
		"at least 7 % of the instances": {Uptime: &model.Uptime{Share: 0.07}},
		"above 1 and below 10":          {Threshold: &model.Threshold{Above: &one, Below: &ten}},
		"":                              {Events: &model.Events{}},
	} {
		if got := words.Limits(sli); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
