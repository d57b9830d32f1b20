package attach

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"ockamtest/conformance"
)

const (
	// vainWait is how long, times Scale, the kit has to wait for an answer in vain for a session to count as silent.
	vainWait = time.Second
	// maxSilent is how many silent sessions in a row make a process count as hung.
	maxSilent = 2
)

// A run is one process of a command and the sessions with it.
type run struct {
	process  *process
	address  string    // where a responder listens, once known
	arrivals *arrivals // where an initiator turns itself to

	ports     portKeeper
	sessions  int       // begun
	served    int       // sessions in which the peer said something
	links     int       // that neither side has ended
	idleSince time.Time // when links became 0
	suspect   bool      // the peer has ended a link, and nothing was heard from it since
	silent    int       // silent sessions in a row
	reported  bool      // Death has told of it
	settled   bool      // a router names no more listeners
}

// listen makes a listener of the run's own, so that what an earlier process has dialed is not taken for this one's, and returns its
// address.
func (r *run) listen(ctx context.Context, over conformance.Transport, fresh time.Duration) (address string, err error) {
	if r.arrivals, err = listenFor(ctx, over, "127.0.0.1:0", fresh); err != nil {
		return "", err
	}
	return r.arrivals.address(), nil
}

// session begins a session over a new connection.
func (r *run) session(cfg Config, link conformance.Link, need conformance.Need) *execLink {
	r.sessions++
	r.links++
	return &execLink{
		Link: link, run: r, vain: cfg.scaled(vainWait),
		packets: need.Transport == conformance.UDP, single: cfg.MaxConnections == 1,
	}
}

// endsWithin waits for the process to end and reports whether it has.
func (r *run) endsWithin(ctx context.Context, d time.Duration) bool {
	stopped(ctx, d, r.process.done)
	return r.process.ended()
}

// explain says why nobody is there, if the process has ended.
func (r *run) explain(err error) error {
	if !r.process.ended() {
		return err
	}
	return fmt.Errorf("%w: the command has ended: %s", err, r.process.exit.text)
}

// hung reports that the process lives and does not answer: it is better replaced than asked for ever.
func (r *run) hung() bool { return r.links == 0 && r.silent >= maxSilent }

// release closes what the kit holds for the process.
func (r *run) release() {
	if r.arrivals != nil {
		_ = r.arrivals.close() // nobody can do anything about a listener that does not close
	}
}

// An execLink is a link that tells its run what it sees of the process.
type execLink struct {
	conformance.Link
	run     *run
	vain    time.Duration
	packets bool // it has no end that tells of the end of the process
	single  bool // the peer is known to serve one session at a time

	sent, heard  bool
	unanswered   bool          // nothing has come since the last thing was sent
	over         bool          // one side has ended the link
	shut, closed bool          // on the kit's side
	waited       time.Duration // for bytes, in vain
}

// Send is the link's.
func (l *execLink) Send(p []byte) error {
	err := l.Link.Send(p)
	l.sent, l.unanswered = true, true
	if errors.Is(err, conformance.ErrReset) || errors.Is(err, io.ErrClosedPipe) {
		l.peerEnded()
	}
	return err
}

// Receive is the link's.
func (l *execLink) Receive(wait time.Duration) ([]byte, error) {
	p, err := l.Link.Receive(wait)
	switch {
	case err == nil:
		l.unanswered = false
		if !l.heard {
			l.heard = true
			l.run.served++
		}
		l.run.suspect, l.run.silent = false, 0
	case errors.Is(err, conformance.ErrQuiet):
		l.waited += wait
	case errors.Is(err, conformance.ErrReset), errors.Is(err, io.EOF):
		l.peerEnded()
	case errors.Is(err, conformance.ErrUnreachable):
		l.run.suspect = true
		if err = l.run.explain(err); l.run.process.ended() && !l.single {
			err = fmt.Errorf("%w; if it serves one session over UDP, --max-connections 1 starts it for each", err)
		}
	}
	return p, err
}

// Beside is the link's, if it has it.
func (l *execLink) Beside() (conformance.Link, error) {
	from, ok := l.Link.(conformance.BesideLink)
	if !ok {
		return nil, errors.ErrUnsupported
	}
	return from.Beside()
}

// CloseWrite is the link's.
func (l *execLink) CloseWrite() error {
	l.shut = true
	return l.Link.CloseWrite()
}

func (l *execLink) peerEnded() {
	if !l.shut { // else it was the peer's turn to end it
		l.run.suspect = true
	}
	l.end()
}

// end is the end of the link, whichever side it came from first.
func (l *execLink) end() {
	if !l.over {
		l.over = true
		l.run.links--
		l.run.idleSince = time.Now()
	}
}

// Reset is the link's.
func (l *execLink) Reset() error {
	l.account()
	return l.Link.Reset()
}

// Close is the link's.
func (l *execLink) Close() error {
	l.account()
	return l.Link.Close()
}

// account closes the books on a link that the kit ends.
func (l *execLink) account() {
	if l.closed {
		return
	}
	l.closed = true
	if l.packets && l.unanswered { // it may have died of what was sent last
		l.run.suspect = true
	}
	if l.sent && !l.heard && !l.over && !l.shut && l.waited >= l.vain {
		l.run.silent++
	}
	l.end()
}
