package conformance

import (
	"errors"
	"slices"
	"testing"
)

func TestParameters(t *testing.T) {
	known := CatalogueByID()
	for _, name := range ParameterNames() {
		values := ParameterValues(name)
		if len(values) < 3 {
			t.Errorf("%s has values %q", name, values)
		}
		for i, value := range values {
			if id := ParameterRequirement(name, value); known[id].ID == "" {
				t.Errorf("%s=%s stands for %q, which is no requirement", name, value, id)
			}
			p := Parameters{}.With(name, value)
			if p.Value(name) != value || slices.Equal(p.Varied(), []string{name}) != (i > 0) {
				t.Errorf("%s=%s: value %q, varied %q", name, value, p.Value(name), p.Varied())
			}
		}
	}
	p := Parameters{Route: TwoHops, Size: LargestSize, Fragmentation: Coalesced}
	if got, want := p.Only(SizeParameter), (Parameters{Route: Direct, Size: LargestSize, Fragmentation: Whole}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := (Parameters{Size: LargestSize}).Only(); got != (Parameters{Size: TypicalSize}) {
		t.Errorf("got %v, want the typical size, and nothing of the others", got)
	}
	for route, want := range map[string]int{"": 0, Direct: 0, OneHop: 1, TwoHops: 2} {
		if got := (Parameters{Route: route}).Hops(); got != want {
			t.Errorf("route %q: %d hops, want %d", route, got, want)
		}
	}
}

func TestParseParameters(t *testing.T) {
	for _, text := range []string{"route=two-hops,size=largest,fragmentation=coalesced", "size=empty", "fragmentation=whole"} {
		if p, err := ParseParameters(text); err != nil || p.String() != text {
			t.Errorf("%s: got %s, %v", text, p, err)
		}
	}
	if p, err := ParseParameters("size=empty,route=direct"); err != nil || p.String() != "route=direct,size=empty" {
		t.Errorf("got %s, %v", p, err)
	}
	for _, text := range []string{"", "size", "size=", "size=huge", "colour=red", "size=empty,size=empty", "size=empty,", ",size=empty"} {
		if p, err := ParseParameters(text); !errors.Is(err, errParameters) {
			t.Errorf("%q: got %s, %v; want an error", text, p, err)
		}
	}
}
