package noise_test

import (
	"testing"

	"ockamtest/ref/noise"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
)

// A Config that does not make a handshake is refused; nothing is defaulted, the policy least of all (NOISE-011).
func TestConfig(t *testing.T) {
	tests := []struct {
		name   string
		change func(*noise.Config)
		want   error
	}{
		{"no vault", func(c *noise.Config) { c.Vault = nil }, noise.ErrConfig},
		{"no policy", func(c *noise.Config) { c.Verify = nil }, noise.ErrConfig},
		{"no suite", func(c *noise.Config) { c.Suite = profile.Suite{} }, noise.ErrConfig},
		{"wrong key size", func(c *noise.Config) { c.Suite.KeySize = 24 }, noise.ErrConfig},
		{"long name", func(c *noise.Config) { c.Suite.Name += "_and_more" }, noise.ErrConfig},
		{"no static key", func(c *noise.Config) { c.Static = vault.Secret{} }, vault.ErrInvalidSecret},
		{"key of the other curve", func(c *noise.Config) { c.Suite = profile.P256AES128() }, vault.ErrWrongType},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newParty(t, profile.X25519AES256(), true)
			tt.change(&p.config)
			live := p.vault.Live()
			hs, err := noise.NewHandshakeState(p.config)
			equalError(t, err, tt.want)
			if hs != nil || p.vault.Live() != live {
				t.Errorf("got %v and %d secrets, want none and %d", hs, p.vault.Live(), live)
			}
		})
	}
}

// A payload takes what a message of 65,535 bytes leaves, and no more.
func TestLongestPayload(t *testing.T) {
	suite := profile.X25519AES256()
	i, r := newParty(t, suite, true), newParty(t, suite, false)
	room := make([]byte, 0, noise.MaxMessage+100)
	for n, size := range suite.MessageSizes() {
		from, to := i, r
		if n == 1 {
			from, to = r, i
		}
		longest := make([]byte, noise.MaxMessage-size+1)
		from.refuses(noise.ErrMessageLength, func() error {
			_, err := from.hs.WriteMessage(room, longest)
			return err
		})
		msg, err := from.hs.WriteMessage(room, longest[1:])
		if err != nil || len(msg) != noise.MaxMessage {
			t.Fatalf("m%d of %d bytes, %v", n+1, len(msg), err)
		}
		got, err := to.hs.ReadMessage(make([]byte, 0, noise.MaxMessage), msg)
		if err != nil || len(got) != len(longest)-1 {
			t.Fatalf("payload of %d bytes, %v", len(got), err)
		}
	}
	sameBinding(t, i, r)
}

// The suite's message sizes are those of the patterns (NOISE-002).
func TestMessageSizes(t *testing.T) {
	for name, want := range map[string][3]int{"X25519": {32, 96, 64}, "P-256": {65, 162, 97}} {
		suite := suites()[name]
		messages := exchange(newParty(t, suite, true), newParty(t, suite, false), [3][]byte{})
		for n, size := range want {
			if len(messages[n]) != size || suite.MessageSizes()[n] != size {
				t.Errorf("%s: m%d of %d bytes, suite says %d, want %d", name, n+1, len(messages[n]), suite.MessageSizes()[n], size)
			}
		}
	}
}
