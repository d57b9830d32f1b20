package runner

import (
	"strings"
	"testing"

	"ockamtest/conformance"
	"ockamtest/ref/profile"
)

func TestDescriber(t *testing.T) {
	describe := func(_ profile.Profile, _ string, b []byte) string { return "<" + string(b) + ">" }
	tests := []struct {
		name   string
		framed bool
		pieces []string
		want   []string
	}{
		{"one frame", true, []string{"\x00\x02ab"}, []string{"<ab>"}},
		{"two frames", true, []string{"\x00\x01a\x00\x01b"}, []string{"<a> | <b>"}},
		{"split in the length", true, []string{"\x00", "\x02ab"}, []string{"half a length", "<ab>"}},
		{"split in the body", true, []string{"\x00\x02", "a", "b\x00\x01c"},
			[]string{"0 of a frame's 2 bytes", "1 of a frame's 2 bytes", "<ab> | <c>"}},
		{"empty frame", true, []string{"\x00\x00"}, []string{"empty message"}},
		{"many frames", true, []string{strings.Repeat("\x00\x01a", 6)}, []string{"<a> | <a> | <a> | <a> | 2 more frames"}},
		{"datagram", false, []string{"\x00\x02ab", ""}, []string{"<\x00\x02ab>", "empty message"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := newDescriber(describe, v1())
			d.packets[1] = !test.framed
			for i, piece := range test.pieces {
				d.text(2, conformance.DirReceive, []byte("\x00\x09other")) // other flows do not matter
				d.text(1, conformance.DirSend, []byte("\x00"))
				if got := d.text(1, conformance.DirReceive, []byte(piece)); got != test.want[i] {
					t.Errorf("piece %d: got %q, want %q", i, got, test.want[i])
				}
			}
		})
	}
	silent := newDescriber(nil, v1())
	if got := silent.text(1, conformance.DirSend, []byte("\x00\x01a")); got != "" {
		t.Errorf("without a description: got %q", got)
	}
}
