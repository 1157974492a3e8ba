package sli

import (
	"slices"
	"testing"
)

func TestSpellings(t *testing.T) {
	for code, want := range map[string][]string{
		"OK":               {"OK", "0"},
		"Canceled":         {"Canceled", "Cancelled", "CANCELLED", "1"},
		"DeadlineExceeded": {"DeadlineExceeded", "DEADLINE_EXCEEDED", "4"},
		"Unauthenticated":  {"Unauthenticated", "UNAUTHENTICATED", "16"},
	} {
		if got := Spellings(code); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", code, got, want)
		}
	}
	for spelling, want := range map[string]string{"14": "Unavailable", "unavailable": "Unavailable", "DATA_LOSS": "DataLoss", "data_loss": "DataLoss", "dataloss": "DataLoss", "cancelled": "Canceled", "1": "Canceled"} {
		if got := codeNamed(spelling); got != want {
			t.Errorf("%s is %s, want %s", spelling, got, want)
		}
	}
}

func TestCodeLabelOf(t *testing.T) {
	for metric, want := range map[string]string{
		"grpc_server_handled_total":                    "grpc_code",
		"rpc_calls_total":                              "grpc_code",
		"rpc_server_duration_milliseconds_count":       "rpc_grpc_status_code",
		"rpc_client_duration_count":                    "rpc_grpc_status_code",
		"rpc.server.duration_count":                    "rpc.grpc.status_code",
		"rpc_server_call_duration_seconds_count":       "rpc_response_status_code",
		"rpc.client.call.duration_count":               "rpc.response.status_code",
		"rpc_server_duration_milliseconds_count_total": "grpc_code",
	} {
		if got := codeLabelOf(metric); got != want {
			t.Errorf("%s: %s, want %s", metric, got, want)
		}
	}
}
