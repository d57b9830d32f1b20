package attach

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"ockamtest/conformance"
)

// How long a dialed peer is waited for, times Scale.
const (
	// startPatience is how long the first connect is tried again while nobody listens: the peer may be starting.
	startPatience = 2 * time.Second
	// pausePatience is the same for later ones: a peer that serves one connection at a time may close its listener meanwhile.
	pausePatience = 500 * time.Millisecond
	// connectTimeout bounds one attempt.
	connectTimeout = 5 * time.Second
	longestPause   = 200 * time.Millisecond
)

// A dialPeer is a responder that listens at an address.
type dialPeer struct {
	cfg     Config
	reached bool // a connect has succeeded
	ports   portKeeper
	closed  bool
}

func newDialPeer(cfg Config) *dialPeer { return &dialPeer{cfg: cfg} }

// Info describes the peer.
func (p *dialPeer) Info() conformance.PeerInfo {
	return conformance.PeerInfo{
		Name: p.cfg.Spec.Text, Attachment: string(p.cfg.Spec.transport()),
		Roles: []conformance.Role{conformance.Responder}, Transports: []conformance.Transport{p.cfg.Spec.transport()},
		Depths: conformance.MaxDepth, MaxConnections: p.cfg.MaxConnections,
	}
}

// Open connects to the peer. Over UDP whether it is there shows with the first answer.
func (p *dialPeer) Open(ctx context.Context, need conformance.Need) (conformance.Link, error) {
	if p.closed {
		return nil, ErrClosed
	}
	if err := checkNeed(p.Info(), need); err != nil {
		return nil, err
	}
	if p.cfg.Spec.UDP {
		return p.ports.open(p.cfg.Spec.Address)
	}
	patience := startPatience
	if p.reached {
		patience = pausePatience
	}
	link, err := connect(ctx, p.cfg, p.cfg.Spec.Address, patience, nil)
	if err != nil {
		return nil, err
	}
	p.reached = true
	return link, nil
}

// Death returns nil: nobody sees the process behind an address.
func (p *dialPeer) Death() error { return nil }

// Close ends the peer. Its process is not the kit's.
func (p *dialPeer) Close() error {
	p.closed = true
	return nil
}

// connect dials a responder. While nobody listens, or whoever listens hangs up before the connection is there, it tries again, with
// growing pauses, for patience times Scale or until stop is closed. Errors wrap conformance.ErrUnreachable unless ctx has ended.
func connect(ctx context.Context, cfg Config, address string, patience time.Duration, stop <-chan struct{}) (*socketLink, error) {
	dialer := net.Dialer{Timeout: cfg.scaled(connectTimeout)}
	until := time.Now().Add(cfg.scaled(patience))
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, longestPause) {
		conn, err := dialer.DialContext(ctx, "tcp", address)
		if tcp, ok := conn.(*net.TCPConn); ok && err == nil {
			return newSocketLink(tcp, cfg.patience(stallTimeout)), nil
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("dial %s: %w", address, ctx.Err())
		}
		if !isRefused(err) && !isReset(err) || time.Now().Add(pause).After(until) {
			return nil, fmt.Errorf("%w: dial %s: %s", conformance.ErrUnreachable, address, hint(err))
		}
		if stopped(ctx, pause, stop) {
			until = time.Now() // one last attempt
		}
	}
}

// stopped waits for d and reports whether stop was closed or ctx ended meanwhile. A nil stop never is.
func stopped(ctx context.Context, d time.Duration, stop <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return false
	case <-ctx.Done():
		return true
	case <-stop:
		return true
	}
}

// hint says what went wrong and what to look at.
func hint(err error) string {
	var dns *net.DNSError
	switch {
	case isRefused(err):
		return "connection refused: nothing listens there; is the peer running, and the port right?"
	case isReset(err):
		return "connection reset: something listens there and hangs up at once"
	case errors.As(err, &dns):
		return "the host name does not resolve"
	case isTimeout(err):
		return "no answer: are the address and the firewall right?"
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err.Error()
	}
	return err.Error()
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}
