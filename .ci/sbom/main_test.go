package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// TestWrite reads this test's own program: it has no modules but the standard
// library's, and says with which Go it was built.
func TestWrite(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var first, second bytes.Buffer
	if err := write(&first, program); err != nil {
		t.Fatal(err)
	}
	if err := write(&second, program); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Errorf("the second bill differs, or there is none: %v", err)
	}
	var b bom
	if err := json.Unmarshal(first.Bytes(), &b); err != nil {
		t.Fatal(err)
	}
	if b.Format != "CycloneDX" || len(b.Components) == 0 || len(b.Dependencies) != 1 || len(b.Metadata.Component.Hashes) != 1 {
		t.Errorf("bill: %+v", b)
	}
	for _, c := range b.Components {
		if !strings.HasPrefix(c.PURL, "pkg:golang/") || c.Version == "" {
			t.Errorf("component: %+v", c)
		}
	}
	if err := write(&first, os.DevNull); err == nil {
		t.Error("a bill of nothing was written")
	}
}
