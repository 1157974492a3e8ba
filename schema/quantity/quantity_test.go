package quantity

import "testing"

func TestParse(t *testing.T) {
	for text, want := range map[string]struct {
		in    Unit
		value float64
		text  string
	}{
		"500ms":      {Milliseconds, 500, "500ms"},
		"0.5s":       {Seconds, 0.5, "500ms"},
		"1s500ms":    {Seconds, 1.5, "1s500ms"},
		"1.5ms":      {Microseconds, 1500, "1ms500us"},
		"250us":      {Seconds, 0.00025, "250us"},
		"300us":      {Milliseconds, 0.3, "300us"},
		"65us536ns":  {Nanoseconds, 65536, "65us536ns"},
		"30d":        {Milliseconds, 2.592e9, "30d"},
		"4w":         {Seconds, 28 * 86400, "28d"},
		"1h30m":      {Seconds, 5400, "1h30m"},
		"1MB":        {Bytes, 1e6, "1MB"},
		"1.5MB":      {Bytes, 1.5e6, "1500kB"},
		"64KiB":      {Bytes, 65536, "64KiB"},
		"2KB":        {Bytes, 2000, "2kB"},
		"2kB":        {Bytes, 2000, "2kB"},
		"1024B":      {Bytes, 1024, "1KiB"},
		"1TiB":       {Bytes, 1099511627776, "1TiB"},
		"1000000MiB": {Bytes, 1048576e6, "1000000MiB"},
	} {
		q, ok := Parse(text)
		if !ok || q.In(want.in) != want.value || q.String() != want.text || !q.InRange() && text != "1000000MiB" {
			t.Errorf("%s: %v %v, %v in %s", text, q, ok, q.In(want.in), want.in)
		}
		if again, _ := Parse(q.String()); again != q {
			t.Errorf("%s is read as %v", q, again)
		}
	}
	for _, text := range []string{"", "0s", "0B", "5", "1X", "MB"} {
		if q, ok := Parse(text); ok {
			t.Errorf("%q is %v", text, q)
		}
	}
	for _, text := range []string{"999ns", "0.5us", "31d", "1001TB", "99999999999999999999d", "99999999999999999999TB"} {
		if q, ok := Parse(text); !ok || q.InRange() {
			t.Errorf("%s is in the range, as %v", text, q)
		}
	}
}

func TestKnown(t *testing.T) {
	for name, want := range map[string]Unit{
		"http_request_duration_seconds":       Seconds,
		"seconds":                             Seconds,
		"istio_request_duration_milliseconds": Milliseconds,
		"response_latency_ms":                 Milliseconds,
		"etcd_op_us":                          Microseconds,
		"bio_latency_nanoseconds":             Nanoseconds,
		"http_response_size_bytes":            Bytes,
		"http.server.request.duration":        Seconds,
		"http.server.duration":                Milliseconds,
		"rpc.client.duration":                 Milliseconds,
		"rpc.server.call.duration":            Seconds,
		"http.server.request.body.size":       Bytes,
		"http.server.duration_milliseconds":   Milliseconds,
		"my.latency.ms":                       Milliseconds,
		"envoy_cluster_upstream_rq_time":      "",
		"http_server_request_duration":        "",
		"items":                               "",
		"requests_by_status":                  "",
		"queue.length":                        "",
	} {
		if got := Known(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
