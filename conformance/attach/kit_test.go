package attach

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// A kit is the least of a conformance.Env over a peer.
type kit struct {
	t      *testing.T
	peer   conformance.Peer
	need   conformance.Need
	random io.Reader
	quiet  time.Duration
}

func newKit(t *testing.T, peer conformance.Peer, role conformance.Role, profileName string) *kit {
	t.Helper()
	need := conformance.Need{Role: role, Transport: peer.Info().Transports[0], Profile: profileName}
	return &kit{t: t, peer: peer, need: need, random: rand.NewChaCha8([32]byte{7}), quiet: 20 * time.Millisecond}
}

func (k *kit) Role() conformance.Role           { return k.need.Role }
func (k *kit) Transport() conformance.Transport { return k.need.Transport }
func (k *kit) Depth() int                       { return max(1, k.need.Depth) }
func (k *kit) Random() io.Reader                { return k.random }
func (k *kit) StaticKey() []byte                { return bytes.Repeat([]byte{9}, 32) }
func (k *kit) PeerStatic() []byte               { return nil }
func (k *kit) Route() wire.Route                { return conformance.DefaultRoute(k.Profile()) }
func (k *kit) Service() wire.Address            { return conformance.DefaultService(k.Profile()) }
func (k *kit) Patience() time.Duration          { return 5 * time.Second }
func (k *kit) Quiet() time.Duration             { return k.quiet }
func (k *kit) HandshakeDeadline() time.Duration { return k.peer.Info().HandshakeDeadline }
func (k *kit) Note(text string)                 { k.t.Log(text) }

func (k *kit) Profile() profile.Profile {
	p, ok := profile.Lookup(k.need.Profile)
	if !ok {
		k.t.Fatalf("no profile %s", k.need.Profile)
	}
	return p
}

func (k *kit) Open(ctx context.Context) (conformance.Link, error) { return k.peer.Open(ctx, k.need) }

// open is Open that has to succeed; the link is closed with the test.
func (k *kit) open() conformance.Link {
	k.t.Helper()
	link, err := k.Open(k.t.Context())
	if err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(func() { closeLink(k.t, link) })
	return link
}

// exchange establishes a channel, echoes payloads of several lengths, and closes it.
func (k *kit) exchange() {
	k.t.Helper()
	if err := k.tryExchange(); err != nil {
		k.t.Fatal(err)
	}
}

func (k *kit) tryExchange() error {
	s, err := adversary.OpenChannel(k.t.Context(), k)
	if err != nil {
		return err
	}
	for _, n := range []int{24, 0, 1, 1000} {
		if err := s.EchoRandom(n); err != nil {
			return errors.Join(err, s.Close())
		}
	}
	return s.Close()
}

// shut closes what a test does not judge by its closing.
func shut(c io.Closer) { _ = c.Close() }

func closeLink(t *testing.T, link conformance.Link) {
	t.Helper()
	for range 2 { // twice is harmless
		if err := link.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
}

// attachPeer opens the peer of a --peer, with times that suit a test, and closes it with the test.
func attachPeer(t *testing.T, cfg Config, text string) conformance.Peer {
	t.Helper()
	var err error
	if cfg.Spec, err = Parse(text); err != nil {
		t.Fatal(err)
	}
	peer, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	closeWithTest(t, peer)
	return peer
}

func closeWithTest(t *testing.T, peer conformance.Peer) {
	t.Helper()
	t.Cleanup(func() {
		for range 2 {
			if err := peer.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		}
		if _, err := peer.Open(context.Background(), conformance.Need{}); !errors.Is(err, ErrClosed) {
			t.Errorf("open after close: got %v, want ErrClosed", err)
		}
	})
}

// noLeaks is the first line of a test: when everything that the test began has been closed, nothing of this package may run any more.
func noLeaks(t *testing.T) {
	t.Helper()
	t.Cleanup(func() { assertNoGoroutines(t) })
}

// assertNoGoroutines fails if goroutines of this package are left, other than tests. What has ended may need a moment to be gone.
func assertNoGoroutines(t *testing.T) {
	t.Helper()
	var left []string
	for until := time.Now().Add(5 * time.Second); time.Now().Before(until); runtime.Gosched() {
		if left = ownGoroutines(); len(left) == 0 {
			return
		}
	}
	t.Errorf("%d goroutines are left:\n%s", len(left), strings.Join(left, "\n\n"))
}

func ownGoroutines() []string {
	all := make([]byte, 1<<20)
	all = all[:runtime.Stack(all, true)]
	var own []string
	for stack := range strings.SplitSeq(string(all), "\n\n") {
		if strings.Contains(stack, "ockamtest/conformance/attach.") && !strings.Contains(stack, "testing.tRunner") &&
			!strings.Contains(stack, "attach.TestMain") {
			own = append(own, stack)
		}
	}
	return own
}

// died returns the peer's Crash, and checks that it is told once.
func died(t *testing.T, peer conformance.Peer) *CrashError {
	t.Helper()
	err := peer.Death()
	var crash *CrashError
	if !errors.As(err, &crash) {
		t.Fatalf("death: got %v, want a *CrashError", err)
	}
	if again := peer.Death(); again != nil {
		t.Errorf("death is told twice: %v", again)
	}
	return crash
}

func alive(t *testing.T, peer conformance.Peer) {
	t.Helper()
	if err := peer.Death(); err != nil {
		t.Errorf("death: got %v, want nil", err)
	}
}
