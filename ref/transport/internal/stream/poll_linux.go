package stream

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"ockamtest/ref/transport"
)

// A pollCarrier makes the system calls of a TCP socket itself, so that nothing is done for waiting before it has to wait, and no buffer
// is held meanwhile.
type pollCarrier struct {
	raw               syscall.RawConn
	setRead, setWrite func(time.Time) error
	buffers           *buffers
	in                pollRead  // of the reading goroutine
	lent              []byte    // of the reading goroutine: taken from buffers and not given back
	out               pollWrite // of the writing goroutine
	tryRead, tryWrite func(fd uintptr) bool
}

// A pollRead is a read in progress and its result.
type pollRead struct {
	ctx   context.Context
	parts [2][]byte // where to: the caller's buffer, and one that is lent
	size  int       // of that
	done  func()    // undoes the interrupt, set while the call waits
	n     int
	err   error
}

// A pollWrite is a write in progress and its result.
type pollWrite struct {
	ctx   context.Context
	parts [][]byte
	done  func()
	n     int
	err   error
}

func newPollCarrier(nc net.Conn, buffers *buffers) carrier {
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
	_, ahead, err := c.read(ctx, nil, size)
	return ahead, err
}

func (c *pollCarrier) release() {
	if c.lent != nil {
		c.buffers.put(c.lent)
		c.lent = nil
	}
}

func (c *pollCarrier) read(ctx context.Context, p []byte, size int) (n int, ahead []byte, err error) {
	c.in = pollRead{ctx: ctx, parts: [2][]byte{p}, size: size}
	err = c.raw.Read(c.tryRead)
	if c.in.done != nil {
		c.in.done()
	}
	if err == nil {
		err = c.in.err
	}
	n = min(c.in.n, len(p))
	if c.in.n > n {
		ahead = c.lent[:c.in.n-n]
	} else {
		c.release()
	}
	c.in = pollRead{} // p and ctx are the caller's
	return n, ahead, err
}

// readNow reads what is there. It returns false to be called again when there may be something.
func (c *pollCarrier) readNow(fd uintptr) bool {
	c.lent = c.buffers.get(c.in.size)
	c.in.parts[1] = c.lent
	parts := c.in.parts[:]
	if len(parts[0]) == 0 {
		parts = parts[1:]
	}
	n, err := retry(func() (int, error) { return unix.Readv(int(fd), parts) })
	switch {
	case errors.Is(err, unix.EAGAIN):
		c.in.parts[1] = nil
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
		acquired(int(fd))
		c.in.n = n
	}
	return true
}

func (c *pollCarrier) write(ctx context.Context, parts [][]byte) (int, error) {
	c.out = pollWrite{ctx: ctx, parts: parts}
	err := c.raw.Write(c.tryWrite)
	if c.out.done != nil {
		c.out.done()
	}
	if err == nil {
		err = c.out.err
	}
	n := c.out.n
	c.out = pollWrite{}
	return n, err
}

// writeNow writes what the socket takes. It returns false to be called again when it may take more.
func (c *pollCarrier) writeNow(fd uintptr) bool {
	o := &c.out
	released(int(fd))
	for o.parts = skip(o.parts, 0); len(o.parts) > 0; {
		n, err := retry(func() (int, error) { return c.writev(int(fd), o.parts) })
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
		o.parts = skip(o.parts, n)
	}
	return true
}

// skip returns what is left of parts after n bytes, which begins with a part that is not empty.
func skip(parts [][]byte, n int) [][]byte {
	for len(parts) > 0 && n >= len(parts[0]) {
		n -= len(parts[0])
		parts = parts[1:]
	}
	if len(parts) > 0 {
		parts[0] = parts[0][n:]
	}
	return parts
}

// vectors are the parts of a batch as the system takes them.
type vectors [batchParts]unix.Iovec

// writev is unix.Writev, which allocates for more than some parts.
func (c *pollCarrier) writev(fd int, parts [][]byte) (int, error) {
	if len(parts) <= 8 {
		return unix.Writev(fd, parts)
	}
	v, ok := c.buffers.vectors.Get().(*vectors)
	if !ok {
		v = new(vectors)
	}
	for i, p := range parts {
		v[i].Base = unsafe.SliceData(p)
		v[i].SetLen(len(p))
	}
	n, _, errno := unix.Syscall(unix.SYS_WRITEV, uintptr(fd), uintptr(unsafe.Pointer(v)), uintptr(len(parts)))
	clear(v[:])
	c.buffers.vectors.Put(v)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
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
