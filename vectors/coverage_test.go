package vectors_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"ockamtest/vectors"
)

// Each requirement of WIRE, NOISE, and REC that shows on the wire has a positive and a negative vector, or a reason, and not both.
func TestGaps(t *testing.T) {
	spec, err := os.ReadFile(filepath.Join("..", "conformance", "spec", "ockam-v1.md"))
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, m := range regexp.MustCompile(`(?m)^- \*\*((?:WIRE|NOISE|REC)-\d+) \w+ \[w\]`).FindAllSubmatch(spec, -1) {
		ids = append(ids, string(m[1]))
	}
	if len(ids) < 40 {
		t.Fatalf("%d requirements", len(ids))
	}
	gaps := map[string]vectors.Gap{}
	for _, g := range vectors.Gaps() {
		if gaps[g.Requirement] = g; g.Positive == "" && g.Negative == "" {
			t.Errorf("%s: a gap without a reason", g.Requirement)
		}
	}
	for _, c := range vectors.CoverageOf(load(t), ids) {
		g := gaps[c.Requirement]
		delete(gaps, c.Requirement)
		if (c.Positive > 0) == (g.Positive != "") || (c.Negative > 0) == (g.Negative != "") {
			t.Errorf("%s: %d positive and %d negative vectors, reasons %q and %q", c.Requirement, c.Positive, c.Negative, g.Positive, g.Negative)
		}
	}
	for id := range gaps {
		t.Errorf("%s is no such requirement, or twice a gap", id)
	}
}
