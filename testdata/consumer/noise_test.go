package implementer

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ockamtest/ref/noise"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
	"ockamtest/vectors"
)

// A transcript is a Noise vector of cacophony's shape, as other projects publish them.
type transcript struct {
	ProtocolName  string                     `json:"protocol_name"`
	Name          string                     `json:"name"` // noise-c's word for it
	InitPrologue  vectors.Hex                `json:"init_prologue"`
	InitStatic    vectors.Hex                `json:"init_static"`
	InitEphemeral vectors.Hex                `json:"init_ephemeral"`
	RespPrologue  vectors.Hex                `json:"resp_prologue"`
	RespStatic    vectors.Hex                `json:"resp_static"`
	RespEphemeral vectors.Hex                `json:"resp_ephemeral"`
	HandshakeHash vectors.Hex                `json:"handshake_hash"`
	Messages      []vectors.HandshakeMessage `json:"messages"`
}

// The reference's parts stand on interfaces: here its Noise core computes what cacophony, snow, and noise-c say, with the keys in the vault of
// counting.go.
func TestNoise(t *testing.T) {
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "ockamtest").Output()
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, file := range []string{"cacophony-xx.json", "snow-xx.json", "noise-c-xx.json"} {
		data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "vectors", "testdata", "external", file))
		if err != nil {
			t.Fatal(err)
		}
		var set struct{ Vectors []transcript }
		if err := json.Unmarshal(data, &set); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, tr := range set.Vectors {
			if tr.ProtocolName+tr.Name != "Noise_XX_25519_AESGCM_SHA256" { // noise-c has one with a PSK
				continue
			}
			ran++
			t.Run(file, func(t *testing.T) { tr.run(t) })
		}
	}
	if ran != 3 {
		t.Errorf("ran %d transcripts, want 3", ran)
	}
}

// A side is one of the two parties.
type side struct {
	vault *countingVault
	*noise.HandshakeState
}

func newSide(t *testing.T, initiator bool, prologue, static, ephemeral []byte) side {
	t.Helper()
	v := newCountingVault(t)
	t.Cleanup(func() { v.Close() })
	key := func(raw []byte) vault.Secret {
		s, err := v.Import(vault.Attributes{Type: vault.X25519PrivateKey}, raw)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	hs, err := noise.NewHandshakeState(noise.Config{
		Vault: v, Suite: profile.X25519AES256(), Initiator: initiator, Prologue: prologue, Static: key(static), UnsafeEphemeral: key(ephemeral),
		Verify: func([]byte) error { return nil }, // any peer will do: a channel has a policy here (NOISE-011)
	})
	if err != nil {
		t.Fatal(err)
	}
	return side{v, hs}
}

func (tr transcript) run(t *testing.T) {
	i := newSide(t, true, tr.InitPrologue, tr.InitStatic, tr.InitEphemeral)
	r := newSide(t, false, tr.RespPrologue, tr.RespStatic, tr.RespEphemeral)
	from, to := i, r
	for _, m := range tr.Messages[:noise.Messages] {
		sent, err := from.WriteMessage(make([]byte, 0, 1024), m.Payload)
		if err != nil || !bytes.Equal(sent, m.Ciphertext) {
			t.Fatalf("sent %x, %v, want %x", sent, err, m.Ciphertext)
		}
		received, err := to.ReadMessage(make([]byte, 0, 1024), sent)
		if err != nil || !bytes.Equal(received, m.Payload) {
			t.Fatalf("received %x, %v, want %x", received, err, m.Payload)
		}
		from, to = to, from
	}
	for _, s := range []side{i, r} {
		h, ok := s.ChannelBinding()
		if !ok || tr.HandshakeHash != nil && !bytes.Equal(h[:], tr.HandshakeHash) {
			t.Errorf("h is %x, %v, want %x", h, ok, tr.HandshakeHash)
		}
		if n := s.vault.agreements.Load(); n != 3 {
			t.Errorf("%d agreements, want ee, es, and se", n)
		}
		tr.seal(t, s)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// seal seals the messages after the handshake, which the parties send in turn. In Noise the initiator's key is the first; here it is the
// responder's (NOISE-010), so the transcripts' first message, the responder's, has k2.
func (tr transcript) seal(t *testing.T, s side) {
	t.Helper()
	k1, k2, err := s.Split()
	if err != nil {
		t.Fatal(err)
	}
	rest := tr.Messages[noise.Messages:]
	if len(rest) < 2 {
		t.Fatalf("%d messages after the handshake, want some", len(rest))
	}
	keys := [2]vault.Secret{k2.K, k1.K}
	for n, m := range rest {
		nonce := noise.Nonce(uint64(n / 2))
		got, err := s.vault.Seal(make([]byte, 0, 1024), keys[n%2], nonce[:], nil, m.Payload)
		if err != nil || !bytes.Equal(got, m.Ciphertext) {
			t.Errorf("message %d after the handshake: got %x, %v, want %x", n+1, got, err, m.Ciphertext)
		}
	}
}
