package cases

import (
	"slices"
	"strings"
	"testing"

	"ockamtest/conformance"
)

// The published versions are as they were: sorted, and every case of theirs is still there under its ID.
func TestPublishedVersions(t *testing.T) {
	published := strings.Split(strings.TrimSuffix(version10, "\n"), "\n")
	if len(published) != 231 || !slices.IsSorted(published) || len(slices.Compact(slices.Clone(published))) != 231 {
		t.Errorf("version 1.0 has %d cases, want 231, sorted, each once", len(published))
	}
	bySince := map[string]int{}
	var first []string
	for _, c := range All() {
		bySince[c.Since]++
		if c.Since == "1.0" {
			first = append(first, c.ID)
		}
	}
	slices.Sort(first)
	if !slices.Equal(first, published) {
		t.Errorf("the cases since 1.0 are not those that were published:\n%v\nwant\n%v", first, published)
	}
	for _, version := range conformance.CatalogueVersions() {
		if bySince[version] == 0 {
			t.Errorf("no case is since %s", version)
		}
		delete(bySince, version)
	}
	if len(bySince) > 0 {
		t.Errorf("there are no versions such as those of %v", bySince)
	}
	if got := Control().Since; got != "1.0" {
		t.Errorf("the control is since %s, want 1.0: it precedes the cases of every version", got)
	}
}
