package selftest

import (
	"slices"
	"strings"
	"testing"

	"ockamtest/conformance"
)

// faultClasses are the classes of section 13, in its words, without marks and without what stands in brackets.
func faultClasses(t *testing.T) (classes []string) {
	t.Helper()
	_, section, found := strings.Cut(conformance.Specification(), "that only that case's requirement catches.\n")
	if !found {
		t.Fatal("section 13 has another beginning")
	}
	section = strings.ReplaceAll(strings.Join(strings.Fields(section), " "), "*", "")
	for area := range strings.SplitSeq(strings.TrimSuffix(section, "."), ". ") {
		_, list, found := strings.Cut(area, ": ")
		if !found {
			t.Fatalf("no classes in %q", area)
		}
		for class := range strings.SplitSeq(list, "; ") {
			class, _, _ = strings.Cut(class, " (")
			class, _, _ = strings.Cut(class, ", per process")
			classes = append(classes, class)
		}
	}
	return classes
}

// Each class of fault that section 13 lists has a broken peer of that class, which TestKit kills. The kit has no device behind a vault, and sees
// none behind a peer's (VAULT-009).
func TestEveryClassHasABrokenPeer(t *testing.T) {
	unseen := []string{"slot leaks", "wrong result after a device fault"}
	broken := Config{}.withDefaults().Broken
	count := map[string]int{}
	for _, f := range broken {
		count[f.Class]++
	}
	classes := faultClasses(t)
	for _, class := range classes {
		if got, excused := count[class], slices.Contains(unseen, class); got == 0 != excused {
			t.Errorf("%q: %d broken peers, excused: %v", class, got, excused)
		}
	}
	if len(classes) < 50 {
		t.Errorf("%d classes in section 13, want at least 50: %q", len(classes), classes)
	}
}
