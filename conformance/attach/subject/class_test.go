package subject

import (
	"slices"
	"testing"

	"ockamtest/conformance/harness"
	"ockamtest/vectors"
)

// Each refusal in the vectors has a class in the adapter protocol, and the table has no other.
func TestMeanings(t *testing.T) {
	files, err := vectors.Load(vectors.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	used := map[vectors.RefusalError]bool{}
	for _, f := range files {
		for _, v := range f.All() {
			if e := v.Common().Error; e != nil && v.Kind() != vectors.KindForward {
				used[*e] = true
			}
		}
	}
	if len(used) < 30 {
		t.Errorf("%d refusals", len(used))
	}
	for _, m := range meanings() {
		want := vectors.RefusalError{Layer: m.layer, Class: m.class}
		if !used[want] {
			t.Errorf("%s/%s is in no vector, or twice in the table", m.layer, m.class)
		}
		delete(used, want)
		for _, class := range m.classes {
			if !slices.Contains(harness.Classes(), class) || class.OfRequest() || class == harness.ClassRejected {
				t.Errorf("%s/%s: class %s", m.layer, m.class, class)
			}
		}
		if !(refusal{m.classes[0]}).Means(want) || !(refusal{harness.ClassRejected}).Means(want) || (refusal{harness.ClassVault}).Means(want) {
			t.Errorf("%s/%s does not mean what it should", m.layer, m.class)
		}
	}
	for e := range used {
		t.Errorf("%s/%s means no class", e.Layer, e.Class)
	}
}
