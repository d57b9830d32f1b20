package vaulttest_test

import (
	"crypto/rand"
	"errors"
	"runtime"
	"sync/atomic"

	"ockamtest/ref/vault"
)

func brokenHandles() []broken {
	return []broken{
		{"takes foreign handles", "handle/foreign/refuses", func(p *patched) {
			var own *vault.Owner
			p.load = func(a vault.Attributes, raw []byte) (vault.Secret, error) {
				s, err := p.AEADVault.Import(a, raw)
				own = s.Owner
				return s, err
			}
			p.attributes = func(s vault.Secret) (vault.Attributes, error) {
				if s.Owner != nil {
					s.Owner = own
				}
				return p.AEADVault.Attributes(s)
			}
		}},
		{"takes old handles", "handle/reused/refuses", func(p *patched) {
			generation := make(map[uint32]uint32)
			p.load = func(a vault.Attributes, raw []byte) (vault.Secret, error) {
				s, err := p.AEADVault.Import(a, raw)
				generation[s.Slot] = s.Generation
				return s, err
			}
			p.seal = func(dst []byte, key vault.Secret, nonce, ad, plaintext []byte) ([]byte, error) {
				if key.Owner != nil {
					key.Generation = generation[key.Slot]
				}
				return p.AEADVault.Seal(dst, key, nonce, ad, plaintext)
			}
		}},
		{"takes the zero handle", "handle/zero/refuses", func(p *patched) {
			p.public = func(dst []byte, s vault.Secret) ([]byte, error) {
				if s.IsZero() {
					return dst, nil
				}
				return p.AEADVault.PublicKey(dst, s)
			}
		}},
		{"destroys nothing", "handle/destroyed/refuses", func(p *patched) {
			p.destroy = func(s vault.Secret) error { _, err := p.AEADVault.Attributes(s); return err }
		}},
		{"destroys its neighbour", "handle/live/accepts", func(p *patched) {
			var last vault.Secret
			p.load = func(a vault.Attributes, raw []byte) (vault.Secret, error) {
				s, err := p.AEADVault.Import(a, raw)
				last = s
				return s, err
			}
			p.destroy = func(vault.Secret) error { return p.AEADVault.Destroy(last) }
		}},
		{"takes any type for a public key", "handle/wrong-type/refuses", func(p *patched) {
			p.public = func(dst []byte, s vault.Secret) ([]byte, error) {
				public, err := p.AEADVault.PublicKey(dst, s)
				if errors.Is(err, vault.ErrWrongType) {
					return append(dst, 4), nil
				}
				return public, err
			}
		}},
		{"changes a secret that it refuses", "handle/wrong-type/refuses", func(p *patched) {
			p.hkdf = func(salt, ikm vault.Secret, outputs []vault.Secret) error {
				err := p.AEADVault.HKDF(salt, ikm, outputs)
				if errors.Is(err, vault.ErrWrongType) {
					err = errors.Join(err, p.AEADVault.Destroy(salt))
				}
				return err
			}
		}},
		{"leaks a slot at each refusal", "limit/leak/refuses", func(p *patched) {
			p.load = func(a vault.Attributes, raw []byte) (vault.Secret, error) {
				s, err := p.AEADVault.Import(a, raw)
				if errors.Is(err, vault.ErrUnsupported) {
					_, _ = p.AEADVault.Generate(vault.Attributes{Type: vault.AES128Key})
				}
				return s, err
			}
		}},
		{"holds fewer secrets than it says", "limit/secrets/accepts", func(p *patched) {
			p.capabilities = func() vault.Capabilities {
				c := p.AEADVault.Capabilities()
				c.MaxSecrets++
				return c
			}
		}},
		{"holds more secrets than it says", "limit/secrets/refuses", func(p *patched) {
			p.capabilities = func() vault.Capabilities {
				c := p.AEADVault.Capabilities()
				c.MaxSecrets--
				return c
			}
		}},
		{"lets callers change its capabilities", "capabilities/copy/accepts", func(p *patched) {
			c := p.AEADVault.Capabilities()
			p.capabilities = func() vault.Capabilities { return c }
		}},
		{"fails when closed twice", "close/again/accepts", func(p *patched) {
			closed := false
			p.close = func() error {
				if closed {
					return vault.ErrClosed
				}
				closed = true
				return p.AEADVault.Close()
			}
		}},
		{"works when closed", "close/use/refuses", func(p *patched) {
			p.random = func(b []byte) error { _, err := rand.Read(b); return err }
		}},
		{"is never closed", "concurrency/close/refuses", func(p *patched) {
			p.close = func() error { return nil }
			uses := 0
			p.attributes = func(s vault.Secret) (vault.Attributes, error) {
				if uses++; uses > 1000 { // so that the test ends
					return vault.Attributes{}, errors.New("still open")
				}
				return p.AEADVault.Attributes(s)
			}
		}},
		{"mixes up what is used at once", "concurrency/use/accepts", func(p *patched) {
			p.atOnce = true
			var inside atomic.Int32
			p.random = func(b []byte) error {
				defer inside.Add(-1)
				alone := inside.Add(1) == 1
				for i := 0; alone && i < 1000; i++ { // Give others time to come in.
					runtime.Gosched()
					alone = inside.Load() == 1
				}
				if !alone {
					return errors.New("busy")
				}
				return p.AEADVault.Random(b)
			}
		}},
	}
}
