package noise_test

import (
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/sha256"
	"testing"

	"ockamtest/ref/key/keytest"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
)

// The intermediate values of section 12: h after the prologue, m1, and m2, and ck and k after ee, es, and se. ck and k are secrets that
// no vault gives away, so a second derivation over the standard library runs beside the vault.
func TestIntermediateValues(t *testing.T) {
	suite := profile.X25519AES256()
	var glass *glassVault
	withGlass := func(p *party) {
		knownKeys(p)
		glass = newGlassVault(t, p)
		p.config.Vault = glass
	}
	i := newParty(t, suite, true, withGlass)
	iGlass := glass
	r := newParty(t, suite, false, withGlass)
	rGlass := glass

	sameH := func(name, want string) {
		t.Helper()
		for _, p := range []*party{i, r} {
			h := p.hs.H()
			equalBytes(t, "h after "+name, h[:], unhex(t, want))
		}
	}
	sameH("prologue", "5df72b67b965add1168f0a6c756df21c204f7e64fc682be6a3ab4b682c8db64b")
	r.read(i.write(nil))
	sameH("m1", "5406b69e020ba02aaab23371b94629b11d165740796f9f350a51f90023724ddf")
	i.read(r.write(nil))
	sameH("m2", "46270ab42fb50a4fc6b29f78c5d92d115d05cf0d64261e1db6ad5e3f4897baf9")
	r.read(i.write(nil))

	want := []struct{ dh, ck, k string }{
		{
			"ee", "674afe9e8a30e6dbf073b32cad4d711d11edf32a4b83470583e6893bd40041f4",
			"b85aa7e2e04a792d253b9598ed47601a5546881309478df8d70c5454328a74c7",
		},
		{
			"es", "130025cc0334817f13d5e426337f68b73a857a9f71c23d4c90cab62a85b6c453",
			"477bf6e316ee873dbb44e682a0556be220920dcadd274adad439c30f0bc7ec77",
		},
		{
			"se", "deede25eee0158a0fde982e8be1c799d395fd5baad408c6bec2ba2e90eb3c718",
			"8eb87dfe8a9af3388bfc334fd3263c4fdd7d4df339e56c62bd97b9f60e033a9d",
		},
	}
	for name, g := range map[string]*glassVault{"initiator": iGlass, "responder": rGlass} {
		if len(g.derived) != len(want) {
			t.Fatalf("%s derived %d times, want %d", name, len(g.derived), len(want))
		}
		for n, w := range want {
			equalBytes(t, name+"'s ck after "+w.dh, g.derived[n].ck, unhex(t, w.ck))
			equalBytes(t, name+"'s k after "+w.dh, g.derived[n].k, unhex(t, w.k))
		}
	}
}

// A glassVault computes in the open what the vault below computes in the dark, from the same inputs. That both agree shows in use: a key
// that is sealed or opened with has to give the same bytes from both.
type glassVault struct {
	*keytest.Vault
	t       *testing.T
	raw     map[vault.Secret][]byte
	derived []derivedKeys
}

type derivedKeys struct{ ck, k []byte }

func newGlassVault(t *testing.T, p *party) *glassVault {
	g := &glassVault{Vault: p.vault, t: t, raw: map[vault.Secret][]byte{}}
	static, ephemeral := keytest.PrivateKeys(p.config.Initiator)
	g.raw[p.static], g.raw[p.config.UnsafeEphemeral] = static, ephemeral
	return g
}

func (g *glassVault) Import(a vault.Attributes, raw []byte) (vault.Secret, error) {
	s, err := g.Vault.Import(a, raw)
	g.raw[s] = append([]byte(nil), raw...)
	return s, err
}

func (g *glassVault) ECDH(private vault.Secret, public []byte) (vault.Secret, error) {
	s, err := g.Vault.ECDH(private, public)
	if err != nil {
		return s, err
	}
	k, err := ecdh.X25519().NewPrivateKey(g.raw[private])
	if err != nil {
		g.t.Fatal(err)
	}
	peer, err := ecdh.X25519().NewPublicKey(public)
	if err != nil {
		g.t.Fatal(err)
	}
	g.raw[s], err = k.ECDH(peer)
	return s, err
}

func (g *glassVault) HKDF(salt, ikm vault.Secret, outputs []vault.Secret) error {
	if err := g.Vault.HKDF(salt, ikm, outputs); err != nil {
		return err
	}
	out, err := hkdf.Key(sha256.New, g.raw[ikm], g.raw[salt], "", 32*len(outputs))
	if err != nil {
		g.t.Fatal(err)
	}
	for n, s := range outputs {
		g.raw[s] = out[32*n:][:32]
	}
	g.derived = append(g.derived, derivedKeys{g.raw[outputs[0]], g.raw[outputs[1]]})
	return nil
}

func (g *glassVault) Seal(dst []byte, key vault.Secret, nonce, ad, plaintext []byte) ([]byte, error) {
	want := seal(g.t, g.raw[key], nonce, ad, plaintext)
	out, err := g.Vault.Seal(dst, key, nonce, ad, plaintext)
	if err == nil {
		equalBytes(g.t, "sealed with k", out[len(dst):], want)
	}
	return out, err
}
