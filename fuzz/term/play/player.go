package play

import (
	"context"
	"fmt"
	"io"
	"net/netip"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/fuzz/term"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// A player is one run.
type player struct {
	env     conformance.Env
	eval    *term.Evaluator
	streams map[uint64]*stream
	number  int // of the step
	seen    []Observation
}

// A stream is the link of a session.
type stream struct {
	adversary.Stream
	handshake map[string]term.Kind // the peer's handshake messages, which it may repeat on datagrams
}

func newPlayer(env conformance.Env) (*player, error) {
	cfg := term.Config{
		Crypto:    NewCrypto(env.Profile().Suite),
		Profile:   env.Profile(),
		Peer:      roleOf(env.Role()),
		Datagrams: env.Transport() == conformance.UDP,
		Static:    env.StaticKey(),
	}
	if _, err := io.ReadFull(env.Random(), cfg.Seed[:]); err != nil {
		return nil, fmt.Errorf("play: random: %w", err)
	}
	if cfg.Profile.InnerOnwardNeeded {
		cfg.Service, cfg.Application = wire.Route{env.Service()}, wire.Route{wire.LocalAddress([]byte("kit"))}
	}
	eval, err := term.New(cfg)
	if err != nil {
		return nil, err
	}
	return &player{env: env, eval: eval, streams: map[uint64]*stream{}}, nil
}

func (p *player) closeAll() {
	for _, s := range p.streams {
		_ = s.Link.Close() // the run is over
	}
}

func (p *player) step(ctx context.Context, s term.Step) error {
	switch s := s.(type) {
	case *term.Open:
		return p.open(ctx, s.Session)
	case *term.Send:
		return p.send(s)
	case *term.Make:
		_, err := p.eval.Eval(s.Data)
		return p.trouble(err)
	case *term.Expect:
		return p.expect(s.Session, s.Kind)
	case *term.Echo:
		return p.echo(s)
	case *term.Wait:
		return p.settle(s.Session)
	case *term.Same:
		return p.compare(s.A, s.B, true)
	case *term.Differ:
		return p.compare(s.A, s.B, false)
	case *term.Close:
		return p.end(s.Session, conformance.Link.CloseWrite)
	case *term.Reset:
		return p.end(s.Session, conformance.Link.Reset)
	}
	return term.ErrInvalid
}

// trouble says in which step something went wrong that is not the peer's.
func (p *player) trouble(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("play: step %d: %w", p.number, err)
}

func (p *player) stream(session uint64) (*stream, error) {
	s, ok := p.streams[session]
	if !ok {
		return nil, p.trouble(fmt.Errorf("%w: %d", term.ErrSession, session))
	}
	return s, nil
}

func (p *player) open(ctx context.Context, session uint64) error {
	if _, there := p.streams[session]; there {
		return p.trouble(fmt.Errorf("%w: %d is open", term.ErrSession, session))
	}
	link, err := p.env.Open(ctx)
	if err != nil {
		return p.trouble(err)
	}
	packets := p.env.Transport() == conformance.UDP
	p.streams[session] = &stream{Stream: adversary.Stream{Link: link, Packets: packets}, handshake: map[string]term.Kind{}}
	at, err := p.surroundings(link)
	if err != nil {
		return p.trouble(err)
	}
	return p.trouble(p.eval.Open(session, at))
}

// surroundings are the addresses of a link, and the kit's local address where it has to give one (CHAN-010).
func (p *player) surroundings(link conformance.Link) (at term.Link, err error) {
	if at.Own, err = p.address(link.LocalAddress()); err != nil {
		return at, err
	}
	if at.Peer, err = p.address(link.RemoteAddress()); err != nil {
		return at, err
	}
	at.Listener = p.env.Route()
	listener := p.env.Profile().Listener
	if p.env.Transport() == conformance.UDP &&
		(listener == profile.ResponderOnly || listener == profile.NodeOrLocal && p.env.Role() == conformance.Initiator) {
		value := make([]byte, 4)
		if _, err := io.ReadFull(p.env.Random(), value); err != nil {
			return at, err
		}
		at.Local = wire.LocalAddress(value)
	}
	return at, nil
}

// address is "IP:port" as an address of the transport's kind.
func (p *player) address(socket string) (wire.Address, error) {
	ap, err := netip.ParseAddrPort(socket)
	if err != nil {
		return wire.Address{}, err
	}
	ip := ap.Addr().Unmap()
	switch udp := p.env.Transport() == conformance.UDP; {
	case udp && ip.Is4():
		return wire.UDPAddress4(ip.As4(), ap.Port()), nil
	case udp:
		return wire.UDPAddress6(ip.As16(), ap.Port()), nil
	case ip.Is4():
		return wire.TCPAddress4(ip.As4(), ap.Port()), nil
	default:
		return wire.TCPAddress6(ip.As16(), ap.Port()), nil
	}
}

func (p *player) send(s *term.Send) error {
	stream, err := p.stream(s.Session)
	if err != nil {
		return err
	}
	out, err := p.eval.Send(s.Session, s.Data)
	if err != nil {
		return p.trouble(err)
	}
	return p.trouble(stream.SendRaw(out))
}

func (p *player) end(session uint64, how func(conformance.Link) error) error {
	s, err := p.stream(session)
	if err != nil {
		return err
	}
	return p.trouble(how(s.Link))
}
