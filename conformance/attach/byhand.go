package attach

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"ockamtest/conformance"
)

// A Launch is a command that the kit does not start, for somebody who starts it by hand, under a debugger.
type Launch struct {
	Words   []string         // the program and its arguments, with everything filled in
	Env     []string         // NAME=value, what it needs beside its environment
	Need    conformance.Need // what it is wanted for; zero for an adapter
	Listens string           // HOST:PORT where a responder is expected, else empty
	Again   bool             // what was started before is not there any more
}

// How somebody who starts a command by hand is waited for.
const (
	handPatience = 24 * time.Hour
	// handKnock is how often the kit looks whether a responder listens, and how long one that was there may be away.
	handKnock = 200 * time.Millisecond
	// handAway is how long an initiator that was there may stay away.
	handAway = 3 * time.Second
)

// handProcess is a process that somebody else starts and ends. Of its end and its output nothing is seen.
func handProcess() *process {
	p := &process{ready: make(chan string, 1), done: make(chan struct{}), byHand: true}
	p.exit = exit{text: "it was started by hand", clean: true}
	return p
}

// patience is how long the peer is waited for: somebody who steps through it takes his time.
func (c Config) patience(d time.Duration) time.Duration { //nolint:unparam // they need not all be 10 s
	if c.ByHand != nil {
		return handPatience
	}
	return c.scaled(d)
}

// startByHand asks for the command to be started.
func (p *execPeer) startByHand(r *run, address string) error {
	l := Launch{Need: p.need, Again: p.launched}
	if p.need.Role != conformance.Initiator {
		var err error
		if address, err = unusedAddress(p.need.Transport); err != nil {
			return fmt.Errorf("bind: %w", err)
		}
		l.Listens = address
	}
	var err error
	if l.Words, err = p.command(address); err != nil {
		return err
	}
	r.process, r.address = handProcess(), l.Listens
	r.typed = p.cfg.ByHand(l)
	p.run, p.life, p.launched = r, manySessions, true
	return nil
}

// attemptByHand gets a connection from a command that somebody starts by hand, and waits for that as long as it takes.
func (p *execPeer) attemptByHand(ctx context.Context) (conformance.Link, error) {
	if p.need.Role == conformance.Initiator {
		return p.awaitByHand(ctx)
	}
	for {
		link, err := p.knock(ctx)
		if err == nil || ctx.Err() != nil {
			return link, err
		}
		if p.run.sessions > 0 { // it was there
			p.stop()
			if err := p.start(ctx); err != nil {
				return nil, err
			}
		}
		p.listenTo(ctx)
	}
}

// knock connects to the responder, if it is there.
func (p *execPeer) knock(ctx context.Context) (conformance.Link, error) {
	r := p.run
	if p.need.Transport != conformance.UDP {
		link, err := connect(ctx, p.cfg, r.address, handKnock, nil)
		if err != nil {
			return nil, err // not a nil link in an interface
		}
		return link, nil
	}
	if !taken(r.address) {
		return nil, fmt.Errorf("%w: nobody receives at %s", conformance.ErrUnreachable, r.address)
	}
	return r.ports.open(r.address)
}

// listenTo waits a moment for an address that is typed: where the responder listens, if it is elsewhere.
func (p *execPeer) listenTo(ctx context.Context) {
	timer := time.NewTimer(handKnock)
	defer timer.Stop()
	select {
	case line := <-p.run.typed:
		text := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "listening "))
		if address, ok := dialAddress(text); ok {
			p.run.address = address
		} else if text != "" && p.cfg.Notice != nil {
			p.cfg.Notice(fmt.Sprintf("%q is no HOST:PORT", escape([]byte(text))))
		}
	case <-timer.C:
	case <-ctx.Done():
	}
}

// awaitByHand waits for an initiator.
func (p *execPeer) awaitByHand(ctx context.Context) (conformance.Link, error) {
	wait := handPatience
	if p.run.sessions > 0 {
		wait = handAway
	}
	for {
		link, err := p.run.arrivals.next(ctx, p.need, wait, handPatience, nil)
		if err == nil {
			return link, nil
		}
		if !errors.Is(err, errNobody) {
			return nil, fmt.Errorf("wait for the command to connect: %w", err)
		}
		p.stop()
		if err := p.start(ctx); err != nil {
			return nil, err
		}
		wait = handPatience
	}
}

// unusedAddress is an address of this host that nobody has now.
func unusedAddress(over conformance.Transport) (string, error) {
	if over == conformance.UDP {
		conn, err := net.ListenPacket("udp", "127.0.0.1:0") //nolint:noctx // it is closed at once
		if err != nil {
			return "", err
		}
		return conn.LocalAddr().String(), conn.Close()
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it is closed at once
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// taken tells whether somebody has a UDP address: then the kit cannot have it.
func taken(address string) bool {
	conn, err := net.ListenPacket("udp", address) //nolint:noctx // it is closed at once
	if err != nil {
		return true
	}
	_ = conn.Close() // it has sent nothing
	return false
}
