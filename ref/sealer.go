package ref

import (
	"context"
	"errors"
	"fmt"

	"ockamtest/ref/channel"
	"ockamtest/ref/transport"
)

const (
	// batchBytes is about how much of a batch is encrypted before it is sent, in bytes: two of the longest messages, and little enough to be
	// in the cache still when the system copies it.
	batchBytes = 160 << 10
	// smallWrite is what a writer needs no large buffer for, in bytes.
	smallWrite = 4096
	// messageGrowth is about how much longer a message leaves than it was, in bytes.
	messageGrowth = 96
)

// A sealing encrypts p behind dst, and sends nothing.
type sealing func(dst, p []byte, routes Routes) ([]byte, error)

// A sealer encrypts the messages of a channel for one writer at a time, so that counters leave in order, in buffers that are used again. It
// holds what recent messages needed.
type sealer struct {
	turn  chan struct{} // holds one token while messages are encrypted and sent; guards the rest
	out   []byte
	batch [][]byte // messages in out
	short int      // short writes in a row
}

func newSealer() sealer { return sealer{turn: make(chan struct{}, 1)} }

// begin waits for other writers.
func (s *sealer) begin(ctx context.Context) error {
	select {
	case s.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// end lets the next writer go on. size is how many bytes this one has written; large buffers are given back when they are not needed.
func (s *sealer) end(size int) {
	if s.short++; size > smallWrite {
		s.short = 0
	}
	if s.short > smallRun && cap(s.out) > 2*smallWrite {
		s.out, s.batch = nil, nil
	}
	clear(s.batch)
	<-s.turn
}

// one encrypts a message.
func (s *sealer) one(seal sealing, p []byte, routes Routes) ([]byte, error) {
	out, err := seal(s.out[:0], p, routes)
	if err == nil {
		s.out = out[:0]
	}
	return out, err
}

// alone is a batch of one message.
func (s *sealer) alone(msg []byte) [][]byte {
	s.batch = append(s.batch[:0], msg)
	return s.batch
}

// some encrypts the first messages of ps, about batchBytes of them, and returns them and how many of ps they are. One that is refused
// ends the batch, with the error.
func (s *sealer) some(seal sealing, ps [][]byte) (msgs [][]byte, n int, err error) {
	size := 0
	for n < len(ps) && (n == 0 || size+len(ps[n]) <= batchBytes) {
		size += len(ps[n]) + messageGrowth
		n++
	}
	if cap(s.out) < size {
		s.out = make([]byte, 0, size) // at once: messages are sent from where they are encrypted
	}
	out, msgs := s.out[:0], s.batch[:0]
	for _, p := range ps[:n] {
		start := len(out)
		if out, err = seal(out, p, Routes{}); err != nil {
			break
		}
		msgs = append(msgs, out[start:len(out):len(out)])
	}
	s.batch = msgs
	return msgs, n, err
}

// writeError tells a refused write in the words of package transport.
func writeError(err error) error {
	switch {
	case errors.Is(err, channel.ErrClosed):
		return transport.ErrClosed
	case errors.Is(err, channel.ErrTooLong):
		return fmt.Errorf("%w: %w", transport.ErrMessageTooLong, err)
	}
	return err
}
