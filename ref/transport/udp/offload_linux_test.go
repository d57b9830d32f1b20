package udp

import (
	"net"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

func open(t *testing.T, cfg Config) *socket {
	t.Helper()
	s, err := Listen(t.Context(), wire.UDPAddress4([4]byte{127, 0, 0, 1}, 0), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s.(*socket)
}

// withDescriptor lets f read or set an option.
func withDescriptor(t *testing.T, conn *net.UDPConn, f func(fd int) error) {
	t.Helper()
	raw, err := conn.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	if err2 := raw.Control(func(fd uintptr) { err = f(int(fd)) }); err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
}

// exchange sends a batch of n datagrams of size bytes and reads it.
func exchange(t *testing.T, from, to *socket, n, size int) {
	t.Helper()
	var ps [][]byte
	for i := range n {
		p := make([]byte, size)
		p[0] = byte(i)
		ps = append(ps, p)
	}
	if sent, err := from.WriteBatchTo(t.Context(), ps, to.LocalAddress()); sent != n || err != nil {
		t.Fatal(sent, err)
	}
	p := make([]byte, size)
	for i := range n {
		if got, _, err := to.ReadFrom(t.Context(), p); got != size || p[0] != byte(i) || err != nil {
			t.Fatalf("datagram %d: %d bytes, number %d, %v", i, got, p[0], err)
		}
	}
}

// On this system a batch of 60 is one system call on either side, if the kernel has the options; either way it arrives.
func TestOffload(t *testing.T) {
	a, b := open(t, Config{}), open(t, Config{})
	out, ok := a.out.(*batchSender)
	in, ok2 := b.in.(*batchReceiver)
	if !ok || !ok2 {
		t.Skip("this kernel has no sendmmsg and recvmmsg")
	}
	if out.longest == 0 || in.size < joinedSize {
		t.Skip("this kernel does not split and join datagrams")
	}
	calls := 0
	for _, c := range []*batchCall{out.call, in.call} {
		system := c.system
		c.system = func(fd uintptr, messages []unix.Mmsghdr) (int, syscall.Errno) {
			calls++
			return system(fd, messages)
		}
	}
	exchange(t, a, b, 60, 1000)
	if calls > 3 { // the loopback device may make two of one
		t.Errorf("%d system calls, want 2", calls)
	}
}

// A socket whose checksums nobody computes cannot split: the kernel says so only when it is tried.
func TestOffloadRefusedByKernel(t *testing.T) {
	a, b := open(t, Config{}), open(t, Config{})
	out, ok := a.out.(*batchSender)
	if !ok || out.longest == 0 {
		t.Skip("this kernel does not split datagrams")
	}
	withDescriptor(t, a.conn, func(fd int) error { return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_NO_CHECK, 1) })
	for range 3 {
		exchange(t, a, b, 40, 1000)
	}
	if out.longest >= 1000 {
		t.Errorf("datagrams of up to %d bytes are still tried", out.longest)
	}
}

// Offloads that a socket does not have cost nothing but time, whichever end lacks them.
func TestOffloadOfOneEnd(t *testing.T) {
	for name, cfg := range map[string][2]Config{
		"sender":   {{}, {SingleCalls: true}},
		"receiver": {{SingleCalls: true}, {}},
		"short":    {{}, {Limit: 1000, ReadAhead: 3}},
	} {
		t.Run(name, func(t *testing.T) { exchange(t, open(t, cfg[0]), open(t, cfg[1]), 40, 1000) })
	}
	a, b := open(t, Config{}), open(t, Config{Limit: 1000})
	if in, ok := b.in.(*batchReceiver); ok && in.size == joinedSize {
		withDescriptor(t, b.conn, func(fd int) error { return unix.SetsockoptInt(fd, unix.SOL_UDP, unix.UDP_GRO, 0) })
		in.size, in.slots = 1001, in.slots[:3]
		exchange(t, a, b, 40, 1000)
	}
}

// Config: the system's queues are enlarged when it is asked to.
func TestBuffers(t *testing.T) {
	s := open(t, Config{ReceiveBuffer: 60_000, SendBuffer: 50_000})
	for option, want := range map[int]int{unix.SO_RCVBUF: 120_000, unix.SO_SNDBUF: 100_000} { // Linux doubles
		got := 0
		withDescriptor(t, s.conn, func(fd int) (err error) {
			got, err = unix.GetsockoptInt(fd, unix.SOL_SOCKET, option)
			return err
		})
		if got != want {
			t.Errorf("option %d: got %d, want %d", option, got, want)
		}
	}
}

// An idle socket that nobody has read holds no read-ahead.
func TestReadAheadIsLazy(t *testing.T) {
	s := open(t, Config{})
	if in, ok := s.in.(*batchReceiver); ok && in.buf != nil {
		t.Error("the read-ahead is made before the first read")
	}
	exchange(t, s, s, 1, 10)
	if in, ok := s.in.(*batchReceiver); ok && len(in.buf) != DefaultReadAhead*in.size {
		t.Errorf("the read-ahead is %d bytes, want %d", len(in.buf), DefaultReadAhead*in.size)
	}
	if s.Limit() != transport.MaxDatagram4 {
		t.Errorf("limit %d", s.Limit())
	}
}
