package key_test

import (
	"errors"
	"testing"

	"ockamtest/ref/key"
	"ockamtest/ref/key/keytest"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
)

// The vault fails at its k-th operation, for every k of a handshake: the call fails with ErrVault and changes nothing, or, when a secret
// could not be destroyed, succeeds. The same call then works, and no secret is left in the end.
func TestVaultFailsAtEveryOperation(t *testing.T) {
	for _, suite := range []profile.Suite{profile.X25519AES256(), profile.P256AES128()} {
		for k := 1; ; k++ {
			counting := keytest.NewVault(newVault(t))
			p := newXXPair(t, counting, counting, suite, profile.HandshakeHash)
			counting.FailAt(k)
			failures := shakeAgain(t, p)
			operation := counting.Failed()
			if operation == "" {
				if k < 60 {
					t.Errorf("a handshake of %d operations, too few to be one", k)
				}
				break
			}
			if (operation == "Destroy") != (failures == 0) || failures > 1 {
				t.Errorf("operation %d, %s: %d calls failed", k, operation, failures)
			}
			for _, a := range []key.Agreement{p.Initiator, p.Responder} {
				if err := a.Close(); err != nil {
					t.Error(err)
				}
			}
			if p.Live() != 0 {
				t.Errorf("operation %d, %s: %d secrets left", k, operation, p.Live())
			}
		}
	}
}

// shakeAgain runs a handshake, makes each call that fails once more, and returns how many failed.
func shakeAgain(t *testing.T, p keytest.Pair) (failures int) {
	t.Helper()
	again := func(a key.Agreement, call func() ([]byte, error)) []byte {
		before, live := *a.(*key.XX), p.Live()
		out, err := call()
		if err == nil {
			return out
		}
		failures++
		if !errors.Is(err, key.ErrVault) || !errors.Is(err, keytest.ErrFault) || len(out) != 0 {
			t.Errorf("got %d bytes and error %v, want %v", len(out), err, key.ErrVault)
		}
		if *a.(*key.XX) != before || p.Live() != live {
			t.Errorf("after %v: changed, or %d secrets live, were %d", err, p.Live(), live)
		}
		if out, err = call(); err != nil {
			t.Fatalf("the same call again: %v", err)
		}
		return out
	}
	room := func() []byte { return make([]byte, 0, 200) }
	again(p.Responder, func() ([]byte, error) { return nil, p.Responder.Respond() })
	m1 := again(p.Initiator, func() ([]byte, error) { return p.Initiator.Initiate(room()) })
	m2 := again(p.Responder, func() ([]byte, error) { return p.Responder.Handle(room(), m1) })
	m3 := again(p.Initiator, func() ([]byte, error) { return p.Initiator.Handle(room(), m2) })
	again(p.Responder, func() ([]byte, error) { return p.Responder.Handle(nil, m3) })
	return failures
}

// REC-003: a counter is spent when encryption starts, also when the vault then fails. A decryption that fails spends none.
func TestVaultFailsInRecords(t *testing.T) {
	counting := keytest.NewVault(newVault(t))
	p := newXXPair(t, counting, counting, profile.X25519AES256(), profile.HandshakeHash)
	shake(t, p.Initiator, p.Responder)
	counting.FailAt(1)
	if out, err := p.Initiator.Encrypt(make([]byte, 0, 64), []byte("lost")); !errors.Is(err, key.ErrVault) || out != nil {
		t.Errorf("Encrypt: got %d bytes and error %v, want %v", len(out), err, key.ErrVault)
	}
	record, err := p.Initiator.Encrypt(make([]byte, 0, 64), []byte("second"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Responder.Decrypt(make([]byte, 0, 64), record); !errors.Is(err, vault.ErrAuthentication) {
		t.Errorf("Decrypt under counter 0: got error %v, want %v", err, vault.ErrAuthentication)
	}
	counting.FailAt(1)
	before := *p.Responder.(*key.XX)
	if _, err := p.Responder.DecryptAt(make([]byte, 0, 64), 1, record); !errors.Is(err, key.ErrVault) {
		t.Errorf("DecryptAt: got error %v, want %v", err, key.ErrVault)
	}
	if *p.Responder.(*key.XX) != before {
		t.Error("the agreement has changed")
	}
	got, err := p.Responder.DecryptAt(make([]byte, 0, 64), 1, record)
	if err != nil {
		t.Fatal(err)
	}
	equalBytes(t, "plaintext", got, []byte("second"))
}

// A vault that fails while a counter is looked for is no verdict on the record.
func TestVaultFailsInLocate(t *testing.T) {
	counting := keytest.NewVault(newVault(t))
	p := newXXPair(t, counting, counting, profile.X25519AES256(), profile.HandshakeHash)
	shake(t, p.Initiator, p.Responder)
	record, err := p.Initiator.Encrypt(make([]byte, 0, 64), []byte("first"))
	if err != nil {
		t.Fatal(err)
	}
	for k, from := range []uint64{0, 1, 1, 1} {
		counting.FailAt(k + 1)
		before := *p.Responder.(*key.XX)
		if n, err := p.Responder.Locate(from, 9, record); n != 0 || !errors.Is(err, key.ErrVault) || !errors.Is(err, keytest.ErrFault) {
			t.Errorf("operation %d fails: got %d and error %v, want %v", k+1, n, err, key.ErrVault)
		}
		if *p.Responder.(*key.XX) != before {
			t.Error("the agreement has changed")
		}
		if n, err := p.Responder.Locate(0, 9, record); n != 0 || err != nil {
			t.Errorf("once more: got %d and error %v", n, err)
		}
	}
}

// A vault that is no vault.Locator opens a record of a window under few counters: under those around the highest that verified first.
func TestLocateTriesOutward(t *testing.T) {
	counting := keytest.NewVault(newVault(t))
	p := newXXPair(t, counting, counting, profile.X25519AES256(), profile.HandshakeHash)
	shake(t, p.Initiator, p.Responder)
	var record []byte
	for range 103 {
		var err error
		if record, err = p.Initiator.Encrypt(make([]byte, 0, 64), []byte("the last one has counter 102")); err != nil {
			t.Fatal(err)
		}
	}
	counting.FailAt(5)
	if n, err := p.Responder.Locate(69, 132, record); n != 102 || err != nil { // N = 100, W = 32: after 100, 101, and 99
		t.Errorf("got %d and error %v, want 102", n, err)
	}
	if operation := counting.Failed(); operation != "" {
		t.Errorf("a fifth operation of the vault: %s", operation)
	}
}

// An unwillingVault does not bind keys while it is unwilling.
type unwillingVault struct {
	vault.AEADVault
	unwilling bool
}

func (v *unwillingVault) AEAD(k vault.Secret) (vault.AEAD, error) {
	if v.unwilling {
		return nil, keytest.ErrFault
	}
	return v.AEADVault.AEAD(k)
}

// REC-003, REC-004: a vault that does not bind a key spends no counter and changes nothing; the same call then works.
func TestVaultFailsToBind(t *testing.T) {
	v := &unwillingVault{AEADVault: newVault(t)}
	cfg := key.XXConfig{Vault: v, Suite: profile.X25519AES256(), Static: generateKey(t, v, false), Policy: key.AnyKey()}
	i, r := newXX(t, cfg), newXX(t, cfg)
	shake(t, i, r)
	var record []byte
	for _, step := range []struct {
		op   string
		x    *key.XX
		call func() error
	}{
		{"Encrypt", i, func() (err error) { record, err = i.Encrypt(make([]byte, 0, 64), []byte("first")); return err }},
		{"Locate", r, func() error { _, err := r.Locate(0, 9, record); return err }},
	} {
		before := *step.x
		v.unwilling = true
		if err := step.call(); !errors.Is(err, key.ErrVault) || !errors.Is(err, keytest.ErrFault) || *step.x != before {
			t.Errorf("%s: got error %v, want %v and no change", step.op, err, key.ErrVault)
		}
		v.unwilling = false
		if err := step.call(); err != nil {
			t.Errorf("%s once more: %v", step.op, err)
		}
	}
	plaintext, err := r.Decrypt(make([]byte, 0, 64), record)
	if err != nil {
		t.Fatal(err)
	}
	equalBytes(t, "plaintext", plaintext, []byte("first"))
}

// REC-006: what is too short for a tag never reaches the vault.
func TestShortRecordsDoNotReachTheVault(t *testing.T) {
	counting := keytest.NewVault(newVault(t))
	p := newXXPair(t, counting, counting, profile.X25519AES256(), profile.HandshakeHash)
	shake(t, p.Initiator, p.Responder)
	counting.FailAt(1)
	for n := range vault.TagSize {
		if _, err := p.Responder.Decrypt(make([]byte, 0, 64), make([]byte, n)); !errors.Is(err, vault.ErrShortCiphertext) {
			t.Errorf("%d bytes: got error %v, want %v", n, err, vault.ErrShortCiphertext)
		}
	}
	if operation := counting.Failed(); operation != "" {
		t.Errorf("the vault was asked for %s", operation)
	}
}

// The ephemeral key that a test supplies is destroyed, whenever the agreement is closed.
func TestUnsafeEphemeralIsDestroyed(t *testing.T) {
	for name, start := range map[string]func(x *key.XX) error{
		"fresh":           func(*key.XX) error { return nil },
		"started":         (*key.XX).Respond,
		"failed to start": func(x *key.XX) error { _, err := x.Initiate(nil); _ = err; return nil },
	} {
		t.Run(name, func(t *testing.T) {
			v := keytest.NewVault(newVault(t))
			x := newXX(t, key.XXConfig{
				Vault: v, Suite: profile.X25519AES256(), Static: generateKey(t, v, false), Policy: key.AnyKey(),
				UnsafeEphemeral: generateKey(t, v, false),
			})
			if err := start(x); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if err := x.Close(); err != nil || v.Live() != 1 {
					t.Errorf("close: %v, %d secrets live, want the static key alone", err, v.Live())
				}
			}
		})
	}
}
