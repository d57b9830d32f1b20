package keyfile_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ockamtest/ref/memory/memorytest"
	"ockamtest/ref/vault/keyfile"
)

func pemOf(label string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der})
}

func derOf(t testing.TB, name string) []byte {
	t.Helper()
	block, _ := pem.Decode(fixture(t, name))
	return block.Bytes
}

// replaced returns b with one part in place of another.
func replaced(t testing.TB, b []byte, from, to string) []byte {
	t.Helper()
	f, err := hex.DecodeString(from)
	if err != nil {
		t.Fatal(err)
	}
	u, err := hex.DecodeString(to)
	if err != nil || bytes.Count(b, f) != 1 {
		t.Fatalf("%d times %s in the key, %v", bytes.Count(b, f), from, err)
	}
	return bytes.Replace(b, f, u, 1)
}

// quiet checks that an error holds nothing of a key: no four characters of base64 or hex in a row that the file has.
func quiet(t *testing.T, name string, err error, text []byte) {
	t.Helper()
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if bytes.HasPrefix(line, []byte("-----")) {
			continue
		}
		for i := range max(len(line)-3, 0) {
			if strings.Contains(strings.ReplaceAll(err.Error(), " ", ""), string(line[i:i+4])) {
				t.Errorf("%s: the error %q quotes the file", name, err)
			}
		}
	}
}

// What is no key file is refused with the file and the line, and without its content.
func TestRefusedFiles(t *testing.T) {
	x25519, p256 := derOf(t, "x25519.pem"), derOf(t, "p256.pem")
	private := func(der []byte) string { return string(pemOf("PRIVATE KEY", der)) }
	text := string(fixture(t, "p256.pem"))
	lines := strings.SplitAfter(text, "\n")
	digits := strings.Repeat("0123456789abcdef", 4)
	tests := []struct {
		name string
		text string
		want error
		line int
	}{
		{"empty", "", keyfile.ErrFormat, 1},
		{"blank", " \n\n", keyfile.ErrFormat, 3},
		{"too long", strings.Repeat(" ", 4097), keyfile.ErrFormat, 0},
		{"63 digits", "\n" + digits[1:], keyfile.ErrFormat, 2},
		{"65 digits", digits + "0", keyfile.ErrFormat, 1},
		{"no digit", digits[1:] + "g", keyfile.ErrFormat, 1},
		{"two keys in hex", digits + "\n" + digits, keyfile.ErrFormat, 1},
		{"0x", "0x" + digits[2:], keyfile.ErrFormat, 1},
		{"begin alone", lines[0], keyfile.ErrFormat, 1},
		{"no end", strings.Join(lines[:4], ""), keyfile.ErrFormat, 4},
		{"no body", lines[0] + lines[4], keyfile.ErrFormat, 2},
		{"blank line within", lines[0] + "\n" + strings.Join(lines[1:], ""), keyfile.ErrFormat, 2},
		{"text before", "key:\n" + text, keyfile.ErrFormat, 1},
		{"text behind", text + "\n# a key\n", keyfile.ErrFormat, 7},
		{"two keys", text + text, keyfile.ErrFormat, 6},
		{"headers", lines[0] + "Proc-Type: 4,ENCRYPTED\n" + strings.Join(lines[1:], ""), keyfile.ErrFormat, 2},
		{"space behind the line", lines[0] + strings.TrimSpace(lines[1]) + " \n" + strings.Join(lines[2:], ""), keyfile.ErrFormat, 2},
		{"short line", lines[0] + lines[1][:60] + "\n" + lines[1][60:] + strings.Join(lines[2:], ""), keyfile.ErrFormat, 3},
		{"long line", lines[0] + strings.TrimSpace(lines[1]) + strings.Join(lines[2:], ""), keyfile.ErrFormat, 2},
		{"no base64", lines[0] + lines[1] + "*" + lines[2][1:] + strings.Join(lines[3:], ""), keyfile.ErrFormat, 3},
		{"loose base64", strings.Replace(private(x25519[:47]), "=\n", "\n", 1), keyfile.ErrFormat, 2},
		{"two ends", text + lines[4], keyfile.ErrFormat, 6},
		{"another end", strings.Join(lines[:4], "") + "-----END PUBLIC KEY-----\n", keyfile.ErrFormat, 5},
		{"a public key", string(fixture(t, "p256.pub.pem")), keyfile.ErrFormat, 1},
		{"encrypted", string(fixture(t, "x25519.encrypted.pem")), keyfile.ErrFormat, 1},
		{"SEC 1", string(fixture(t, "p256.sec1.pem")), keyfile.ErrFormat, 1},
		{"another label", string(pemOf("OPENSSH PRIVATE KEY", x25519)), keyfile.ErrFormat, 1},
		{"Ed25519", string(fixture(t, "ed25519.pem")), keyfile.ErrAlgorithm, 2},
		{"P-384", string(fixture(t, "p384.pem")), keyfile.ErrAlgorithm, 2},
		{"explicit curve", string(fixture(t, "p256.explicit.pem")), keyfile.ErrAlgorithm, 2},
		{"no DER", private([]byte("something else entirely")), keyfile.ErrFormat, 2},
		{"trailing byte", private(append(bytes.Clone(x25519), 0)), keyfile.ErrFormat, 2},
		{"version 1", private(replaced(t, x25519, "302e020100", "302e020101")), keyfile.ErrFormat, 2},
		{"X25519 with parameters", private(replaced(t, x25519, "302e020100300506032b656e", "3030020100300706032b656e0500")), keyfile.ErrFormat, 2},
		{"attributes", private(append(replaced(t, x25519, "302e", "3030"), 0xa0, 0)), keyfile.ErrFormat, 2},
		{"31 bytes", private(replaced(t, x25519[:47], "302e020100300506032b656e04220420", "302d020100300506032b656e0421041f")), keyfile.ErrFormat, 2},
		{"no inner octet string", private(replaced(t, x25519, "04220420", "04220320")), keyfile.ErrFormat, 2},
		{"ECPrivateKey of version 2", private(replaced(t, p256, "306b020101", "306b020102")), keyfile.ErrFormat, 2},
		{"long form of a length", private(replaced(t, x25519, "302e020100", "30812e020100")), keyfile.ErrFormat, 2},
		{"a field that is unknown", private(replaced(t, p256, "a144034200", "a244034200")), keyfile.ErrFormat, 3},
		{"compressed public key", private(withFields(t, "67", "4d", "4b", "a124032200"+"02"+strings.Repeat("07", 32))), keyfile.ErrFormat, 3},
		{"P-384 within", private(withFields(t, "4a", "30", "2e", "a00706052b81040022")), keyfile.ErrFormat, 3},
		{"P-256 and more within", private(withFields(t, "4f", "35", "33", "a00c06082a8648ce3d0301070500")), keyfile.ErrFormat, 3},
		{"loose last digit", strings.Replace(string(fixture(t, "p256.nopublic.pem")), "/xw==", "/xx==", 1), keyfile.ErrFormat, 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			file := put(t, []byte(test.text))
			var m memorytest.Counting
			k, err := keyfile.Read(file, keyfile.Config{Memory: &m})
			if m.Live() != 0 || m.Err() != nil {
				t.Errorf("%d buffers live, %v", m.Live(), m.Err())
			}
			var e *keyfile.Error
			if !errors.As(err, &e) || k != nil {
				t.Fatalf("got %v, %v, want an Error", k, err)
			}
			if !errors.Is(err, test.want) || e.Name != file || e.Line != test.line {
				t.Errorf("got %v in line %d, want %v in line %d", err, e.Line, test.want, test.line)
			}
			e.Name = ""
			quiet(t, test.name, e, []byte(test.text))
			if got, err := os.ReadFile(file); err != nil || string(got) != test.text {
				t.Errorf("the file has changed: %v", err)
			}
		})
	}
}

// withFields returns the PKCS#8 of p256.nopublic.pem with further fields in its ECPrivateKey, and the lengths that follow from them.
func withFields(t *testing.T, whole, octets, inner, fields string) []byte {
	t.Helper()
	der := derOf(t, "p256.nopublic.pem")
	der = replaced(t, der, "3041020100", "30"+whole+"020100")
	der = replaced(t, der, "04273025020101", "04"+octets+"30"+inner+"020101")
	more, err := hex.DecodeString(fields)
	if err != nil {
		t.Fatal(err)
	}
	return append(der, more...)
}

// The curve may be named within the key as well.
func TestCurveWithin(t *testing.T) {
	text := pemOf("PRIVATE KEY", withFields(t, "4d", "33", "31", "a00a06082a8648ce3d030107"))
	k, err := keyfile.Read(put(t, text), keyfile.Config{})
	if err != nil || !bytes.Equal(k.Raw, library(t, text).Bytes()) {
		t.Errorf("got %v, %v", k, err)
	}
}

// Each strict prefix of a key's DER is refused, and each of the text but for the last line break.
func TestRefusedPrefixes(t *testing.T) {
	refused := 0
	for name := range kinds() {
		der := derOf(t, name)
		for n := range der {
			if k, err := keyfile.Read(put(t, pemOf("PRIVATE KEY", der[:n])), keyfile.Config{}); !errors.Is(err, keyfile.ErrFormat) {
				t.Errorf("%s: %d bytes of DER: %v, %v", name, n, k, err)
			}
			refused++
		}
		text := fixture(t, name)
		for n := range len(text) - 1 {
			if k, err := keyfile.Read(put(t, text[:n]), keyfile.Config{}); !errors.Is(err, keyfile.ErrFormat) {
				t.Errorf("%s: %d bytes of text: %v, %v", name, n, k, err)
			}
			refused++
		}
	}
	if refused < 600 {
		t.Errorf("%d prefixes", refused)
	}
}

func TestRefusedPublicFiles(t *testing.T) {
	x25519, p256 := derOf(t, "x25519.pub.pem"), derOf(t, "p256.pub.pem")
	public := func(der []byte) []byte { return pemOf("PUBLIC KEY", der) }
	tests := []struct {
		name string
		text []byte
		want error
	}{
		{"a private key", fixture(t, "x25519.pem"), keyfile.ErrFormat},
		{"compressed", fixture(t, "p256.compressed.pub.pem"), keyfile.ErrFormat},
		{"hex", []byte(strings.Repeat("07", 32)), keyfile.ErrFormat},
		{"31 bytes", public(replaced(t, x25519[:43], "302a300506032b656e032100", "3029300506032b656e032000")), keyfile.ErrFormat},
		{"unused bits", public(replaced(t, x25519, "032100", "032101")), keyfile.ErrFormat},
		{"off the curve", public(append(bytes.Clone(p256[:len(p256)-1]), p256[len(p256)-1]^1)), keyfile.ErrFormat},
		{"trailing byte", public(append(bytes.Clone(x25519), 0)), keyfile.ErrFormat},
		{"Ed25519", public(replaced(t, x25519, "06032b656e", "06032b6570")), keyfile.ErrAlgorithm},
		{"loose base64", []byte("-----BEGIN PUBLIC KEY-----\n" + base64.RawStdEncoding.EncodeToString(x25519[:43]) + "\n-----END PUBLIC KEY-----\n"),
			keyfile.ErrFormat},
	}
	for _, test := range tests {
		file := put(t, test.text)
		k, err := keyfile.ReadPublic(file)
		if !errors.Is(err, test.want) || k.Bytes != nil {
			t.Errorf("%s: got %v, %v, want %v", test.name, k, err, test.want)
		}
	}
	if _, err := keyfile.ReadPublic(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}
