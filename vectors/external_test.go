package vectors_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/chacha20poly1305"

	"ockamtest/conformance/attach/subject"
	"ockamtest/vectors"
	"ockamtest/vectors/internal/oracle"
)

// An external vector is one of somebody else's set, in the field names of any of them.
type external struct {
	ProtocolName  string      `json:"protocol_name"`
	Name          string      `json:"name"` // noise-c
	InitPrologue  vectors.Hex `json:"init_prologue"`
	InitStatic    vectors.Hex `json:"init_static"`
	InitEphemeral vectors.Hex `json:"init_ephemeral"`
	RespPrologue  vectors.Hex `json:"resp_prologue"`
	RespStatic    vectors.Hex `json:"resp_static"`
	RespEphemeral vectors.Hex `json:"resp_ephemeral"`
	HandshakeHash vectors.Hex `json:"handshake_hash"`
	Messages      []vectors.HandshakeMessage
}

const xx = "Noise_XX_25519_AESGCM_SHA256"

func externals(t *testing.T, file string) []external {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "external", file))
	if err != nil {
		t.Fatal(err)
	}
	var set struct{ Vectors []external }
	if err := json.Unmarshal(data, &set); err != nil {
		t.Fatal(err)
	}
	return set.Vectors
}

// flynnVectors are those of github.com/flynn/noise's own file that have our pattern and suite, and no PSK.
func flynnVectors(t *testing.T) []external {
	t.Helper()
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/flynn/noise").Output()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "vectors.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(data), "handshake="); n != 1920 {
		t.Errorf("the file has %d handshakes, want 1920", n)
	}
	var list []external
	for block := range strings.SplitSeq(string(data), "\n\n") {
		values := map[string]vectors.Hex{}
		for line := range strings.Lines(block) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			if name == "handshake" && value != xx {
				values = nil
				break
			}
			b, _ := hex.DecodeString(value) // the name of the handshake is none
			values[name] = b
		}
		if values == nil || values["msg_0_ciphertext"] == nil {
			continue
		}
		v := external{ProtocolName: xx, InitPrologue: values["prologue"], RespPrologue: values["prologue"], InitStatic: values["init_static"],
			InitEphemeral: values["gen_init_ephemeral"], RespStatic: values["resp_static"], RespEphemeral: values["gen_resp_ephemeral"]}
		for i := range 5 {
			n := string(rune('0' + i))
			v.Messages = append(v.Messages, vectors.HandshakeMessage{Payload: values["msg_"+n+"_payload"], Ciphertext: values["msg_"+n+"_ciphertext"]})
		}
		list = append(list, v)
	}
	return list
}

// An externalFile is a file of testdata/external: how many vectors it has, and how many of them are of our pattern and suite, and run.
type externalFile struct{ total, ran int }

// externalFiles are all there are. That of P-256 has a test of its own.
func externalFiles() map[string]externalFile {
	return map[string]externalFile{
		"cacophony-xx.json": {1, 1},
		"snow-xx.json":      {1, 1},
		"noise-c-xx.json":   {2, 1}, // the other has a PSK
		"snow-xx-p256.json": {1, 0},
	}
}

// Each file is in the table, has as many vectors as it says, and is named, with its licence, in the README.
func TestExternalFiles(t *testing.T) {
	entries, err := os.ReadDir(filepath.Join("testdata", "external"))
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile(filepath.Join("testdata", "external", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if e.Name() != "README.md" {
			names = append(names, e.Name())
		}
	}
	if want := slices.Sorted(maps.Keys(externalFiles())); !slices.Equal(names, want) {
		t.Fatalf("the files are %q, want %q", names, want)
	}
	for name, want := range externalFiles() {
		if all := externals(t, name); len(all) != want.total {
			t.Errorf("%s has %d vectors, want %d", name, len(all), want.total)
		}
		if !strings.Contains(string(readme), "\n| "+name+" |") {
			t.Errorf("the README does not name %s", name)
		}
	}
}

// TestExternalSets runs the oracle and flynn/noise on what others computed: the handshake, its hash, and, with the oracle, the messages after
// it.
func TestExternalSets(t *testing.T) {
	for _, set := range []struct {
		name    string
		vectors []external
		first   int // of the keys, that of the first message after the handshake: in Noise the responder's is k2; flynn's file begins with k1
		want    int
	}{
		{"cacophony", externals(t, "cacophony-xx.json"), 1, externalFiles()["cacophony-xx.json"].ran},
		{"snow", externals(t, "snow-xx.json"), 1, externalFiles()["snow-xx.json"].ran},
		{"noise-c", externals(t, "noise-c-xx.json"), 1, externalFiles()["noise-c-xx.json"].ran},
		{"flynn/noise", flynnVectors(t), 0, 4},
	} {
		t.Run(set.name, func(t *testing.T) {
			ran := 0
			for _, v := range set.vectors {
				if v.ProtocolName+v.Name == xx {
					ran++
					runExternal(t, oracle.Subject{}, v, set.first)
					runExternal(t, subject.Flynn{}, v, set.first)
				}
			}
			if ran != set.want {
				t.Errorf("ran %d vectors, want %d", ran, set.want)
			}
		})
	}
}

func runExternal(t *testing.T, s vectors.Subject, v external, firstKey int) {
	t.Helper()
	if len(v.Messages) <= 3 {
		t.Fatalf("%d messages, want some after the handshake's", len(v.Messages))
	}
	ours := &vectors.Handshake{InitPrologue: v.InitPrologue, InitStatic: v.InitStatic, InitEphemeral: v.InitEphemeral, RespPrologue: v.RespPrologue,
		RespStatic: v.RespStatic, RespEphemeral: v.RespEphemeral, Messages: v.Messages[:3], Ockam: vectors.HandshakeExtension{Suite: vectors.SuiteX25519}}
	var keys [2]vectors.Hex
	for _, role := range []string{vectors.Initiator, vectors.Responder} {
		in, sent, payloads := ours.Input(role)
		out, err := s.Handshake(in)
		if err != nil {
			t.Fatalf("%T, %s: %v", s, role, err)
		}
		if !slices.EqualFunc(out.Sent, sent, equalHex) || !slices.EqualFunc(out.Payloads, payloads, equalHex) {
			t.Errorf("%T, %s: sent %x and received %x, want %x and %x", s, role, out.Sent, out.Payloads, sent, payloads)
		}
		if v.HandshakeHash != nil && !bytes.Equal(out.H, v.HandshakeHash) {
			t.Errorf("%T, %s: h is %x, want %x", s, role, out.H, v.HandshakeHash)
		}
		keys = [2]vectors.Hex{out.K1, out.K2}
	}
	// After the handshake the sets take turns with the keys; the associated data is empty.
	for i, m := range v.Messages[3:] {
		iv := make(vectors.Hex, 12)
		iv[11] = byte(i / 2)
		got, err := oracle.Subject{}.AEAD(vectors.AEADInput{Op: "seal", Key: keys[(firstKey+i)%2], IV: iv, Data: m.Payload})
		if err != nil || !bytes.Equal(got, m.Ciphertext) {
			t.Errorf("message %d after the handshake: got %x, %v, want %x", i+1, got, err, m.Ciphertext)
		}
	}
}

func equalHex(a, b vectors.Hex) bool { return bytes.Equal(a, b) }

// TestExternalP256 takes the P-256 handshake of snow apart as far as its first encryption: points of 65 bytes, the x coordinate into HKDF.
// Its cipher and its name are others, so the rest is not ours.
func TestExternalP256(t *testing.T) {
	set := externals(t, "snow-xx-p256.json")
	v := set[0]
	if v.ProtocolName != "Noise_XX_P256_XChaChaPoly_SHA256" {
		t.Fatalf("the protocol is %q", v.ProtocolName)
	}
	m1, m2 := v.Messages[0].Ciphertext, v.Messages[1].Ciphertext
	for name, pair := range map[string][2]vectors.Hex{"m1": {v.InitEphemeral, m1}, "m2": {v.RespEphemeral, m2}} {
		if got := oracle.Public(vectors.SuiteP256, pair[0]); !bytes.Equal(got, pair[1][:65]) {
			t.Errorf("e of %s: got %x, want %x", name, got, pair[1][:65])
		}
	}
	ee, err := oracle.Subject{}.ECDH(vectors.ECDHInput{Curve: "secp256r1", Public: m1[:65], Private: v.RespEphemeral})
	if err != nil {
		t.Fatal(err)
	}
	ck := []byte(v.ProtocolName)
	h := sum(sum(sum(sum(ck, v.InitPrologue), m1[:65]), m1[65:]), m2[:65])
	okm, err := hkdf.Key(sha256.New, ee, ck, "", 64)
	if err != nil {
		t.Fatal(err)
	}
	aead, err := chacha20poly1305.NewX(okm[32:])
	if err != nil {
		t.Fatal(err)
	}
	s, err := aead.Open(nil, make([]byte, 24), m2[65:65+65+16], h)
	if want, _ := ecdh.P256().NewPrivateKey(v.RespStatic); err != nil || !bytes.Equal(s, want.PublicKey().Bytes()) {
		t.Errorf("s of m2: got %x, %v", s, err)
	}
}

func sum(parts ...[]byte) []byte {
	b := sha256.Sum256(bytes.Join(parts, nil))
	return b[:]
}
