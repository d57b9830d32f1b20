package vectors_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"ockamtest/vectors"
)

// TestREADME: the numbers in README.md are those of the files.
func TestREADME(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	thousands := func(n int) string { return fmt.Sprintf("%d,%03d", n/1000, n%1000) }
	cell := func(n int) string { // an empty one is none
		if n == 0 {
			return "| "
		}
		return fmt.Sprintf("| %d ", n)
	}
	all, negative, flags := 0, 0, map[string]bool{}
	for _, f := range load(t) {
		n := map[vectors.Result]int{}
		for _, v := range f.All() {
			n[v.Common().Result]++
		}
		for flag := range f.Notes {
			flags[flag] = true
		}
		all, negative = all+len(f.All()), negative+n[vectors.Invalid]
		row := fmt.Sprintf("\n| %s | %s ", f.Name, strings.TrimSuffix(f.Schema, ".schema.json")) +
			cell(len(f.All())) + cell(n[vectors.Valid]) + cell(n[vectors.Invalid]) + cell(n[vectors.Acceptable])
		if !strings.Contains(string(readme), row) {
			t.Errorf("README.md has no row %q", row)
		}
	}
	want := fmt.Sprintf("\n%s vectors, %s of them negative, with %d flags,", thousands(all), thousands(negative), len(flags))
	if !strings.Contains(string(readme), want) {
		t.Errorf("README.md does not say %q", want)
	}
}
