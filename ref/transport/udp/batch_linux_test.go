package udp

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// sendAll sends a batch as a socket does.
func sendAll(t *testing.T, s *batchSender, ps [][]byte, to netip.AddrPort) {
	t.Helper()
	for len(ps) > 0 {
		n, err := s.send(t.Context(), ps, to)
		if err != nil || n < 1 || n > len(ps) {
			t.Fatalf("send of %d datagrams: %d, %v", len(ps), n, err)
		}
		ps = ps[n:]
	}
}

func lengths(ps [][]byte) (out []int) {
	for _, p := range ps {
		out = append(out, len(p))
	}
	return out
}

var (
	peer4 = netip.MustParseAddrPort("192.0.2.1:4000")
	peer6 = netip.MustParseAddrPort("[2001:db8::1]:4000")
)

// TRAN-010: whatever the lengths in a batch, the kernel makes of it exactly its datagrams, in order, whether it splits or not, takes all
// messages of a call or a few, or refuses runs on the way.
func FuzzSend(f *testing.F) {
	f.Add(uint64(1), uint16(100), uint8(3), uint8(0))
	f.Add(uint64(2), uint16(1472), uint8(200), uint8(1))
	f.Add(uint64(3), uint16(65507), uint8(10), uint8(2))
	f.Fuzz(func(t *testing.T, seed uint64, longest uint16, count, refuses uint8) {
		random := rand.New(rand.NewPCG(seed, 1))
		longest = min(longest, transport.MaxDatagram4)
		var ps [][]byte
		for len(ps) < int(count)*2 {
			p := make([]byte, random.IntN(int(longest)+1))
			for i := range p {
				p[i] = byte(random.Uint32())
			}
			for range 1 + random.IntN(70)*random.IntN(2) { // runs
				ps = append(ps, p)
			}
		}
		k := &fakeKernel{takes: 1 + random.IntN(maxMessages), waits: random.IntN(2)}
		mtu := random.IntN(int(longest) + 1)
		k.refuse = func(size, run int) syscall.Errno {
			switch {
			case run == 1:
				return 0
			case size < 1 || run > 64 || size*(run-1) >= maxJoined:
				t.Fatalf("a run of %d datagrams of %d bytes", run, size)
			case refuses%4 == 1 && size > mtu:
				return unix.EINVAL
			case refuses%4 == 2 && size > mtu:
				return unix.EMSGSIZE
			case refuses%4 == 3:
				return unix.EIO
			}
			return 0
		}
		s := k.sender(unix.AF_INET, false, seed%2 == 0)
		sendAll(t, s, ps, peer4)
		if !slices.EqualFunc(k.sent, ps, bytes.Equal) {
			t.Fatalf("sent %v, want %v", lengths(k.sent), lengths(ps))
		}
		for _, v := range s.vectors {
			if v.Base != nil {
				t.Fatal("a reference to a datagram is left")
			}
		}
	})
}

// runs of datagrams are as long as the kernel takes them: 64, and 65,507 bytes.
func TestRunLength(t *testing.T) {
	repeat := func(n, size int) (out []int) {
		for range n {
			out = append(out, size)
		}
		return out
	}
	for name, test := range map[string]struct {
		sizes []int
		want  int
	}{
		"one":                 {[]int{5}, 1},
		"equal":               {repeat(5, 100), 5},
		"shorter at the end":  {append(repeat(5, 100), 99, 100), 6},
		"longer":              {append(repeat(5, 100), 101), 5},
		"empty first":         {[]int{0, 0}, 1},
		"empty later":         {[]int{7, 7, 0, 7}, 2},
		"64":                  {repeat(64, 9), 64},
		"65":                  {repeat(65, 9), 64},
		"65,507 bytes":        {[]int{40000, 25507, 1}, 2},
		"65,508 bytes":        {[]int{40000, 25508}, 1},
		"63 of 1,024 fit":     {repeat(64, 1024), 63},
		"above what is tried": {repeat(3, 1025), 1},
	} {
		var ps [][]byte
		for _, n := range test.sizes {
			ps = append(ps, make([]byte, n))
		}
		longest := maxJoined
		if name == "above what is tried" {
			longest = 1024
		}
		if got := runLength(ps, longest); got != test.want {
			t.Errorf("%s: got %d, want %d", name, got, test.want)
		}
	}
}

// What a kernel or a network interface refuses is sent one by one, and is not tried again; what it takes still goes in runs.
func TestSendFallsBack(t *testing.T) {
	batch := func(size int) [][]byte { return slices.Repeat([][]byte{make([]byte, size)}, 60) }
	for name, test := range map[string]struct {
		errno      syscall.Errno
		from       int    // datagrams of this length and longer are refused in runs
		calls      [3]int // for batches of 900, 400, 900 bytes
		messages   [3]int
		wantSingle int
	}{
		"takes all":             {0, 0, [3]int{1, 1, 1}, [3]int{1, 1, 1}, 0},
		"no checksums":          {unix.EIO, 0, [3]int{2, 1, 1}, [3]int{60, 60, 60}, 0},
		"short packets":         {unix.EINVAL, 500, [3]int{2, 1, 1}, [3]int{60, 1, 60}, 899},
		"short packets, newer":  {unix.EMSGSIZE, 500, [3]int{2, 1, 1}, [3]int{60, 1, 60}, 899},
		"no such option at all": {unix.EOPNOTSUPP, 0, [3]int{2, 1, 1}, [3]int{60, 60, 60}, 0},
	} {
		k := &fakeKernel{takes: maxMessages}
		k.refuse = func(size, run int) syscall.Errno {
			if run > 1 && size >= test.from {
				return test.errno
			}
			return 0
		}
		s := k.sender(unix.AF_INET, false, true)
		for i, size := range []int{900, 400, 900} {
			k.calls, k.to = 0, nil
			if n, err := s.send(t.Context(), batch(size), peer4); n != 60 || err != nil {
				t.Fatalf("%s: %d, %v", name, n, err)
			}
			if k.calls != test.calls[i] || len(k.to) != test.messages[i] {
				t.Errorf("%s, %d bytes: %d calls, %d messages, want %d and %d", name, size, k.calls, len(k.to), test.calls[i], test.messages[i])
			}
		}
		if len(k.sent) != 180 {
			t.Errorf("%s: %d datagrams, want 180", name, len(k.sent))
		}
	}
}

// What a single datagram is refused for is the caller's to know.
func TestSendFails(t *testing.T) {
	k := &fakeKernel{takes: 1, refuse: func(int, int) syscall.Errno { return unix.EINVAL }}
	s := k.sender(unix.AF_INET, false, true)
	if n, err := s.send(t.Context(), [][]byte{{1}, {2, 3}}, peer4); n != 0 || !errors.Is(err, unix.EINVAL) {
		t.Errorf("got %d, %v, want EINVAL", n, err)
	}
	if k.calls != 1 || s.longest != maxJoined {
		t.Errorf("%d calls, runs up to %d bytes, want 1 and %d", k.calls, s.longest, maxJoined)
	}
}

// WIRE-013: an IPv6 socket writes IPv4 addresses in the form of its own family; a connected one writes none.
func TestSendNames(t *testing.T) {
	for name, test := range map[string]struct {
		family    int
		connected bool
		to        netip.AddrPort
		want      wire.Address
	}{
		"IPv4":                 {unix.AF_INET, false, peer4, wire.UDPAddress4([4]byte{192, 0, 2, 1}, 4000)},
		"IPv6":                 {unix.AF_INET6, false, peer6, wire.UDPAddress6([16]byte{0: 0x20, 1: 1, 2: 0xd, 3: 0xb8, 15: 1}, 4000)},
		"IPv4, socket of both": {unix.AF_INET6, false, peer4, wire.UDPAddress4([4]byte{192, 0, 2, 1}, 4000)},
		"connected":            {unix.AF_INET, true, peer4, wire.Address{}},
	} {
		k := &fakeKernel{takes: maxMessages}
		s := k.sender(test.family, test.connected, true)
		sendAll(t, s, [][]byte{{1}, {2, 2}, {3, 3}}, test.to)
		if len(k.to) != 2 || k.to[0] != test.want || k.to[1] != test.want {
			t.Errorf("%s: sent to %v, want %v twice", name, k.to, test.want)
		}
	}
}

// TRAN-010, TRAN-011: a batch received is the datagrams that were sent, those that the kernel joined too, each with its source; messages that
// it cut are dropped.
func FuzzReceive(f *testing.F) {
	f.Add(uint64(1), uint8(10), uint8(1))
	f.Add(uint64(2), uint8(100), uint8(8))
	f.Fuzz(func(t *testing.T, seed uint64, count, readAhead uint8) {
		random := rand.New(rand.NewPCG(seed, 2))
		type datagram struct {
			bytes []byte
			from  wire.Address
		}
		var want []datagram
		k := &fakeKernel{waits: random.IntN(2)}
		for range count {
			m := fakeMessage{from: []netip.AddrPort{peer4, peer6}[random.IntN(2)], bytes: make([]byte, random.IntN(3000))}
			for i := range m.bytes {
				m.bytes[i] = byte(random.Uint32())
			}
			size := len(m.bytes)
			switch random.IntN(4) {
			case 0:
				m.flags = unix.MSG_TRUNC
			case 1:
				m.segment = 1 + random.IntN(len(m.bytes)+10)
				size = m.segment
			}
			k.queue = append(k.queue, m)
			if m.flags != 0 {
				continue
			}
			if len(m.bytes) == 0 {
				want = append(want, datagram{[]byte{}, Address(m.from)})
			}
			for b := range slices.Chunk(m.bytes, max(size, 1)) {
				want = append(want, datagram{b, Address(m.from)})
			}
		}
		r := newBatchReceiver(newBatchCall(k.access, noDeadline, k.recvmmsg), 65507, 1+int(readAhead)%20, true)
		var got []datagram
		for {
			b, from, ok := r.next()
			if ok {
				got = append(got, datagram{bytes.Clone(b), from})
				continue
			}
			if err := r.receive(t.Context()); err != nil {
				break
			}
		}
		if !slices.EqualFunc(got, want, func(a, b datagram) bool { return a.from == b.from && bytes.Equal(a.bytes, b.bytes) }) {
			t.Errorf("got %d datagrams, want %d, or others than were sent", len(got), len(want))
		}
		if _, _, ok := r.next(); ok || len(k.queue) != 0 {
			t.Errorf("%d messages are left", len(k.queue))
		}
	})
}

// Control messages and names come from the kernel, but a parser of bytes reads no further than they go.
func FuzzKernelBytes(f *testing.F) {
	var c control
	c.setSegment(1000)
	f.Add(c.bytes(), []byte{unix.AF_INET, 0, 15, 160, 127, 0, 0, 1})
	f.Add([]byte{}, []byte{unix.AF_INET6})
	f.Fuzz(func(t *testing.T, controls, address []byte) {
		aligned := make([]control, 1+len(controls)/24)
		b := unsafe.Slice((*byte)(unsafe.Pointer(&aligned[0])), len(controls))
		copy(b, controls)
		if got := segment(b); got < 0 {
			t.Errorf("a segment of %d bytes", got)
		}
		var n, back name
		copy(n[:], address)
		a := n.address()
		if a == (wire.Address{}) {
			return
		}
		ap, ok := AddrPort(a)
		if !ok || a != a.Canonical() {
			t.Fatalf("%v is no numeric address of encoders", a)
		}
		if back.set(unix.AF_INET6, ap); back.address() != a {
			t.Errorf("%v written and read is %v", a, back.address())
		}
	})
}

// A call that has to wait ends with its context, and leaves no deadline behind.
func TestBatchCallEnds(t *testing.T) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	raw, err := conn.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	r := newBatchReceiver(newBatchCall(raw.Read, conn.SetReadDeadline, recvmmsg), 100, 2, false)
	for range 3 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		if err := r.receive(ctx); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("got %v, want a deadline", err)
		}
		cancel()
		if _, err := conn.WriteToUDPAddrPort([]byte("x"), conn.LocalAddr().(*net.UDPAddr).AddrPort()); err != nil {
			t.Fatal(err)
		}
		if err := r.receive(t.Context()); err != nil {
			t.Fatal(err)
		}
		if b, _, ok := r.next(); !ok || string(b) != "x" {
			t.Errorf("got %q, %v, want x", b, ok)
		}
	}
}
