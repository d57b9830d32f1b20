package key_test

import (
	"bytes"
	"testing"

	"ockamtest/ref/key"
	"ockamtest/ref/key/keytest"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
)

// Handshake, channel binding, and first records of section 12, byte for byte.
func TestKnownAnswers(t *testing.T) {
	records := 0
	for _, known := range keytest.KnownAnswers() {
		for _, want := range known.Records {
			records++
			t.Run(known.Name, func(t *testing.T) {
				i := newKnownXX(t, known, want, true)
				r := newKnownXX(t, known, want, false)
				m1, m2, m3 := shake(t, i, r)
				equalBytes(t, "m1", m1, known.M1)
				equalBytes(t, "m2", m2, known.M2)
				equalBytes(t, "m3", m3, known.M3)
				equalBytes(t, "initiator's binding", i.ChannelBinding(), known.H)
				equalBytes(t, "responder's binding", r.ChannelBinding(), known.H)
				carries(t, r, i, keytest.ResponderPlaintext, want.FromResponder)
				carries(t, i, r, keytest.InitiatorPlaintext, want.FromInitiator)
			})
		}
	}
	if records != 3 {
		t.Errorf("%d pairs of first records, want 3", records)
	}
}

// carries sends plaintext and compares the record.
func carries(t *testing.T, from, to key.Agreement, plaintext string, want []byte) {
	t.Helper()
	record, err := from.Encrypt(make([]byte, 0, 64), []byte(plaintext))
	if err != nil {
		t.Fatal(err)
	}
	equalBytes(t, "record", record, want)
	got, err := to.Decrypt(record[:0], record)
	if err != nil {
		t.Fatal(err)
	}
	equalBytes(t, "plaintext", got, []byte(plaintext))
}

func newKnownXX(t *testing.T, known keytest.Known, records keytest.KnownRecords, initiator bool) *key.XX {
	t.Helper()
	v := newVault(t)
	static, ephemeral := keytest.PrivateKeys(initiator)
	return newXX(t, key.XXConfig{
		Vault:           v,
		Suite:           known.Suite,
		Static:          importKey(t, v, known.Suite.P256, static),
		UnsafeEphemeral: importKey(t, v, known.Suite.P256, ephemeral),
		Policy:          key.AnyKey(),
		AssociatedData:  records.AssociatedData,
	})
}

func newXX(t testing.TB, cfg key.XXConfig) *key.XX {
	t.Helper()
	x, err := key.NewXX(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func newVault(t testing.TB) *software.Vault {
	t.Helper()
	v, err := software.New(software.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func importKey(t testing.TB, v vault.Vault, p256 bool, raw []byte) vault.Secret {
	t.Helper()
	a := vault.Attributes{Type: vault.X25519PrivateKey}
	if p256 {
		a.Type = vault.P256PrivateKey
	}
	s, err := v.Import(a, raw)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// shake runs the handshake.
func shake(t testing.TB, i, r key.Agreement) (m1, m2, m3 []byte) {
	t.Helper()
	if err := r.Respond(); err != nil {
		t.Fatal(err)
	}
	buffer := func() []byte { return make([]byte, 0, 256) }
	var err error
	if m1, err = i.Initiate(buffer()); err != nil {
		t.Fatal(err)
	}
	if m2, err = r.Handle(buffer(), m1); err != nil {
		t.Fatal(err)
	}
	if m3, err = i.Handle(buffer(), m2); err != nil {
		t.Fatal(err)
	}
	if none, err := r.Handle(nil, m3); err != nil || len(none) != 0 {
		t.Fatalf("m3: reply of %d bytes, error %v", len(none), err)
	}
	return m1, m2, m3
}

func equalBytes(t testing.TB, name string, got, want []byte) {
	t.Helper()
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got %x, want %x", name, got, want)
	}
}
