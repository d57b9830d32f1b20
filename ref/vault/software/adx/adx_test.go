package adx_test

import (
	"bytes"
	"crypto/ecdh"
	"encoding/hex"
	"testing"

	"ockamtest/ref/memory/memorytest"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
	"ockamtest/ref/vault/software/adx"
	"ockamtest/ref/vault/vaulttest"
)

// VAULT-010: the software vault passes the contract test over this X25519 too.
func TestContract(t *testing.T) {
	vaulttest.Run(t, func(t *testing.T) vault.Vault {
		v, err := software.New(software.Config{X25519: adx.X25519{}})
		if err != nil {
			t.Fatal(err)
		}
		return v
	})
}

func key(t testing.TB, s string) *[32]byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return (*[32]byte)(b)
}

// RFC 7748, section 5.2; the second point has its top bit set (NOISE-018).
func TestSharedSecretKnown(t *testing.T) {
	for i, tt := range []struct{ private, public, want string }{
		{
			"a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
			"e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
			"c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
		},
		{
			"4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
			"e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
			"95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
		},
	} {
		private, public := key(t, tt.private), key(t, tt.public)
		var shared [32]byte
		if !(adx.X25519{}).SharedSecret(&shared, private, public) || shared != *key(t, tt.want) {
			t.Errorf("%d: got %x, want %s", i, shared, tt.want)
		}
		if *private != *key(t, tt.private) || *public != *key(t, tt.public) {
			t.Errorf("%d: the arguments have changed", i)
		}
		if !(adx.X25519{}).SharedSecret(private, private, public) || *private != shared {
			t.Errorf("%d: in place: got %x, want %x", i, *private, shared)
		}
	}
}

// RFC 7748, section 6.1.
func TestPublicKeyKnown(t *testing.T) {
	for private, want := range map[string]string{
		"77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a": "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
		"5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb": "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
	} {
		if got := (adx.X25519{}).PublicKey(key(t, private)); got != *key(t, want) {
			t.Errorf("got %x, want %s", got, want)
		}
	}
}

// RFC 7748, section 5.2: the scalar becomes the point, and the result the scalar, again and again.
func TestIteration(t *testing.T) {
	want := map[int]string{
		1:    "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079",
		1000: "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51",
	}
	k, u := [32]byte{9}, [32]byte{9}
	compared := 0
	for n := 1; n <= 1000; n++ {
		var r [32]byte
		if !(adx.X25519{}).SharedSecret(&r, &k, &u) {
			t.Fatalf("round %d is refused", n)
		}
		k, u = r, k
		if s, ok := want[n]; ok {
			compared++
			if k != *key(t, s) {
				t.Fatalf("round %d: got %x, want %s", n, k, s)
			}
		}
	}
	if compared != len(want) {
		t.Errorf("%d rounds compared, want %d", compared, len(want))
	}
}

// edges are public keys at the edges of the field: low order, not reduced, with and without the top bit.
func edges() [][]byte {
	var all [][]byte
	add := func(low byte, rest byte, last byte) {
		all = append(all, append(append([]byte{low}, bytes.Repeat([]byte{rest}, 30)...), last))
	}
	for low := range 20 {
		add(byte(low), 0, 0)
		add(byte(low), 0, 0x80)
	}
	for low := 0xe8; low <= 0xff; low++ { // 2^255-24 to 2^255-1; p is 2^255-19
		add(byte(low), 0xff, 0x7f)
		add(byte(low), 0xff, 0xff)
	}
	for _, s := range []string{ // of order 8
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
	} {
		b, err := hex.DecodeString(s)
		if err != nil {
			panic(err)
		}
		top := bytes.Clone(b)
		top[31] |= 0x80
		all = append(all, b, top)
	}
	return all
}

// compare checks that X25519 does what crypto/ecdh does, and returns whether that agrees.
func compare(t *testing.T, scalar, point []byte) bool {
	t.Helper()
	private, err := ecdh.X25519().NewPrivateKey(scalar)
	if err != nil {
		t.Fatal(err)
	}
	public, err := ecdh.X25519().NewPublicKey(point)
	if err != nil {
		t.Fatal(err)
	}
	k, u := [32]byte(scalar), [32]byte(point)
	if got, want := (adx.X25519{}).PublicKey(&k), private.PublicKey().Bytes(); !bytes.Equal(got[:], want) {
		t.Errorf("public key of %x: got %x, want %x", scalar, got, want)
	}
	want, err := private.ECDH(public)
	var got [32]byte
	ok := (adx.X25519{}).SharedSecret(&got, &k, &u)
	if ok != (err == nil) {
		t.Errorf("%x with %x: got %t, want %v", scalar, point, ok, err)
	}
	if ok && !bytes.Equal(got[:], want) || !ok && got != [32]byte{} {
		t.Errorf("%x with %x: got %x, want %x", scalar, point, got, want)
	}
	if k != [32]byte(scalar) || u != [32]byte(point) {
		t.Errorf("%x with %x: the arguments have changed", scalar, point)
	}
	return ok
}

// NOISE-009, NOISE-018: at the edges too both agree, and refuse alike.
func TestEdges(t *testing.T) {
	refused := 0
	for _, point := range edges() {
		for _, scalar := range [][]byte{make([]byte, 32), bytes.Repeat([]byte{0xff}, 32), bytes.Repeat([]byte{0x5a, 7}, 16)} {
			if !compare(t, scalar, point) {
				refused++
			}
		}
	}
	// 0, 1, -1, p, p+1, and two points of order 8, each with and without the top bit, for three scalars.
	if want := 7 * 2 * 3; refused != want {
		t.Errorf("%d refused, want %d", refused, want)
	}
}

// FuzzX25519 compares with crypto/ecdh.
func FuzzX25519(f *testing.F) {
	scalar := bytes.Repeat([]byte{0x77}, 32)
	for _, point := range edges() {
		f.Add(scalar, point)
	}
	f.Add(make([]byte, 32), bytes.Repeat([]byte{0xff}, 32))
	f.Fuzz(func(t *testing.T, scalar, point []byte) {
		if len(scalar) != 32 || len(point) != 32 {
			return
		}
		compare(t, scalar, point)
	})
}

// MEM-001: a private key is in the allocator's memory, which is wiped, and an agreement leaves no other buffer behind. The handle of
// the key may be destroyed meanwhile.
func TestMemory(t *testing.T) {
	var m memorytest.Counting
	v, err := software.New(software.Config{Memory: &m, X25519: adx.X25519{}})
	if err != nil {
		t.Fatal(err)
	}
	private, err := v.Generate(vault.Attributes{Type: vault.X25519PrivateKey})
	if err != nil {
		t.Fatal(err)
	}
	live := m.Live()
	shared, err := v.ECDH(private, append(make([]byte, 31), 9))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []vault.Secret{private, shared} {
		if err := v.Destroy(s); err != nil {
			t.Fatal(err)
		}
	}
	if m.Live() != live {
		t.Errorf("%d buffers, want %d", m.Live(), live)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	if err := m.Err(); m.Live() != 0 || err != nil {
		t.Errorf("after Close %d buffers, %v", m.Live(), err)
	}
}

func TestAllocatesNothing(t *testing.T) {
	x, private, public := software.X25519(adx.X25519{}), &[32]byte{1}, &[32]byte{9}
	shared := new([32]byte)
	got := testing.AllocsPerRun(10, func() {
		*public = x.PublicKey(private)
		if !x.SharedSecret(shared, private, public) {
			t.Fatal("refused")
		}
	})
	if got != 0 {
		t.Errorf("%v allocations", got)
	}
}

func BenchmarkX25519(b *testing.B) {
	x := adx.X25519{}
	private, shared := &[32]byte{1}, new([32]byte)
	public := x.PublicKey(private)
	for _, bb := range []struct {
		name string
		run  func()
	}{
		{"PublicKey", func() { public = x.PublicKey(private) }},
		{"SharedSecret", func() { x.SharedSecret(shared, private, &public) }},
		{"ecdh.NewPrivateKey", func() { _, _ = ecdh.X25519().NewPrivateKey(private[:]) }},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bb.run()
			}
		})
	}
}
