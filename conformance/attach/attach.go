// Package attach implements conformance.Peer and conformance.Link: how an implementation under test is reached (sections 3.1 and 3.3
// of the specification, from the other end of the wire).
//
// A peer is an address that listens (tcp://, udp://), an initiator that turns itself to the kit (accept:tcp://, accept:udp://), a command
// that the kit starts and supervises (exec:), an adapter that it tells to listen and to connect (adapter:), a conformance.Program in process
// and in virtual time, or the reference over real sockets on loopback. The package moves bytes and datagrams and watches processes; it knows
// nothing of cases and judges nothing that a peer says.
//
// A Peer and its Links are used by one goroutine, as conformance says. What a Peer starts in the background, goroutines and
// processes, ends before its Close returns.
package attach

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ockamtest/conformance"
	"ockamtest/ref/wire"
)

// What callers branch on.
var (
	// ErrConfig: a field of a Config is missing or out of range.
	ErrConfig = errors.New("attach: invalid configuration")
	// ErrNeed: the peer does not have the role, transport, or profile that a session was wanted for.
	ErrNeed = errors.New("attach: peer does not do that")
	// ErrClosed: the peer was closed.
	ErrClosed = errors.New("attach: peer is closed")
)

// A Config tells how to attach a peer. Spec is required.
type Config struct {
	Spec Spec
	// Scale multiplies every time the kit waits, for slow peers and boards; 0 means 1.
	Scale float64
	// Roles are the roles to ask a command for that has no {role} in it, or an address; empty means responder. Router has to be asked for
	// of every peer that is not in process.
	Roles []conformance.Role
	// Transports are those to ask a command for that has no {transport} in it; empty means TCP.
	Transports []conformance.Transport
	// MaxConnections is how many connections the peer serves at once, 0 if not limited. Over UDP, where nothing tells a command that a
	// session has ended, one that serves one is started anew for each.
	MaxConnections int

	// HandshakeTimeout is what a command gets for {timeout}, and an adapter is told: its handshake deadline (NOISE-013). 0 means 2 s, times Scale.
	HandshakeTimeout time.Duration
	// PeerKey is the peer's static private key, 32 bytes, for the file that {key} names and for an adapter; nil means a new random one.
	PeerKey []byte
	// KitKey is the kit's static public key in each profile, for {peerkey} and for an adapter to accept no other; required if a command
	// names it.
	KitKey map[string][]byte

	// Route is what a command gets for {route}, and an adapter is told; nil means conformance.DefaultRoute.
	Route wire.Route
	// Service is the application to which an adapter's initiator sends its first payload; zero means conformance.DefaultService.
	Service wire.Address

	// Programs are what in-process: can name; nil means Programs() and Routers().
	Programs []conformance.Program
	// Seed makes the randomness of a program reproducible.
	Seed uint64

	// MaxGrowth is by how many bytes the memory of a process that the kit has started may grow over what it was after the first control, and
	// MaxSpin how long it may compute without a pause while no link is open: beyond that it is ended, and Death tells. 0 means 512 MiB and 3 s,
	// less than 0 without bound. They are watched on Linux alone.
	MaxGrowth int64
	MaxSpin   time.Duration
	// Notice is called, once for each, with what a user should know of the peer and no result tells; nil if nobody wants to know.
	Notice func(text string)
	// ByHand has somebody start a command or an adapter, each time that the kit would: it shows what to start, and returns the lines that are typed,
	// of which each may say where a responder listens, if it is not where it was told to. Then the kit knows nothing of the process, and waits as
	// long as it takes. A router is not started by hand: it has an address. Nil means that the kit starts it.
	ByHand func(Launch) <-chan string
	// Listening is called once, by Open, with the address that accept: has bound; nil if nobody wants to know.
	Listening func(address string)
}

// Open attaches the peer. Nothing is dialed or started yet, except that an accept: peer listens when Open returns, and an adapter runs: its error
// wraps conformance.ErrUnreachable if it does not.
func Open(ctx context.Context, cfg Config) (conformance.Peer, error) {
	if cfg.Scale < 0 || cfg.MaxConnections < 0 || cfg.HandshakeTimeout < 0 {
		return nil, fmt.Errorf("%w: negative", ErrConfig)
	}
	if cfg.ByHand != nil && (cfg.Spec.Kind != Exec && cfg.Spec.Kind != Adapter || cfg.asksRouter()) {
		return nil, fmt.Errorf("%w: what is started by hand is a command or an adapter, and no router", ErrConfig)
	}
	switch cfg.Spec.Kind {
	case Dial:
		if cfg.Spec.UDP && cfg.asksRouter() {
			return nil, fmt.Errorf("%w: a router listens at tcp://HOST:PORT, too", ErrConfig)
		}
		if cfg.Spec.Packets != "" || cfg.asksRouter() {
			return newDialRouter(cfg), nil
		}
		return newDialPeer(cfg), nil
	case Accept:
		return newAcceptPeer(ctx, cfg)
	case Exec:
		return newExecPeer(cfg)
	case InProcess:
		return newNamedProgram(cfg)
	case Adapter:
		return newAdapterPeer(ctx, cfg)
	}
	return nil, fmt.Errorf("%w: no peer", ErrConfig)
}

func newNamedProgram(cfg Config) (conformance.Peer, error) {
	programs := cfg.Programs
	if programs == nil {
		programs = append(Programs(), Routers()...)
	}
	for _, p := range programs {
		if p.Name == cfg.Spec.Program {
			return NewInProcess(p, cfg.Seed), nil
		}
	}
	names := make([]string, len(programs))
	for i, p := range programs {
		names[i] = p.Name
	}
	return nil, fmt.Errorf("%w: no program in process is named %q; there are %q", ErrConfig, cfg.Spec.Program, names)
}

// asksRouter tells whether the peer is wanted as a router.
func (c Config) asksRouter() bool { return slices.Contains(c.Roles, conformance.Router) }

// scaled is d times the configured scale.
func (c Config) scaled(d time.Duration) time.Duration {
	if c.Scale == 0 {
		return d
	}
	return time.Duration(float64(d) * c.Scale)
}

// checkNeed tells what of a need a peer does not have. Whether it speaks the profile is for it to show.
func checkNeed(info conformance.PeerInfo, need conformance.Need) error {
	if !slices.Contains(info.Roles, need.Role) {
		return fmt.Errorf("%w: %s is %v, not %s", ErrNeed, info.Name, info.Roles, need.Role)
	}
	if !slices.Contains(info.Transports, need.Transport) {
		return fmt.Errorf("%w: %s is attached over %v, not %s", ErrNeed, info.Name, info.Transports, need.Transport)
	}
	if need.Tunnelled() && need.Depth > info.Depths {
		return fmt.Errorf("%w: %s is not attached at depth %d", ErrNeed, info.Name, need.Depth)
	}
	if need.Reading != (conformance.Reading{}) && !info.Reading {
		return &conformance.Inapplicable{Reason: "the peer cannot be told how its application reads"}
	}
	return nil
}
