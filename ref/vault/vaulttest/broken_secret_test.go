package vaulttest_test

import (
	"bytes"
	"errors"

	"ockamtest/ref/vault"
)

func brokenSecrets() []broken {
	return []broken{
		{"leaves the last random byte", "random/fill/accepts", func(p *patched) {
			p.random = func(b []byte) error { return p.AEADVault.Random(b[:max(len(b)-1, 0)]) }
		}},
		{"has one random value", "random/repeat/refuses", func(p *patched) {
			p.random = func(b []byte) error {
				copy(b, bytes.Repeat([]byte{7}, len(b)))
				return nil
			}
		}},
		{"hashes the first part only", "sha256/known/accepts", func(p *patched) {
			p.sha256 = func(a, _ []byte) ([vault.HashSize]byte, error) { return p.AEADVault.SHA256(a, nil) }
		}},
		{"generates one key", "create/fresh/accepts", func(p *patched) {
			p.generate = func(a vault.Attributes) (vault.Secret, error) {
				return p.AEADVault.Import(a, bytes.Repeat([]byte{7}, max(a.Length, 0)))
			}
		}},
		{"stores nothing and does not say so", "capabilities/persistence/refuses", func(p *patched) {
			p.generate = func(a vault.Attributes) (vault.Secret, error) {
				a.Persistence = vault.Ephemeral
				return p.AEADVault.Generate(a)
			}
		}},
		{"claims to store", "capabilities/persistence/accepts", func(p *patched) {
			p.capabilities = func() vault.Capabilities {
				c := p.AEADVault.Capabilities()
				c.Persistent = []vault.Type{vault.X25519PrivateKey}
				return c
			}
		}},
		{"claims no type that it has", "capabilities/types/refuses", func(p *patched) {
			p.capabilities = func() vault.Capabilities {
				c := p.AEADVault.Capabilities()
				c.Generate = c.Generate[1:]
				return c
			}
		}},
		{"claims a type that it does not have", "capabilities/types/accepts", func(p *patched) {
			p.generate = func(a vault.Attributes) (vault.Secret, error) {
				if a.Type == vault.P256PrivateKey {
					return vault.Secret{}, vault.ErrUnsupported
				}
				return p.AEADVault.Generate(a)
			}
		}},
		{"ignores the purpose", "capabilities/attributes/refuses", func(p *patched) {
			p.load = func(a vault.Attributes, raw []byte) (vault.Secret, error) {
				a.Purpose = vault.KeyAgreement
				return p.AEADVault.Import(a, raw)
			}
		}},
		{"claims longer buffers than it has", "capabilities/size/accepts", claimBuffer(301)},
		{"claims shorter buffers than it has", "capabilities/size/refuses", claimBuffer(299)},
		{"cuts long buffers", "create/buffer-length/accepts", func(p *patched) {
			p.load = func(a vault.Attributes, raw []byte) (vault.Secret, error) {
				if a.Type == vault.Buffer && len(raw) > 64 {
					a.Length, raw = 64, raw[:64]
				}
				return p.AEADVault.Import(a, raw)
			}
		}},
		{"pads short keys", "create/length/refuses", func(p *patched) {
			p.load = func(a vault.Attributes, raw []byte) (vault.Secret, error) {
				if a.Type == vault.AES256Key && a.Length == 0 && len(raw) < 32 {
					raw = append(bytes.Clone(raw), make([]byte, 32-len(raw))...)
				}
				return p.AEADVault.Import(a, raw)
			}
		}},
		{"wipes what it imports", "create/copy/accepts", func(p *patched) {
			p.load = func(a vault.Attributes, raw []byte) (vault.Secret, error) {
				defer clear(raw)
				return p.AEADVault.Import(a, raw)
			}
		}},
		{"exports all", "export/plain/refuses", func(p *patched) { exportAfter(p, func(vault.Secret) bool { return true }) }},
		{"exports after a set type", "export/set-type/refuses", func(p *patched) {
			changed := make(map[vault.Secret]bool)
			p.setType = func(s vault.Secret, t vault.Type) error {
				changed[s] = true
				return p.AEADVault.SetType(s, t)
			}
			exportAfter(p, func(s vault.Secret) bool { return changed[s] })
		}},
		{"does not export after a set type", "export/set-type/accepts", func(p *patched) {
			p.export = func(dst []byte, s vault.Secret) ([]byte, error) {
				if a, err := p.AEADVault.Attributes(s); err == nil && a.Type == vault.AES128Key {
					return nil, vault.ErrNotExportable
				}
				return p.AEADVault.Export(dst, s)
			}
		}},
		{"exports after an exportable import", "export/import-over/refuses", func(p *patched) {
			open := false
			exportAfter(p, func(vault.Secret) bool { return open })
			load := p.load
			p.load = func(a vault.Attributes, raw []byte) (vault.Secret, error) {
				open = open || a.Exportable
				return load(a, raw)
			}
		}},
		{"exports an empty secret", "export/exportable/accepts", func(p *patched) {
			p.export = func(dst []byte, s vault.Secret) ([]byte, error) {
				_, err := p.AEADVault.Export(dst, s)
				return dst, err
			}
		}},
		{"exports agreed secrets", "export/derived/refuses", func(p *patched) {
			p.ecdh = func(s vault.Secret, public []byte) (vault.Secret, error) {
				shared, err := p.AEADVault.ECDH(s, public)
				if err != nil {
					return shared, err
				}
				return p.AEADVault.Import(vault.Attributes{Type: vault.Buffer, Exportable: true}, make([]byte, 32))
			}
		}},
		{"says exportable when it is not", "create/attributes/accepts", func(p *patched) {
			p.attributes = func(s vault.Secret) (vault.Attributes, error) {
				a, err := p.AEADVault.Attributes(s)
				a.Exportable = true
				return a, err
			}
		}},
		{"exports beyond the buffer", "export/exportable/accepts", func(p *patched) {
			p.export = func(dst []byte, s vault.Secret) ([]byte, error) {
				return p.AEADVault.Export(append(make([]byte, 0, len(dst)+64), dst...), s)
			}
		}},
		{"sets the type of nothing", "set-type/buffer/accepts", func(p *patched) {
			p.setType = func(s vault.Secret, _ vault.Type) error { _, err := p.AEADVault.Attributes(s); return err }
		}},
		{"sets the type of a buffer of any length", "set-type/length/refuses", func(p *patched) {
			p.setType = func(s vault.Secret, t vault.Type) error {
				if err := p.AEADVault.SetType(s, t); !errors.Is(err, vault.ErrInvalidLength) {
					return err
				}
				return nil
			}
		}},
		{"sets any type", "set-type/type/refuses", func(p *patched) {
			p.setType = func(s vault.Secret, t vault.Type) error {
				if err := p.AEADVault.SetType(s, t); !errors.Is(err, vault.ErrWrongType) {
					return err
				}
				return nil
			}
		}},
		{"closes all vaults at once", "close/other/accepts", closeAll()},
	}
}

// claimBuffer claims another limit of buffers.
func claimBuffer(n int) func(*patched) {
	return func(p *patched) {
		p.capabilities = func() vault.Capabilities {
			c := p.AEADVault.Capabilities()
			c.MaxBuffer = n
			return c
		}
	}
}

// exportAfter makes every import exportable, hides that, and exports what was asked to be exportable and what open says.
func exportAfter(p *patched, open func(vault.Secret) bool) {
	asked := make(map[vault.Secret]bool)
	p.load = func(a vault.Attributes, raw []byte) (vault.Secret, error) {
		exportable := a.Exportable
		a.Exportable = true
		s, err := p.AEADVault.Import(a, raw)
		asked[s] = exportable
		return s, err
	}
	p.attributes = func(s vault.Secret) (vault.Attributes, error) {
		a, err := p.AEADVault.Attributes(s)
		if exportable, known := asked[s]; known && err == nil {
			a.Exportable = exportable
		}
		return a, err
	}
	p.export = func(dst []byte, s vault.Secret) ([]byte, error) {
		exported, err := p.AEADVault.Export(dst, s)
		if exportable, known := asked[s]; err == nil && known && !exportable && !open(s) {
			clear(exported[len(dst):])
			return nil, vault.ErrNotExportable
		}
		return exported, err
	}
}

// closeAll closes the vaults that it was applied to, all of them at once.
func closeAll() func(*patched) {
	var all []vault.Vault
	return func(p *patched) {
		all = append(all, p.AEADVault)
		p.close = func() (err error) {
			for _, v := range all {
				err = errors.Join(err, v.Close())
			}
			return err
		}
	}
}
