// Package adversarytest holds an in-process peer in virtual time for the tests of conformance/adversary and conformance/cases: a
// conformance.Env whose links lead straight to the machines of a conformance.Program. It is the least that cases need, and no
// attachment: nothing is recorded, and a crash shows as a reset. A World is for one goroutine.
package adversarytest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"ockamtest/conformance"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// A World is one node of a program, its connections, and the time that they share. It is a conformance.Env.
type World struct {
	need    conformance.Need
	profile profile.Profile
	node    conformance.Node
	random  io.Reader
	now     time.Duration
	links   []*link
	insight conformance.Insight // nil until it is asked for
	starts  uint64              // of the program, beside the first
	seed    uint64
	program conformance.Program

	deadline time.Duration
	static   []byte
	pinned   []byte
	notes    []string
}

// A Config makes a World. Program is required.
type Config struct {
	Program conformance.Program
	Role    conformance.Role
	Profile profile.Profile
	// Transport is TCP, a byte stream, or UDP; empty means TCP.
	Transport conformance.Transport
	Depth     int // 0 means 1
	Seed      uint64
	Pinned    []byte // Env.PeerStatic
}

// New starts a node of the program.
func New(cfg Config) *World {
	need := conformance.Need{Role: cfg.Role, Transport: cfg.Transport, Profile: cfg.Profile.Name, Depth: cfg.Depth}
	if need.Transport == "" {
		need.Transport = conformance.TCP
	}
	seed := [32]byte{byte(cfg.Seed), byte(cfg.Seed >> 8), 1}
	return &World{
		need:     need,
		program:  cfg.Program,
		profile:  cfg.Profile,
		node:     cfg.Program.Start(need, cfg.Seed),
		seed:     cfg.Seed,
		random:   rand.NewChaCha8(seed),
		deadline: cfg.Program.HandshakeDeadline,
		static:   bytes.Repeat([]byte{7}, 32),
		pinned:   cfg.Pinned,
	}
}

// Open connects to the node, in the role that it plays: to a link it is the same, except that on datagrams a responder hears of it with
// the first one.
func (w *World) Open(context.Context) (conformance.Link, error) {
	l := w.newLink("127.0.0.1:4000")
	if !w.datagrams() || w.need.Role == conformance.Initiator {
		l.connect(true)
	}
	return l, nil
}

// Insight returns that of the program.
func (w *World) Insight(context.Context) (conformance.Insight, error) {
	if w.program.Insight == nil {
		return nil, &conformance.Inapplicable{Reason: "it shows nothing but what is on the wire"}
	}
	if w.insight == nil {
		w.insight = w.program.Insight(1)
	}
	return w.insight, nil
}

// Restart starts another node of the program.
func (w *World) Restart(context.Context) error {
	w.starts++
	w.node = w.program.Start(w.need, w.seed+w.starts)
	return nil
}

// OpenReading is Open in a world of its own, where the peer's application reads so.
func (w *World) OpenReading(ctx context.Context, how conformance.Reading) (conformance.Link, error) {
	if !w.program.Reading {
		return nil, &conformance.Inapplicable{Reason: "it cannot be told how its application reads"}
	}
	if w.need.Reading != how {
		w.need.Reading = how
		w.node = w.program.Start(w.need, 1)
	}
	return w.Open(ctx)
}

func (w *World) newLink(remote string) *link {
	l := &link{world: w, local: fmt.Sprintf("127.0.0.1:%d", 50000+len(w.links)), remote: remote}
	w.links = append(w.links, l)
	return l
}

func (w *World) datagrams() bool { return w.need.Transport == conformance.UDP }

// Role is the peer's role.
func (w *World) Role() conformance.Role { return w.need.Role }

// Transport is that of the config.
func (w *World) Transport() conformance.Transport { return w.need.Transport }

// Profile is the profile that the peer speaks.
func (w *World) Profile() profile.Profile { return w.profile }

// Depth is that of the config.
func (w *World) Depth() int { return max(1, w.need.Depth) }

// Random is a stream that the seed determines.
func (w *World) Random() io.Reader { return w.random }

// StaticKey is the kit's static private key.
func (w *World) StaticKey() []byte { return w.static }

// PeerStatic is the key of the config.
func (w *World) PeerStatic() []byte { return w.pinned }

// Route is the default of the profile.
func (w *World) Route() wire.Route { return conformance.DefaultRoute(w.profile) }

// Service is the default of the profile.
func (w *World) Service() wire.Address { return conformance.DefaultService(w.profile) }

// Patience is five virtual seconds.
func (w *World) Patience() time.Duration { return 5 * time.Second }

// Quiet is 25 virtual milliseconds.
func (w *World) Quiet() time.Duration { return 25 * time.Millisecond }

// HandshakeDeadline is the program's.
func (w *World) HandshakeDeadline() time.Duration { return w.deadline }

// Note keeps the text for Notes.
func (w *World) Note(text string) { w.notes = append(w.notes, text) }

// Links is how many links were opened.
func (w *World) Links() int { return len(w.links) }

// advance lets time pass until end, or until stop.
func (w *World) advance(end time.Duration, stop func() bool) {
	for !stop() {
		var next *link
		at := end
		for _, l := range w.links {
			if l.machine == nil {
				continue
			}
			if wake, ok := l.machine.Wake(); ok && !l.over() && wake <= at {
				next, at = l, wake
			}
		}
		w.now = max(w.now, at)
		if next == nil {
			return
		}
		next.take(next.machine.Expire(w.now))
	}
}
