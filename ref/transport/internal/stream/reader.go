package stream

import (
	"context"

	"ockamtest/ref/transport"
)

// A frameReader reads messages, whole or in parts, from a carrier. What it has taken from the stream is never lost: a read that fails is
// continued by the next one, which is what makes giving up safe (IO-006).
type frameReader struct {
	src   carrier
	limit int

	// Received and not delivered, in this order.
	stash []byte // from the caller's buffer of a read that failed
	ahead []byte // lent by src

	head  [transport.FrameHeader]byte
	heads int // bytes of head that were received
	left  int // bytes of the current message not delivered; between when there is none
	came  int // bytes read ahead the last time
}

const between = -1

func newFrameReader(src carrier, limit int) frameReader {
	return frameReader{src: src, limit: limit, left: between}
}

// read reads the next part of a message. It fails with the error of src or, before any of the message is delivered, with
// ErrMessageTooLong.
func (r *frameReader) read(ctx context.Context, p []byte) (int, error) {
	if r.left == between {
		if err := r.header(ctx); err != nil {
			return 0, err
		}
	}
	want := min(r.left, len(p))
	if n, err := r.fill(ctx, p[:want]); err != nil {
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
func (r *frameReader) header(ctx context.Context) error {
	for r.heads < len(r.head) {
		if err := r.more(ctx); err != nil {
			return err
		}
		r.heads += r.take(r.head[r.heads:])
	}
	n, err := transport.FrameLength(r.head[:], r.limit)
	if err != nil {
		return err
	}
	r.heads, r.left = 0, n
	return nil
}

// fill fills p with bytes of the current message. On failure n bytes of p are filled and nothing is buffered.
func (r *frameReader) fill(ctx context.Context, p []byte) (n int, err error) {
	n = copy(p, r.stash)
	if r.stash = r.stash[n:]; len(r.stash) == 0 {
		r.stash = nil
	}
	for n < len(p) {
		if len(r.ahead) == 0 && len(p)-n >= smallBuffer {
			m, ahead, err := r.src.read(ctx, p[n:], sizeFor(r.came+1))
			n += m
			r.ahead, r.came = ahead, len(ahead)
			if err != nil {
				return n, err
			}
			continue
		}
		if err := r.more(ctx); err != nil {
			return n, err
		}
		n += r.take(p[n:])
	}
	return n, nil
}

// more reads ahead unless there is something left of that, more than the last time if that filled its buffer: copying costs less than
// system calls while one message follows the other.
func (r *frameReader) more(ctx context.Context) error {
	if len(r.ahead) > 0 {
		return nil
	}
	b, err := r.src.next(ctx, sizeFor(r.came+1))
	if err != nil {
		return err
	}
	r.ahead, r.came = b, len(b)
	return nil
}

// take moves bytes that were read ahead, and gives their buffer back after the last.
func (r *frameReader) take(p []byte) int {
	n := copy(p, r.ahead)
	if r.ahead = r.ahead[n:]; len(r.ahead) == 0 {
		r.ahead = nil
		r.src.release()
	}
	return n
}

// close gives buffers back. Nothing is read afterwards.
func (r *frameReader) close() {
	if r.ahead != nil {
		r.ahead = nil
		r.src.release()
	}
	r.stash = nil
}

// inside reports whether the stream is within a frame.
func (r *frameReader) inside() bool { return r.left != between || r.heads > 0 }
