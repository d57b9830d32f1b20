package noise_test

import (
	"bytes"
	"testing"

	"ockamtest/ref/key/keytest"
	"ockamtest/ref/noise"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
)

// A party is one side of a handshake with a vault of its own.
type party struct {
	t      *testing.T
	vault  *keytest.Vault
	static vault.Secret
	config noise.Config
	hs     *noise.HandshakeState
}

// newParty makes a party with fresh keys that accepts every peer; change may alter its configuration.
func newParty(t *testing.T, suite profile.Suite, initiator bool, change ...func(*party)) *party {
	t.Helper()
	sw, err := software.New(software.Config{})
	if err != nil {
		t.Fatal(err)
	}
	p := &party{t: t, vault: keytest.NewVault(sw)}
	p.static, err = p.vault.Generate(vault.Attributes{Type: privateKeyType(suite)})
	if err != nil {
		t.Fatal(err)
	}
	p.config = noise.Config{
		Vault: p.vault, Suite: suite, Initiator: initiator, Static: p.static,
		Verify: func([]byte) error { return nil },
	}
	for _, f := range change {
		f(p)
	}
	if p.hs, err = noise.NewHandshakeState(p.config); err != nil {
		t.Fatal(err)
	}
	return p
}

// knownKeys gives a party the private keys of section 12.
func knownKeys(p *party) {
	static, ephemeral := keytest.PrivateKeys(p.config.Initiator)
	p.static = p.importKey(static)
	p.config.Static = p.static
	p.config.UnsafeEphemeral = p.importKey(ephemeral)
}

func (p *party) importKey(raw []byte) vault.Secret {
	p.t.Helper()
	s, err := p.vault.Import(vault.Attributes{Type: privateKeyType(p.config.Suite)}, raw)
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

func (p *party) public() []byte {
	p.t.Helper()
	public, err := p.vault.PublicKey(make([]byte, 0, vault.P256PublicKeySize), p.static)
	if err != nil {
		p.t.Fatal(err)
	}
	return public
}

func (p *party) write(payload []byte) []byte {
	p.t.Helper()
	msg, err := p.hs.WriteMessage(make([]byte, 0, 1024), payload)
	if err != nil {
		p.t.Fatalf("write m%d: %v", p.hs.Message(), err)
	}
	return msg
}

func (p *party) read(msg []byte) []byte {
	p.t.Helper()
	payload, err := p.hs.ReadMessage(make([]byte, 0, 1024), msg)
	if err != nil {
		p.t.Fatalf("read m%d: %v", p.hs.Message(), err)
	}
	return payload
}

// refuses checks that err wraps want and that nothing changed: neither the state nor the number of secrets.
func (p *party) refuses(want error, call func() error) {
	p.t.Helper()
	before, live := *p.hs, p.vault.Live()
	err := call()
	equalError(p.t, err, want)
	if *p.hs != before {
		p.t.Errorf("after %v: the state has changed", err)
	}
	if got := p.vault.Live(); got != live {
		p.t.Errorf("after %v: %d secrets live, want %d", err, got, live)
	}
}

// refusesRead is refuses for a message.
func (p *party) refusesRead(want error, msg []byte) {
	p.t.Helper()
	p.refuses(want, func() error {
		_, err := p.hs.ReadMessage(make([]byte, 0, 2048), msg)
		return err
	})
}

// exchange runs a whole handshake with the given payloads and returns the messages.
func exchange(i, r *party, payloads [3][]byte) (messages [3][]byte) {
	i.t.Helper()
	for n := range messages {
		from, to := i, r
		if n == 1 {
			from, to = r, i
		}
		messages[n] = from.write(payloads[n])
		if got := to.read(messages[n]); !bytes.Equal(got, payloads[n]) {
			i.t.Errorf("payload of m%d: got %x, want %x", n+1, got, payloads[n])
		}
	}
	return messages
}

func privateKeyType(s profile.Suite) vault.Type {
	if s.P256 {
		return vault.P256PrivateKey
	}
	return vault.X25519PrivateKey
}

func suites() map[string]profile.Suite {
	return map[string]profile.Suite{"X25519": profile.X25519AES256(), "P-256": profile.P256AES128()}
}
