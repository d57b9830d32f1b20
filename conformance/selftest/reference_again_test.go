package selftest_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"ockamtest/ref/channel"
	"ockamtest/ref/wire"
	"ockamtest/vectors"
)

// What the transcripts of the vectors say of ref/channel when something comes, or is due, again.

// What a message means does not depend on the record before it, though that had the same outer header: pings, handshake messages, and junk
// are what they are. Nothing of it fails an open channel but a record that does not verify.
func TestReferenceOfHeaders(t *testing.T) {
	headers := 0
	transcripts(t, func(x transcript) {
		first := slices.IndexFunc(x.v.Expect, func(s vectors.ChannelStep) bool { return len(s.Deliver) > 0 })
		if x.v.Result != vectors.Valid || first < 0 {
			return
		}
		cfg := x.config(0)
		if !cfg.Profile.TransportHeader {
			return
		}
		record := x.v.Steps[first].Data
		var m wire.Message
		if err := m.Parse(wire.Dialect(cfg.Profile.TransportEnvelope()), record); err != nil {
			t.Fatalf("%d: %v", x.v.TcID, err)
		}
		header := record[:len(record)-len(m.Body)]
		if cfg.Profile.TransportTypeByte {
			header = header[:len(header)-1]
		}
		headers++
		for _, body := range [][]byte{{}, {0}, {1, 0}, {3}, {4}, {5}, {3, 1}, append([]byte{0}, m.Body...)} {
			message := slices.Concat(header, body)
			x.same(first, message)
			message[0] ^= 3 // another version
			x.same(first, message)
		}
	})
	if headers < 30 {
		t.Errorf("%d headers, want 30 at least", headers)
	}
}

// same gives a message to the channel before and after its first record.
func (x transcript) same(first int, message []byte) {
	before, after := x.channel(0), x.channel(0)
	x.play(before, first)
	x.play(after, first+1)
	action := vectors.Action{Do: "receive", Data: message}
	was, evWas, errWas := x.step(before, action)
	is, evIs, errIs := x.step(after, action)
	var eWas, eIs *channel.Error
	if errors.As(errWas, &eWas) != errors.As(errIs, &eIs) || eWas != nil && eWas.Requirement != eIs.Requirement ||
		!bytes.Equal(was, is) || evWas.Kind != evIs.Kind || before.State() != after.State() {
		x.t.Errorf("%d: %x: before the first record %x, %v, %v, after it %x, %v, %v", x.v.TcID, message, was, evWas.Kind, errWas, is, evIs.Kind, errIs)
	}
	if after.State() == channel.Failed && (!after.Stream() || !slices.Contains([]string{"REC-004", "REC-006"}, eIs.Requirement)) { // REC-005
		x.t.Errorf("%d: %x fails an open channel: %v", x.v.TcID, message, errIs)
	}
}

// TRAN-014: m3 is repeated five times at most, m1 as long as the handshake may take, and nothing at the deadline itself, however short the first
// interval is.
func TestReferenceOfRepeats(t *testing.T) {
	const step = channel.Instant(10e6)
	tried := map[channel.State]int{}
	transcripts(t, func(x transcript) {
		if x.v.Result != vectors.Valid || x.v.Role != vectors.Initiator {
			return
		}
		for n := range len(x.v.Steps) {
			// The last one would be at the deadline: after 1+2+4+8+16 steps, or five more.
			for deadline, want := range map[channel.Instant][2]int{31 * step: {4, 4}, 1023 * step: {9, 5}} {
				cfg := x.config(0)
				cfg.RepeatAfter, cfg.Deadline = step, deadline
				c, err := channel.New(cfg)
				if err != nil {
					t.Fatalf("%d: %v", x.v.TcID, err)
				}
				x.play(c, 1+n)
				if due, _ := x.due(c, 1+n); c.State() == channel.Failed || len(due) == 0 {
					continue
				}
				tried[c.State()]++
				m3 := 0
				if c.State() == channel.Open {
					m3 = 1
				}
				if got := repeats(c, deadline); got != want[m3] {
					t.Errorf("%d: behind step %d: %d repeats, want %d", x.v.TcID, 1+n, got, want[m3])
				}
			}
		}
	})
	if tried[channel.SentM1] == 0 || tried[channel.Open] == 0 {
		t.Errorf("tried in %v, want before and after m3", tried)
	}
}

// repeats is how often something is sent again. Before open the deadline is the last that is due.
func repeats(c *channel.Channel, deadline channel.Instant) (n int) {
	for {
		at, ok := c.Wake()
		if !ok || at >= deadline && c.State() < channel.Open {
			return n
		}
		if b, err := c.Tick(at, nil); err != nil || len(b) == 0 {
			return -1
		}
		n++
	}
}

// A channel with more than one hop before it, or with an address of its own, is not on a stream, whatever the IO below is (TRAN-012).
func TestReferenceOfStreams(t *testing.T) {
	tried := 0
	transcripts(t, func(x transcript) {
		cfg := x.config(0)
		if !listens(cfg.Profile.Listener, channel.Initiator)(&cfg) || !cfg.Stream || !cfg.Profile.Routes {
			return
		}
		for hops := range 3 {
			cfg := x.config(0)
			cfg.Route = append(wire.Route{cfg.Remote}, make(wire.Route, hops)...)
			for i := range hops {
				cfg.Route[1+i] = wire.LocalAddress([]byte{byte(i)})
			}
			c, err := channel.New(cfg)
			if err != nil {
				continue // the profile has no such way
			}
			tried++
			if c.Stream() != (hops == 0) {
				t.Errorf("%d: a way of %d addresses: on a stream: %v", x.v.TcID, 1+hops, c.Stream())
			}
		}
	})
	if tried < 10 {
		t.Errorf("%d ways tried, want 10 at least", tried)
	}
}
