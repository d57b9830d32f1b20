package attach

import (
	"context"
	"errors"
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
	acceptor *acceptor // where an initiator dials

	sessions  int       // begun
	served    int       // sessions in which the peer said something
	links     int       // that neither side has ended
	idleSince time.Time // when links became 0
	suspect   bool      // the peer has ended a link, and nothing was heard from it since
	silent    int       // silent sessions in a row
	reported  bool      // Death has told of it
	settled   bool      // a router names no more listeners
}

// session begins a session over a new connection.
func (r *run) session(cfg Config, link *socketLink) *execLink {
	r.sessions++
	r.links++
	return &execLink{socketLink: link, run: r, vain: cfg.scaled(vainWait)}
}

// endsWithin waits for the process to end and reports whether it has.
func (r *run) endsWithin(ctx context.Context, d time.Duration) bool {
	stopped(ctx, d, r.process.done)
	return r.process.ended()
}

// hung reports that the process lives and does not answer: it is better replaced than asked for ever.
func (r *run) hung() bool { return r.links == 0 && r.silent >= maxSilent }

// release closes what the kit holds for the process.
func (r *run) release() {
	if r.acceptor != nil {
		_ = r.acceptor.close() // nobody can do anything about a listener that does not close
	}
}

// An execLink is a link that tells its run what it sees of the process.
type execLink struct {
	*socketLink
	run  *run
	vain time.Duration

	sent, heard bool
	over        bool          // one side has ended the link
	waited      time.Duration // for bytes, in vain
}

// Send is socketLink's.
func (l *execLink) Send(p []byte) error {
	err := l.socketLink.Send(p)
	l.sent = true
	if errors.Is(err, conformance.ErrReset) || errors.Is(err, io.ErrClosedPipe) {
		l.peerEnded()
	}
	return err
}

// Receive is socketLink's.
func (l *execLink) Receive(wait time.Duration) ([]byte, error) {
	p, err := l.socketLink.Receive(wait)
	switch {
	case err == nil:
		if !l.heard {
			l.heard = true
			l.run.served++
		}
		l.run.suspect, l.run.silent = false, 0
	case errors.Is(err, conformance.ErrQuiet):
		l.waited += wait
	case errors.Is(err, conformance.ErrReset), errors.Is(err, io.EOF):
		l.peerEnded()
	}
	return p, err
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

// Reset is socketLink's.
func (l *execLink) Reset() error {
	l.account()
	return l.socketLink.Reset()
}

// Close is socketLink's.
func (l *execLink) Close() error {
	l.account()
	return l.socketLink.Close()
}

// account closes the books on a link that the kit ends.
func (l *execLink) account() {
	if l.closed {
		return
	}
	if l.sent && !l.heard && !l.over && !l.shut && l.waited >= l.vain {
		l.run.silent++
	}
	l.end()
}
