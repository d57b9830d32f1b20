package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"ockamtest/conformance"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// errTimeout: an attempt used up its time. It is the case's or the kit's limit, no requirement of the specification.
var errTimeout = errors.New("runner: the time is up")

// An env is the conformance.Env of one attempt at a case.
type env struct {
	run      *run
	group    group
	ctx      context.Context
	recorder *recorder
	random   io.Reader
	quiet    time.Duration
	timeout  time.Duration // of the attempt, connecting not counted

	links     []*recordedLink
	fragments []*fragmentedLink
	inside    bool // the case has seen the inside of the peer
	doors     []*recordedListener
	opening   time.Duration // spent in Open
	heard     int           // bytes received
	silent    bool          // nothing came when last something was waited for, over UDP
	expired   bool          // a link refused to go on because the time was up
}

func (e *env) Role() conformance.Role           { return e.group.need.Role }
func (e *env) Transport() conformance.Transport { return e.group.need.Transport }
func (e *env) Profile() profile.Profile         { return e.group.profile }
func (e *env) Depth() int                       { return max(1, e.group.need.Depth) }
func (e *env) Random() io.Reader                { return e.random }
func (e *env) StaticKey() []byte                { return slices.Clone(e.run.cfg.StaticKey) }
func (e *env) PeerStatic() []byte               { return slices.Clone(e.run.cfg.PeerStatic) }

func (e *env) Route() wire.Route {
	if e.run.cfg.Route == nil {
		return conformance.DefaultRoute(e.group.profile)
	}
	return slices.Clone(e.run.cfg.Route)
}

func (e *env) Service() wire.Address {
	if e.run.cfg.Service == (wire.Address{}) {
		return conformance.DefaultService(e.group.profile)
	}
	return e.run.cfg.Service
}

func (e *env) Parameters() conformance.Parameters { return e.group.parameters }

func (e *env) Patience() time.Duration { return e.run.cfg.Patience }
func (e *env) Quiet() time.Duration    { return e.quiet }
func (e *env) Note(text string)        { e.recorder.event(0, text) }

func (e *env) HandshakeDeadline() time.Duration { return e.run.info.HandshakeDeadline }

// OpenReading is Open for a peer whose application reads in a way of its own.
func (e *env) OpenReading(ctx context.Context, how conformance.Reading) (conformance.Link, error) {
	need := e.group.need
	need.Reading = how
	return e.open(ctx, need.Transport, func(limited context.Context) (conformance.Link, error) {
		return e.run.cfg.Peer.Open(limited, need)
	})
}

// Insight returns that of the peer.
func (e *env) Insight(ctx context.Context) (conformance.Insight, error) {
	peer, ok := e.run.cfg.Peer.(conformance.InsightPeer)
	if !ok {
		return nil, &conformance.Inapplicable{Reason: "what is asked is seen through an adapter alone"}
	}
	insight, err := peer.Insight(ctx)
	if err != nil {
		return nil, fmt.Errorf("runner: an insight into the peer: %w", err)
	}
	e.inside = true
	return insight, nil
}

// MaxConnections is how many connections the peer serves at once, 0 if not limited.
func (e *env) MaxConnections() int { return e.run.info.MaxConnections }

// Open makes a session.
func (e *env) Open(ctx context.Context) (conformance.Link, error) {
	return e.open(ctx, e.group.need.Transport, func(limited context.Context) (conformance.Link, error) {
		return e.run.cfg.Peer.Open(limited, e.group.need)
	})
}

// open makes a link, within a time of its own: how often an initiator connects is not the exchange's pace.
func (e *env) open(ctx context.Context, transport conformance.Transport,
	make func(context.Context) (conformance.Link, error)) (conformance.Link, error) {
	if err := e.over(); err != nil {
		return nil, err
	}
	e.flush()
	limit := e.run.openTimeout()
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	before := e.run.cfg.Clock()
	e.run.queue.rise()
	link, err := make(limited)
	e.run.queue.sit()
	e.opening += e.run.cfg.Clock().Sub(before)
	if err != nil {
		if limited.Err() != nil && ctx.Err() == nil && !errors.Is(err, conformance.ErrUnreachable) {
			err = fmt.Errorf("%w: no session in %v", conformance.ErrUnreachable, limit)
		}
		e.recorder.event(0, "no session: "+err.Error())
		return nil, fmt.Errorf("runner: open a session: %w", err)
	}
	return e.fragmented(e.record(link, transport)), nil
}

// record gives a link its number and its place in the transcript.
func (e *env) record(link conformance.Link, transport conformance.Transport) *recordedLink {
	l := &recordedLink{Link: link, env: e, n: len(e.links) + 1, transport: transport}
	e.links = append(e.links, l)
	e.recorder.describe.packets[l.n] = transport == conformance.UDP
	e.recorder.event(l.n, fmt.Sprintf("connected, kit %s, peer %s", link.LocalAddress(), link.RemoteAddress()))
	return l
}

// over returns an error when nothing may be done any more: the run is interrupted, or the attempt's time is up.
func (e *env) over() error {
	if err := e.ctx.Err(); err != nil {
		e.expired = true
		return fmt.Errorf("%w: %w", errTimeout, err)
	}
	if e.left() <= 0 {
		e.expired = true
		return errTimeout
	}
	return nil
}

// left is what remains of the attempt's time.
func (e *env) left() time.Duration {
	return e.timeout + e.opening - e.took()
}

func (e *env) took() time.Duration { return e.run.cfg.Clock().Sub(e.recorder.began) }

// close closes what the case left open.
func (e *env) close() {
	for _, d := range e.doors {
		if err := d.Close(); err != nil {
			e.recorder.event(0, "closing failed: "+err.Error())
		}
	}
	for _, l := range e.links {
		if !l.closed {
			if err := l.Close(); err != nil {
				e.recorder.event(l.n, "closing failed: "+err.Error())
			}
		}
	}
}
