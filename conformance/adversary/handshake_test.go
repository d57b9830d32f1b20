package adversary

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"ockamtest/ref/profile"
)

// The known answers of section 12 of the specification.
func TestKnownAnswers(t *testing.T) {
	tests := []struct {
		name                  string
		suite                 profile.Suite
		m1, m2, m3, h, k1, k2 string
	}{
		{
			name: "X25519", suite: profile.X25519AES256(),
			m1: "358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254",
			m2: "64b101b1d0be5a8704bd078f9895001fc03e8e9f9522f188dd128d9846d484665393019dbd6f438795da206db0886610" +
				"b26108e424142c2e9b5fd1f7ea70cde8767ce62d7e3c0e9bcefe4ab872c0505b9e824df091b74ffe10a2b32809cab21f",
			m3: "e610eadc4b00c17708bf223f29a66f02342fbedf6c0044736544b9271821ae40" +
				"e70144cecd9d265dffdc5bb8e051c3f83db32a425e04d8f510c58a43325fbc56",
			h:  "4b71f7deb470328565d99b15162eb0c4c14d6b1c85aad6fab54354d5afc72469",
			k1: "b1c674b6535fb1d208772a972cac2cbf04d6aa087cbbd3eb8558a1a3abcaa7fb",
			k2: "109c4b99ea3a4784ff55af5eed86c99e853f5a76d83ce437a9e3e27ede242a6a",
		},
		{
			name: "P-256", suite: profile.P256AES128(),
			m1: "04c6559d416dfb56af714f146d917c24abf818b2fb121604129649848230a2d2" +
				"58b2a6d82dc6c6734cf092ffaa9fc012f10f7008d3952a08d5797e85feaba5d977",
			m2: "04261efbd3550cf068ef013ed7366ba32f5d6fe557b4b2abce8ade58cba168a5" +
				"5e1788a0b29a56a6abec4084c0c96bd3dcbca6b507f35dbea9e985708479d8bdc9" +
				"a1f510ab6373bf8de890d4b746f29a146e4263c43afd785ad5b676fe0c9ef02359" +
				"d6fafe3fbf5573ebcd5e12e952acb6c2bb9499fb1da9aa2bbf53b99bc56f4fc2b4" +
				"44f81909c051f608f847ce1349eeba294ded262e1351afa9b9c1a714892c4e",
			m3: "6e2fccdcaa9b1e46d4d549471506252e0d9982037848add757dae68c57513ec3" +
				"c72e67b87860a3116c169c93614fc05e353e2ce40349e414772052f26d4421f701" +
				"0953d2596ac3e93e8c7f47a8c1b6ceb0ffe8f36bdb1516afc73f7138320a5f47",
			h:  "600782b7133137f5b1aab7ede11e44a7a714d7e37f249fc1c707d7a2852fb83d",
			k1: "e75b064ce6b3b7c04d9bf7082564905e",
			k2: "7ea19359ed8e80c5c2237fe7dd271809",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pair := func(first byte) KeyPair { return NewKeyPair(tt.suite, ascending(first)) }
			i := NewHandshake(tt.suite, pair(0x00), pair(0x20))
			r := NewHandshake(tt.suite, pair(0x01), pair(0x41))
			m1 := i.WriteM1(nil)
			equal(t, "m1", m1, tt.m1)
			if _, ok := r.ReadM1(m1); !ok {
				t.Fatal("m1 was refused")
			}
			m2 := r.WriteM2(nil)
			equal(t, "m2", m2, tt.m2)
			if _, ok := i.ReadM2(m2); !ok {
				t.Fatal("m2 was refused")
			}
			m3 := i.WriteM3(nil)
			equal(t, "m3", m3, tt.m3)
			if _, ok := r.ReadM3(m3); !ok {
				t.Fatal("m3 was refused")
			}
			equal(t, "initiator's h", i.H[:], tt.h)
			equal(t, "responder's h", r.H[:], tt.h)
			k1, k2 := r.Split()
			equal(t, "k1", k1, tt.k1)
			equal(t, "k2", k2, tt.k2)
			if !bytes.Equal(OpenUnchecked(k1, 3, Seal(k1, 3, i.H[:], []byte("hello"))), []byte("hello")) {
				t.Error("OpenUnchecked does not undo Seal")
			}
		})
	}
}

func ascending(first byte) []byte {
	b := make([]byte, 32)
	for i := range b {
		b[i] = first + byte(i)
	}
	return b
}

func equal(t *testing.T, name string, got []byte, want string) {
	t.Helper()
	if g := hex.EncodeToString(got); g != strings.ToLower(want) {
		t.Errorf("%s: got %s, want %s", name, g, want)
	}
}
