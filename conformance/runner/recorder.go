package runner

import (
	"fmt"
	"time"

	"ockamtest/conformance"
)

// maxEntries bounds a transcript; a peer that sends byte by byte cannot fill the report.
const maxEntries = 400

// A recorder writes the transcript of one attempt.
type recorder struct {
	clock    func() time.Time
	began    time.Time
	describe describer
	entries  []conformance.Entry
	dropped  int
}

func (r *recorder) add(e conformance.Entry) {
	if len(r.entries) >= maxEntries {
		r.dropped++
		return
	}
	e.AtMicros = r.clock().Sub(r.began).Microseconds()
	r.entries = append(r.entries, e)
}

func (r *recorder) bytes(link int, direction string, p []byte) {
	if len(r.entries) >= maxEntries {
		r.dropped++ // and nothing is described
		return
	}
	e := conformance.Entry{
		Link: link, Direction: direction,
		Hex: conformance.ShortHex(p, conformance.MaxEntryBytes), Length: len(p),
	}
	e.Text = r.describe.text(link, direction, p)
	r.add(e)
}

func (r *recorder) event(link int, text string) {
	r.add(conformance.Entry{Link: link, Direction: conformance.DirEvent, Text: text})
}

// transcript returns the entries, and says so if there were more.
func (r *recorder) transcript() []conformance.Entry {
	if r.dropped == 0 {
		return r.entries
	}
	last := r.entries[len(r.entries)-1]
	return append(r.entries, conformance.Entry{
		AtMicros: last.AtMicros, Direction: conformance.DirEvent, Text: fmt.Sprintf("%d more entries are left out", r.dropped),
	})
}
