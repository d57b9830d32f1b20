package ref_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ockamtest/ref"
	"ockamtest/ref/channel"
	"ockamtest/ref/key"
	"ockamtest/ref/noise"
	"ockamtest/ref/profile"
	"ockamtest/ref/transport"
	"ockamtest/ref/vault"
	"ockamtest/ref/wire"
)

// refused says which error a handshake has to end with.
type refused struct {
	step        channel.Step
	requirement string
	err         error
}

func (want refused) check(t *testing.T, err error) {
	t.Helper()
	var e *channel.Error
	if !errors.As(err, &e) || e.Step != want.step || e.Requirement != want.requirement || !errors.Is(err, want.err) {
		t.Errorf("got error %v, want %s: %v (%s)", err, want.step, want.err, want.requirement)
	}
}

// seen returns the messages that the other end of a connection received before its end.
func seen(t *testing.T, conn transport.Conn) (msgs [][]byte) {
	t.Helper()
	p := make([]byte, conn.Limit())
	for {
		n, err := conn.Read(context.Background(), p)
		if errors.Is(err, io.EOF) {
			return msgs
		}
		if err != nil {
			t.Fatalf("the other end: %v", err)
		}
		msgs = append(msgs, bytes.Clone(p[:n]))
	}
}

// header is a wire message without routes, up to its body.
func header(t wire.Type) []byte { return []byte{1, 0, 0, byte(t)} }

func message(t wire.Type, body []byte) []byte { return append(header(t), body...) }

// NOISE-007, CHAN-001, CHAN-007: what a responder refuses as the first message. It sends nothing, closes the connection, and keeps no
// secret.
func TestResponderRefuses(t *testing.T) {
	e := bytes.Repeat([]byte{9}, 32)
	for name, test := range map[string]struct {
		first []byte
		want  refused
	}{
		"m1 of 1,100 bytes": {message(wire.M1, make([]byte, 1100)), refused{channel.StepM1, "NOISE-006", key.ErrPayloadRefused}},
		"m1 of 33 bytes":    {message(wire.M1, append(e, 0)), refused{channel.StepM1, "NOISE-006", key.ErrPayloadRefused}},
		"m1 of 31 bytes":    {message(wire.M1, e[:31]), refused{channel.StepM1, "NOISE-006", noise.ErrMessageLength}},
		"all-zero key":      {message(wire.M1, make([]byte, 32)), refused{channel.StepM1, "NOISE-009", vault.ErrWeakPublicKey}},
		"empty message":     {nil, refused{channel.StepM1, "WIRE-005", wire.ErrTruncated}},
		"version 2":         {append([]byte{2, 0, 0, 3}, e...), refused{channel.StepM1, "WIRE-001", wire.ErrVersion}},
		"m2":                {message(wire.M2, make([]byte, 96)), refused{channel.StepM1, "CHAN-001", channel.ErrUnexpected}},
		"m3":                {message(wire.M3, make([]byte, 64)), refused{channel.StepM1, "CHAN-001", channel.ErrUnexpected}},
		"payload":           {message(wire.Payload, []byte("hello")), refused{channel.StepM1, "CHAN-002", channel.ErrUnexpected}},
	} {
		for _, p := range []profile.Profile{profile.V1(), profile.C09()} {
			t.Run(name+"/"+p.Name, func(t *testing.T) {
				cfg, _, live := newCounted(t)
				cfg.Profile = p
				before := live()
				peer, conn := transport.Pipe(transport.PipeConfig{})
				if err := peer.Write(t.Context(), test.first); err != nil {
					t.Fatal(err)
				}
				c, err := ref.Respond(t.Context(), conn, cfg)
				if c != nil {
					t.Fatal("the channel is open")
				}
				test.want.check(t, err)
				if msgs := seen(t, peer); len(msgs) != 0 {
					t.Errorf("the peer received %d messages, want none", len(msgs))
				}
				if live() != before {
					t.Errorf("%d secrets before, %d after", before, live())
				}
			})
		}
	}
}

// NOISE-005, NOISE-006, NOISE-007: what an initiator refuses as m2. No m3 leaves.
func TestInitiatorRefuses(t *testing.T) {
	replace := func(msg []byte) func([]byte) [][]byte {
		return func([]byte) [][]byte { return [][]byte{msg} }
	}
	for name, test := range map[string]struct {
		change func([]byte) [][]byte
		want   refused
	}{
		"payload tag":   {flip(1), refused{channel.StepM2, "NOISE-005", vault.ErrAuthentication}},
		"static tag":    {flip(17), refused{channel.StepM2, "NOISE-005", vault.ErrAuthentication}},
		"static key":    {flip(40), refused{channel.StepM2, "NOISE-005", vault.ErrAuthentication}},
		"ephemeral key": {flip(70), refused{channel.StepM2, "NOISE-005", vault.ErrAuthentication}},
		"trailing byte": {func(m []byte) [][]byte { return [][]byte{append(m, 0)} }, refused{channel.StepM2, "NOISE-006", key.ErrPayloadRefused}},
		"one byte less": {func(m []byte) [][]byte { return [][]byte{m[:len(m)-1]} }, refused{channel.StepM2, "NOISE-006", noise.ErrMessageLength}},
		"m1 instead":    {replace(message(wire.M1, make([]byte, 32))), refused{channel.StepM2, "CHAN-001", channel.ErrUnexpected}},
		"payload":       {replace(message(wire.Payload, []byte("hello"))), refused{channel.StepM2, "CHAN-002", channel.ErrUnexpected}},
	} {
		t.Run(name, func(t *testing.T) {
			initiator, _, live := newCounted(t)
			responder, _ := newConfig(t)
			before := live()
			i, r := transport.Pipe(transport.PipeConfig{})
			responderEnd := make(chan error, 1)
			go func() {
				_, err := ref.Respond(context.Background(), r, responder)
				responderEnd <- err
			}()
			line := &tap{Conn: i, arrives: change(0, test.change)}
			c, err := ref.Initiate(t.Context(), line, initiator)
			if c != nil {
				t.Fatal("the channel is open")
			}
			test.want.check(t, err)
			if n := len(line.messages()); n != 1 {
				t.Errorf("%d messages left, want m1 alone", n)
			}
			refused{channel.StepWait, "", io.EOF}.check(t, <-responderEnd)
			if live() != before {
				t.Errorf("%d secrets before, %d after", before, live())
			}
		})
	}
}

// NOISE-005, NOISE-007: an m3 that does not verify, then plaintext. The responder is not open and delivers nothing; the initiator, who
// believes to be, reads the end.
func TestResponderRefusesM3(t *testing.T) {
	for name, fromEnd := range map[string]int{"payload tag": 1, "static tag": 17, "static key": 40} {
		t.Run(name, func(t *testing.T) {
			initiator, _ := newConfig(t)
			responder, _, live := newCounted(t)
			before := live()
			i, r := transport.Pipe(transport.PipeConfig{})
			line := &tap{Conn: r, arrives: change(1, func(msg []byte) [][]byte {
				return append(flip(fromEnd)(msg), message(wire.Payload, []byte("in the clear")))
			})}
			responderEnd := make(chan error, 1)
			go func() {
				c, err := ref.Respond(context.Background(), line, responder)
				if c != nil {
					err = errors.New("the channel is open")
				}
				responderEnd <- err
			}()
			client, err := ref.Initiate(t.Context(), i, initiator)
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			refused{channel.StepM3, "NOISE-005", vault.ErrAuthentication}.check(t, <-responderEnd)
			if n, err := client.Read(t.Context(), make([]byte, 100)); n != 0 || !errors.Is(err, io.EOF) {
				t.Errorf("the initiator reads %d bytes and %v, want the end", n, err)
			}
			if n := len(line.messages()); n != 1 {
				t.Errorf("%d messages left the responder, want m2 alone", n)
			}
			if live() != before {
				t.Errorf("%d secrets before, %d after", before, live())
			}
		})
	}
}

// NOISE-011: a policy that refuses the peer's key is asked before m3 is sent, and before the responder is open.
func TestPolicyRefuses(t *testing.T) {
	secretary := errors.New("no appointment")
	for name, test := range map[string]struct {
		policy ref.Policy
		want   error
	}{
		"exact key":   {ref.ExactKey(make([]byte, 32)), key.ErrUnknownPeer},
		"set of keys": {ref.KeySet(make([]byte, 32), []byte("x")), key.ErrUnknownPeer},
		"empty set":   {ref.KeySet(), key.ErrUnknownPeer},
		"callback":    {func([]byte) error { return secretary }, secretary},
	} {
		t.Run(name, func(t *testing.T) {
			for _, refuser := range []channel.Role{channel.Initiator, channel.Responder} {
				initiator, _ := newConfig(t)
				responder, _ := newConfig(t)
				want := refused{channel.StepM2, "NOISE-011", test.want}
				if refuser == channel.Initiator {
					initiator.Policy = test.policy
				} else {
					responder.Policy = test.policy
					want.step = channel.StepM3
				}
				i, r := transport.Pipe(transport.PipeConfig{})
				line := &tap{Conn: i}
				responderEnd := make(chan error, 1)
				go func() {
					_, err := ref.Respond(context.Background(), r, responder)
					responderEnd <- err
				}()
				client, err := ref.Initiate(t.Context(), line, initiator)
				if refuser == channel.Initiator {
					if n := len(line.messages()); n != 1 || client != nil {
						t.Errorf("%d messages left, want m1 alone", n)
					}
					refused{channel.StepWait, "", io.EOF}.check(t, <-responderEnd)
				} else {
					client.Close()
					err = <-responderEnd
				}
				want.check(t, err)
				if !errors.Is(err, key.ErrPeerRefused) {
					t.Errorf("%v: got %v, want ErrPeerRefused", refuser, err)
				}
			}
		})
	}
}

// NOISE-013: the deadline ends the handshake and the connection; traffic that is lawful does not extend it.
func TestHandshakeDeadline(t *testing.T) {
	for name, test := range map[string]struct {
		timeout, want time.Duration
		pings         bool
	}{
		"default":      {0, 10 * time.Second, false},
		"configured":   {3 * time.Second, 3 * time.Second, false},
		"longest":      {30 * time.Second, 30 * time.Second, false},
		"with traffic": {0, 10 * time.Second, true},
	} {
		for _, role := range []channel.Role{channel.Initiator, channel.Responder} {
			t.Run(name+"/"+role.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					cfg, _, live := newCounted(t)
					cfg.HandshakeTimeout = test.timeout
					before := live()
					peer, conn := transport.Pipe(transport.PipeConfig{})
					var pinging sync.WaitGroup
					defer pinging.Wait()
					if test.pings {
						pinging.Go(func() {
							for peer.Write(context.Background(), header(wire.Ping)) == nil {
								<-time.After(700 * time.Millisecond)
							}
						})
					}
					start := time.Now()
					_, err := run(t.Context(), role, conn, cfg)
					refused{channel.StepWait, "NOISE-013", channel.ErrDeadline}.check(t, err)
					if took := time.Since(start); took != test.want {
						t.Errorf("took %v, want %v", took, test.want)
					}
					pongs := 0
					for _, msg := range seen(t, peer) {
						if bytes.HasSuffix(msg, []byte{byte(wire.Pong)}) {
							pongs++
						}
					}
					if test.pings != (pongs > 10) {
						t.Errorf("%d pings were answered", pongs)
					}
					if live() != before {
						t.Errorf("%d secrets before, %d after", before, live())
					}
				})
			})
		}
	}
}

func run(ctx context.Context, role channel.Role, conn transport.Conn, cfg ref.Config) (*ref.Conn, error) {
	if role == channel.Initiator {
		return ref.Initiate(ctx, conn, cfg)
	}
	return ref.Respond(ctx, conn, cfg)
}

// CHAN-007: cancellation, the caller's deadline, and the end of the connection are told as such.
func TestHandshakeCutShort(t *testing.T) {
	for _, role := range []channel.Role{channel.Initiator, channel.Responder} {
		for name, test := range map[string]struct {
			cut  func(cancel context.CancelFunc, peer transport.Conn)
			want error
		}{
			"cancelled": {func(cancel context.CancelFunc, _ transport.Conn) { cancel() }, context.Canceled},
			"timed out": {func(context.CancelFunc, transport.Conn) {}, context.DeadlineExceeded},
			"ended":     {func(_ context.CancelFunc, peer transport.Conn) { peer.Close() }, io.EOF},
		} {
			t.Run(name+"/"+role.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					cfg, _, live := newCounted(t)
					before := live()
					ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
					defer cancel()
					peer, conn := transport.Pipe(transport.PipeConfig{})
					time.AfterFunc(time.Second, func() { test.cut(cancel, peer) })
					c, err := run(ctx, role, conn, cfg)
					if c != nil {
						t.Fatal("the channel is open")
					}
					refused{channel.StepWait, "", test.want}.check(t, err)
					if !errors.Is(err, channel.ErrCanceled) || live() != before {
						t.Errorf("got %v and %d secrets, want ErrCanceled and %d", err, live(), before)
					}
					if err := conn.Write(t.Context(), nil); !errors.Is(err, transport.ErrClosed) {
						t.Errorf("the connection: got %v, want ErrClosed", err)
					}
				})
			})
		}
	}
}

// CHAN-002: before open no payload leaves; Initiate blocks until m2, whatever comes before.
func TestNothingLeavesBeforeOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, _ := newConfig(t)
		peer, conn := transport.Pipe(transport.PipeConfig{})
		line := &tap{Conn: conn}
		done := make(chan error)
		go func() {
			_, err := ref.Initiate(t.Context(), line, cfg)
			done <- err
		}()
		synctest.Wait()
		if n := len(line.messages()); n != 1 {
			t.Errorf("%d messages left, want m1 alone", n)
		}
		peer.Close()
		if err := <-done; !errors.Is(err, io.EOF) {
			t.Errorf("got %v, want the end", err)
		}
	})
}
