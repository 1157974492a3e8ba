package lint_test

import (
	"strings"
	"testing"
)

// TestCountsWhatItSays: SLIs whose bad events are good, none, all, or of something else,
// and such as look like that and are right.
func TestCountsWhatItSays(t *testing.T) {
	const seconds = "http_request_duration_seconds"
	rate := func(selector string) string { return "sum(rate(" + selector + "[$window]))" }
	for name, test := range map[string]struct {
		side, total string // of bad; of good behind an exclamation mark
		want        string // ID and a part of the message; empty: nothing
	}{
		// Buckets.
		"fast ones are bad":          {rate(seconds + `_bucket{le="0.5"}`), rate(seconds + "_count"), "inverted-sli: bad is inverted: it counts the fast or small ones, within le=0.5"},
		"slow ones are good":         {"!" + rate(seconds+"_count") + " - " + rate(seconds+`_bucket{le="0.5"}`), seconds + "_count", "inverted-sli: good is inverted: it counts the slow"},
		"all but the fast are bad":   {rate(seconds+"_count") + " - " + rate(seconds+`_bucket{le="0.5"}`), seconds + "_count", ""},
		"fast ones are good":         {"!" + seconds + `_bucket{le="0.5"}`, seconds + "_count", ""},
		"of the largest":             {"!" + seconds + `_bucket{le="0.5"}`, seconds + `_bucket{le="+Inf"}`, ""},
		"a band":                     {rate(seconds+`_bucket{le="2.5"}`) + " - " + rate(seconds+`_bucket{le="0.5"}`), seconds + `_bucket{le="2.5"}`, ""},
		"smaller less larger":        {rate(seconds+`_bucket{le="0.5"}`) + " - " + rate(seconds+`_bucket{le="+Inf"}`), seconds + "_count", "impossible-sli: bad is never above 0"},
		"smaller less all":           {rate(seconds+`_bucket{job="x",le="0.5"}`) + " - " + rate(seconds+`_count{job="x"}`), seconds + `_count{job="x"}`, "impossible-sli: bad is never above 0"},
		"good ones never above 0":    {"!" + rate(seconds+`_bucket{le="0.5"}`) + " - " + rate(seconds+"_count"), seconds + "_count", "impossible-sli: good is never above 0: everything is bad"},
		"the largest is bad":         {seconds + `_bucket{le="+Inf"}`, seconds + "_count", "impossible-sli: bad counts the same events as total: everything is bad"},
		"the largest is good":        {"!" + seconds + `_bucket{le="+Inf"}`, seconds + "_count", "impossible-sli: good counts the same events as total, and nothing is ever bad"},
		"whole on both servers":      {`istio_milliseconds_bucket{le=~"500|500\\.0"}`, "istio_milliseconds_count", "inverted-sli: bad is inverted: it counts the fast or small ones, within le=500"},
		"slow reads of etcd":         {rate(`etcd_disk_wal_fsync_duration_seconds_count{job="etcd"}`) + " - " + rate(`etcd_disk_wal_fsync_duration_seconds_bucket{job="etcd",le="0.016"}`), `etcd_disk_wal_fsync_duration_seconds_count{job="etcd"}`, ""},
		"of another histogram's job": {"!" + seconds + `_bucket{job="a",le="0.5"}`, seconds + `_count{job="b"}`, "bad-outside-total: good counts no event of total, which asks for job=\"b\""},

		// Everything, nothing, and swapped.
		"the same":                      {`jobs_total{queue="a"}`, rate(`jobs_total{queue="a"}`), "impossible-sli: bad counts the same events as total: everything is bad"},
		"the same good ones":            {`!jobs_total{queue="a"}`, `jobs_total{queue="a"}`, "impossible-sli: good counts the same events as total, and nothing"},
		"total without good":            {rate("jobs_total") + " - " + rate(`jobs_total{result="done"}`), "jobs_total", ""},
		"some less all":                 {rate(`jobs_total{result="done"}`) + " - " + rate("jobs_total"), "jobs_total", "impossible-sli: bad is never above 0"},
		"swapped":                       {`http_requests_total{job="x"}`, `http_requests_total{job="x",code=~"5.."}`, "inverted-sli: bad counts all events, and total only some of them"},
		"swapped by name":               {"alertmanager_notifications_total", "alertmanager_notifications_failed_total", "inverted-sli: bad counts all events"},
		"failures by name":              {"alertmanager_notifications_failed_total", "alertmanager_notifications_total", ""},
		"called failures":               {`kafka_producer_send_failures_total{job="x"}`, `kafka_producer_records_total{job="x"}`, ""},
		"failures among failures":       {"dropped_error_events_total", "error_events_total", ""},
		"good and bad are all":          {"errors_total", rate("errors_total") + " + " + rate("ok_total"), ""},
		"parts of a total of parts":     {`x_total{kind=~"a|b",why="c"}`, rate(`x_total{kind="a"}`) + " + " + rate(`x_total{kind="b"}`), ""},
		"seconds of the processor":      {`node_cpu_seconds_total{mode="iowait"}`, "node_cpu_seconds_total", ""},
		"of another metric":             {`nginx_ingress_controller_requests{status=~"5.."}`, `http_requests_total{job="x"}`, ""},
		"one metric of the other":       {`etcd_server_leader_changes_seen_total`, `grpc_server_handled_total{job="etcd"}`, ""},
		"successes by name":             {"backup_success_total", "backup_runs_total", "inverted-sli: the SLI is inverted: bad counts what backup_success_total is called after"},
		"unsuccessful":                  {"backup_unsuccessful_total", "backup_runs_total", ""},
		"failures are good":             {"!login_errors_total", "logins_total", "inverted-sli: the SLI is inverted: good counts what login_errors_total is called after"},
		"successes of total are good":   {"!login_success_total", "logins_total", ""},
		"successes with a failed label": {`login_success_total{reason="x"}`, "logins_total", ""},

		// Outcomes.
		"2xx are bad":          {`http_requests_total{code=~"2.."}`, "http_requests_total", `inverted-sli: the SLI is inverted: bad counts successes, code=~"2.."`},
		"2xx are good":         {`!http_requests_total{code=~"2.."}`, "http_requests_total", ""},
		"all but 5xx are bad":  {`http_requests_total{code!~"5.."}`, "http_requests_total", "inverted-sli"},
		"all but 5xx are good": {`!http_requests_total{code!~"5.."}`, "http_requests_total", ""},
		"5xx are good":         {`!istio_requests_total{response_code=~"5.."}`, "istio_requests_total", "inverted-sli: the SLI is inverted: good counts failures"},
		"all but 2xx are bad":  {`http_requests_total{code!~"2.."}`, "http_requests_total", ""},
		"4xx are bad":          {`http_requests_total{code=~"4.."}`, "http_requests_total", ""},
		"4xx and 5xx":          {`traefik_service_requests_total{code=~"[45].."}`, `traefik_service_requests_total{code!="499"}`, "bad-outside-total: bad counts events that total does not: total asks for code!=\"499\""},
		"all but 200 are bad":  {`http_requests_total{code!="200"}`, "http_requests_total", ""},
		"success":              {`jobs_total{status="success"}`, "jobs_total", "inverted-sli"},
		"SUCCESS":              {`http_server_requests_seconds_count{outcome="SUCCESS"}`, "http_server_requests_seconds_count", "inverted-sli"},
		"not a success":        {`jobs_total{status!="success"}`, "jobs_total", ""},
		"not an error":         {`jobs_total{status!="error"}`, "jobs_total", "inverted-sli"},
		"an error":             {`jobs_total{status="error"}`, "jobs_total", ""},
		"a state":              {`jobs_total{state="stuck"}`, "jobs_total", ""},
		"not that state":       {`jobs_total{state!="running"}`, "jobs_total", ""},
		"an error of some":     {`rpc_total{error!=""}`, "rpc_total", ""},
		"no error":             {`rpc_total{error=""}`, "rpc_total", "inverted-sli"},
		"a timeout":            {`rpc_total{error="timeout"}`, "rpc_total", ""},
		"grpc OK":              {`grpc_server_handled_total{grpc_code="OK"}`, "grpc_server_handled_total", "inverted-sli"},
		"grpc not OK":          {`grpc_server_handled_total{grpc_code!="OK"}`, "grpc_server_handled_total", ""},
		"grpc failures":        {`grpc_server_handled_total{grpc_code=~"Unavailable|Internal"}`, "grpc_server_handled_total", ""},
		"5xx that succeeded":   {`x_total{code=~"5..",result="ok"}`, "x_total", ""},

		// Containment.
		"of all jobs":        {`http_requests_total{code=~"5.."}`, `http_requests_total{job="users"}`, `bad-outside-total: bad counts events that total does not: total asks for job="users", bad does not`},
		"of another job":     {`http_requests_total{job="a",code=~"5.."}`, `http_requests_total{job="b"}`, "bad-outside-total: bad counts no event of total"},
		"of one job":         {`http_requests_total{job="users",code=~"5.."}`, `http_requests_total{job=~"users|mail"}`, ""},
		"with any code":      {`http_requests_total{code=~"5.."}`, `http_requests_total{code!=""}`, ""},
		"status beside":      {`x_total{status="error"}`, `x_total{status="ok"}`, "bad-outside-total: bad counts no event of total"},
		"one addend outside": {rate(`x_total{job="a",code="500"}`) + " + " + rate(`x_total{code="503"}`), `x_total{job="a"}`, "bad-outside-total: bad counts events"},
	} {
		lines := []string{"sli:", "  events:", "    bad: '" + test.side + "'", "    total: '" + test.total + "'"}
		if good, ok := strings.CutPrefix(test.side, "!"); ok {
			lines[2] = "    good: '" + good + "'"
		}
		one(t, name, test.want, found(t, lines...))
	}
}

// TestPromises: what http and grpc promise, and match.
func TestPromises(t *testing.T) {
	for sli, want := range map[string]string{
		"http: {metric: x_total}":                                        "",
		"http: {metric: x_total, promises: [201, 400, 401, 404]}":        "",
		"http: {metric: x_total, promises: [2xx, 404]}":                  "",
		"http: {metric: x_total, promises: [5xx]}":                       "inverted-sli: the SLI is inverted: bad counts successes",
		"http: {metric: x_total, promises: [503]}":                       "inverted-sli",
		"http: {metric: x_total, promises: [201, 503]}":                  "",
		"http: {metric: x_total, statusLabel: sc, promises: [5xx, 4xx]}": "inverted-sli",
		"grpc: {}":                                                                   "",
		"grpc: {promises: [OK, NotFound]}":                                           "",
		"grpc: {promises: [Unavailable]}":                                            "inverted-sli",
		"http: {metric: x_total, match: {code: \"200\"}}":                            "status-matched: nothing is ever bad: none of the requests with code=\"200\"",
		"http: {metric: x_total, match: {code: \"=~5..\"}}":                          "status-matched: everything is bad: all requests with code=~\"5..\"",
		"http: {metric: x_total, match: {code: \"=~[25]..\"}}":                       "status-matched: only requests with code=~\"[25]..\" count at all",
		"http: {metric: x_total, match: {code: \"!=499\"}}":                          "",
		"http: {metric: x_total, match: {code: \"=~.+\"}}":                           "",
		"http: {metric: x_total, match: {code: \"!~5..\"}}":                          "status-matched: nothing is ever bad",
		"http: {metric: x_total, match: {status: \"=~2..\"}}":                        "",
		"grpc: {match: {grpc_code: OK}}":                                             "status-matched: nothing is ever bad: none of the calls",
		"latency: {histogram: x_seconds, threshold: 1s, match: {code: \"!~5..\"}}":   "",
		"http: {metric: x_total, match: {path: [\"=~/api/.*\", \"!=/api/health\"]}}": "",
		"http: {metric: x_total, match: {path: [/a, /b]}}":                           "contradictory-matchers: no series has a path that fits path=\"/a\" and path=\"/b\"",
	} {
		one(t, sli, want, found(t, "sli: {"+sli+"}"))
	}
}

// TestMatchers: values that are not what they seem.
func TestMatchers(t *testing.T) {
	for value, want := range map[string]string{
		"/api/.*":           "looks-like-regexp: label=\"/api/.*\" compares label with this very text",
		"a|b":               "looks-like-regexp",
		"5..":               "looks-like-regexp",
		"!=5..":             "looks-like-regexp",
		"[a-z]+":            "looks-like-regexp",
		"^/users$":          "looks-like-regexp",
		"~/api":             "looks-like-regexp",
		"=~/api/.*":         "",
		"!~a|b":             "",
		"/api/*":            "",
		"/users/{id}":       "",
		"/users/:id":        "",
		"/users/[id]":       "",
		"POST /v1.2/$batch": "",
		"5xx":               "",
		"10.0.0.1:9090":     "",
		"users.example.com": "",
		"outbound|80||shop.prod.svc.cluster.local": "",
		"inbound|8080||": "",
		"":               "",
		`=~"5.."`:        "quoted-value: label=~\"\\\"5..\\\"\" asks for a label with the quotes, spaces or signs around the value",
		`"users"`:        "quoted-value",
		`=~ 5..`:         "quoted-value",
		`=users`:         "quoted-value",
		`it is "so"`:     "",
	} {
		one(t, value, want, found(t, "sli:", "  http:", "    metric: x_total", "    match:", "      label: '"+value+"'"))
	}
	one(t, "in PromQL", "looks-like-regexp", found(t, "sli: {uptime: {expr: 'up{job=\"users|mail\"}'}}"))
	one(t, "in PromQL, right", "", found(t, "sli: {uptime: {expr: 'up{job=~\"users|mail\"}'}}"))
	one(t, "contradiction", "contradictory-matchers: no series has a job that fits job=\"a\" and job=\"b\"", found(t, "sli: {uptime: {expr: 'up{job=\"a\",job=\"b\"}'}}"))
	one(t, "contradiction of events", "contradictory-matchers", found(t, "sli: {events: {bad: 'x_total{code=\"500\",code=\"503\"}', total: x_total}}"))
}

// TestMetrics: metrics of another kind than the SLI reads, by their names.
func TestMetrics(t *testing.T) {
	for sli, want := range map[string]string{
		"events: {bad: kube_deployment_status_replicas_unavailable, total: kube_deployment_status_replicas_total}":                   "not-a-counter: kube_deployment_status_replicas_unavailable is not called like a counter",
		"http: {metric: haproxy_frontend_http_requests}":                                                                             "not-a-counter",
		"http: {metric: http_request_duration_seconds}":                                                                              "not-a-counter",
		"http: {metric: http_request_duration_seconds_bucket}":                                                                       "not-a-counter: http_request_duration_seconds_bucket counts an event once for each bucket",
		"http: {metric: http_request_duration_seconds_sum}":                                                                          "not-a-counter: http_request_duration_seconds_sum adds up values",
		"http: {metric: http_request_duration_seconds_count}":                                                                        "",
		"http: {metric: nginx_ingress_controller_requests, statusLabel: status}":                                                     "",
		"http: {metric: envoy_cluster_upstream_rq, statusLabel: envoy_response_code}":                                                "",
		"events: {bad: pg_stat_database_xact_rollback, total: node_network_receive_packets_total}":                                   "",
		"http: {metric: envoy_cluster_upstream_rq_active}":                                                                           "not-a-counter",
		"grpc: {metric: rpc_server_duration}":                                                                                        "not-a-counter",
		"http: {metric: 'job:http_requests_total:sum'}":                                                                              "",
		"events: {bad: '{\"http.errors\"}', total: '{\"http.requests\"}'}":                                                           "prometheus-version",
		"events: {bad: 'errors_total', total: 'sum(rate(x_seconds_bucket[$window]))'}":                                               "not-a-counter: x_seconds_bucket without le",
		"events: {bad: 'sum(histogram_count(rate(bad_seconds[$window])))', total: 'sum(histogram_count(rate(x_seconds[$window])))'}": "",
		"events: {bad: 'errors_total', total: 'sum(rate(a_total[$window]) * on (pod) group_left () pod_info)'}":                      "",
		"latency: {histogram: http_request_duration_seconds_sum, threshold: 1s}":                                                     "not-a-histogram: http_request_duration_seconds_sum is not called like a histogram, but like the sum",
		"latency: {histogram: http_requests_total, threshold: 1s}":                                                                   "not-a-histogram",
		"latency: {histogram: http_request_duration_seconds, threshold: 1s}":                                                         "",
		"threshold: {expr: kafka_lag > 100, below: 1000}":                                                                            "filtered-samples: where `kafka_lag > 100` does not hold there is no value",
		"threshold: {expr: max(kafka_lag > 100), below: 1000}":                                                                       "filtered-samples",
		"threshold: {expr: count(up == 0), below: 1}":                                                                                "filtered-samples",
		"threshold: {expr: count(queue > 0), below: 5}":                                                                              "filtered-samples",
		"threshold: {expr: count(up == 0) or vector(0), below: 1}":                                                                   "",
		"threshold: {expr: kafka_lag, below: 1000}":                                                                                  "",
		"threshold: {expr: sum(up == bool 0), below: 1}":                                                                             "",
		"threshold: {expr: queue_age_seconds > 0, below: 10}":                                                                        "",
		"threshold: {expr: 'sum(rate(a_total[5m])) / (sum(rate(b_total[5m])) > 5)', below: 10}":                                      "",
		"gauge: {bad: count(up == 0), total: count(up)}":                                                                             "",
		"gauge: {good: sum(up), total: count(up == 1)}":                                                                              "filtered-samples",
		"ratio: {errors: error_ratio > 0.5}":                                                                                         "filtered-samples",
		"uptime: {expr: count(up == 1) > bool 2}":                                                                                    "filtered-samples",
	} {
		one(t, sli, want, found(t, "sli: {"+sli+"}"))
	}
}

// one holds the only finding against its ID and the beginning of its message.
func one(t *testing.T, name, want string, got []string) {
	t.Helper()
	switch {
	case want == "" && len(got) == 0:
	case want == "" || len(got) != 1:
		t.Errorf("%s: %q, want %q", name, got, want)
	default:
		if _, text, _ := strings.Cut(got[0], " "); !strings.HasPrefix(text, want) {
			t.Errorf("%s: %s, want %s", name, text, want)
		}
	}
}
