package report

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"ockamtest/conformance"
)

func TestJSONRoundTrip(t *testing.T) {
	tests := map[string]*conformance.Results{
		"passing": passing(), "mixed": mixed(), "dead": dead(), "unreachable": unreachable(), "interrupted": interruptedRun(),
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			var file bytes.Buffer
			if err := WriteJSON(&file, want); err != nil {
				t.Fatal(err)
			}
			got, err := ReadJSON(&file)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got\n%+v, want\n%+v", got, want)
			}
		})
	}
}

// The names in the file are what other programs rely on.
func TestJSONForm(t *testing.T) {
	var file bytes.Buffer
	r := mixed()
	r.Requirements = r.Requirements[:1]
	if err := WriteJSON(&file, r); err != nil {
		t.Fatal(err)
	}
	golden(t, "mixed.json", file.Bytes())
}

func TestReadJSONRefuses(t *testing.T) {
	replace := func(old, new string) func(string) string {
		return func(s string) string { return strings.Replace(s, old, new, 1) }
	}
	tests := []struct {
		name  string
		spoil func(string) string
	}{
		{"nothing", func(string) string { return "" }},
		{"another kind of JSON", func(string) string { return `{"schema":"other/v1"}` }},
		{"list", func(string) string { return "[]" }},
		{"cut short", func(s string) string { return s[:len(s)-3] }},
		{"something behind it", func(s string) string { return s + "{}" }},
		{"unknown field", replace(`"seed"`, `"sead"`)},
		{"unknown field in a result", replace(`"since"`, `"since_"`)},
		{"another version", replace("results/v1", "results/v2")},
		{"unknown outcome", replace(`"outcome": "fail"`, `"outcome": "FAIL"`)},
		{"summary that counts otherwise", replace(`"fail": 1`, `"fail": 2`)},
		{"summary without an outcome", replace(`    "error": 1,`+"\n", "")},
		{"summary with an unknown outcome", replace(`"summary": {`, `"summary": { "great": 0,`)},
		{"unknown status", replace(`"status": "planned"`, `"status": "plan"`)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var file bytes.Buffer
			if err := WriteJSON(&file, mixed()); err != nil {
				t.Fatal(err)
			}
			spoilt := test.spoil(file.String())
			if spoilt == file.String() {
				t.Fatal("nothing was spoilt")
			}
			if got, err := ReadJSON(strings.NewReader(spoilt)); !errors.Is(err, ErrFormat) || got != nil {
				t.Errorf("got %v, want ErrFormat and no results", err)
			}
		})
	}
}
