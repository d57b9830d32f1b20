package channel

import "ockamtest/ref/wire"

// When a handshake message is repeated (TRAN-014).
const (
	// DefaultRepeatAfter is when m1 and m3 are repeated for the first time, in nanoseconds; the interval doubles.
	DefaultRepeatAfter Instant = 500e6
	// maxRepeats is how often m3 may be repeated.
	maxRepeats = 5
)

// A repeat is what a channel on datagrams keeps of its handshake to make good what was lost (TRAN-014): the message that it sent last and,
// if that was an answer, the Noise bytes that it answers. An initiator keeps m1 until m2 is accepted and m3 until a transport message
// verifies; a responder keeps m2 until it is open. The zero repeat is none, as on streams and in profiles that do not repeat m1: their
// peers would take one amiss. Strings, so that nothing can change them.
type repeat struct {
	sent     string    // byte for byte
	link     wire.Link // where it left
	answered string    // m1 or m2; empty if sent is m1

	at, interval Instant // when it is due and how long that was after the time before; 0, 0: never by timer
	count        int     // of the repeats so far
}

// schedule makes the repeat due some time from now, or never if that is too late for the handshake (NOISE-013) or was done often enough.
func (r *repeat) schedule(now, interval, deadline Instant) {
	r.at, r.interval = now+interval, interval
	if m3 := r.answered != ""; r.at >= deadline || m3 && r.count == maxRepeats {
		r.at, r.interval = 0, 0
	}
}

// keep remembers in next a message that was sent, and the Noise bytes that it answers, nil for m1. Only an initiator has a timer.
func (c *Channel) keep(next *machine, now Instant, link wire.Link, sent, answered []byte) {
	if !c.cfg.Profile.RepeatM1 || c.cfg.stream && !next.datagrams {
		return
	}
	next.repeat = repeat{sent: string(sent), link: link, answered: string(answered)}
	if c.cfg.Role == Initiator {
		next.repeat.schedule(now, c.cfg.RepeatAfter, next.deadline)
	}
}

// repeated reports whether m is a repeat of the message that was answered: it has the same Noise bytes, and whatever routes.
func (c *Channel) repeated(m *wire.Message) bool {
	answered := wire.M1
	if c.cfg.Role == Initiator {
		answered = wire.M2
	}
	return m.Type == answered && c.repeat.answered != "" && string(m.Body) == c.repeat.answered
}

// Wake returns when Tick wants to be called, and false if never.
func (c *Channel) Wake() (Instant, bool) {
	if c.repeat.interval > 0 {
		return c.repeat.at, true // before the deadline, see schedule
	}
	return c.deadline, c.handshaking()
}

func (c *Channel) handshaking() bool { return c.started && c.state < Open }

// Tick does what is due: it fails a handshake whose deadline is now or was before (NOISE-013) and returns the error with which the channel
// failed, or appends a repeat of m1 or m3 to dst (TRAN-014), which leaves by Link. Else it returns dst as it is, also when the channel has
// ended.
func (c *Channel) Tick(now Instant, dst []byte) ([]byte, error) {
	if err := c.expire(now); err != nil {
		return nil, err
	}
	r := &c.repeat
	if r.interval == 0 || now < r.at {
		return dst, nil
	}
	r.count++
	r.schedule(now, 2*r.interval, c.deadline)
	if now >= c.deadline { // the owner comes too late
		return dst, nil
	}
	return append(dst, r.sent...), nil
}

// expire fails a handshake whose deadline has come.
func (c *Channel) expire(now Instant) error {
	if !c.handshaking() || now < c.deadline {
		return nil
	}
	return c.fail(&Error{Step: StepWait, Requirement: "NOISE-013", Err: ErrDeadline})
}
