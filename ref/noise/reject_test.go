package noise_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"ockamtest/ref/key/keytest"
	"ockamtest/ref/noise"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
)

// NOISE-005, NOISE-006, NOISE-017: every strict prefix and every flipped bit of m1, m2, and m3 is refused, nothing changes, and the
// genuine message is accepted afterwards.
func TestEveryDefect(t *testing.T) {
	for name, suite := range suites() {
		t.Run(name, func(t *testing.T) {
			i, r := newParty(t, suite, true), newParty(t, suite, false)
			m1 := i.write(nil)
			r.refusesPrefixes(m1)
			r.read(m1)
			m2 := r.write(nil)
			i.refusesPrefixes(m2)
			i.refusesFlips(m2, 2)
			i.refusesSharedM1(m1)
			i.read(m2)
			m3 := i.write(nil)
			r.refusesPrefixes(m3)
			r.refusesFlips(m3, 3)
			r.read(m3)
			sameBinding(t, i, r)
		})
	}
}

func (p *party) refusesPrefixes(msg []byte) {
	p.t.Helper()
	for n := range msg {
		p.refusesRead(noise.ErrMessageLength, msg[:n])
	}
	p.refusesRead(noise.ErrMessageLength, make([]byte, noise.MaxMessage+1))
}

// refusesFlips flips each bit of m2 or m3. What is wrong shows where the bit is: in e, in the static key, in the payload.
func (p *party) refusesFlips(msg []byte, message int) {
	p.t.Helper()
	keySize := p.config.Suite.PublicKeySize
	payload := len(msg) - vault.TagSize
	static := payload - vault.TagSize - keySize
	for bit := range 8 * len(msg) {
		bad := bytes.Clone(msg)
		bad[bit/8] ^= 1 << (bit % 8)
		var where *noise.Error
		before := *p.hs
		_, err := p.hs.ReadMessage(nil, bad)
		if !errors.As(err, &where) || where.Message != message || !noise.Rejects(err) {
			p.t.Fatalf("bit %d: got error %v", bit, err)
		}
		token, want := noise.Payload, vault.ErrAuthentication
		switch {
		case bit/8 < static && p.config.Suite.P256: // off the curve
			token, want = noise.EE, vault.ErrInvalidPublicKey
		case bit/8 < payload:
			token = noise.S
		}
		if where.Token != token || !errors.Is(err, want) {
			p.t.Errorf("bit %d: got %v, want %v at %v", bit, err, want, token)
		}
		if *p.hs != before {
			p.t.Fatalf("bit %d: the state has changed", bit)
		}
	}
}

// refusesSharedM1 checks that an m1 that was changed on the way shows in m2: a responder that answers another e is refused.
func (p *party) refusesSharedM1(m1 []byte) {
	p.t.Helper()
	for bit := 0; bit < 8*len(m1); bit += 31 {
		r := newParty(p.t, p.config.Suite, false)
		bad := bytes.Clone(m1)
		bad[bit/8] ^= 1 << (bit % 8)
		r.read(bad)
		m2, err := r.hs.WriteMessage(make([]byte, 0, 512), nil)
		if p.config.Suite.P256 {
			equalError(p.t, err, vault.ErrInvalidPublicKey) // off the curve
			continue
		}
		if err != nil {
			p.t.Fatal(err)
		}
		p.refusesRead(vault.ErrAuthentication, m2)
	}
}

// lowOrder are the X25519 public keys whose results are all zero, in their canonical and other encodings.
func lowOrder() []string {
	zeros := func(n int) string { return fmt.Sprintf("%0*d", 2*n, 0) }
	return []string{
		zeros(32),
		"01" + zeros(31),
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		zeros(31) + "80",
		"01" + zeros(30) + "80",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b880",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f11d7",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	}
}

// NOISE-009: a low-order e of either side aborts the handshake. In m1 it shows when m2 is made.
func TestLowOrderKeys(t *testing.T) {
	for _, key := range lowOrder() {
		t.Run(key, func(t *testing.T) {
			e := unhex(t, key)
			r := newParty(t, profile.X25519AES256(), false)
			r.read(e)
			r.refuses(vault.ErrWeakPublicKey, func() error {
				_, err := r.hs.WriteMessage(make([]byte, 0, 96), nil)
				return err
			})
			i := newParty(t, profile.X25519AES256(), true)
			i.write(nil)
			i.refusesRead(vault.ErrWeakPublicKey, append(e, make([]byte, 64)...))
		})
	}
}

// VAULT-002: a P-256 key that is no point is refused.
func TestInvalidPoints(t *testing.T) {
	suite := profile.P256AES128()
	valid := newParty(t, suite, true).public()
	hybrid, compressed := bytes.Clone(valid), bytes.Clone(valid)
	hybrid[0], compressed[0] = 6|valid[64]&1, 2|valid[64]&1
	for name, e := range map[string][]byte{
		"zeros": make([]byte, 65), "infinity": append([]byte{4}, make([]byte, 64)...), "hybrid": hybrid, "compressed": compressed,
		"off the curve": append(bytes.Clone(valid[:64]), valid[64]^1),
	} {
		t.Run(name, func(t *testing.T) {
			r := newParty(t, suite, false)
			r.read(e)
			r.refuses(vault.ErrInvalidPublicKey, func() error {
				_, err := r.hs.WriteMessage(make([]byte, 0, 162), nil)
				return err
			})
			i := newParty(t, suite, true)
			i.write(nil)
			i.refusesRead(vault.ErrInvalidPublicKey, append(bytes.Clone(e), make([]byte, 97)...))
		})
	}
}

// NOISE-016: our own public keys do not come back, also not with the bit that X25519 ignores.
func TestReflection(t *testing.T) {
	for name, suite := range suites() {
		t.Run(name, func(t *testing.T) {
			i := newParty(t, suite, true)
			m1 := i.write(nil)
			rest := make([]byte, suite.MessageSizes()[1]-len(m1))
			i.refusesRead(noise.ErrReflection, append(bytes.Clone(m1), rest...))
			i.refusesRead(noise.ErrReflection, append(i.public(), rest...))
			if !suite.P256 {
				m1[31] |= 0x80
				i.refusesRead(noise.ErrReflection, append(m1, rest...))
			}
			r := newParty(t, suite, false, knownKeys)
			r.refusesRead(noise.ErrReflection, r.public())
			known := newParty(t, suite, true, knownKeys)
			known.config.Initiator = false // the same ephemeral key as the initiator whose m1 arrives
			reflected, err := noise.NewHandshakeState(known.config)
			if err != nil {
				t.Fatal(err)
			}
			m1 = known.write(nil)
			known.hs = reflected
			known.refusesRead(noise.ErrReflection, m1)
		})
	}
}

// A vault that generates the key which the peer has sent is caught when e is written (NOISE-016).
func TestReflectionByVault(t *testing.T) {
	suite := profile.X25519AES256()
	static, _ := keytest.PrivateKeys(true)
	r := newParty(t, suite, false, func(p *party) { p.config.Vault = fixedVault{p.vault, static} })
	i := newParty(t, suite, true, knownKeys)
	r.read(i.public())
	r.refuses(noise.ErrReflection, func() error { return writeError(r) })
}

// A fixedVault generates always the same key.
type fixedVault struct {
	*keytest.Vault
	raw []byte
}

func (v fixedVault) Generate(a vault.Attributes) (vault.Secret, error) { return v.Import(a, v.raw) }

// NOISE-011: Verify sees the peer's key once, after every tag, and its refusal leaves the handshake as it was.
func TestVerify(t *testing.T) {
	errNo := errors.New("no")
	for name, suite := range suites() {
		t.Run(name, func(t *testing.T) {
			var asked [][]byte
			verdict := errNo
			verify := func(p *party) {
				p.config.Verify = func(static []byte) error {
					asked = append(asked, bytes.Clone(static))
					clear(static) // it is Verify's to keep
					return verdict
				}
			}
			i, r := newParty(t, suite, true, verify), newParty(t, suite, false, verify)
			r.read(i.write(nil))
			m2 := r.write(nil)
			bad := bytes.Clone(m2)
			bad[len(bad)-1] ^= 1
			i.refusesRead(vault.ErrAuthentication, bad)
			if len(asked) != 0 {
				t.Fatal("Verify was asked before the payload's tag had verified")
			}
			i.refusesRead(noise.ErrRefused, m2)
			i.refusesRead(errNo, m2)
			verdict = nil
			i.read(m2)
			m3 := i.write(nil)
			verdict = errNo
			r.refusesRead(noise.ErrRefused, m3)
			if r.hs.Complete() || r.hs.PeerStatic() != nil {
				t.Error("the responder knows a peer that it refused")
			}
			verdict = nil
			r.read(m3)
			for n, want := range [][]byte{r.public(), r.public(), r.public(), i.public(), i.public()} {
				equalBytes(t, "asked about", asked[n], want)
			}
			if len(asked) != 5 {
				t.Errorf("Verify was asked %d times, want 5", len(asked))
			}
			sameBinding(t, i, r)
		})
	}
}

// A call out of turn changes nothing.
func TestOutOfTurn(t *testing.T) {
	i, r := newParty(t, profile.X25519AES256(), true), newParty(t, profile.X25519AES256(), false)
	write := func(p *party) { p.t.Helper(); p.refuses(noise.ErrOutOfTurn, func() error { return writeError(p) }) }
	split := func(p *party) {
		p.t.Helper()
		p.refuses(noise.ErrOutOfTurn, func() error { _, _, err := p.hs.Split(); return err })
	}
	anything := make([]byte, 200)
	i.refusesRead(noise.ErrOutOfTurn, anything)
	write(r)
	split(i)
	m1 := i.write(nil)
	write(i)
	r.read(m1)
	r.refusesRead(noise.ErrOutOfTurn, anything)
	i.read(r.write(nil))
	split(i)
	r.read(i.write(nil))
	for _, p := range []*party{i, r} {
		write(p)
		p.refusesRead(noise.ErrOutOfTurn, anything)
	}
}

// An output that does not fit is refused before anything is done.
func TestShortBuffer(t *testing.T) {
	for name, suite := range suites() {
		t.Run(name, func(t *testing.T) {
			i, r := newParty(t, suite, true), newParty(t, suite, false)
			payload := []byte("payload")
			for n, size := range suite.MessageSizes() {
				from, to := i, r
				if n == 1 {
					from, to = r, i
				}
				for _, c := range []int{0, 1, size - 1, size + len(payload) - 1} {
					from.refuses(noise.ErrShortBuffer, func() error {
						_, err := from.hs.WriteMessage(make([]byte, 3, 3+c), payload)
						return err
					})
				}
				msg, err := from.hs.WriteMessage(make([]byte, 3, 3+size+len(payload)), payload)
				if err != nil {
					t.Fatal(err)
				}
				msg = msg[3:]
				for c := range payload {
					to.refuses(noise.ErrShortBuffer, func() error {
						_, err := to.hs.ReadMessage(make([]byte, 0, c), msg)
						return err
					})
				}
				equalBytes(t, "payload", to.read(msg), payload)
			}
			sameBinding(t, i, r)
		})
	}
}

func writeError(p *party) error {
	_, err := p.hs.WriteMessage(make([]byte, 0, 200), nil)
	return err
}

func sameBinding(t *testing.T, i, r *party) {
	t.Helper()
	hi, okI := i.hs.ChannelBinding()
	hr, okR := r.hs.ChannelBinding()
	if !okI || !okR || hi != hr {
		t.Errorf("channel bindings %x and %x", hi, hr)
	}
}
