package conformance

import (
	"errors"
	"path"
	"testing"
)

func TestMatchID(t *testing.T) {
	tests := []struct {
		glob, id string
		want     bool
	}{
		{"noise/m2-tag", "noise/m2-tag", true},
		{"noise/m2-tag", "noise/m2-tags", false},
		{"noise/*", "noise/m2-tag", true},
		{"noise/m?-*", "noise/m2-tag", true},
		{"noise/m[13]-*", "noise/m2-tag", false},
		{"*", "noise/m2-tag", false},
		{"noise", "noise/m2-tag", false},
		{"*/m2-tag", "noise/m2-tag", true},
		{"**", "noise/m2-tag", true},
		{"**", "a/b/c", true},
		{"a/**", "a/b/c", true},
		{"a/**/c", "a/c", true},
		{"a/**/c", "a/b/b/c", true},
		{"a/*/c", "a/b/b/c", false},
		{"**/b", "a/b/c", false},
	}
	for _, test := range tests {
		got, err := MatchID(test.glob, test.id)
		if err != nil || got != test.want {
			t.Errorf("%q, %q: got %v, %v; want %v", test.glob, test.id, got, err, test.want)
		}
	}
	for _, glob := range []string{"[", "noise/[a", "**/["} {
		if got, err := MatchID(glob, "noise/m2-tag"); got || !errors.Is(err, path.ErrBadPattern) {
			t.Errorf("%q: got %v, %v; want path.ErrBadPattern", glob, got, err)
		}
	}
}
