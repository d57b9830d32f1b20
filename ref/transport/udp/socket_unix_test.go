//go:build unix

package udp

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"testing"

	"ockamtest/ref/transport"
)

func plainSocket(t *testing.T) *net.UDPConn {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// A scriptedSender fails as the script says, then sends two datagrams a call.
type scriptedSender struct {
	script []error
	calls  int
	sent   []string
}

func (s *scriptedSender) send(_ context.Context, ps [][]byte, _ netip.AddrPort) (int, error) {
	s.calls++
	if s.calls <= len(s.script) {
		return 0, s.script[s.calls-1]
	}
	n := min(2, len(ps))
	for _, p := range ps[:n] {
		s.sent = append(s.sent, string(p))
	}
	return n, nil
}

// TRAN-013: an error that an earlier datagram may have caused is not that of this one, until it comes again and again.
func TestWriteAfterLostDatagram(t *testing.T) {
	gone, unreachable, broken := syscall.ECONNREFUSED, syscall.EHOSTUNREACH, errors.New("broken")
	for name, test := range map[string]struct {
		script []error
		n      int
		err    error
		sent   string
	}{
		"nothing":            {nil, 3, nil, "abc"},
		"refused":            {[]error{gone}, 3, nil, "abc"},
		"refused twice":      {[]error{gone, gone}, 3, nil, "abc"},
		"refused for good":   {[]error{gone, gone, gone}, 3, nil, "bc"}, // the first is lost
		"refused throughout": {[]error{gone, gone, gone, gone, gone, gone, gone, gone, gone}, 3, nil, ""},
		"unreachable":        {[]error{unreachable, unreachable}, 3, nil, "abc"},
		"no route":           {[]error{unreachable, unreachable, unreachable}, 0, unreachable, ""},
		"another error":      {[]error{broken}, 0, broken, ""},
	} {
		s, err := newSocket(plainSocket(t), Config{})
		if err != nil {
			t.Fatal(err)
		}
		out := &scriptedSender{script: test.script}
		s.out = out
		n, err := s.WriteBatchTo(t.Context(), [][]byte{{'a'}, {'b'}, {'c'}}, s.local)
		sent := ""
		for _, p := range out.sent {
			sent += p
		}
		if n != test.n || !errors.Is(err, test.err) || sent != test.sent {
			t.Errorf("%s: got %d, %v, sent %q, want %d, %v, %q", name, n, err, sent, test.n, test.err, test.sent)
		}
	}
}

// PacketConn: a socket at rest keeps no reference to what it sent.
func TestWriteKeepsNothing(t *testing.T) {
	s, err := newSocket(plainSocket(t), Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.WriteTo(t.Context(), []byte("x"), s.local); err != nil || s.one[0] != nil {
		t.Errorf("got %v, and %q is kept", err, s.one[0])
	}
}

// TRAN-021: a connected socket sends nowhere else.
func TestConnectedSocketSendsToOne(t *testing.T) {
	peer, other := plainSocket(t), plainSocket(t)
	conn, err := net.DialUDP("udp", nil, peer.LocalAddr().(*net.UDPAddr))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	s, err := newSocket(conn, Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.WriteTo(t.Context(), nil, numeric(other.LocalAddr())); !errors.Is(err, transport.ErrAddress) {
		t.Errorf("got %v, want ErrAddress", err)
	}
	if err := s.WriteTo(t.Context(), nil, s.remote); err != nil {
		t.Errorf("to the remote address: %v", err)
	}
}
