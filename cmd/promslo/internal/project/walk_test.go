package project

import (
	"os"
	"path/filepath"
	"testing"
)

// TestReadLimit checks that of a file without an end only so much is read.
func TestReadLimit(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "big"), make([]byte, MaxBytes+1), 0o600); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	data, err := Read(root, "big")
	if err != nil || len(data) != MaxBytes {
		t.Errorf("%d bytes, %v", len(data), err)
	}
}
