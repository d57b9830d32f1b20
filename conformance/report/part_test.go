package report

import (
	"bytes"
	"strings"
	"testing"

	"ockamtest/conformance"
)

// A report of a part says of which, and that of an empty part does not claim that anything passed.
func TestPartOfARun(t *testing.T) {
	empty := newResults()
	tests := []struct {
		name    string
		results *conformance.Results
		shard   *conformance.Shard
		version string
		want    []string
		not     string
	}{
		{"the whole", passing(), nil, "", []string{"seed 42\n", "Conformant"}, "shard"},
		{"a shard", passing(), &conformance.Shard{Index: 2, Of: 3, Cases: 2, All: 7}, "", []string{"seed 42, shard 2 of 3\n", "Conformant"}, "Nothing"},
		{"an empty shard", empty, &conformance.Shard{Index: 9, Of: 9, All: 7}, "",
			[]string{"shard 9 of 9\n", "Nothing to do: there are more shards than cases: all 7 are in others."}, "Conformant"},
		{"an older catalogue", passing(), nil, "1.0", []string{"seed 42, catalogue 1.0\n", "Conformant"}, "shard"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.results.Shard = test.shard; test.version != "" {
				test.results.Catalogue = test.version
			}
			var b bytes.Buffer
			if err := WriteText(&b, test.results, TextConfig{}); err != nil {
				t.Fatal(err)
			}
			for _, want := range test.want {
				if !strings.Contains(b.String(), want) {
					t.Errorf("no %q in\n%s", want, b.String())
				}
			}
			if strings.Contains(b.String(), test.not) {
				t.Errorf("%q in\n%s", test.not, b.String())
			}
		})
	}
}

// A finding is told with the parameters that are not the usual ones.
func TestFindingWithParameters(t *testing.T) {
	for _, test := range []struct {
		parameters *conformance.Parameters
		want       string
	}{
		{nil, "profile v1\n"},
		{&conformance.Parameters{Route: conformance.Direct, Size: conformance.TypicalSize}, "profile v1\n"},
		{&conformance.Parameters{Route: conformance.Direct, Size: conformance.LargestSize}, "profile v1 with size=largest\n"},
		{&conformance.Parameters{Route: conformance.OneHop, Fragmentation: conformance.InHeader}, "profile v1 with route=one-hop and fragmentation=in-header\n"},
	} {
		failure := newResult("noise/m2-payload-tag", conformance.Fail, "NOISE-005")
		failure.Requirement, failure.Parameters = "NOISE-005", test.parameters
		var b bytes.Buffer
		if err := WriteText(&b, newResults(failure), TextConfig{}); err != nil {
			t.Fatal(err)
		}
		if want := "FAIL noise/m2-payload-tag, responder over tcp, " + test.want; !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}
