package noise_test

import (
	"slices"
	"testing"

	"ockamtest/ref/key/keytest"
	"ockamtest/ref/noise"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
)

// The vault fails at its k-th operation, for every k of a handshake and both roles: the call fails and changes nothing, or, when a
// secret could not be destroyed, succeeds; and no secret is left in the end (NOISE-015). The message can then be had again.
func TestVaultFailsAtEveryOperation(t *testing.T) {
	for name, suite := range suites() {
		for _, failing := range []string{"initiator", "responder"} {
			t.Run(name+"/"+failing, func(t *testing.T) {
				var failed []string
				for k := 1; ; k++ {
					i, r := newParty(t, suite, true), newParty(t, suite, false)
					victim := i
					if failing == "responder" {
						victim = r
					}
					victim.vault.FailAt(k)
					errors := shakeWithFaults(i, r)
					operation := victim.vault.Failed()
					if operation == "" {
						break
					}
					failed = append(failed, operation)
					if want := 1; operation != "Destroy" && errors != want || operation == "Destroy" && errors != 0 {
						t.Errorf("operation %d, %s: %d calls failed", k, operation, errors)
					}
					sameBinding(t, i, r)
					for _, p := range []*party{i, r} {
						if err := p.hs.Close(); err != nil || p.vault.Live() != 1 {
							t.Errorf("operation %d, %s: close: %v, %d secrets live", k, operation, err, p.vault.Live())
						}
					}
				}
				for _, want := range []string{"Generate", "PublicKey", "SHA256", "ECDH", "HKDF", "SetType", "Seal", "Open", "Destroy"} {
					if !slices.Contains(failed, want) {
						t.Errorf("%s never failed", want)
					}
				}
			})
		}
	}
}

// shakeWithFaults runs a handshake, makes every call that fails once more, and returns how many failed.
func shakeWithFaults(i, r *party) (errors int) {
	again := func(p *party, call func() error) {
		p.t.Helper()
		before, live := *p.hs, p.vault.Live()
		err := call()
		if err == nil {
			return
		}
		errors++
		equalError(p.t, err, keytest.ErrFault)
		if noise.Rejects(err) {
			p.t.Errorf("%v is a verdict on the message", err)
		}
		if *p.hs != before || p.vault.Live() != live {
			p.t.Errorf("after %v: changed, or %d secrets live, were %d", err, p.vault.Live(), live)
		}
		if err := call(); err != nil {
			p.t.Fatalf("the same call again: %v", err)
		}
	}
	for n := range noise.Messages {
		from, to := i, r
		if n == 1 {
			from, to = r, i
		}
		var msg []byte
		again(from, func() (err error) { msg, err = from.hs.WriteMessage(make([]byte, 0, 200), nil); return err })
		again(to, func() (err error) { _, err = to.hs.ReadMessage(nil, msg); return err })
	}
	for _, p := range []*party{i, r} {
		again(p, func() error { _, _, err := p.hs.Split(); return err })
	}
	return errors
}

// A vault that fails while the handshake is made leaves nothing either.
func TestVaultFailsAtStart(t *testing.T) {
	for name, suite := range suites() {
		t.Run(name, func(t *testing.T) {
			p := newParty(t, suite, true, knownKeys)
			if err := p.hs.Close(); err != nil {
				t.Fatal(err)
			}
			p.config.UnsafeEphemeral = p.importKey(p.publicScalar())
			live := p.vault.Live()
			failures := 0
			for k := 1; ; k++ {
				p.vault.FailAt(k)
				hs, err := noise.NewHandshakeState(p.config)
				if err == nil {
					if err := hs.Close(); err != nil {
						t.Fatal(err)
					}
					break
				}
				failures++
				equalError(t, err, keytest.ErrFault)
				if got := p.vault.Live(); got != live { // the ephemeral key stays the caller's
					t.Errorf("%s failed: %d secrets live, want %d", p.vault.Failed(), got, live)
				}
			}
			if failures < 6 { // attributes and public key of s and e, import of ck, hash of the prologue
				t.Errorf("%d operations failed, want 6", failures)
			}
			if got := p.vault.Live(); got != live-1 {
				t.Errorf("after Close %d secrets live, want %d", got, live-1)
			}
		})
	}
}

// Atomically keeps all or nothing, also of calls within calls.
func TestAtomically(t *testing.T) {
	for name, suite := range suites() {
		t.Run(name, func(t *testing.T) {
			i, r := newParty(t, suite, true), newParty(t, suite, false)
			m1 := i.write(nil)
			for range 2 { // twice refused, once kept
				r.refuses(keytest.ErrFault, func() error {
					return r.hs.Atomically(func() error {
						if _, err := r.hs.ReadMessage(nil, m1); err != nil {
							return err
						}
						if _, err := r.hs.WriteMessage(make([]byte, 0, 200), nil); err != nil {
							return err
						}
						return keytest.ErrFault
					})
				})
			}
			r.read(m1)
			m2 := r.write(nil)
			var m3 []byte
			finish := func(verdict error) func() error {
				return func() error {
					return i.hs.Atomically(func() (err error) {
						if _, err = i.hs.ReadMessage(nil, m2); err != nil {
							return err
						}
						if m3, err = i.hs.WriteMessage(make([]byte, 0, 200), nil); err != nil {
							return err
						}
						if _, _, err = i.hs.Split(); err != nil {
							return err
						}
						return verdict
					})
				}
			}
			i.refuses(keytest.ErrFault, finish(keytest.ErrFault))
			if err := finish(nil)(); err != nil {
				t.Fatal(err)
			}
			if got := i.vault.Live(); got != 3 {
				t.Errorf("%d secrets live, want static, k1, k2", got)
			}
			r.read(m3)
			sameBinding(t, i, r)
		})
	}
}

// A call that fails within others undoes them too, also when that is ignored.
func TestAtomicallyIncomplete(t *testing.T) {
	i, r := newParty(t, profile.X25519AES256(), true), newParty(t, profile.X25519AES256(), false)
	m1 := i.write(nil)
	r.refuses(noise.ErrIncomplete, func() error {
		return r.hs.Atomically(func() error {
			if _, err := r.hs.ReadMessage(nil, m1); err != nil {
				return err
			}
			_, err := r.hs.WriteMessage(nil, nil)
			equalError(t, err, noise.ErrShortBuffer)
			return nil
		})
	})
	r.read(m1)
	i.read(r.write(nil))
	r.read(i.write(nil))
	sameBinding(t, i, r)
}

// publicScalar is some private key that is valid in both suites.
func (p *party) publicScalar() []byte {
	static, _ := keytest.PrivateKeys(false)
	return static
}

// A secret that the vault does not destroy is not forgotten: Close says so, and closing again tries again.
func TestCloseTriesAgain(t *testing.T) {
	stuck := &stuckVault{}
	p := newParty(t, profile.X25519AES256(), true, func(p *party) {
		stuck.Vault = p.vault
		p.config.Vault = stuck
	})
	p.write(nil)
	stuck.stuck = true
	for range 2 {
		equalError(t, p.hs.Close(), keytest.ErrFault)
		if got := p.vault.Live(); got != 3 {
			t.Errorf("%d secrets live, want static, e, ck", got)
		}
	}
	stuck.stuck = false
	if err := p.hs.Close(); err != nil || p.vault.Live() != 1 {
		t.Errorf("close: %v, %d secrets live", err, p.vault.Live())
	}
}

// A stuckVault destroys nothing while it is stuck.
type stuckVault struct {
	*keytest.Vault
	stuck bool
}

func (v *stuckVault) Destroy(s vault.Secret) error {
	if v.stuck {
		return keytest.ErrFault
	}
	return v.Vault.Destroy(s)
}
