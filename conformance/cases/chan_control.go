package cases

import (
	"context"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// controlSize is the length in bytes of the payload whose echo proves that a peer works.
const controlSize = 32

// Control returns the positive control: one handshake and one echo of fresh random bytes. The runner brackets every other case
// with it, so that no peer passes by refusing everything.
func Control() conformance.Case {
	all := chanControl()[:1]
	complete(&all[0])
	place(all)
	return all[0]
}

// CHAN-005: "The application receives exactly the bytes that were sent". The stages before it have requirements of their own, and
// the one that fails is named.
func chanControl() []conformance.Case {
	return []conformance.Case{{
		ID:    "chan/open-and-echo",
		Title: "A channel opens, and a random payload comes back through it unchanged.",
		Requirements: []string{"CHAN-005", "TRAN-001", "WIRE-001", "WIRE-002", "CHAN-001", "NOISE-001", "NOISE-002", "NOISE-003",
			"NOISE-004", "NOISE-005", "NOISE-010", "NOISE-014", "REC-001", "REC-002"},
		Run: openAndEcho,
	}}
}

// openAndEcho echoes twice: a fault of the counter's bytes shows in the second record. When the peer just stops answering, it
// asks why.
func openAndEcho(ctx context.Context, env conformance.Env) error {
	s, err := establish(ctx, env)
	if s == nil {
		return err
	}
	for range 2 {
		if err == nil {
			err = s.EchoRandom(controlSize)
		}
	}
	if err != nil {
		return s.Explain(ctx, err)
	}
	return s.Close()
}

// attempts is how often a peer is spoken to on datagrams that says nothing: it may just be starting, and datagrams may be lost.
const attempts = 3

// establish opens a channel. The session is there also when it could not be opened, unless the kit is to blame.
func establish(ctx context.Context, env conformance.Env) (*adversary.Session, error) {
	for n := 1; ; n++ {
		s, err := adversary.Dial(ctx, env)
		if err != nil {
			return nil, err
		}
		if s.Packets {
			s.Hurry(attempts)
		}
		if err = s.Establish(); n == attempts || !s.Unheard() {
			s.Hurry(1)
			return s, err
		}
		if err := s.Close(); err != nil {
			return nil, err
		}
	}
}

// exchange opens a channel and echoes random payloads of the given lengths. prepare, if set, is called before the first message.
func exchange(ctx context.Context, env conformance.Env, prepare func(*adversary.Session) error, sizes ...int) error {
	return twice(env, func() error { return exchangeOnce(ctx, env, prepare, sizes...) })
}

func exchangeOnce(ctx context.Context, env conformance.Env, prepare func(*adversary.Session) error, sizes ...int) error {
	s, err := adversary.Dial(ctx, env)
	if err != nil {
		return err
	}
	if prepare != nil {
		s.Once()
		if err := prepare(s); err != nil {
			return err
		}
	}
	if err := s.Establish(); err != nil {
		return err
	}
	for _, n := range sizes {
		if err := s.EchoRandom(n); err != nil {
			return err
		}
	}
	return s.Close()
}
