package attach

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"ockamtest/conformance"
)

// socketPair is a link and the peer's end of its connection.
func socketPair(t *testing.T) (*socketLink, *net.TCPConn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer shut(listener)
	link, err := connect(t.Context(), Config{}, listener.Addr().String(), 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		closeLink(t, link)
		_ = conn.Close()
	})
	return link, conn.(*net.TCPConn)
}

const patient = 5 * time.Second

// received is what a link receives until it ends, and how it ended.
func received(link conformance.Link) (all []byte, err error) {
	for err == nil {
		var p []byte
		p, err = link.Receive(patient)
		all = append(all, p...)
	}
	return all, err
}

func TestSocketLinkEnds(t *testing.T) {
	tests := []struct {
		name string
		peer func(t *testing.T, c *net.TCPConn)
		data string
		want error
	}{
		{"orderly end", func(_ *testing.T, c *net.TCPConn) { _ = c.Close() }, "", io.EOF},
		{"half-closed", func(_ *testing.T, c *net.TCPConn) { _ = c.CloseWrite() }, "", io.EOF},
		{"data, then orderly end", func(_ *testing.T, c *net.TCPConn) { _, _ = io.WriteString(c, "data"); _ = c.Close() }, "data", io.EOF},
		{"reset", func(_ *testing.T, c *net.TCPConn) { _ = c.SetLinger(0); _ = c.Close() }, "", conformance.ErrReset},
		{"unread bytes", func(t *testing.T, c *net.TCPConn) {
			if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
			_ = c.Close()
		}, "", conformance.ErrReset},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			link, conn := socketPair(t)
			if err := link.Send([]byte("hello")); err != nil {
				t.Fatal(err)
			}
			if tt.name != "unread bytes" {
				if _, err := io.ReadFull(conn, make([]byte, 5)); err != nil {
					t.Fatal(err)
				}
			}
			tt.peer(t, conn)
			data, err := received(link)
			if string(data) != tt.data || !errors.Is(err, tt.want) {
				t.Errorf("got %q, %v, want %q, %v", data, err, tt.data, tt.want)
			}
			if _, err := link.Receive(0); !errors.Is(err, tt.want) {
				t.Errorf("once more: got %v, want %v", err, tt.want)
			}
			if err := link.CloseWrite(); err != nil {
				t.Errorf("CloseWrite after the peer's end: %v", err)
			}
		})
	}
}

func TestSocketLinkQuiet(t *testing.T) {
	link, conn := socketPair(t)
	for _, wait := range []time.Duration{-1, 0, 5 * time.Millisecond} {
		if p, err := link.Receive(wait); !errors.Is(err, conformance.ErrQuiet) || p != nil {
			t.Errorf("wait %v: got %q, %v, want ErrQuiet", wait, p, err)
		}
	}
	if _, err := io.WriteString(conn, "late"); err != nil {
		t.Fatal(err)
	}
	if p, err := link.Receive(patient); string(p) != "late" || err != nil {
		t.Errorf("after quiet: got %q, %v", p, err)
	}
}

// What has arrived is received also by a Receive that does not wait.
func TestSocketLinkPolls(t *testing.T) {
	link, conn := socketPair(t)
	if _, err := io.WriteString(conn, "first"); err != nil {
		t.Fatal(err)
	}
	if p, err := link.Receive(patient); string(p) != "first" || err != nil {
		t.Fatalf("got %q, %v", p, err)
	}
	if _, err := io.WriteString(conn, "second"); err != nil { // on loopback it has arrived on return
		t.Fatal(err)
	}
	if p, err := link.Receive(0); string(p) != "second" || err != nil {
		t.Errorf("got %q, %v, want second", p, err)
	}
}

// TRAN-007 from the kit's end: each Send is a segment, so that cases choose the fragmentation.
func TestSocketLinkSegments(t *testing.T) {
	link, conn := socketPair(t)
	buf := make([]byte, 16)
	for _, want := range []string{"a", "bc", "def"} {
		if err := link.Send([]byte(want)); err != nil {
			t.Fatal(err)
		}
		if n, err := conn.Read(buf); string(buf[:n]) != want || err != nil {
			t.Errorf("got %q, %v, want %q", buf[:n], err, want)
		}
	}
	if err := link.Send(nil); err != nil {
		t.Errorf("nothing: %v", err)
	}
}

func TestSocketLinkCloseWrite(t *testing.T) {
	link, conn := socketPair(t)
	for range 2 {
		if err := link.CloseWrite(); err != nil {
			t.Fatal(err)
		}
	}
	if rest, err := io.ReadAll(conn); len(rest) != 0 || err != nil {
		t.Errorf("peer: got %q, %v, want FIN", rest, err)
	}
	if err := link.Send([]byte("x")); !errors.Is(err, conformance.ErrLinkClosed) {
		t.Errorf("send: got %v, want ErrLinkClosed", err)
	}
	if _, err := io.WriteString(conn, "still"); err != nil {
		t.Fatal(err)
	}
	if p, err := link.Receive(patient); string(p) != "still" || err != nil {
		t.Errorf("receive: got %q, %v", p, err)
	}
}

func TestSocketLinkReset(t *testing.T) {
	link, conn := socketPair(t)
	for range 2 {
		if err := link.Reset(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := conn.Read(make([]byte, 1)); !isReset(err) {
		t.Errorf("peer: got %v, want a reset", err)
	}
	assertClosed(t, link)
}

func TestSocketLinkClose(t *testing.T) {
	link, conn := socketPair(t)
	closeLink(t, link)
	if rest, err := io.ReadAll(conn); len(rest) != 0 || err != nil {
		t.Errorf("peer: got %q, %v, want FIN", rest, err)
	}
	assertClosed(t, link)
}

func assertClosed(t *testing.T, link conformance.Link) {
	t.Helper()
	if err := link.Send([]byte("x")); !errors.Is(err, conformance.ErrLinkClosed) {
		t.Errorf("send: got %v, want ErrLinkClosed", err)
	}
	if _, err := link.Receive(patient); !errors.Is(err, conformance.ErrLinkClosed) {
		t.Errorf("receive: got %v, want ErrLinkClosed", err)
	}
	if err := link.CloseWrite(); !errors.Is(err, conformance.ErrLinkClosed) {
		t.Errorf("close write: got %v, want ErrLinkClosed", err)
	}
	if err := link.Reset(); err != nil {
		t.Errorf("reset: got %v, want nil", err)
	}
}

// A Send after the peer's end meets its RST; what Receive then tells is how the link ended, whichever of the two saw it first.
func TestSocketLinkSendAfterEnd(t *testing.T) {
	tests := []struct {
		name string
		peer func(c *net.TCPConn)
		want []error // of Send, one of them
		end  error
	}{
		{"FIN", func(c *net.TCPConn) { _ = c.Close() }, []error{io.ErrClosedPipe, conformance.ErrReset}, io.EOF},
		{"RST", func(c *net.TCPConn) { _ = c.SetLinger(0); _ = c.Close() }, []error{conformance.ErrReset}, conformance.ErrReset},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			link, conn := socketPair(t)
			tt.peer(conn)
			var err error
			for until := time.Now().Add(patient); err == nil && time.Now().Before(until); {
				err = link.Send(bytes.Repeat([]byte("x"), 100))
			}
			if !isAny(err, tt.want) {
				t.Errorf("send: got %v, want one of %v", err, tt.want)
			}
			if _, err := link.Receive(patient); !errors.Is(err, tt.end) {
				t.Errorf("receive: got %v, want %v", err, tt.end)
			}
		})
	}
}

func isAny(err error, wants []error) bool {
	for _, want := range wants {
		if errors.Is(err, want) {
			return true
		}
	}
	return false
}

func TestSocketLinkStalls(t *testing.T) {
	link, _ := socketPair(t)
	link.stall = 20 * time.Millisecond
	if err := link.Send(make([]byte, 64<<20)); !errors.Is(err, conformance.ErrStalled) {
		t.Errorf("got %v, want ErrStalled", err)
	}
}

func TestSocketLinkAddresses(t *testing.T) {
	link, conn := socketPair(t)
	if got, want := link.LocalAddress(), conn.RemoteAddr().String(); got != want {
		t.Errorf("local: got %s, want %s", got, want)
	}
	if got, want := link.RemoteAddress(), conn.LocalAddr().String(); got != want {
		t.Errorf("remote: got %s, want %s", got, want)
	}
}
