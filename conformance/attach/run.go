package attach

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"ockamtest/conformance"
)

// watchSlice is how long the end of a process may go unnoticed where no link ends with it.
const watchSlice = 50 * time.Millisecond

// A run is one process of a command and the sessions with it.
type run struct {
	process  *process
	address  string    // where a responder listens, once known
	arrivals *arrivals // where an initiator turns itself to

	ports     portKeeper
	sessions  int           // begun
	served    int           // sessions in which the peer said something
	links     int           // that neither side has ended
	idleSince time.Time     // when links became 0
	suspect   bool          // the peer has ended a link, and nothing was heard from it since
	reported  bool          // Death has told of it
	typed     <-chan string // lines of whoever has started it by hand
	settled   bool          // a router names no more listeners
	mortal    bool          // the process never ends in order while it runs
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
		Link: link, run: r, packets: need.Transport == conformance.UDP, initiator: need.Role == conformance.Initiator,
		single: cfg.MaxConnections == 1,
	}
}

// endsWithin waits for the process to end and reports whether it has.
func (r *run) endsWithin(ctx context.Context, d time.Duration) bool {
	stopped(ctx, d, r.process.done)
	return r.process.ended()
}

// receive is Receive of a link over UDP. It waits in slices, so that the end of the process is noticed soon: nobody answers any more then. That
// an initiator ends in order while the kit speaks to it is no news.
func (r *run) receive(link conformance.Link, wait time.Duration, initiator bool) ([]byte, error) {
	for {
		ended := r.process.ended() // before what has come is read: it may have answered before it ended
		part := min(wait, watchSlice)
		p, err := link.Receive(part)
		wait -= part
		switch {
		case !errors.Is(err, conformance.ErrQuiet) && !errors.Is(err, conformance.ErrUnreachable):
			return p, err
		case ended && (!initiator || r.mortal || r.process.exit.crashed):
			return nil, fmt.Errorf("%w: nobody receives at %s", conformance.ErrUnreachable, link.RemoteAddress())
		case wait <= 0:
			return p, err
		}
	}
}

// explain says why nobody is there, if the process has ended.
func (r *run) explain(err error) error {
	if !r.process.ended() {
		return err
	}
	return fmt.Errorf("%w: the command has ended: %s", err, r.process.exit.text)
}

// release closes what the kit holds for the process.
func (r *run) release() {
	if r.arrivals != nil {
		_ = r.arrivals.close() // nobody can do anything about a listener that does not close
	}
}

// An execLink is a link that tells its run what it sees of the process.
type execLink struct {
	conformance.Link
	run       *run
	packets   bool // it has no end that tells of the end of the process
	initiator bool // on the peer's side
	single    bool // the peer is known to serve one session at a time

	heard        bool
	unanswered   bool // nothing has come since the last thing was sent
	over         bool // one side has ended the link
	shut, closed bool // on the kit's side
}

// Send is the link's.
func (l *execLink) Send(p []byte) error {
	err := l.Link.Send(p)
	l.unanswered = true
	if errors.Is(err, conformance.ErrReset) || errors.Is(err, io.ErrClosedPipe) {
		l.peerEnded()
	}
	return err
}

// Receive is the link's.
func (l *execLink) Receive(wait time.Duration) ([]byte, error) {
	var p []byte
	var err error
	if l.packets {
		p, err = l.run.receive(l.Link, wait, l.initiator)
	} else {
		p, err = l.Link.Receive(wait)
	}
	switch {
	case err == nil:
		l.unanswered = false
		if !l.heard {
			l.heard = true
			l.run.served++
		}
		l.run.suspect = false
	case errors.Is(err, conformance.ErrReset), errors.Is(err, io.EOF):
		l.peerEnded()
	case errors.Is(err, conformance.ErrUnreachable):
		l.run.suspect = true
		if err = l.run.explain(err); l.run.process.ended() && !l.run.process.exit.crashed && !l.single && !l.initiator {
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
	l.end()
}
