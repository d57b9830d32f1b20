package interop

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/conformance/attach"
	"ockamtest/ref/profile"
)

// A place is where a peer takes one role in one profile over one transport.
type place struct {
	conformance.Peer
	log func() []string
}

// A pin is the static keys of a place: its own private one, and the public one that it is to accept; nil if it is not told.
type pin struct{ own, accepts []byte }

// privateKey is the static key of a role, which follows from the seed.
func privateKey(seed uint64, whose string) []byte {
	key := sha256.Sum256(fmt.Appendf(nil, "ockamtest interop %d %s", seed, whose))
	return key[:]
}

// publicKey is that of a private one in a profile.
func publicKey(p profile.Profile, private []byte) ([]byte, error) {
	pair, err := adversary.LoadKeyPair(p.Suite, private)
	if err != nil {
		return nil, fmt.Errorf("static key: %w", err)
	}
	return pair.Public, nil
}

// open attaches a peer for a need. seed is for a program in process, and never used twice.
func (t *talker) open(ctx context.Context, cfg *Config, need conformance.Need, keys pin, seed uint64) (*place, error) {
	var accepts map[string][]byte
	if keys.accepts != nil {
		accepts = map[string][]byte{need.Profile: keys.accepts}
	}
	switch {
	case t.isReference():
		log := &tail{}
		peer, err := attach.EmbeddedReference(ctx, attach.EmbeddedConfig{HandshakeTimeout: cfg.handshakeTimeout(), KitKey: accepts, Log: log.logger()})
		return &place{peer, log.lines}, err
	case t.Spec.Kind == attach.InProcess:
		return serve(ctx, t.Program, need, seed)
	}
	peer, err := attach.Open(ctx, attach.Config{
		Spec: t.Spec, Scale: cfg.Scale, Roles: []conformance.Role{need.Role}, Transports: []conformance.Transport{need.Transport},
		HandshakeTimeout: cfg.handshakeTimeout(), PeerKey: keys.own, KitKey: accepts,
		Listening: func(address string) {
			if cfg.Listening != nil {
				cfg.Listening(t.Name, address)
			}
		},
	})
	return &place{peer, func() []string { return attach.Log(peer) }}, err
}

// A served program runs over real sockets, and is a peer at its address.
type served struct {
	conformance.Peer
	end  context.CancelFunc
	done chan struct{} // closed when it has ended
	err  error         // how; valid after done
	told bool
}

// serve runs a program of the kit.
func serve(ctx context.Context, program conformance.Program, need conformance.Need, seed uint64) (*place, error) {
	log := &tail{}
	s := &served{done: make(chan struct{})}
	serving, end := context.WithCancel(context.WithoutCancel(ctx))
	s.end = end
	listening := make(chan string, 1)
	cfg := attach.ServeConfig{
		Role: need.Role, Profile: need.Profile, Transport: need.Transport, Address: "127.0.0.1:0", Seed: seed, Log: log.logger(),
		Listening: func(address string) { listening <- address },
	}
	if need.Role == conformance.Initiator { // it dials the kit
		spec, err := attach.Parse("accept:" + string(need.Transport) + "://" + cfg.Address)
		if err == nil {
			s.Peer, err = attach.Open(ctx, attach.Config{Spec: spec, Listening: cfg.Listening})
		}
		if err != nil {
			end()
			return nil, err
		}
		cfg.Address, cfg.Listening = <-listening, nil
	}
	go func() {
		defer close(s.done)
		s.err = attach.ServeProgram(serving, program, cfg)
	}()
	if need.Role == conformance.Responder {
		select {
		case address := <-listening:
			spec, err := attach.Parse(string(need.Transport) + "://" + address)
			if err == nil {
				s.Peer, err = attach.Open(ctx, attach.Config{Spec: spec})
			}
			if err != nil {
				return nil, errors.Join(err, s.stop())
			}
		case <-s.done:
			end()
			return nil, s.err
		}
	}
	return &place{s, log.lines}, nil
}

// Death tells of the program's crash.
func (s *served) Death() error {
	select {
	case <-s.done:
		if !s.told {
			s.told = true
			return s.err
		}
	default:
	}
	return nil
}

// Close ends the program.
func (s *served) Close() error { return errors.Join(s.Peer.Close(), s.stop()) }

func (s *served) stop() error {
	s.end()
	<-s.done
	if s.told {
		return nil
	}
	s.told = true
	return s.err
}

// tailLines is how many lines a tail keeps.
const tailLines = 20

// A tail keeps the last lines of a log. It is safe for concurrent use.
type tail struct {
	mu   sync.Mutex
	last []string
}

func (t *tail) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(t, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == slog.LevelKey {
			return slog.Attr{}
		}
		return a
	}}))
}

// Write takes one line.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.last) == tailLines {
		t.last = t.last[1:]
	}
	t.last = append(t.last, strings.TrimSpace(string(p)))
	return len(p), nil
}

func (t *tail) lines() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string(nil), t.last...)
}
