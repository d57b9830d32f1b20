package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
)

// On a narrow terminal the meter's line never wraps: what wraps cannot be removed.
func TestMeterFits(t *testing.T) {
	const what, total = "v1 responder chan/encrypted-payload-before-open", 347
	for _, tt := range []struct {
		width int
		shows string // at least this much of the description
	}{{20, ""}, {28, ""}, {29, ""}, {40, "before-open"}, {60, what[len(what)-31:]}, {200, what}} {
		var out bytes.Buffer
		a := &app{err: &out, progress: true, progressWidth: tt.width}
		m := a.newMeter()
		for done := range total {
			m.show(done, total, what)
		}
		shown := out.String()
		lines := 0
		for _, line := range regexp.MustCompile(`[\r\n]+`).Split(shown, -1) {
			// Off a terminal the bar cannot shrink its cells, so they are taken out.
			line = regexp.MustCompile(`\|[^|]*\|`).ReplaceAllString(line, "||")
			if strings.TrimSpace(line) == "" {
				continue
			}
			lines++
			if len(line) >= tt.width {
				t.Errorf("width %d: got %d columns: %q", tt.width, len(line), line)
			}
		}
		if (lines > 0) != (tt.width > 28) {
			t.Errorf("width %d: got %d lines", tt.width, lines)
		}
		if !strings.Contains(shown, tt.shows) {
			t.Errorf("width %d: does not show %q", tt.width, tt.shows)
		}
		m.finish()
	}
}
