package conformance

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// validCase is a case that CheckCases accepts.
func validCase() Case {
	return Case{
		ID: "noise/m2-tag", Title: "Sends a wrong tag.", Requirements: []string{"NOISE-005"}, Since: "1.0",
		Roles: []Role{Responder}, Transports: []Transport{TCP},
		Run: func(context.Context, Env) error { return nil },
	}
}

func TestUntestedIsWellFormed(t *testing.T) {
	byID := CatalogueByID()
	seen := map[string]bool{}
	for _, e := range Untested() {
		r, ok := byID[e.Requirement]
		if !ok || seen[e.Requirement] || e.Reason == "" {
			t.Errorf("%+v is unknown, repeated, or has no reason", e)
		}
		seen[e.Requirement] = true
		if r.OnWire {
			t.Errorf("%s can be observed on the wire: it needs a case, not a reason", e.Requirement)
		}
	}
	if got, want := len(seen), 12; got != want {
		t.Errorf("got %d exemptions, want %d", got, want)
	}
}

func TestCheckCases(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(*Case)
		want  string // what the error names; empty for none
	}{
		{"valid", func(*Case) {}, ""},
		{"long", func(c *Case) { c.Tags = []string{TagLong} }, ""},
		{"three segments", func(c *Case) { c.ID = "noise/m2/tag" }, ""},
		{"no ID", func(c *Case) { c.ID = "" }, "area/what"},
		{"no area", func(c *Case) { c.ID = "m2-tag" }, "area/what"},
		{"upper case", func(c *Case) { c.ID = "noise/M2" }, "area/what"},
		{"no title", func(c *Case) { c.Title = "" }, "no title"},
		{"no version", func(c *Case) { c.Since = "" }, "no version of the catalogue"},
		{"unknown version", func(c *Case) { c.Since = "0.9" }, "no version of the catalogue"},
		{"nothing to run", func(c *Case) { c.Run = nil }, "nothing to run"},
		{"no role", func(c *Case) { c.Roles = nil }, "no role"},
		{"no transport", func(c *Case) { c.Transports = nil }, "no transport"},
		{"no requirement", func(c *Case) { c.Requirements = nil }, "no requirement"},
		{"unknown requirement", func(c *Case) { c.Requirements = []string{"NOPE-001"} }, "NOPE-001"},
		{"repeated requirement", func(c *Case) { c.Requirements = []string{"NOISE-005", "NOISE-005"} }, "twice"},
		{"all parameters", func(c *Case) { c.Admits = ParameterNames() }, ""},
		{"unknown parameter", func(c *Case) { c.Admits = []string{"colour"} }, "admits colour"},
		{"parameter twice", func(c *Case) { c.Admits = []string{"size", "size"} }, "admits size"},
		{"unknown tag", func(c *Case) { c.Tags = []string{"slow"} }, "slow"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := validCase()
			test.spoil(&c)
			err := CheckCases([]Case{c})
			if test.want == "" {
				if err != nil {
					t.Errorf("got %v, want no error", err)
				}
				return
			}
			if !errors.Is(err, ErrBadCase) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want ErrBadCase naming %q", err, test.want)
			}
		})
	}
	if err := CheckCases([]Case{validCase(), validCase()}); !errors.Is(err, ErrBadCase) {
		t.Errorf("the same ID twice: got %v, want ErrBadCase", err)
	}
}

func TestCoverageOf(t *testing.T) {
	reasons := len(Untested())
	none := CoverageOf(nil)
	if want := (Coverage{requirementCount, 0, reasons, requirementCount - reasons}); none != want {
		t.Errorf("no cases: got %+v, want %+v", none, want)
	}
	c := validCase()
	c.Requirements = []string{"NOISE-005", "NOISE-002", Untested()[0].Requirement}
	got := CoverageOf([]Case{c, validCase()})
	if want := (Coverage{requirementCount, 3, reasons - 1, requirementCount - reasons - 2}); got != want {
		t.Errorf("two cases: got %+v, want %+v", got, want)
	}
}
