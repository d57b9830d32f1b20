package noise_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"testing"

	flynn "github.com/flynn/noise"

	"ockamtest/ref/key/keytest"
	"ockamtest/ref/noise"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
)

// 1,000 handshakes with flynn/noise, half in each role, with fresh keys, random payloads, and random prologues. NOISE-008: no
// ephemeral key comes twice. NOISE-010: the split is the reverse of Noise's.
func TestInterop(t *testing.T) {
	const handshakes = 1000
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	seen := map[string]bool{}
	for n := range handshakes {
		initiator := n%2 == 0
		prologue := randomBytes(random, random.IntN(2)*40)
		p := newParty(t, profile.X25519AES256(), initiator, func(p *party) { p.config.Prologue = prologue })
		f := newFlynn(t, !initiator, flynn.Config{Prologue: prologue, Random: chacha(random)})
		var payloads [3][]byte
		for i := range payloads {
			payloads[i] = randomBytes(random, random.IntN(3)*random.IntN(100))
		}
		messages := f.exchange(p, payloads)
		e := messages[0]
		if !initiator {
			e = messages[1]
		}
		seen[string(e[:32])] = true
		h, _ := p.hs.ChannelBinding()
		equalBytes(t, "h", h[:], f.hs.ChannelBinding())
		equalBytes(t, "peer's view of our key", f.hs.PeerStatic(), p.public())
		equalBytes(t, "our view of the peer's key", p.hs.PeerStatic(), f.static.Public)
		k1, k2, err := p.hs.Split()
		if err != nil {
			t.Fatal(err)
		}
		// Noise: the initiator encrypts with the first key. Here the responder does; the keys themselves are the same.
		holdsKey(t, "k1", p.vault, k1.K, key(f.first))
		holdsKey(t, "k2", p.vault, k2.K, key(f.second))
		if t.Failed() {
			t.Fatalf("handshake %d of seed %d failed", n, seed)
		}
	}
	if len(seen) != handshakes {
		t.Errorf("%d different ephemeral keys in %d handshakes", len(seen), handshakes)
	}
}

// Messages, h, k1, and k2 of section 12 from flynn/noise: the known answers stand on two legs.
func TestKnownAnswersOfFlynn(t *testing.T) {
	checked := 0
	for _, known := range keytest.KnownAnswers() {
		if known.Suite.P256 {
			continue
		}
		checked++
		t.Run(known.Name, func(t *testing.T) {
			for _, initiator := range []bool{true, false} {
				p := newParty(t, known.Suite, !initiator, knownKeys)
				static, ephemeral := keytest.PrivateKeys(initiator)
				f := newFlynn(t, initiator, flynn.Config{StaticKeypair: flynnKey(t, static), Random: bytes.NewReader(ephemeral)})
				messages := f.exchange(p, known.Payloads)
				for n, want := range [][]byte{known.M1, known.M2, known.M3} {
					equalBytes(t, "message", messages[n], want)
				}
				equalBytes(t, "h", f.hs.ChannelBinding(), known.H)
				equalBytes(t, "k1", key(f.first), known.K1)
				equalBytes(t, "k2", key(f.second), known.K2)
			}
		})
	}
	if checked != 2 {
		t.Errorf("%d known answers checked, want 2", checked)
	}
}

// Another prologue on the other side makes every tag wrong.
func TestPrologue(t *testing.T) {
	suite := profile.X25519AES256()
	i := newParty(t, suite, true, func(p *party) { p.config.Prologue = []byte("one") })
	r := newParty(t, suite, false, func(p *party) { p.config.Prologue = []byte("other") })
	r.read(i.write(nil))
	i.refusesRead(vault.ErrAuthentication, r.write(nil))
}

// NOISE-016: a peer whose static key is our ephemeral key is refused. flynn/noise plays it, for we would not.
func TestReflectedStatic(t *testing.T) {
	suite := profile.X25519AES256()
	_, ephemeral := keytest.PrivateKeys(true)
	i := newParty(t, suite, true, knownKeys)
	f := newFlynn(t, false, flynn.Config{StaticKeypair: flynnKey(t, ephemeral)})
	f.read(i.write(nil))
	i.refusesRead(noise.ErrReflection, f.write(nil))
}

// NOISE-009: an all-zero static key, sent by who knows every tag, aborts the handshake in either role.
func TestZeroStaticKey(t *testing.T) {
	suite := profile.X25519AES256()
	zero := flynn.Config{StaticKeypair: flynn.DHKey{Private: make([]byte, 32), Public: make([]byte, 32)}}
	i, f := newParty(t, suite, true), newFlynn(t, false, zero)
	f.read(i.write(nil))
	i.refusesRead(vault.ErrWeakPublicKey, f.write(nil))

	r, f := newParty(t, suite, false), newFlynn(t, true, zero)
	r.read(f.write(nil))
	f.read(r.write(nil))
	r.refusesRead(vault.ErrWeakPublicKey, f.write(nil))
}

// NOISE-018: public keys of p and above are accepted, and so is the top bit.
func TestNonCanonicalKeys(t *testing.T) {
	accepted := 0
	for _, e := range []string{
		"f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // p+9: the base point
		"0900000000000000000000000000000000000000000000000000000000000080",
		"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	} {
		r := newParty(t, profile.X25519AES256(), false)
		r.read(unhex(t, e))
		accepted += len(r.write(nil)) / 96
	}
	if accepted != 3 {
		t.Errorf("%d keys accepted, want 3", accepted)
	}
}

// NOISE-018: h takes the bytes as received: a peer that sets the top bit of its keys, and mixes it in, completes.
func TestTopBit(t *testing.T) {
	suite := profile.X25519AES256()
	i := newParty(t, suite, true, func(p *party) { p.config.Vault = topBitVault{p.vault} })
	r := newParty(t, suite, false)
	messages := exchange(i, r, [3][]byte{})
	if messages[0][31]&0x80 == 0 {
		t.Error("m1 without the top bit")
	}
	sameBinding(t, i, r)
	if r.hs.PeerStatic()[31]&0x80 == 0 {
		t.Error("the peer's key was changed")
	}
	// NOISE-016: without the bit it is the same key.
	i = newParty(t, suite, true, func(p *party) { p.config.Vault = topBitVault{p.vault} })
	m1 := i.write(nil)
	m1[31] &= 0x7f
	i.refusesRead(noise.ErrReflection, append(m1, make([]byte, 64)...))
}

// A topBitVault writes public keys with the bit that X25519 ignores.
type topBitVault struct{ *keytest.Vault }

func (v topBitVault) PublicKey(dst []byte, s vault.Secret) ([]byte, error) {
	out, err := v.Vault.PublicKey(dst, s)
	if err == nil {
		out[len(out)-1] |= 0x80
	}
	return out, err
}

// A flynnParty is flynn/noise as the other side.
type flynnParty struct {
	t             *testing.T
	hs            *flynn.HandshakeState
	static        flynn.DHKey
	initiator     bool
	first, second *flynn.CipherState
}

func flynnSuite() flynn.CipherSuite {
	return flynn.NewCipherSuite(flynn.DH25519, flynn.CipherAESGCM, flynn.HashSHA256)
}

func newFlynn(t *testing.T, initiator bool, cfg flynn.Config) *flynnParty {
	t.Helper()
	if cfg.StaticKeypair.Private == nil {
		var err error
		if cfg.StaticKeypair, err = flynn.DH25519.GenerateKeypair(cfg.Random); err != nil {
			t.Fatal(err)
		}
	}
	cfg.CipherSuite, cfg.Pattern, cfg.Initiator = flynnSuite(), flynn.HandshakeXX, initiator
	hs, err := flynn.NewHandshakeState(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &flynnParty{t: t, hs: hs, static: cfg.StaticKeypair, initiator: initiator}
}

func flynnKey(t *testing.T, private []byte) flynn.DHKey {
	t.Helper()
	k, err := flynn.DH25519.GenerateKeypair(bytes.NewReader(private))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (f *flynnParty) write(payload []byte) []byte {
	f.t.Helper()
	msg, first, second, err := f.hs.WriteMessage(nil, payload)
	return f.step(msg, first, second, err)
}

func (f *flynnParty) read(msg []byte) []byte {
	f.t.Helper()
	payload, first, second, err := f.hs.ReadMessage(nil, msg)
	return f.step(payload, first, second, err)
}

func (f *flynnParty) step(out []byte, first, second *flynn.CipherState, err error) []byte {
	f.t.Helper()
	if err != nil {
		f.t.Fatalf("flynn/noise: %v", err)
	}
	if first != nil {
		f.first, f.second = first, second
	}
	return out
}

// exchange runs the handshake with p and returns the messages.
func (f *flynnParty) exchange(p *party, payloads [3][]byte) (messages [3][]byte) {
	f.t.Helper()
	for n := range messages {
		var got []byte
		if f.initiator == (n%2 == 0) {
			messages[n] = f.write(payloads[n])
			got = p.read(messages[n])
		} else {
			messages[n] = p.write(payloads[n])
			got = f.read(messages[n])
		}
		if !bytes.Equal(got, payloads[n]) {
			f.t.Errorf("payload of m%d: got %x, want %x", n+1, got, payloads[n])
		}
	}
	return messages
}

func key(c *flynn.CipherState) []byte {
	k := c.UnsafeKey()
	return k[:]
}

func randomBytes(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// chacha is a reader seeded from r.
func chacha(r *rand.Rand) *rand.ChaCha8 {
	return rand.NewChaCha8([32]byte(randomBytes(r, 32)))
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(fmt.Errorf("constant: %w", err))
	}
	return b
}
