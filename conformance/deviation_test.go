package conformance

import (
	"strings"
	"testing"
	"time"
)

func TestKnownDeviations(t *testing.T) {
	counts := map[string]int{"v1": 0, "c09": 1, "e09": 1, "c010": 4}
	byID := CatalogueByID()
	for profile, want := range counts {
		deviations := KnownDeviations(profile)
		if got := len(deviations); got != want {
			t.Errorf("%s: got %d deviations, want %d", profile, got, want)
		}
		for _, d := range deviations {
			if _, ok := byID[d.Requirement]; !ok || d.Profile != profile || d.Reason == "" {
				t.Errorf("%s: %+v is incomplete or of an unknown requirement", profile, d)
			}
			if _, err := time.Parse(time.DateOnly, d.Date); err != nil {
				t.Errorf("%s: %s: %v", profile, d.Requirement, err)
			}
		}
	}
	if got := KnownDeviations("unknown"); len(got) != 0 {
		t.Errorf("unknown profile: got %v", got)
	}
}

// Each deviation restates a cell of the table in section 11; if the table changes, so must the list.
func TestDeviationsAreInTheSpecification(t *testing.T) {
	rows := []string{
		"| static key | configured | new per handshake | configured | new per handshake |",
		"| leading own address on receipt | removed whatever it says | – | removed only if equal to the bind address | ignored (end point) |",
		"| addresses per route | 8 or more | 0 | 255 | at most 5 |",
		"| inner routes | as set | empty | onward names the application, else dropped | no onward address; a local return address is mis-read |",
	}
	for _, row := range rows {
		if strings.Count(Specification(), row) != 1 {
			t.Errorf("the specification lacks the row %q", row)
		}
	}
}
