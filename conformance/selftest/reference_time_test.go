package selftest_test

import (
	"bytes"
	"errors"
	"testing"

	"ockamtest/ref/channel"
	"ockamtest/ref/profile"
	"ockamtest/vectors"
)

// What the transcripts of the vectors say of ref/channel under other limits, and when time passes.

// REC-010: a message that is as long as the limit leaves, and one that is a byte longer does not.
func TestReferenceOfLimits(t *testing.T) {
	long := 0
	transcripts(t, func(x transcript) {
		if x.v.Result != vectors.Valid {
			return
		}
		for i, a := range x.v.Steps {
			for _, m := range x.v.Expect[i].Send {
				if a.Do == "write" {
					continue // its limit is Limit's
				}
				exact := x.channel(len(m))
				x.play(exact, i)
				if sendsLonger(x.v.Expect[:i], len(m)) {
					continue
				}
				if out, _, err := x.step(exact, a); err != nil || !bytes.Equal(out, m) {
					t.Errorf("%d: step %d: %d bytes, limit %d: %v", x.v.TcID, i+1, len(out), len(m), err)
				}
				short := x.channel(len(m) - 1)
				x.play(short, i)
				if out, _, err := x.step(short, a); !errors.Is(err, channel.ErrTooLong) || len(out) > 0 {
					t.Errorf("%d: step %d: %d bytes, limit %d: %v", x.v.TcID, i+1, len(out), len(m)-1, err)
				}
				long++
			}
		}
	})
	if long < 50 {
		t.Errorf("%d messages, want 50 at least", long)
	}
}

func sendsLonger(steps []vectors.ChannelStep, size int) bool {
	for _, s := range steps {
		for _, m := range s.Send {
			if len(m) >= size {
				return true
			}
		}
	}
	return false
}

// NOISE-013 and TRAN-014: from any step on, time passes. Before open the deadline fails the channel, and not before; an initiator on datagrams
// repeats what it has sent, after 0.5 s, 1 s, 2 s and so on, m1 until the deadline, m3 at most five times, until it hears of the other end.
func TestReferenceOfTime(t *testing.T) {
	repeats := 0
	transcripts(t, func(x transcript) {
		if x.v.Result != vectors.Valid {
			return
		}
		for n := range len(x.v.Steps) + 1 {
			c := x.channel(0)
			x.play(c, n)
			if c.State() == channel.Failed || x.v.Role == vectors.Initiator && n == 0 {
				continue
			}
			repeats += x.passes(c, n)
			late := x.channel(0)
			x.play(late, n)
			if b, err := late.Tick(channel.DefaultDeadline, []byte("x")); (err == nil) != (late.State() == channel.Open) || err == nil && string(b) != "x" {
				t.Errorf("%d: behind step %d, whoever comes at the deadline gets %q, %v", x.v.TcID, n, b, err)
			}
		}
	})
	if repeats < 50 {
		t.Errorf("%d repeats, want 50 at least", repeats)
	}
}

// passes lets time pass from step n on, and returns how many repeats there were.
func (x transcript) passes(c *channel.Channel, n int) (repeats int) {
	due, last := x.due(c, n)
	for i, at := range due {
		now, ok := c.Wake()
		if early, err := c.Tick(at-1, []byte("x")); err != nil || string(early) != "x" || !ok || now != at {
			x.t.Errorf("%d: behind step %d: repeat %d is due at %d, %v, want %d: %q, %v", x.v.TcID, n, i+1, now, ok, at, early, err)
		}
		again, err := c.Tick(at, []byte("x"))
		if err != nil || string(again) != "x"+string(last) {
			x.t.Errorf("%d: behind step %d: repeat %d: %x, want %x: %v", x.v.TcID, n, i+1, again, last, err)
		}
		repeats++
	}
	now, ok := c.Wake()
	waits := c.State() < channel.Open
	if ok != waits || waits && now != channel.DefaultDeadline {
		x.t.Errorf("%d: behind step %d and its repeats something is due at %d: %v", x.v.TcID, n, now, ok)
	}
	if b, err := c.Tick(channel.DefaultDeadline-1, []byte("x")); err != nil || string(b) != "x" {
		x.t.Errorf("%d: behind step %d, before the deadline: %q, %v", x.v.TcID, n, b, err)
	}
	_, err := c.Tick(channel.DefaultDeadline, nil)
	var e *channel.Error
	if waits != errors.Is(err, channel.ErrDeadline) || waits && (!errors.As(err, &e) || e.Requirement != "NOISE-013" || c.State() != channel.Failed) {
		x.t.Errorf("%d: behind step %d, at the deadline: %v", x.v.TcID, n, err)
	}
	return repeats
}

// due is when repeats are due behind step n, and of what.
func (x transcript) due(c *channel.Channel, n int) (at []channel.Instant, last []byte) {
	p, _ := profile.Lookup(x.v.Profile)
	if x.v.Role != vectors.Initiator || !p.RepeatM1 || c.Stream() {
		return nil, nil
	}
	for i, s := range x.v.Expect[:n] {
		if do := x.v.Steps[i].Do; do != "write" && len(s.Send) > 0 && s.State != x.before(i) {
			last = s.Send[0] // m1, then m3
		}
		if len(s.Deliver) > 0 { // the other end is open
			return nil, nil
		}
	}
	const first = channel.Instant(500e6)
	most := 64
	if c.State() == channel.Open {
		most = 5
	}
	for t, interval := first, first; t < channel.DefaultDeadline && len(at) < most; t += interval {
		at = append(at, t)
		interval *= 2
	}
	return at, last
}

func (x transcript) before(i int) string {
	if i == 0 {
		return "start"
	}
	return x.v.Expect[i-1].State
}
