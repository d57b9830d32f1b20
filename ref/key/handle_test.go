package key_test

import (
	"bytes"
	"errors"
	"testing"

	"ockamtest/ref/key"
	"ockamtest/ref/noise"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
)

// What breaks a handshake has its own requirement and error, and leaves everything as it was (CHAN-007, NOISE-017).
func TestVerdicts(t *testing.T) {
	last := func(msg []byte) []byte { msg[len(msg)-1] ^= 1; return msg }
	head := func(msg []byte) []byte { return append(make([]byte, 32), msg[32:]...) }
	tests := []struct {
		name        string
		message     int
		change      func(msg []byte) []byte
		requirement string
		want        error
	}{
		{"empty m1", 1, func([]byte) []byte { return nil }, "NOISE-006", noise.ErrMessageLength},
		{"m1 of 31 bytes", 1, func(msg []byte) []byte { return msg[:31] }, "NOISE-006", noise.ErrMessageLength},
		{"m1 of 33 bytes", 1, func(msg []byte) []byte { return append(msg, 0) }, "NOISE-006", key.ErrPayloadRefused},
		{"m1 of 1,100 bytes", 1, func(msg []byte) []byte { return append(msg, make([]byte, 1068)...) }, "NOISE-006", key.ErrPayloadRefused},
		{"all-zero key in m1", 1, head, "NOISE-009", vault.ErrWeakPublicKey},
		{"payload tag of m2", 2, last, "NOISE-005", vault.ErrAuthentication},
		{"static tag of m2", 2, func(msg []byte) []byte { msg[79] ^= 1; return msg }, "NOISE-005", vault.ErrAuthentication},
		{"all-zero key in m2", 2, head, "NOISE-009", vault.ErrWeakPublicKey},
		{"m2 of 95 bytes", 2, func(msg []byte) []byte { return msg[:95] }, "NOISE-006", noise.ErrMessageLength},
		{"payload tag of m3", 3, last, "NOISE-005", vault.ErrAuthentication},
		{"m3 with a byte more", 3, func(msg []byte) []byte { return append(msg, 0) }, "NOISE-006", key.ErrPayloadRefused},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := newVault(t)
			cfg := key.XXConfig{Vault: v, Suite: profile.X25519AES256(), Static: generateKey(t, v, false), Policy: key.AnyKey()}
			i, r := newXX(t, cfg), newXX(t, cfg)
			if err := r.Respond(); err != nil {
				t.Fatal(err)
			}
			msg, err := i.Initiate(make([]byte, 0, 200))
			if err != nil {
				t.Fatal(err)
			}
			for n := 1; n <= 3; n++ {
				to := r
				if n == 2 {
					to = i
				}
				if n == tt.message {
					refusesMessage(t, to, tt.change(bytes.Clone(msg)), tt.message, tt.requirement, tt.want)
				}
				if msg, err = to.Handle(make([]byte, 0, 200), msg); err != nil {
					t.Fatalf("the genuine m%d: %v", n, err)
				}
			}
			equalBytes(t, "binding", i.ChannelBinding(), r.ChannelBinding())
		})
	}
}

func refusesMessage(t *testing.T, x *key.XX, msg []byte, message int, requirement string, want error) {
	t.Helper()
	before := *x
	out, err := x.Handle(make([]byte, 0, 200), msg)
	var e *key.Error
	if !errors.As(err, &e) || !errors.Is(err, want) || e.Message != message || e.Requirement != requirement {
		t.Errorf("got error %v, want %v in m%d (%s)", err, want, message, requirement)
	}
	if len(out) != 0 || *x != before {
		t.Errorf("a reply of %d bytes, or the agreement has changed", len(out))
	}
}
