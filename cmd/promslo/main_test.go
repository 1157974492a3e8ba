package main_test

import (
	"os"
	"testing"

	"github.com/promslo/promslo/cmd/promslo/internal/sandbox"
)

func TestMain(m *testing.M) {
	if sandbox.IsChild() {
		sandbox.Serve(os.Stdin, os.Stdout)
		return
	}
	os.Exit(m.Run())
}
