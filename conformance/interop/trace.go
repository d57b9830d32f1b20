package interop

import (
	"encoding/hex"
	"time"

	"ockamtest/conformance"
)

// traceLength is how many messages a trace keeps, and traceBytes how many bytes of each.
const (
	traceLength = 12
	traceBytes  = 256
)

// An Entry is a message that the relay has seen.
type Entry struct {
	AtMicros int64            `json:"at_us"` // since the session began
	From     conformance.Role `json:"from"`
	Kind     string           `json:"kind"`
	Length   int              `json:"len"`            // bytes, without the frame's
	Hex      string           `json:"hex"`            // the first bytes
	Fate     string           `json:"fate,omitempty"` // what the relay made of it, if not delivered once and at once
}

// A trace is the last messages of a session.
type trace struct {
	entries []*Entry
	total   int
}

func (t *trace) add(began time.Time, from side, k kind, raw []byte) *Entry {
	e := &Entry{
		AtMicros: time.Since(began).Microseconds(), From: from.role(), Kind: k.String(), Length: len(raw),
		Hex: hex.EncodeToString(raw[:min(len(raw), traceBytes)]),
	}
	if t.total++; len(t.entries) == traceLength {
		t.entries = t.entries[1:]
	}
	t.entries = append(t.entries, e)
	return e
}

// last are the entries kept.
func (t *trace) last() []Entry {
	all := make([]Entry, len(t.entries))
	for i, e := range t.entries {
		all[i] = *e
	}
	return all
}
