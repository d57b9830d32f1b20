package runner

import (
	"encoding/binary"
	"fmt"
	"strings"

	"ockamtest/ref/profile"
)

// maxDescribed is how many messages of one piece of a stream are described.
const maxDescribed = 4

// A describer says what the bytes on the links of an attempt are. On a stream it follows the frames (TRAN-001), which begin and end
// anywhere in the pieces.
type describer struct {
	describe func(profile.Profile, string, []byte) string // nil: nothing is said
	profile  profile.Profile
	packets  map[int]bool    // links on datagrams
	begun    map[flow][]byte // frames that have begun and not ended
}

// A flow is one direction of one link.
type flow struct {
	link      int
	direction string
}

func newDescriber(describe func(profile.Profile, string, []byte) string, p profile.Profile) describer {
	return describer{describe, p, make(map[int]bool), make(map[flow][]byte)}
}

// text says what a piece of a stream, or a datagram, is.
func (d *describer) text(link int, direction string, piece []byte) string {
	if d.describe == nil {
		return ""
	}
	if d.packets[link] {
		return d.message(direction, piece)
	}
	var parts []string
	f := flow{link, direction}
	rest := append(d.begun[f], piece...)
	n := 0
	for ; len(rest) >= 2; n++ {
		length := int(binary.BigEndian.Uint16(rest))
		if len(rest) < 2+length {
			break
		}
		if n < maxDescribed {
			parts = append(parts, d.message(direction, rest[2:2+length]))
		}
		rest = rest[2+length:]
	}
	d.begun[f] = rest
	if n > maxDescribed {
		parts = append(parts, fmt.Sprintf("%d more frames", n-maxDescribed))
	}
	switch {
	case len(rest) == 1:
		parts = append(parts, "half a length")
	case len(rest) > 1:
		parts = append(parts, fmt.Sprintf("%d of a frame's %d bytes", len(rest)-2, binary.BigEndian.Uint16(rest)))
	}
	return strings.Join(parts, " | ")
}

func (d *describer) message(direction string, p []byte) string {
	if len(p) == 0 {
		return "empty message"
	}
	return d.describe(d.profile, direction, p)
}
