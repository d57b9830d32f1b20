package udp

import (
	"context"
	"net"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"ockamtest/ref/transport"
)

// newBatches makes a receiver and a sender of several datagrams at once, if the kernel has the system calls. Options of the socket that it
// may not have, UDP_GRO and UDP_SEGMENT, are tried out.
func newBatches(conn *net.UDPConn, connected bool, limit, readAhead int) (receiver, sender, bool) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, nil, false
	}
	var has, joins, splits bool
	family := 0
	err = raw.Control(func(fd uintptr) {
		_, noReceive := recvmmsg(fd, nil)
		_, noSend := sendmmsg(fd, nil)
		var noFamily error
		family, noFamily = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_DOMAIN)
		if has = noReceive == 0 && noSend == 0 && noFamily == nil; !has {
			return
		}
		joins = unix.SetsockoptInt(int(fd), unix.SOL_UDP, unix.UDP_GRO, 1) == nil
		_, noSegments := unix.GetsockoptInt(int(fd), unix.SOL_UDP, unix.UDP_SEGMENT)
		splits = noSegments == nil
	})
	if err != nil || !has {
		return nil, nil, false
	}
	in := newBatchReceiver(newBatchCall(raw.Read, conn.SetReadDeadline, recvmmsg), limit, readAhead, joins)
	out := newBatchSender(newBatchCall(raw.Write, conn.SetWriteDeadline, sendmmsg), family, connected, splits)
	return in, out, true
}

// A batchSystem is recvmmsg or sendmmsg: it handles the first of the messages and returns how many.
type batchSystem func(fd uintptr, messages []unix.Mmsghdr) (n int, errno syscall.Errno)

func recvmmsg(fd uintptr, messages []unix.Mmsghdr) (int, syscall.Errno) {
	n, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, fd, uintptr(unsafe.Pointer(unsafe.SliceData(messages))), uintptr(len(messages)),
		unix.MSG_DONTWAIT, 0, 0)
	return int(n), errno
}

func sendmmsg(fd uintptr, messages []unix.Mmsghdr) (int, syscall.Errno) {
	n, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, fd, uintptr(unsafe.Pointer(unsafe.SliceData(messages))), uintptr(len(messages)),
		unix.MSG_DONTWAIT, 0, 0)
	return int(n), errno
}

// A batchCall makes a system call at once and, if it would block, again when the socket is ready.
type batchCall struct {
	access func(func(fd uintptr) bool) error // of a syscall.RawConn: calls the function until it returns true, waiting in between
	set    func(time.Time) error             // the deadline of access
	system batchSystem
	try    func(fd uintptr) bool // tryOnce, bound once for all calls

	messages []unix.Mmsghdr
	waits    bool // whether try may ask to wait
	n        int
	errno    syscall.Errno
}

func newBatchCall(access func(func(fd uintptr) bool) error, set func(time.Time) error, system batchSystem) *batchCall {
	c := &batchCall{access: access, set: set, system: system}
	c.try = c.tryOnce
	return c
}

// do handles the first of the messages and returns how many. When ctx ends first it fails with os.ErrDeadlineExceeded. Only a call that
// has to wait pays for being interrupted.
func (c *batchCall) do(ctx context.Context, messages []unix.Mmsghdr) (int, error) {
	c.messages, c.waits = messages, false
	if err := c.access(c.try); err != nil {
		return 0, err
	}
	if c.errno == unix.EAGAIN {
		c.waits = true
		done := transport.Interrupt(ctx, c.set)
		err := c.access(c.try)
		done()
		if err != nil {
			return 0, err
		}
	}
	if c.errno != 0 {
		return 0, c.errno
	}
	return c.n, nil
}

func (c *batchCall) tryOnce(fd uintptr) bool {
	for {
		if c.n, c.errno = c.system(fd, c.messages); c.errno != unix.EINTR {
			return c.errno != unix.EAGAIN || !c.waits
		}
	}
}
