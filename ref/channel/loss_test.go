package channel_test

import (
	"errors"
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"ockamtest/fuzz/gen"
	"ockamtest/ref/channel"
)

// A lossy is a network of two sides in virtual time: it loses, doubles, and delays messages so that they overtake each other.
type lossy struct {
	t      *testing.T
	rng    *rand.Rand
	loss   float64
	now    channel.Instant
	flying []flight
	side   [2]*side
	// what each side's application has sent and got
	sent, got [2][]string
	repeated  int
}

// A flight is a message on its way.
type flight struct {
	at  channel.Instant
	to  channel.Role
	msg []byte
}

// send hands a message to the network.
func (l *lossy) send(from channel.Role, msg []byte) {
	if len(msg) == 0 {
		return
	}
	copies := 1
	if l.rng.Intn(10) == 0 {
		copies = 2
	}
	for range copies {
		if l.rng.Float64() >= l.loss {
			delay := 1e6 + channel.Instant(l.rng.Int63n(200e6))
			l.flying = append(l.flying, flight{l.now + delay, 1 - from, slices.Clone(msg)})
		}
	}
}

// next advances the time to the next arrival or wake-up, and lets it happen; false when there is none before the end.
func (l *lossy) next(end channel.Instant) bool {
	at, flying, waking := end, -1, -1
	for n, f := range l.flying {
		if f.at < at {
			at, flying = f.at, n
		}
	}
	for n, s := range l.side {
		if wake, ok := s.c.Wake(); ok && max(wake, l.now) < at {
			at, flying, waking = max(wake, l.now), -1, n
		}
	}
	switch {
	case waking >= 0:
		l.now = at
		out, err := l.side[waking].c.Tick(l.now, nil)
		if err != nil && !errors.Is(err, channel.ErrDeadline) {
			l.t.Errorf("at %d: %v", l.now, err)
		}
		if len(out) > 0 {
			l.repeated++
		}
		l.send(channel.Role(waking), out)
	case flying >= 0:
		l.now = at
		f := l.flying[flying]
		l.flying = slices.Delete(l.flying, flying, flying+1)
		l.arrive(f)
	default:
		l.now = end
		return false
	}
	return true
}

func (l *lossy) arrive(f flight) {
	out, ev, _ := l.side[f.to].c.Handle(l.now, nil, f.msg) // what is rejected is what comes twice, too late, or too early
	l.send(f.to, out)
	if ev.Kind == channel.Delivered {
		l.got[f.to] = append(l.got[f.to], string(ev.Payload))
	}
}

// handshake plays until both sides are open or have failed.
func (l *lossy) handshake(o options) {
	l.side = [2]*side{newSide(l.t, channel.Initiator, o), newSide(l.t, channel.Responder, o)}
	_, err := l.side[1].c.Start(l.now, nil)
	must(l.t, err)
	m1, err := l.side[0].c.Start(l.now, nil)
	must(l.t, err)
	l.send(channel.Initiator, m1)
	for l.side[0].c.State() < channel.Open || l.side[1].c.State() < channel.Open {
		if !l.next(channel.MaxDeadline) {
			l.t.Fatalf("states %v and %v, and nothing is due", l.side[0].c.State(), l.side[1].c.State())
		}
	}
}

// talk lets both sides write a message every 20 ms, and the network come to rest.
func (l *lossy) talk(messages int) {
	for n := range messages {
		for role := range l.side {
			payload := fmt.Sprintf("message %d of the %v", n, channel.Role(role))
			l.sent[role] = append(l.sent[role], payload)
			l.send(channel.Role(role), l.side[role].write(payload))
		}
		for end := l.now + 20e6; l.next(end); {
		}
	}
	for l.next(1 << 60) {
	}
}

// TRAN-014, NOISE-013: at 30 % loss, with doubled and overtaking messages, handshakes are completed within the deadline or fail with it, on
// both sides. What is written then arrives unaltered and at most once, and most of it does (REC-007, REC-008).
func TestLossyNetwork(t *testing.T) {
	p := gen.Parameters(t)
	opened, failed, halfOpen, repeated, sent, got := 0, 0, 0, 0, 0, 0
	for range 300 {
		l := &lossy{t: t, rng: p.Rng, loss: 0.3}
		l.handshake(overUDP(udp4))
		repeated += l.repeated
		for _, s := range l.side {
			if s.c.State() == channel.Failed && (!errors.Is(s.c.Err(), channel.ErrDeadline) || l.now < channel.DefaultDeadline) {
				t.Errorf("failed at %d: %v", l.now, s.c.Err())
			}
		}
		switch i, r := l.side[0].c.State(), l.side[1].c.State(); {
		case i == channel.Failed && r == channel.Failed:
			failed++
			continue
		case i == channel.Open && r == channel.Failed: // six m3 were lost
			halfOpen++
			continue
		case i != channel.Open || r != channel.Open || l.now >= channel.DefaultDeadline:
			t.Fatalf("states %v and %v at %d", i, r, l.now)
		}
		opened++
		l.talk(40)
		for role := range l.side {
			once := map[string]bool{}
			for _, payload := range l.got[role] {
				if once[payload] || !slices.Contains(l.sent[1-role], payload) {
					t.Fatalf("the %v got %q, twice or not as it was sent", channel.Role(role), payload)
				}
				once[payload] = true
			}
			sent += len(l.sent[1-role])
			got += len(once)
		}
	}
	t.Logf("%d opened, %d failed, %d half open, %d repeats; %d messages, %d delivered", opened, failed, halfOpen, repeated, sent, got)
	if opened < 270 || repeated < 200 || got < sent*65/100 || got > sent*85/100 {
		t.Error("too little of something")
	}
}
