package ref_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"ockamtest/ref"
	"ockamtest/ref/channel"
	"ockamtest/ref/profile"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// datagrams are two ends that look like UDP: what the taps do to messages is up to them.
func datagrams() (initiator, responder *tap) {
	i, r := transport.Pipe(transport.PipeConfig{
		Limit: 65507,
		Queue: 1024,
		Addresses: [2]wire.Address{
			wire.UDPAddress4([4]byte{127, 0, 0, 1}, 1001),
			wire.UDPAddress4([4]byte{127, 0, 0, 1}, 1002),
		},
	})
	return &tap{Conn: i}, &tap{Conn: r}
}

// drop drops the messages with the numbers given.
func drop(numbers ...int) func(int, []byte) [][]byte {
	lost := map[int]bool{}
	for _, n := range numbers {
		lost[n] = true
	}
	return func(i int, msg []byte) [][]byte {
		if lost[i] {
			return nil
		}
		return [][]byte{msg}
	}
}

// TRAN-014, TRAN-015: whichever handshake message is lost, repeats bring the handshake to its end, with nobody reading or writing.
func TestHandshakeOnDatagramsSurvivesLoss(t *testing.T) {
	for name, lost := range map[string]struct{ toInitiator, toResponder []int }{
		"nothing":         {},
		"m1":              {toResponder: []int{0}},
		"m1 three times":  {toResponder: []int{0, 1, 2}},
		"m2":              {toInitiator: []int{0}},
		"m2 twice":        {toInitiator: []int{0, 1}},
		"m3":              {toResponder: []int{1}},
		"m3 four times":   {toResponder: []int{1, 2, 3, 4}},
		"first m1 and m2": {toInitiator: []int{0}, toResponder: []int{0}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i, r := datagrams()
				i.arrives, r.arrives = drop(lost.toInitiator...), drop(lost.toResponder...)
				initiator, _ := newConfig(t)
				responder, _ := newConfig(t)
				client, server := open(t, i, r, initiator, responder)
				defer closeBoth(t, client, server)
				exchange(t, client, server)
			})
		})
	}
}

// NOISE-013: a handshake that is never answered ends at its deadline, whatever is repeated until then.
func TestHandshakeOnDatagramsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i, r := datagrams()
		defer r.Close()
		cfg, _ := newConfig(t)
		began := time.Now()
		_, err := ref.Initiate(t.Context(), i, cfg)
		if !errors.Is(err, channel.ErrDeadline) {
			t.Fatalf("got error %v, want ErrDeadline", err)
		}
		if got, want := time.Since(began), ref.DefaultHandshakeTimeout; got != want {
			t.Errorf("it took %v, want %v", got, want)
		}
		if got, want := len(i.messages()), 5; got != want { // at 0, 0.5, 1.5, 3.5, 7.5 s
			t.Errorf("m1 was sent %d times, want %d", got, want)
		}
	})
}

// REC-004, REC-005, REC-007, REC-008: on datagrams a message is delivered once or not at all, and what does not verify fails nothing.
func TestRecordsOnDatagrams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i, r := datagrams()
		var held []byte
		r.arrives = func(n int, msg []byte) [][]byte {
			switch n {
			case 2: // later than the next
				held = bytes.Clone(msg)
				return nil
			case 3:
				return [][]byte{msg, held, bytes.Clone(msg), held}
			case 4: // never
				return nil
			case 5: // after a forgery
				forged := bytes.Clone(msg)
				forged[len(forged)-1] ^= 1
				return [][]byte{forged, msg}
			}
			return [][]byte{msg}
		}
		initiator, _ := newConfig(t)
		responder, _ := newConfig(t)
		client, server := open(t, i, r, initiator, responder)
		defer closeBoth(t, client, server)
		for n := range 5 {
			if err := client.Write(t.Context(), fmt.Append(nil, n)); err != nil {
				t.Fatal(err)
			}
		}
		p := make([]byte, 10)
		for _, want := range []string{"1", "0", "3", "4"} {
			n, err := server.Read(t.Context(), p)
			if err != nil || string(p[:n]) != want {
				t.Errorf("got %q and error %v, want %q", p[:n], err, want)
			}
		}
		short, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if n, err := server.Read(short, p); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %q and error %v, want nothing more", p[:n], err)
		}
	})
}

// CHAN-008: tunnels over datagrams, each with its own repeats.
func TestTunnelsOnDatagrams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i, r := datagrams()
		i.arrives, r.arrives = drop(0, 4, 9), drop(0, 3, 7)
		initiator, _ := newConfig(t)
		responder, _ := newConfig(t)
		client, server := open(t, i, r, initiator, responder)
		limit := client.Limit()
		for depth := range 4 {
			client, server = open(t, client, server, initiator, responder)
			if got, want := client.Limit(), limit-24*(depth+1); got != want {
				t.Errorf("depth %d: limit %d, want %d", depth+1, got, want)
			}
		}
		defer closeBoth(t, client, server)
		i.arrives, r.arrives = nil, nil
		exchange(t, client, server)
	})
}

// In profile c09 over UDP there are no routes and no repeats.
func TestC09OnDatagrams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i, r := datagrams()
		initiator, _ := newConfig(t)
		responder, _ := newConfig(t)
		initiator.Profile, responder.Profile = profile.C09(), profile.C09()
		client, server := open(t, i, r, initiator, responder)
		defer closeBoth(t, client, server)
		exchange(t, client, server)
		if got, want := len(i.messages()[0]), 4+32; got != want {
			t.Errorf("m1 has %d bytes, want %d", got, want)
		}
	})
}

func closeBoth(t *testing.T, a, b *ref.Conn) {
	t.Helper()
	for _, c := range []*ref.Conn{a, b} {
		if err := c.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if _, err := c.Read(t.Context(), nil); !errors.Is(err, transport.ErrClosed) {
			t.Errorf("Read after Close: got %v, want ErrClosed", err)
		}
		if err := c.Write(t.Context(), nil); !errors.Is(err, transport.ErrClosed) {
			t.Errorf("Write after Close: got %v, want ErrClosed", err)
		}
	}
}
