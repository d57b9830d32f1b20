package vaulttest_test

import (
	"bytes"
	"crypto/elliptic"
	"errors"

	"ockamtest/ref/vault"
)

func brokenKeys() []broken {
	return []broken{
		{"writes public keys without the first byte", "public-key/known/accepts", func(p *patched) {
			p.public = func(dst []byte, s vault.Secret) ([]byte, error) {
				public, err := p.AEADVault.PublicKey(make([]byte, 0, vault.P256PublicKeySize), s)
				if err != nil || cap(dst)-len(dst) < len(public)-1 {
					return nil, errors.Join(err, vault.ErrShortBuffer)
				}
				return append(dst, public[1:]...), nil
			}
		}},
		{"agrees on the zero value", "x25519/low-order/refuses", func(p *patched) {
			p.ecdh = func(s vault.Secret, public []byte) (vault.Secret, error) {
				shared, err := p.AEADVault.ECDH(s, public)
				if errors.Is(err, vault.ErrWeakPublicKey) {
					return p.AEADVault.Import(vault.Attributes{Type: vault.Buffer}, make([]byte, 32))
				}
				return shared, err
			}
		}},
		{"refuses the top bit", "x25519/top-bit/accepts", refusePublic(func(public []byte) bool {
			return len(public) == 32 && public[31]&0x80 != 0
		})},
		{"refuses values of p and above", "x25519/non-canonical/accepts", refusePublic(func(public []byte) bool {
			return len(public) == 32 && public[0] >= 0xed && bytes.Equal(public[1:31], bytes.Repeat([]byte{0xff}, 30))
		})},
		{"cuts public keys", "x25519/length/refuses", changePublic(func(public []byte) []byte {
			return public[:min(len(public), 32)]
		})},
		{"reverses scalars", "x25519/known/accepts", func(p *patched) {
			p.load = func(a vault.Attributes, raw []byte) (vault.Secret, error) {
				if a.Type == vault.X25519PrivateKey && len(raw) == 32 {
					raw = bytes.Clone(raw)
					raw[1], raw[2] = raw[2], raw[1]
				}
				return p.AEADVault.Import(a, raw)
			}
		}},
		{"clamps on import", "x25519/clamp/accepts", func(p *patched) {
			p.load = func(a vault.Attributes, raw []byte) (vault.Secret, error) {
				if a.Type == vault.X25519PrivateKey && len(raw) == 32 {
					raw = bytes.Clone(raw)
					raw[0] &= 248
					raw[31] = raw[31]&127 | 64
				}
				return p.AEADVault.Import(a, raw)
			}
		}},
		{"takes compressed points", "p256/form/refuses", changePublic(func(public []byte) []byte {
			if len(public) == 33 {
				if x, y := elliptic.UnmarshalCompressed(elliptic.P256(), public); x != nil {
					point := make([]byte, vault.P256PublicKeySize)
					point[0] = 4
					x.FillBytes(point[1:33])
					y.FillBytes(point[33:])
					return point
				}
			}
			return public
		})},
		{"takes hybrid points", "p256/form/refuses", changePublic(func(public []byte) []byte {
			if len(public) == 65 && public[0]&^1 == 6 {
				return append([]byte{4}, public[1:]...)
			}
			return public
		})},
		{"ignores trailing bytes of points", "p256/length/refuses", changePublic(func(public []byte) []byte {
			return public[:min(len(public), 65)]
		})},
		{"takes points off the curve", "p256/off-curve/refuses", func(p *patched) {
			p.ecdh = func(s vault.Secret, public []byte) (vault.Secret, error) {
				shared, err := p.AEADVault.ECDH(s, public)
				if errors.Is(err, vault.ErrInvalidPublicKey) && len(public) == 65 && public[0] == 4 {
					return p.AEADVault.Import(vault.Attributes{Type: vault.Buffer}, public[1:33])
				}
				return shared, err
			}
		}},
		{"agrees on a constant on P-256", "p256/known/accepts", changeShared(vault.P256PrivateKey)},
		{"agrees on a constant on X25519", "ecdh/generated/accepts", changeShared(vault.X25519PrivateKey)},
		{"gives a key instead of a buffer", "ecdh/result/accepts", func(p *patched) {
			p.ecdh = func(s vault.Secret, public []byte) (vault.Secret, error) {
				shared, err := p.AEADVault.ECDH(s, public)
				if err != nil {
					return shared, err
				}
				return shared, p.AEADVault.SetType(shared, vault.AES256Key)
			}
		}},
		{"takes x alone for a point", "ecdh/other-curve/refuses", func(p *patched) {
			p.ecdh = func(s vault.Secret, public []byte) (vault.Secret, error) {
				a, err := p.AEADVault.Attributes(s)
				if err == nil && a.Type == vault.P256PrivateKey && len(public) == 32 {
					return p.AEADVault.Import(vault.Attributes{Type: vault.Buffer}, public)
				}
				return p.AEADVault.ECDH(s, public)
			}
		}},
		{"takes no scalar of n-1", "create/p256-scalar/accepts", func(p *patched) {
			p.load = func(a vault.Attributes, raw []byte) (vault.Secret, error) {
				if a.Type == vault.P256PrivateKey && len(raw) == 32 && raw[0] == 0xff {
					return vault.Secret{}, vault.ErrInvalidPrivateKey
				}
				return p.AEADVault.Import(a, raw)
			}
		}},
		{"takes a scalar of 0", "create/p256-scalar/refuses", func(p *patched) {
			p.load = func(a vault.Attributes, raw []byte) (vault.Secret, error) {
				if a.Type == vault.P256PrivateKey && bytes.Equal(raw, make([]byte, 32)) {
					raw = bytes.Repeat([]byte{1}, 32)
				}
				return p.AEADVault.Import(a, raw)
			}
		}},
	}
}

// refusePublic refuses the public keys that bad tells.
func refusePublic(bad func([]byte) bool) func(*patched) {
	return func(p *patched) {
		p.ecdh = func(s vault.Secret, public []byte) (vault.Secret, error) {
			if bad(public) {
				return vault.Secret{}, vault.ErrInvalidPublicKey
			}
			return p.AEADVault.ECDH(s, public)
		}
	}
}

// changePublic agrees with another public key.
func changePublic(change func([]byte) []byte) func(*patched) {
	return func(p *patched) {
		p.ecdh = func(s vault.Secret, public []byte) (vault.Secret, error) { return p.AEADVault.ECDH(s, change(public)) }
	}
}

// changeShared gives a constant for what private keys of type t agree on.
func changeShared(t vault.Type) func(*patched) {
	return func(p *patched) {
		p.ecdh = func(s vault.Secret, public []byte) (vault.Secret, error) {
			shared, err := p.AEADVault.ECDH(s, public)
			if a, _ := p.AEADVault.Attributes(s); err != nil || a.Type != t {
				return shared, err
			}
			if err := p.AEADVault.Destroy(shared); err != nil {
				return vault.Secret{}, err
			}
			return p.AEADVault.Import(vault.Attributes{Type: vault.Buffer}, bytes.Repeat([]byte{7}, 32))
		}
	}
}
