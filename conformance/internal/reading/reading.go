// Package reading is how the applications of the reference read a channel's messages when the kit tells them how (conformance.Reading).
package reading

import (
	"context"
	"errors"

	"ockamtest/conformance"
	"ockamtest/ref"
	"ockamtest/ref/transport"
)

// A Conn is what is read. A *ref.Conn is one.
type Conn interface {
	ReadMessage(ctx context.Context, p []byte) (int, ref.Routes, error)
}

// Message reads a message into p, part by part (IO-002), and gives up reads, and begins them anew (IO-006), as how says. It returns the
// length of the message, and otherwise what conn.ReadMessage does; a message longer than p ends with an error.
func Message(ctx context.Context, conn Conn, how conformance.Reading, p []byte) (size int, routes ref.Routes, err error) {
	for {
		part := p[size:]
		if how.Buffer > 0 {
			part = part[:min(how.Buffer, len(part))]
		}
		var n int
		n, routes, err = once(ctx, conn, how, part)
		size += n
		givenUp := errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil
		if !givenUp && (!errors.Is(err, transport.ErrMoreData) || size == len(p)) {
			return size, routes, err
		}
	}
}

// once is one read, which is given up after how.GiveUp.
func once(ctx context.Context, conn Conn, how conformance.Reading, part []byte) (int, ref.Routes, error) {
	if how.GiveUp == 0 {
		return conn.ReadMessage(ctx, part)
	}
	ctx, cancel := context.WithTimeout(ctx, how.GiveUp)
	defer cancel()
	return conn.ReadMessage(ctx, part)
}
