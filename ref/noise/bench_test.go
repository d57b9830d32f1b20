package noise_test

import (
	"testing"

	"ockamtest/ref/noise"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
)

// BenchmarkHandshake is a whole handshake, both sides.
func BenchmarkHandshake(b *testing.B) {
	for _, suite := range []profile.Suite{profile.X25519AES256(), profile.P256AES128()} {
		name := "X25519"
		if suite.P256 {
			name = "P-256"
		}
		b.Run(name, func(b *testing.B) { benchmarkHandshake(b, suite) })
	}
}

func benchmarkHandshake(b *testing.B, suite profile.Suite) {
	v, err := software.New(software.Config{})
	if err != nil {
		b.Fatal(err)
	}
	static, err := v.Generate(vault.Attributes{Type: privateKeyType(suite)})
	if err != nil {
		b.Fatal(err)
	}
	cfg := noise.Config{Vault: v, Suite: suite, Static: static, Verify: func([]byte) error { return nil }}
	m1, m2, m3 := make([]byte, 0, 200), make([]byte, 0, 200), make([]byte, 0, 200)
	b.ReportAllocs()
	for b.Loop() {
		cfg.Initiator = true
		i, err1 := noise.NewHandshakeState(cfg)
		cfg.Initiator = false
		r, err2 := noise.NewHandshakeState(cfg)
		if err1 != nil || err2 != nil {
			b.Fatal(err1, err2)
		}
		m1, err1 = i.WriteMessage(m1[:0], nil)
		_, err2 = r.ReadMessage(nil, m1)
		if err1 != nil || err2 != nil {
			b.Fatal(err1, err2)
		}
		m2, err1 = r.WriteMessage(m2[:0], nil)
		_, err2 = i.ReadMessage(nil, m2)
		if err1 != nil || err2 != nil {
			b.Fatal(err1, err2)
		}
		m3, err1 = i.WriteMessage(m3[:0], nil)
		_, err2 = r.ReadMessage(nil, m3)
		if err1 != nil || err2 != nil {
			b.Fatal(err1, err2)
		}
		for _, hs := range []*noise.HandshakeState{i, r} {
			if _, _, err := hs.Split(); err != nil {
				b.Fatal(err)
			}
			if err := hs.Close(); err != nil {
				b.Fatal(err)
			}
		}
	}
}
