package ref_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"

	"ockamtest/ref"
	"ockamtest/ref/channel"
	"ockamtest/ref/memory"
	"ockamtest/ref/profile"
	"ockamtest/ref/transport"
	"ockamtest/ref/vault"
)

// A moment is a connection that calls do at its n-th read or write, counted from 1: before it, or after.
type moment struct {
	transport.Conn
	n     int
	after bool
	do    func()

	calls int // one goroutine calls in a handshake
}

func (m *moment) around(call func()) {
	m.calls++
	if m.calls == m.n && !m.after {
		m.do()
	}
	call()
	if m.calls == m.n && m.after {
		m.do()
	}
}

func (m *moment) Read(ctx context.Context, p []byte) (n int, err error) {
	m.around(func() { n, err = m.Conn.Read(ctx, p) })
	return n, err
}

func (m *moment) Write(ctx context.Context, p []byte) (err error) {
	m.around(func() { err = m.Conn.Write(ctx, p) })
	return err
}

// CHAN-007, NOISE-015, TRAN-022: a handshake that is cancelled at any of its reads and writes ends with the caller's error, or it is over
// and the channel works. Either way nothing is left when it is closed, no secret and, in a bubble, no goroutine.
func TestCancelledAtEachMoment(t *testing.T) {
	opened, cancelled := 0, 0
	for _, role := range []channel.Role{channel.Initiator, channel.Responder} {
		for n := 1; n <= 3; n++ {
			for _, after := range []bool{false, true} {
				t.Run(fmt.Sprintf("%v/call %d/after %v", role, n, after), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						cfg, _, live := newCounted(t)
						peer, _, peerLive := newCounted(t)
						before, peerBefore := live(), peerLive()
						ctx, cancel := context.WithCancel(t.Context())
						defer cancel()
						near, far := transport.Pipe(transport.PipeConfig{})
						other := channel.Responder - role
						var wg sync.WaitGroup
						var there *ref.Conn
						wg.Go(func() { there, _ = run(context.Background(), other, far, peer) })
						here, err := run(ctx, role, &moment{Conn: near, n: n, after: after, do: cancel}, cfg)
						wg.Wait()
						if err == nil {
							opened++
							exchange(t, here, there)
						} else {
							cancelled++
							refused{channel.StepWait, "", context.Canceled}.check(t, err)
						}
						for _, c := range []*ref.Conn{here, there} {
							if c != nil {
								c.Close()
							}
						}
						if live() != before || peerLive() != peerBefore {
							t.Errorf("%d and %d secrets before, %d and %d after", before, peerBefore, live(), peerLive())
						}
					})
				})
			}
		}
	}
	// Each side makes three calls; after the third there is nothing to cancel.
	if opened != 2 || cancelled != 10 {
		t.Errorf("%d opened and %d were cancelled, want 2 and 10", opened, cancelled)
	}
}

// MEM-002: a vault that is out of memory at any moment of a handshake ends it with that error; nothing is left.
func TestOutOfMemoryAtEachMoment(t *testing.T) {
	for _, p := range []profile.Profile{profile.V1(), profile.C09()} {
		for _, role := range []channel.Role{channel.Initiator, channel.Responder} {
			t.Run(p.Name+"/"+role.String(), func(t *testing.T) {
				refusals := 0
				for err := memory.ErrOutOfMemory; err != nil; refusals++ {
					if err = outOfMemory(t, p, role, refusals+1); err != nil && !errors.Is(err, memory.ErrOutOfMemory) {
						t.Fatalf("refusal %d: got %v, want ErrOutOfMemory", refusals+1, err)
					}
				}
				if refusals < 9 { // ck, e, three DH results, three HKDFs, split
					t.Errorf("a handshake made secrets %d times, too few to be all", refusals-1)
				}
			})
		}
	}
}

// outOfMemory runs a handshake in which one end is refused the n-th time that it makes secrets.
func outOfMemory(t *testing.T, p profile.Profile, role channel.Role, n int) error {
	t.Helper()
	v := newCountedVault(t)
	cfg := ref.Config{Profile: p, Vault: v, Policy: ref.AcceptAnyKey()}
	if p.StaticKey == profile.Configured {
		var err error
		if cfg.Static, err = v.Generate(vault.Attributes{Type: vault.X25519PrivateKey}); err != nil {
			t.Fatal(err)
		}
	}
	peer, _ := newConfig(t)
	peer.Profile = p
	before := v.live()
	near, far := transport.Pipe(transport.PipeConfig{})
	var wg sync.WaitGroup
	wg.Go(func() {
		if c, err := run(context.Background(), channel.Responder-role, far, peer); err == nil {
			c.Close()
		}
	})
	v.failAt(n)
	c, err := run(context.Background(), role, near, cfg)
	if err == nil {
		c.Close()
	}
	wg.Wait()
	if got := v.live(); got != before {
		t.Errorf("refusal %d: %d secrets before, %d after", n, before, got)
	}
	return err
}
