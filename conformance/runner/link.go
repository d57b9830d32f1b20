package runner

import (
	"errors"
	"fmt"
	"io"
	"time"

	"ockamtest/conformance"
)

// waitSlice is how long an interruption may go unnoticed.
const waitSlice = 200 * time.Millisecond

// shortest is how long an answer is waited for at least; the transcript has no silence that is shorter.
const shortest = 5 * time.Millisecond

// A recordedLink is a peer's link whose traffic is written into the transcript, and whose waiting ends with the attempt's time.
type recordedLink struct {
	conformance.Link
	env       *env
	n         int // 1 is the first of the attempt
	transport conformance.Transport
	closed    bool
}

func (l *recordedLink) Send(p []byte) error {
	l.env.flush()
	if err := l.env.over(); err != nil {
		return err
	}
	l.env.recorder.bytes(l.n, conformance.DirSend, p)
	err := l.Link.Send(p)
	if err != nil {
		l.env.recorder.event(l.n, "sending failed: "+ending(err))
	}
	return err
}

func (l *recordedLink) Receive(wait time.Duration) ([]byte, error) {
	l.env.flush()
	if err := l.env.over(); err != nil {
		return nil, err
	}
	p, err := l.receive(wait)
	l.env.silent = err != nil && l.transport == conformance.UDP
	switch {
	case err == nil:
		l.env.heard += len(p)
		l.env.recorder.bytes(l.n, conformance.DirReceive, p)
	case errors.Is(err, conformance.ErrQuiet) && wait < shortest: // it was no more than a pause
	case errors.Is(err, conformance.ErrQuiet):
		l.env.recorder.event(l.n, fmt.Sprintf("no answer in %v", wait.Round(time.Millisecond)))
	default:
		l.env.recorder.event(l.n, ending(err))
	}
	return p, err
}

// receive waits in slices, so that an interruption is noticed soon. In process each slice passes at once, in virtual time.
func (l *recordedLink) receive(wait time.Duration) ([]byte, error) {
	for {
		part := max(min(wait, waitSlice, l.env.left()), 0)
		l.env.run.queue.rise()
		p, err := l.Link.Receive(part)
		l.env.run.queue.sit()
		if wait -= part; wait <= 0 || !errors.Is(err, conformance.ErrQuiet) {
			return p, err
		}
		if err := l.env.over(); err != nil {
			return nil, err
		}
	}
}

// Beside makes a link beside this one, if that is possible, recorded as well.
func (l *recordedLink) Beside() (conformance.Link, error) {
	if err := l.env.over(); err != nil {
		return nil, err
	}
	from, ok := l.Link.(conformance.BesideLink)
	if !ok {
		return nil, fmt.Errorf("runner: link beside another: %w", errors.ErrUnsupported)
	}
	link, err := from.Beside()
	if err != nil {
		return nil, fmt.Errorf("runner: link beside another: %w", err)
	}
	return l.env.record(link, l.transport), nil
}

func (l *recordedLink) CloseWrite() error {
	l.env.flush()
	l.env.recorder.event(l.n, "kit sends FIN")
	return l.Link.CloseWrite()
}

func (l *recordedLink) Reset() error {
	l.env.flush()
	l.env.recorder.event(l.n, "kit sends RST")
	l.closed = true
	return l.Link.Reset()
}

func (l *recordedLink) Close() error {
	l.env.flush()
	if !l.closed {
		l.env.recorder.event(l.n, "kit closes")
	}
	l.closed = true
	return l.Link.Close()
}

// ending says how a link ended.
func ending(err error) string {
	switch {
	case errors.Is(err, io.EOF):
		return "peer sends FIN"
	case errors.Is(err, conformance.ErrReset):
		return "peer sends RST"
	case errors.Is(err, io.ErrClosedPipe):
		return "peer has closed"
	case errors.Is(err, conformance.ErrLinkClosed):
		return "link is closed on the kit's side"
	case errors.Is(err, errTimeout):
		return "the kit gives up: its time is up"
	}
	return err.Error()
}
