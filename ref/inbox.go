package ref

import (
	"context"
	"errors"
	"fmt"

	"ockamtest/ref/memory"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

const (
	// smallInbox is the buffer of a connection that has received nothing longer, in bytes.
	smallInbox = 128
	// smallRun is after how many short messages in a row a large buffer is given back.
	smallRun = 64
)

// An inbox collects one message in a buffer as large as it needs, taken from the configured allocator because messages are decrypted
// in it (MEM-001). The zero inbox with its fields set holds no memory.
type inbox struct {
	memory memory.Allocator
	limit  int // longest message in bytes

	buf   []byte
	n     int // bytes of a message that is not complete
	short int // messages in a row that a small buffer would have held
}

// newInbox takes messages as long as the profile has them. What this end may write does not matter: the peer's limit can be higher
// (REC-010), for its headers can be shorter.
func newInbox(cfg Config) inbox {
	limit := wire.MaxMessage
	if cfg.Profile.MessageLimit > 0 {
		limit = min(limit, cfg.Profile.MessageLimit)
	}
	return inbox{memory: cfg.Memory, limit: limit}
}

// receive returns the next message, valid until the next call. When it fails nothing is lost: the next call goes on (IO-006).
func (b *inbox) receive(ctx context.Context, r transport.Reader) ([]byte, error) {
	if b.n == 0 && b.short > smallRun && len(b.buf) > smallInbox {
		b.release()
	}
	for {
		if b.n == len(b.buf) {
			if err := b.grow(); err != nil {
				return nil, err
			}
		}
		n, err := r.Read(ctx, b.buf[b.n:])
		b.n += n
		if err == nil {
			break
		}
		if !errors.Is(err, transport.ErrMoreData) {
			return nil, err
		}
	}
	msg := b.buf[:b.n]
	if b.n = 0; len(msg) > smallInbox {
		b.short = 0
	} else {
		b.short++
	}
	return msg, nil
}

// skip drops a message that is too long, whole, after receive has said so.
func (b *inbox) skip(ctx context.Context, r transport.Reader) error {
	for {
		_, err := r.Read(ctx, b.buf)
		if !errors.Is(err, transport.ErrMoreData) {
			b.n = 0
			return err
		}
	}
}

// grow doubles the buffer, so that a peer pays for memory with bytes.
func (b *inbox) grow() error {
	size := min(max(smallInbox, 2*len(b.buf)), b.limit)
	if size <= len(b.buf) {
		return fmt.Errorf("read: %w", transport.ErrMessageTooLong)
	}
	buf, err := b.memory.Allocate(size)
	if err != nil {
		return fmt.Errorf("read: %w", err) // MEM-002: the next call tries again
	}
	copy(buf, b.buf[:b.n])
	b.memory.Release(b.buf)
	b.buf = buf
	return nil
}

// release wipes the buffer and gives it back.
func (b *inbox) release() {
	b.memory.Release(b.buf)
	b.buf, b.n, b.short = nil, 0, 0
}
