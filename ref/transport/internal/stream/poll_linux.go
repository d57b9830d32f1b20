package stream

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"ockamtest/ref/transport"
)

// A pollCarrier makes the system calls of a TCP socket itself, so that nothing is done for waiting before it has to wait, and no buffer
// is held meanwhile.
type pollCarrier struct {
	raw               syscall.RawConn
	setRead, setWrite func(time.Time) error
	buffers           *Buffers
	in                pollRead  // of the reading goroutine
	out               pollWrite // of the writing goroutine
	tryRead, tryWrite func(fd uintptr) bool
}

// A pollRead is a read in progress and its result.
type pollRead struct {
	ctx  context.Context
	p    []byte // where to; nil is a buffer of size bytes, lent
	size int
	lent []byte // taken from Buffers and not given back
	done func() // undoes the interrupt, set while the call waits
	n    int
	err  error
}

// A pollWrite is a write in progress and its result.
type pollWrite struct {
	ctx   context.Context
	parts [2][]byte
	done  func()
	n     int
	err   error
}

func newPollCarrier(nc net.Conn, buffers *Buffers) carrier {
	socket, ok := nc.(*net.TCPConn)
	if !ok {
		return nil
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return nil
	}
	c := &pollCarrier{raw: raw, setRead: nc.SetReadDeadline, setWrite: nc.SetWriteDeadline, buffers: buffers}
	c.tryRead, c.tryWrite = c.readNow, c.writeNow
	return c
}

func (c *pollCarrier) next(ctx context.Context, size int) ([]byte, error) {
	n, err := c.run(ctx, nil, size)
	if err != nil {
		c.release()
		return nil, err
	}
	return c.in.lent[:n], nil
}

func (c *pollCarrier) release() {
	if c.in.lent != nil {
		c.buffers.put(c.in.lent)
		c.in.lent = nil
	}
}

func (c *pollCarrier) read(ctx context.Context, p []byte) (int, error) { return c.run(ctx, p, 0) }

func (c *pollCarrier) run(ctx context.Context, p []byte, size int) (int, error) {
	c.in = pollRead{ctx: ctx, p: p, size: size}
	err := c.raw.Read(c.tryRead)
	if c.in.done != nil {
		c.in.done()
	}
	n, result, lent := c.in.n, c.in.err, c.in.lent
	c.in = pollRead{lent: lent} // p and ctx are the caller's
	if err == nil {
		err = result
	}
	return n, err
}

// readNow reads what is there. It returns false to be called again when there may be something.
func (c *pollCarrier) readNow(fd uintptr) bool {
	p := c.in.p
	if p == nil {
		c.in.lent = c.buffers.get(c.in.size)
		p = c.in.lent
	}
	n, err := retry(func() (int, error) { return unix.Read(int(fd), p) })
	switch {
	case errors.Is(err, unix.EAGAIN):
		c.release()
		if c.in.done == nil {
			c.in.done = transport.Interrupt(c.in.ctx, c.setRead)
		}
		return false
	case err != nil:
		c.in.err = systemError("read", err)
	case n == 0:
		c.in.err = io.EOF
	default:
		c.in.n = n
	}
	return true
}

func (c *pollCarrier) write(ctx context.Context, a, b []byte) (int, error) {
	c.out = pollWrite{ctx: ctx, parts: [2][]byte{a, b}}
	err := c.raw.Write(c.tryWrite)
	if c.out.done != nil {
		c.out.done()
	}
	n, result := c.out.n, c.out.err
	c.out = pollWrite{}
	if err == nil {
		err = result
	}
	return n, err
}

// writeNow writes what the socket takes. It returns false to be called again when it may take more.
func (c *pollCarrier) writeNow(fd uintptr) bool {
	o := &c.out
	for len(o.parts[0])+len(o.parts[1]) > 0 {
		n, err := retry(func() (int, error) { return unix.Writev(int(fd), o.parts[:]) })
		switch {
		case errors.Is(err, unix.EAGAIN):
			if o.done == nil {
				o.done = transport.Interrupt(o.ctx, c.setWrite)
			}
			return false
		case err != nil:
			o.err = systemError("write", err)
			return true
		}
		o.n += n
		head := min(n, len(o.parts[0]))
		o.parts[0], o.parts[1] = o.parts[0][head:], o.parts[1][n-head:]
	}
	return true
}

// retry makes a system call until no signal interrupts it. n is 0 if it fails.
func retry(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if err == nil {
			return n, nil
		}
		if !errors.Is(err, unix.EINTR) {
			return 0, err
		}
	}
}

// systemError is the error that package net makes of a failed system call.
func systemError(op string, err error) error {
	return &net.OpError{Op: op, Net: "tcp", Err: os.NewSyscallError(op, err)}
}

// unacknowledged reports whether there are bytes that the peer's system has not received yet.
func unacknowledged(nc net.Conn) bool {
	socket, ok := nc.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return false
	}
	n := 0
	err = raw.Control(func(fd uintptr) { n, _ = unix.IoctlGetInt(int(fd), unix.SIOCOUTQ) })
	return err == nil && n > 0
}
