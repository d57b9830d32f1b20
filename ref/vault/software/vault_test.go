package software_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"

	"ockamtest/ref/memory/memorytest"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
)

// newVault returns a vault that is closed when the test ends.
func newVault(t testing.TB, cfg software.Config) *software.Vault {
	t.Helper()
	v, err := software.New(cfg)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	t.Cleanup(func() {
		if err := v.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return v
}

// mustImport imports an exportable secret.
func mustImport(t testing.TB, v vault.Vault, typ vault.Type, raw []byte) vault.Secret {
	t.Helper()
	s, err := v.Import(vault.Attributes{Type: typ, Exportable: true}, raw)
	if err != nil {
		t.Fatalf("Import %v: %v", typ, err)
	}
	return s
}

func TestNewRefusesNegativeLimits(t *testing.T) {
	for _, cfg := range []software.Config{{MaxSecrets: -1}, {MaxBuffer: -1}} {
		if v, err := software.New(cfg); err == nil || v != nil {
			t.Errorf("New(%+v) = %v, %v", cfg, v, err)
		}
	}
}

func TestCapabilities(t *testing.T) {
	c := newVault(t, software.Config{}).Capabilities()
	if len(c.Generate) != 5 || len(c.Import) != 5 || len(c.Persistent) != 0 || c.MaxSecrets != 0 {
		t.Errorf("default: %+v", c)
	}
	if c.MaxBuffer != software.DefaultMaxBuffer {
		t.Errorf("default MaxBuffer %d, want %d", c.MaxBuffer, software.DefaultMaxBuffer)
	}
	c = newVault(t, software.Config{MaxSecrets: 3, MaxBuffer: 100}).Capabilities()
	if c.MaxSecrets != 3 || c.MaxBuffer != 100 {
		t.Errorf("configured: %+v", c)
	}
}

// Injected randomness makes secrets reproducible: they are the bytes of the source, in order.
func TestInjectedRandom(t *testing.T) {
	source := func() io.Reader { return rand.NewChaCha8([32]byte{1}) }
	want := make([]byte, 4*32+16)
	if _, err := io.ReadFull(source(), want); err != nil {
		t.Fatal(err)
	}
	v := newVault(t, software.Config{Random: source()})
	first := make([]byte, 32)
	if err := v.Random(first); err != nil {
		t.Fatal(err)
	}
	got := first
	for _, a := range []vault.Attributes{
		{Type: vault.X25519PrivateKey}, {Type: vault.P256PrivateKey}, {Type: vault.AES128Key}, {Type: vault.Buffer, Length: 32},
	} {
		a.Exportable = true
		s, err := v.Generate(a)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := v.Export(make([]byte, 0, 32), s)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, raw...)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got  %x\nwant %x", got, want)
	}
}

// A source that fails, or ends early, fails the operation and leaves no secret.
func TestRandomFails(t *testing.T) {
	broken := errors.New("no entropy")
	tests := []struct {
		name   string
		random io.Reader
		want   error
	}{
		{"fails", iotest.ErrReader(broken), broken},
		{"ends", bytes.NewReader(nil), io.EOF},
		{"ends early", bytes.NewReader(bytes.Repeat([]byte{7}, 15)), io.ErrUnexpectedEOF},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := bytes.Repeat([]byte{1}, 32)
			v := newVault(t, software.Config{Random: test.random, MaxSecrets: 1})
			if err := v.Random(p); !errors.Is(err, test.want) {
				t.Errorf("Random: %v, want %v", err, test.want)
			}
			if !bytes.Equal(p, make([]byte, 32)) {
				t.Errorf("Random failed and left %x", p)
			}
			for _, typ := range v.Capabilities().Generate {
				if s, err := v.Generate(vault.Attributes{Type: typ, Length: lengthOf(typ)}); err == nil || !s.IsZero() {
					t.Errorf("Generate %v: %v, %v", typ, s, err)
				}
			}
			mustImport(t, v, vault.AES128Key, make([]byte, 16)) // There is still room for the one secret.
		})
	}
}

func lengthOf(t vault.Type) int {
	if t == vault.AES128Key {
		return 16
	}
	return 32
}

// Scalars out of range are drawn again (P-256), but not for ever.
func TestP256Rejection(t *testing.T) {
	zero, ones, good := make([]byte, 32), bytes.Repeat([]byte{0xff}, 32), bytes.Repeat([]byte{7}, 32)
	a := vault.Attributes{Type: vault.P256PrivateKey, Exportable: true}

	v := newVault(t, software.Config{Random: bytes.NewReader(bytes.Join([][]byte{zero, ones, good}, nil))})
	s, err := v.Generate(a)
	if err != nil {
		t.Fatalf("Generate after two scalars out of range: %v", err)
	}
	if got, err := v.Export(make([]byte, 0, 32), s); err != nil || !bytes.Equal(got, good) {
		t.Errorf("Export = %x, %v, want %x", got, err, good)
	}

	v = newVault(t, software.Config{Random: stuck{}, MaxSecrets: 1})
	if s, err := v.Generate(a); !errors.Is(err, vault.ErrInvalidPrivateKey) || !s.IsZero() {
		t.Errorf("Generate from a stuck source = %v, %v, want %v", s, err, vault.ErrInvalidPrivateKey)
	}
	mustImport(t, v, vault.P256PrivateKey, good)
}

// stuck is a source of zeros.
type stuck struct{}

func (stuck) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// Handles that nobody issued are refused, whatever they say (VAULT-001).
func TestForgedHandles(t *testing.T) {
	v := newVault(t, software.Config{})
	s := mustImport(t, v, vault.AES256Key, make([]byte, 32))
	if _, err := v.Attributes(s); err != nil {
		t.Fatal(err)
	}
	for _, forged := range []vault.Secret{
		{Owner: s.Owner, Slot: s.Slot, Generation: s.Generation + 1},
		{Owner: s.Owner, Slot: s.Slot, Generation: s.Generation - 1},
		{Owner: s.Owner, Slot: s.Slot + 1, Generation: s.Generation},
		{Owner: s.Owner, Slot: 1<<32 - 1, Generation: s.Generation},
		{Slot: s.Slot, Generation: s.Generation},
		{Owner: new(vault.Owner), Slot: s.Slot, Generation: s.Generation},
	} {
		if _, err := v.Attributes(forged); !errors.Is(err, vault.ErrInvalidSecret) {
			t.Errorf("Attributes(%+v) = %v, want %v", forged, err, vault.ErrInvalidSecret)
		}
	}
}

// A persistent secret is refused, for this vault stores nothing (VAULT-008).
func TestPersistentUnsupported(t *testing.T) {
	v := newVault(t, software.Config{})
	for _, typ := range v.Capabilities().Generate {
		a := vault.Attributes{Type: typ, Length: lengthOf(typ), Persistence: vault.Persistent}
		if _, err := v.Generate(a); !errors.Is(err, vault.ErrUnsupported) {
			t.Errorf("Generate a persistent %v: %v, want %v", typ, err, vault.ErrUnsupported)
		}
	}
}

// closing is a source of randomness, and an X25519, that closes the vault when it is asked, as another goroutine might at that moment.
type closing struct{ v *software.Vault }

func (c *closing) Read(p []byte) (int, error) {
	return len(p), c.v.Close()
}

func (c *closing) PublicKey(private *[32]byte) (public [32]byte) { return *private }

func (c *closing) SharedSecret(shared, private, _ *[32]byte) bool {
	*shared = *private
	return c.v.Close() == nil
}

// A secret that is made while the vault is closed is refused and leaks nothing; it is finished before the memory goes.
func TestCloseWhileMaking(t *testing.T) {
	for name, makeSecret := range map[string]func(v vault.Vault, private vault.Secret) (vault.Secret, error){
		"generate": func(v vault.Vault, _ vault.Secret) (vault.Secret, error) {
			return v.Generate(vault.Attributes{Type: vault.X25519PrivateKey})
		},
		"ecdh": func(v vault.Vault, private vault.Secret) (vault.Secret, error) {
			return v.ECDH(private, []byte(x25519Base))
		},
	} {
		t.Run(name, func(t *testing.T) {
			var m memorytest.Counting
			c := new(closing)
			v := newVault(t, software.Config{Memory: &m, Random: c, X25519: c})
			c.v = v
			private := mustImport(t, v, vault.X25519PrivateKey, bytes.Repeat([]byte{7}, 32))
			if s, err := makeSecret(v, private); !errors.Is(err, vault.ErrClosed) || !s.IsZero() {
				t.Errorf("got %v, %v, want %v", s, err, vault.ErrClosed)
			}
			closeAndCount(t, v, &m)
		})
	}
}
