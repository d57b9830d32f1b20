package tcp

import (
	"io"

	"ockamtest/ref/transport"
)

// readBuffer is what a connection holds for reading. Several short frames come in one system call; what is longer goes into the
// caller's buffer directly, so that an idle connection pins no more than this.
const readBuffer = 4096

// A frameReader reads messages, whole or in parts, from a byte stream. What it has taken from the stream is never lost: a read that
// fails is continued by the next one, which is what makes giving up safe (IO-006).
type frameReader struct {
	src   io.Reader
	limit int

	// Received and not delivered, in this order.
	stash []byte // from the caller's buffer of a read that failed
	buf   []byte // buf[off:end]
	off   int
	end   int

	left int // bytes of the current message not delivered; between when there is none
}

const between = -1

func newFrameReader(src io.Reader, limit int) frameReader {
	return frameReader{src: src, limit: limit, buf: make([]byte, readBuffer), left: between}
}

// read reads the next part of a message. It fails with the error of src or, before any of the message is delivered, with
// ErrMessageTooLong.
func (r *frameReader) read(p []byte) (int, error) {
	if r.left == between {
		if err := r.header(); err != nil {
			return 0, err
		}
	}
	want := min(r.left, len(p))
	if n, err := r.fill(p[:want]); err != nil {
		r.stash = append([]byte(nil), p[:n]...) // IO-006
		return 0, err
	}
	if r.left -= want; r.left > 0 {
		return want, transport.ErrMoreData // IO-002
	}
	r.left = between
	return want, nil
}

// header reads the length of the next message (TRAN-002: its two bytes may come apart).
func (r *frameReader) header() error {
	for r.end-r.off < transport.FrameHeader {
		r.end = copy(r.buf, r.buf[r.off:r.end])
		r.off = 0
		n, err := r.src.Read(r.buf[r.end:])
		r.end += n
		if err != nil && r.end < transport.FrameHeader {
			return err
		}
	}
	n, err := transport.FrameLength(r.buf[r.off:r.end], r.limit)
	if err != nil {
		return err
	}
	r.off += transport.FrameHeader
	r.left = n
	return nil
}

// fill fills p with bytes of the current message. On failure n bytes of p are filled and nothing is buffered.
func (r *frameReader) fill(p []byte) (n int, err error) {
	n = copy(p, r.stash)
	if r.stash = r.stash[n:]; len(r.stash) == 0 {
		r.stash = nil
	}
	for {
		m := copy(p[n:], r.buf[r.off:r.end])
		r.off += m
		if n += m; n == len(p) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		if len(p)-n >= len(r.buf) {
			m, err = r.src.Read(p[n:])
			n += m
		} else {
			r.off = 0
			r.end, err = r.src.Read(r.buf)
		}
	}
}

// waits reports whether read with a buffer of n bytes has to read from src.
func (r *frameReader) waits(n int) bool {
	have, left := r.end-r.off, r.left
	if left == between {
		if have < transport.FrameHeader {
			return true
		}
		have -= transport.FrameHeader
		left, _ = transport.FrameLength(r.buf[r.off:r.end], r.limit)
	}
	return len(r.stash)+have < min(left, n)
}

// inside reports whether the stream is within a frame.
func (r *frameReader) inside() bool { return r.left != between || r.off < r.end }
