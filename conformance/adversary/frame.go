package adversary

import (
	"encoding/binary"
	"fmt"
)

// MaxFrame is the longest message that a frame holds (TRAN-001).
const MaxFrame = 65535

// Frame puts a message of up to 65,535 bytes into a frame (TRAN-001); it panics on a longer one.
func Frame(message []byte) []byte {
	if len(message) > MaxFrame {
		panic(fmt.Sprintf("adversary: a frame cannot hold %d bytes", len(message)))
	}
	return FrameOf(len(message), message)
}

// FrameOf puts a length of the caller's choice before the bytes.
func FrameOf(length int, message []byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(length)), message...)
}

// Bytewise cuts a frame into single bytes.
func Bytewise(frame []byte) [][]byte {
	pieces := make([][]byte, len(frame))
	for i := range frame {
		pieces[i] = frame[i : i+1]
	}
	return pieces
}

// CutAt returns a function that cuts a frame at the given offsets, in ascending order; those beyond its end are left out.
func CutAt(offsets ...int) func(frame []byte) [][]byte {
	return func(frame []byte) [][]byte {
		var pieces [][]byte
		from := 0
		for _, at := range offsets {
			if from < at && at < len(frame) {
				pieces = append(pieces, frame[from:at])
				from = at
			}
		}
		return append(pieces, frame[from:])
	}
}

// takeFrame returns the first whole frame's message and the bytes after it; false while it is not complete.
func takeFrame(b []byte) (message, rest []byte, ok bool) {
	if len(b) < 2 {
		return nil, b, false
	}
	end := 2 + int(binary.BigEndian.Uint16(b))
	if len(b) < end {
		return nil, b, false
	}
	return append([]byte{}, b[2:end]...), b[end:], true
}

// isFramed tells whether b is a length and so many bytes.
func isFramed(b []byte) bool {
	_, rest, ok := takeFrame(b)
	return ok && len(rest) == 0
}

// unframed says in words what an incomplete frame looks like.
func unframed(b []byte) string {
	if len(b) < 2 {
		return fmt.Sprintf("%d byte of a frame's length", len(b))
	}
	length, have := int(binary.BigEndian.Uint16(b)), len(b)-2
	switch {
	case length == have+2:
		return fmt.Sprintf("a frame whose length counts itself: %d, followed by %d bytes", length, have)
	case int(binary.LittleEndian.Uint16(b)) == have:
		return fmt.Sprintf("a frame whose length is little-endian: %d bytes follow", have)
	case b[0] == 1:
		return fmt.Sprintf("%d bytes that look like a wire message without a frame around it", len(b))
	default:
		return fmt.Sprintf("a frame of length %d that ends after %d bytes", length, have)
	}
}
