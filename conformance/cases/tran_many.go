package cases

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// TRAN-021: "An endpoint keeps accepting." TRAN-022: "Closing releases every descriptor".
func tranMany() []conformance.Case {
	return []conformance.Case{{
		ID:           "tran/keeps-accepting",
		Title:        "After thirty connections or sources in turn, none of which completes its handshake, the next one is served.",
		Requirements: []string{"TRAN-021"},
		Roles:        responder(),
		Run:          keepsAccepting,
	}, {
		ID:           "tran/connections-released",
		Title:        "After 1,100 connections in turn that came and went, the next one is served.",
		Requirements: []string{"TRAN-022"},
		Transports:   streams(),
		Roles:        responder(),
		Run:          connectionsReleased,
	}}
}

// keepsAccepting begins handshakes and leaves them: after m1, after m2, and after a forged m3.
func keepsAccepting(ctx context.Context, env conformance.Env) error {
	for i := range 30 {
		s, err := adversary.Dial(ctx, env)
		if err != nil {
			return served(i, "TRAN-021", err)
		}
		if err := left(s, i%3); err != nil {
			return served(i, "TRAN-021", err)
		}
		if err := s.Close(); err != nil {
			return err
		}
	}
	return served(1, "TRAN-021", exchange(ctx, env, nil, controlSize))
}

// left takes so many steps of a handshake behind m1, the second one wrongly.
func left(s *adversary.Session, steps int) error {
	if steps == 0 {
		return s.SendMessage(wire.M1, s.MakeM1())
	}
	if err := s.Begin(); err != nil || steps == 1 {
		return err
	}
	m3 := s.MakeM3()
	m3[len(m3)-1] ^= 1
	return s.SendMessage(wire.M3, m3)
}

// comeAndGo is more than the descriptors that a process has where nobody has raised their number.
const comeAndGo = 1100

// A connection that takes longer than slowConnection is no quick one; fewConnections of them tell.
const (
	fewConnections = 50
	slowConnection = 50 * time.Millisecond
)

// connectionsReleased gives up where connecting takes long: such a peer is started anew for each session, or sits behind a slow line.
func connectionsReleased(ctx context.Context, env conformance.Env) error {
	began := time.Now()
	for i := range comeAndGo {
		if i == fewConnections && time.Since(began) > fewConnections*slowConnection {
			return &conformance.Inapplicable{Reason: fmt.Sprintf("%d connections take more than %v", i, fewConnections*slowConnection)}
		}
		link, err := env.Open(ctx)
		if i > 0 && errors.Is(err, conformance.ErrUnreachable) {
			return adversary.Fail("TRAN-022", "a connection like those before, which were closed", fmt.Sprintf("none after %d connections", i))
		}
		if err != nil {
			return err
		}
		if err := link.Close(); err != nil {
			return err
		}
	}
	return served(comeAndGo, "TRAN-022", exchange(ctx, env, nil, controlSize))
}
