package conformance

import (
	"bytes"
	"strings"
	"testing"
)

func TestShortHex(t *testing.T) {
	tests := []struct {
		name  string
		p     []byte
		limit int
		want  string
	}{
		{"empty", nil, 4, ""},
		{"short", []byte{1, 2}, 4, "0102"},
		{"at the limit", []byte{1, 2, 3, 4}, 4, "01020304"},
		{"above the limit", []byte{1, 2, 3, 4, 5}, 4, "0102" + Ellipsis + "0405"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := ShortHex(test.p, test.limit); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	long := ShortHex(bytes.Repeat([]byte{0xab}, 70000), MaxEntryBytes)
	if got, want := strings.Count(long, "ab"), MaxEntryBytes; got != want {
		t.Errorf("got %d bytes, want %d", got, want)
	}
}
