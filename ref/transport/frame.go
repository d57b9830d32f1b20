package transport

import (
	"encoding/binary"
	"fmt"
)

// Sizes of the frame format in bytes (TRAN-001).
const (
	FrameHeader = 2     // length prefix, big-endian; it does not count itself
	MaxFrame    = 65535 // longest message in a frame
)

// AppendFrame appends msg with its length prefix to dst. A message longer than MaxFrame is ErrMessageTooLong and dst is returned
// as it was: the length is never truncated (TRAN-005).
func AppendFrame(dst, msg []byte) ([]byte, error) {
	if len(msg) > MaxFrame {
		return dst, tooLong(len(msg), MaxFrame)
	}
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(msg)))
	return append(dst, msg...), nil
}

// FrameLength reads the length prefix at the head of b, which has FrameHeader bytes or more. A length above limit is
// ErrMessageTooLong; the stream has no next frame then (TRAN-008).
func FrameLength(b []byte, limit int) (int, error) {
	n := int(binary.BigEndian.Uint16(b))
	if n > limit {
		return 0, tooLong(n, limit)
	}
	return n, nil
}

func tooLong(n, limit int) error {
	return fmt.Errorf("%w: %d bytes, limit %d", ErrMessageTooLong, n, limit)
}

// A Deframer cuts a byte stream into messages, however the stream was fragmented (TRAN-002, TRAN-003). It is sans-IO: bytes are
// pushed, messages are taken. The zero Deframer has limit 0; use NewDeframer. It is not safe for concurrent use.
//
//	d.Push(received)
//	for {
//		msg, ok, err := d.Next()
//		if err != nil || !ok {
//			break
//		}
//		handle(msg)
//	}
type Deframer struct {
	limit int
	buf   []byte // buf[off:] was pushed and not taken
	off   int
	err   error // terminal: a frame was above the limit
}

// NewDeframer returns a Deframer that refuses messages longer than limit bytes; 0 or more than MaxFrame means MaxFrame.
func NewDeframer(limit int) *Deframer {
	if limit <= 0 || limit > MaxFrame {
		limit = MaxFrame
	}
	return &Deframer{limit: limit}
}

// Push adds the next bytes of the stream and keeps no reference to p. What has been pushed and not taken is held, so a caller
// that takes all messages after each Push holds less than one frame. Nothing is kept once the stream has failed.
func (d *Deframer) Push(p []byte) {
	if d.err != nil {
		return
	}
	if d.off > 0 {
		d.buf = d.buf[:copy(d.buf, d.buf[d.off:])]
		d.off = 0
	}
	d.buf = append(d.buf, p...)
}

// Next takes the next complete message; ok is false while it is incomplete. The message, possibly empty (TRAN-006), is valid
// until the next Push. A length above the limit is ErrMessageTooLong, known from the prefix alone, and terminal: the bytes
// that follow are never taken for a frame (TRAN-008).
func (d *Deframer) Next() (msg []byte, ok bool, err error) {
	if d.err != nil {
		return nil, false, d.err
	}
	rest := d.buf[d.off:]
	if len(rest) < FrameHeader {
		return nil, false, nil
	}
	n, err := FrameLength(rest, d.limit)
	if err != nil {
		d.buf, d.off, d.err = nil, 0, err
		return nil, false, err
	}
	end := FrameHeader + n
	if len(rest) < end {
		return nil, false, nil
	}
	d.off += end
	return rest[FrameHeader:end:end], true, nil
}

// End tells what the end of the stream means here: nil between two frames, ErrTruncated inside one (TRAN-004), the error of Next
// after a failure. Complete messages that were not taken do not matter and can still be taken.
func (d *Deframer) End() error {
	probe := Deframer{limit: d.limit, buf: d.buf, off: d.off, err: d.err}
	for {
		_, ok, err := probe.Next()
		if err != nil {
			return err
		}
		if !ok {
			break
		}
	}
	if probe.off != len(probe.buf) {
		return ErrTruncated
	}
	return nil
}
