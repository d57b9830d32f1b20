package interop

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/profile"
)

const (
	// glance is how long the relay listens to the side that is to speak before it looks at the other one.
	glance = 20 * time.Millisecond
	// refusalQuiet is how long, times Scale, a side that refuses a key says nothing on datagrams for that to count.
	refusalQuiet = time.Second
	// travelShare is the part of the patience for a message that may not travel in the profile: it comes at once or never.
	travelShare = 5
	// handshakeTime is how long a handshake on datagrams may take: a little less than the default of NOISE-013.
	handshakeTime = 9 * time.Second
	// maxFlights bounds what a side may have on its way at once.
	maxFlights = 1000
)

// A relay carries one session between two links. It is used by one goroutine.
type relay struct {
	cfg       *Config
	profile   profile.Profile
	transport conformance.Transport
	links     [2]conformance.Link
	referee   *referee
	random    *rand.Rand
	refusing  *side // which side has to refuse the other's key; nil: neither
	patience  time.Duration

	began    time.Time
	received [2][]byte // of a stream, not yet a frame
	flights  []flight
	trace    trace
	counts   struct{ lost, repeated, held int }
}

// A flight is a copy of a message at the relay.
type flight struct {
	due     time.Time
	message *flying
	raw     []byte
}

// A finish is how a session has ended for the relay.
type finish int

const (
	complete finish = iota // as many records as were wanted
	stalled                // nobody owes anything: what was lost is not repeated
	refused                // by the side that was to refuse
)

// An endedError tells that a side has ended its link.
type endedError struct {
	by  side
	how string
}

func (e *endedError) Error() string {
	return "interop: " + string(e.by.role()) + " ended the link: " + e.how
}

// run carries messages until the session is over. The error is a *Fault, or trouble of the kit's own, or that ctx has ended.
func (r *relay) run(ctx context.Context) (finish, error) {
	r.began = time.Now()
	owed, since := debt{number: -1}, r.began
	for {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if err := r.release(time.Now()); err != nil {
			return 0, err
		}
		if r.over() {
			return complete, nil
		}
		d := r.referee.owes()
		if d.number != owed.number {
			owed, since = d, time.Now()
		}
		patience := r.patienceFor(d)
		left := patience - time.Since(since)
		if r.late() {
			return r.tooLate(d, time.Since(since))
		}
		switch {
		case d.none() && len(r.flights) == 0:
			return stalled, nil
		case d.none():
			left = glance
		case left <= 0:
			return r.expired(d, patience)
		}
		err := r.listen(d.by, min(left, glance))
		var ended *endedError
		switch {
		case errors.As(err, &ended) && r.refuses(ended.by):
			return refused, nil
		case errors.As(err, &ended):
			return 0, r.brokenOff(ended, d, time.Since(since), patience)
		case err != nil:
			return 0, err
		}
	}
}

// brokenOff is the fault of a session that one side has ended while somebody owed something. Who has kept the other waiting for long is to blame,
// and else who ended it; but which of them was wrong before, their logs have to tell.
func (r *relay) brokenOff(ended *endedError, d debt, waited, patience time.Duration) *Fault {
	if !d.none() && d.by != ended.by && waited > patience/2 {
		return fault(d.by, d.requirement, d.what, fmt.Sprintf("nothing for %s, after %s; then the %s made %s",
			waited.Round(10*time.Millisecond), r.referee.progress(), ended.by.role(), ended.how))
	}
	return fault(ended.by, d.requirement, r.wanted(d), ended.how+", after "+r.referee.progress())
}

// wanted says in words what a debt is about, as an expectation.
func (r *relay) wanted(d debt) string {
	if d.none() {
		return "the session to go on"
	}
	return d.what + " (of the " + string(d.by.role()) + ")"
}

// over tells whether the session has come as far as is wanted.
func (r *relay) over() bool { return r.refusing == nil && r.referee.pairs() >= r.cfg.Records }

// patienceFor is how long a debt may wait.
func (r *relay) patienceFor(d debt) time.Duration {
	switch {
	case r.refuses(d.by):
		if r.transport == conformance.UDP {
			return r.cfg.scaled(refusalQuiet)
		}
	case r.referee.hand[0].sent > 0 && len(r.profile.ForbiddenBodies) > 0:
		return r.patience / travelShare
	}
	return r.patience
}

// refuses tells whether it is the side's turn to refuse the other's key: it has got the message that proves it (NOISE-011).
func (r *relay) refuses(by side) bool {
	if r.refusing == nil || *r.refusing != by {
		return false
	}
	if by == initiator {
		return r.referee.hand[1].delivered > 0
	}
	return r.referee.hand[2].delivered > 0
}

// expired judges a debt that nobody has paid.
func (r *relay) expired(d debt, waited time.Duration) (finish, error) {
	switch {
	case r.refuses(d.by):
		return refused, nil
	case r.referee.gaveUp(d):
		return stalled, nil
	}
	return 0, d.unpaid(fmt.Sprintf("nothing for %s, after %s", waited, r.referee.progress()), r.transport)
}

// late tells whether a handshake on datagrams has taken so long that either side may have forgotten it (NOISE-013): the initiator that repeats m1
// then begins another one, and rightly gets another m2.
func (r *relay) late() bool {
	limit := min(handshakeTime, r.patience*9/10)
	return r.transport == conformance.UDP && r.referee.hand[2].delivered == 0 && r.referee.hand[0].sent > 1 && time.Since(r.began) > limit
}

// tooLate judges a handshake that is late: a side is at fault that has owed something for a while, the initiator for longer, as it owes by its timer.
func (r *relay) tooLate(d debt, waited time.Duration) (finish, error) {
	allowed := r.patience / 2
	if d.by == responder {
		allowed = min(allowed, r.cfg.scaled(refusalQuiet))
	}
	if !d.none() && !r.referee.gaveUp(d) && waited > allowed {
		return 0, d.unpaid(fmt.Sprintf("nothing for %s, after %s", waited.Round(10*time.Millisecond), r.referee.progress()), r.transport)
	}
	return stalled, nil
}

// listen takes what the sides have sent: it waits for the one, and looks at the other.
func (r *relay) listen(first side, wait time.Duration) error {
	if len(r.flights) > 0 {
		wait = min(wait, time.Until(r.flights[0].due))
	}
	before := r.trace.total
	if err := r.read(first, max(wait, 0)); err != nil {
		return err
	}
	if r.trace.total > before && r.transport == conformance.TCP {
		return nil // it is the other one's turn
	}
	return r.read(first.other(), 0)
}

// read takes what one side has sent.
func (r *relay) read(from side, wait time.Duration) error {
	p, err := r.links[from].Receive(wait)
	switch {
	case err == nil && r.transport == conformance.UDP:
		return r.take(from, p)
	case err == nil:
		r.received[from] = append(r.received[from], p...)
		return r.takeFrames(from)
	case errors.Is(err, conformance.ErrQuiet):
		return nil
	case errors.Is(err, io.EOF), errors.Is(err, conformance.ErrReset):
		how := "the end of the connection (FIN)"
		if errors.Is(err, conformance.ErrReset) {
			how = "the end of the connection (RST)"
		}
		if n := len(r.received[from]); n > 0 {
			how += fmt.Sprintf(", %d bytes into a frame", n)
		}
		return &endedError{from, how}
	case errors.Is(err, conformance.ErrUnreachable):
		return &endedError{from, "word from the network that nobody receives there"}
	}
	return fmt.Errorf("relay: %w", err)
}

func (r *relay) takeFrames(from side) error {
	for len(r.received[from]) >= 2 {
		b := r.received[from]
		end := 2 + int(binary.BigEndian.Uint16(b)) // TRAN-001
		if len(b) < end {
			return nil
		}
		r.received[from] = b[end:]
		if err := r.take(from, slices.Clone(b[2:end])); err != nil {
			return err
		}
	}
	return nil
}

// take takes one message: what is wrong with it ends the session, and is not delivered.
func (r *relay) take(from side, raw []byte) error {
	m, flaw := r.referee.sent(from, raw)
	at := r.trace.add(r.began, from, m.kind, raw)
	if flaw != nil {
		at.Fate = "not delivered"
		return flaw
	}
	if r.refusing != nil && *r.refusing == from && (m.kind == m3 || m.kind == record) {
		return fault(from, "NOISE-011", "a session that does not open: the other static key is not the one to accept", m.kind.String())
	}
	if r.transport != conformance.UDP {
		r.referee.queue(m, 1)
		return r.deliver(flight{time.Time{}, m, raw})
	}
	after := r.cfg.Impairment.draw(r.random, m.kind != record && !r.profile.RepeatM1)
	if r.cfg.lose != nil && m.kind != control {
		if after = []time.Duration{0}; r.cfg.lose(from, m.kind, r.referee.sentOf(m)) {
			after = nil
		}
	}
	r.referee.queue(m, len(after))
	switch {
	case len(after) == 0:
		r.counts.lost++
		at.Fate = "lost"
	case len(after) > 1:
		r.counts.repeated++
		at.Fate = "twice"
	}
	if len(after) > 0 && after[0] > r.cfg.Impairment.Delay {
		r.counts.held++
		at.Fate = strings.TrimSpace(at.Fate + " late")
	}
	for _, d := range after {
		if len(r.flights) >= maxFlights {
			return fault(from, "", "messages one by one", fmt.Sprintf("%d at once", maxFlights))
		}
		r.flights = append(r.flights, flight{time.Now().Add(d), m, raw})
	}
	slices.SortStableFunc(r.flights, func(a, b flight) int { return a.due.Compare(b.due) })
	return r.release(time.Now())
}

// release delivers what is due.
func (r *relay) release(now time.Time) error {
	for len(r.flights) > 0 && !r.flights[0].due.After(now) {
		next := r.flights[0]
		r.flights = r.flights[1:]
		if err := r.deliver(next); err != nil {
			return err
		}
	}
	return nil
}

// deliver sends a message on. That its receiver has gone is for read to find.
func (r *relay) deliver(f flight) error {
	b := r.readdress(f)
	if r.transport != conformance.UDP {
		b = adversary.Frame(b)
	}
	err := r.links[f.message.from.other()].Send(b)
	if err != nil && !errors.Is(err, conformance.ErrReset) && !errors.Is(err, io.ErrClosedPipe) {
		return fmt.Errorf("relay: %w", err)
	}
	r.referee.deliver(f.message)
	return nil
}

// readdress puts the receiver's address in place of the relay's, at the head of the onward route, in a profile whose nodes remove no other there
// (section 11): they would drop what is for the relay. No one authenticates the header.
func (r *relay) readdress(f flight) []byte {
	from, to := r.referee.ends[f.message.from], r.referee.ends[f.message.from.other()]
	onward := f.message.onward
	if r.profile.LeadingAddress != profile.RemoveBind || len(onward) == 0 || onward[0] != from.own || to.peer == "" {
		return f.raw
	}
	const routes = 2 // version, count
	return slices.Concat(f.raw[:routes], []byte(to.peer), f.raw[routes+len(from.own):])
}

// end ends a session in order: over TCP the initiator gets FIN between two frames, and the responder what the initiator makes of that
// (CHAN-013). An initiator that does not end its connection is at fault; a responder may keep its half.
func (r *relay) end(ctx context.Context) error {
	if r.transport == conformance.UDP {
		return nil
	}
	if err := r.links[initiator].CloseWrite(); err != nil {
		return fmt.Errorf("relay: %w", err)
	}
	if !r.drain(ctx, initiator, r.patience) && ctx.Err() == nil {
		return fault(initiator, "CHAN-013", "the end of its connection after FIN", fmt.Sprintf("a connection that is open after %s", r.patience))
	}
	if err := r.links[responder].CloseWrite(); err != nil {
		return fmt.Errorf("relay: %w", err)
	}
	r.drain(ctx, responder, r.cfg.scaled(refusalQuiet))
	return ctx.Err()
}

// drain reads until a side ends its connection, and reports whether it does.
func (r *relay) drain(ctx context.Context, from side, wait time.Duration) bool {
	for until := time.Now().Add(wait); ctx.Err() == nil && time.Now().Before(until); {
		p, err := r.links[from].Receive(min(glance, time.Until(until)))
		switch {
		case err == nil && from == initiator:
			_ = r.links[responder].Send(p) // its last echo
		case err == nil, errors.Is(err, conformance.ErrQuiet):
		default:
			return true
		}
	}
	return false
}
