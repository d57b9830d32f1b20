package ref_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"ockamtest/ref"
	"ockamtest/ref/channel"
	"ockamtest/ref/memory"
	"ockamtest/ref/memory/memorytest"
	"ockamtest/ref/profile"
	"ockamtest/ref/transport"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
)

// A scarce allocator refuses its k-th allocation or, for good, all from the k-th on.
type scarce struct {
	memorytest.Counting
	forGood bool

	mu      sync.Mutex
	left    int // allocations that are granted, when armed
	armed   bool
	refused int
}

func (s *scarce) arm(k int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left, s.armed = k-1, k > 0
}

func (s *scarce) Allocate(n int) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.armed && s.left == 0 {
		s.armed = s.forGood
		s.refused++
		return nil, fmt.Errorf("allocate %d bytes: refused: %w", n, memory.ErrOutOfMemory)
	}
	s.left--
	return s.Counting.Allocate(n)
}

// scarceSecrets is in how many runs a victim has ever more secrets that are not used: the vault allocates for 32 secrets at a time, and so
// does it at another depth of the handshake in each run. (TestOutOfMemoryAtEachMoment refuses each secret.)
const scarceSecrets = 33

// newVictim is an end whose vault and buffers are of a, with some secrets in its vault that are not used.
func newVictim(t *testing.T, p profile.Profile, a *scarce, secrets int) (cfg ref.Config, v *countedVault) {
	t.Helper()
	real, err := software.New(software.Config{Memory: a})
	if err != nil {
		t.Fatal(err)
	}
	v = &countedVault{Vault: real, secrets: map[vault.Secret]bool{}}
	cfg = ref.Config{Profile: p, Vault: v, Policy: ref.AcceptAnyKey(), Memory: a}
	if p.StaticKey == profile.Configured {
		if cfg.Static, err = v.Generate(vault.Attributes{Type: vault.X25519PrivateKey}); err != nil {
			t.Fatal(err)
		}
	}
	for range secrets {
		if _, err := v.Generate(vault.Attributes{Type: vault.AES128Key}); err != nil {
			t.Fatal(err)
		}
	}
	return cfg, v
}

// MEM-002: an end that is refused any one allocation of a handshake and ten messages there and back, or all from that one on, says so.
// A refused handshake ends; a refused message can be tried again and loses nothing. Nothing leaks, and nothing panics.
func TestOutOfMemoryAtEachAllocation(t *testing.T) {
	for _, p := range []profile.Profile{profile.V1(), profile.C09()} {
		for _, role := range []channel.Role{channel.Initiator, channel.Responder} {
			for _, forGood := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%v/for good %v", p.Name, role, forGood), func(t *testing.T) {
					handshakes, messages := 0, 0
					for secrets := range scarceSecrets {
						for k, refused := 1, true; refused; k++ {
							var opened bool
							refused, opened = starve(t, p, role, forGood, secrets, k)
							switch {
							case refused && opened:
								messages++
							case refused:
								handshakes++
							}
						}
					}
					// The first buffer for messages in each run, and the vault's memory at seven depths; then that buffer grows.
					if handshakes < scarceSecrets+7 || messages < 2*scarceSecrets {
						t.Errorf("%d handshakes and %d messages refused, too few to be all", handshakes, messages)
					}
				})
			}
		}
	}
}

// starve runs one channel with an end that is refused its k-th allocation. It tells whether it came to that, and whether the channel
// was open before.
func starve(t *testing.T, p profile.Profile, role channel.Role, forGood bool, secrets, k int) (refused, opened bool) {
	t.Helper()
	a := &scarce{forGood: forGood}
	cfg, v := newVictim(t, p, a, secrets)
	peer, _, peerLive := newCounted(t)
	peer.Profile = p
	before, peerBefore := v.live(), peerLive()
	near, far := transport.Pipe(transport.PipeConfig{})
	var echo sync.WaitGroup
	echo.Go(func() { echoAll(channel.Responder-role, far, peer) })

	a.arm(k)
	c, err := run(context.Background(), role, near, cfg)
	opened = err == nil
	if opened {
		err = tenMessages(t, c, forGood)
		if closeErr := c.Close(); closeErr != nil {
			t.Errorf("allocation %d: Close: %v", k, closeErr)
		}
	}
	echo.Wait()
	a.arm(0)
	refused = a.refused > 0
	switch {
	case err != nil && !errors.Is(err, memory.ErrOutOfMemory):
		t.Errorf("allocation %d: got error %v, want %v", k, err, memory.ErrOutOfMemory)
	case refused && err == nil && (forGood || !opened):
		t.Errorf("allocation %d: refused, and no error", k)
	case !refused && err != nil:
		t.Errorf("allocation %d: error %v, and nothing was refused", k, err)
	}
	if v.live() != before || peerLive() != peerBefore {
		t.Errorf("allocation %d: %d and %d secrets, %d and %d before", k, v.live(), peerLive(), before, peerBefore)
	}
	if err := v.Close(); err != nil {
		t.Errorf("allocation %d: closing the vault: %v", k, err)
	}
	if a.Live() != 0 || a.Err() != nil {
		t.Errorf("allocation %d: %d buffers live, %v", k, a.Live(), a.Err())
	}
	return refused, opened
}

// echoAll is the other end: it echoes until the connection ends.
func echoAll(role channel.Role, conn transport.Conn, cfg ref.Config) {
	ctx, p := context.Background(), make([]byte, 65535)
	c, err := run(ctx, role, conn, cfg)
	if err != nil {
		return
	}
	defer c.Close()
	for {
		n, err := c.Read(ctx, p)
		if err != nil {
			return
		}
		if err := c.Write(ctx, p[:n]); err != nil {
			return
		}
	}
}

// tenMessages sends ten messages, of lengths that make buffers grow, and reads their echoes. A call that is refused is made once
// more, which has to succeed unless all calls are refused from then on. It returns the refusal that lasted.
func tenMessages(t *testing.T, c *ref.Conn, forGood bool) error {
	t.Helper()
	ctx, p := context.Background(), make([]byte, 65535)
	again := func(call func() error) error {
		err := call()
		if errors.Is(err, memory.ErrOutOfMemory) {
			err = call()
		}
		if err != nil && !forGood {
			t.Errorf("a call that was refused is refused again: %v", err)
		}
		return err
	}
	for i, length := range []int{0, 1, 100, 5000, 20000, 60000, 7, 300, 10000, 65000} {
		message := bytes.Repeat([]byte{byte(i + 1)}, min(length, c.Limit()))
		if err := again(func() error { return c.Write(ctx, message) }); err != nil {
			return err
		}
		n := 0
		if err := again(func() (err error) { n, err = c.Read(ctx, p); return err }); err != nil {
			return err
		}
		if !bytes.Equal(p[:n], message) {
			t.Errorf("message %d: got %d bytes back, want %d", i, n, len(message))
		}
	}
	return nil
}
