package vaulttest_test

import (
	"errors"
	"maps"
	"slices"

	"ockamtest/ref/vault"
	"ockamtest/ref/vault/store"
)

func brokenPersistence() []broken {
	return []broken{
		{"keeps persistent secrets in memory", "persistence/restart/accepts", keepsInMemory},
		{"stores ephemeral secrets", "persistence/ephemeral/refuses", func(p *patched) {
			p.load = func(a vault.Attributes, raw []byte) (vault.Secret, error) {
				if a.Persistence == vault.Ephemeral {
					a.Persistence = vault.Persistent
				}
				return p.AEADVault.Import(a, raw)
			}
		}},
		{"takes handles from before a restart", "persistence/handle/refuses", takesOldHandles},
		{"destroys until the restart", "persistence/destroy/accepts", destroysInMemory},
		{"does not export after a restart", "persistence/export/accepts", func(p *patched) {
			made := make(map[vault.Secret]bool)
			p.load = func(a vault.Attributes, raw []byte) (vault.Secret, error) {
				s, err := p.AEADVault.Import(a, raw)
				made[s] = true
				return s, err
			}
			p.export = func(dst []byte, s vault.Secret) ([]byte, error) {
				if !made[s] {
					return nil, vault.ErrNotExportable
				}
				return p.AEADVault.Export(dst, s)
			}
		}},
		{"exports all after a restart", "persistence/export/refuses", func(p *patched) {
			found := make(map[vault.Secret]bool)
			p.lookup = func(label string) (vault.Secret, error) {
				s, err := p.kept.Lookup(label)
				found[s] = true
				return s, err
			}
			p.export = func(dst []byte, s vault.Secret) ([]byte, error) {
				out, err := p.AEADVault.Export(dst, s)
				if errors.Is(err, vault.ErrNotExportable) && found[s] {
					return append(dst, 1, 2, 3), nil
				}
				return out, err
			}
		}},
		{"sets the type until the restart", "persistence/set-type/accepts", func(p *patched) {
			imported := make(map[vault.Secret][]byte)
			p.load = func(a vault.Attributes, raw []byte) (vault.Secret, error) {
				s, err := p.AEADVault.Import(a, raw)
				imported[s] = slices.Clone(raw)
				return s, err
			}
			p.setType = func(s vault.Secret, t vault.Type) error {
				a, _ := p.AEADVault.Attributes(s)
				err := p.AEADVault.SetType(s, t)
				if err == nil && a.Label != "" {
					err = p.store.Set(store.Entry{Attributes: a, Raw: imported[s]})
				}
				return err
			}
		}},
		{"stores what it derives", "persistence/derived/refuses", func(p *patched) {
			p.ecdh = func(s vault.Secret, public []byte) (vault.Secret, error) {
				shared, err := p.AEADVault.ECDH(s, public)
				if err != nil {
					return shared, err
				}
				a := vault.Attributes{Type: vault.Buffer, Persistence: vault.Persistent}
				return p.AEADVault.Import(a, make([]byte, vault.SharedSecretSize))
			}
		}},
		{"finds secrets when closed", "persistence/close/refuses", func(p *patched) {
			found := make(map[string]vault.Secret)
			p.lookup = func(label string) (vault.Secret, error) {
				s, err := p.kept.Lookup(label)
				if errors.Is(err, vault.ErrClosed) {
					return found[label], nil
				}
				found[label] = s
				return s, err
			}
		}},
	}
}

// keepsInMemory makes ephemeral secrets where persistent ones are asked for, and says otherwise.
func keepsInMemory(p *patched) {
	kept := make(map[string]vault.Secret)
	labels := make(map[vault.Secret]string)
	p.load = func(a vault.Attributes, raw []byte) (vault.Secret, error) {
		label := a.Label
		a.Persistence, a.Label = vault.Ephemeral, ""
		s, err := p.AEADVault.Import(a, raw)
		kept[label], labels[s] = s, label
		return s, err
	}
	p.attributes = func(s vault.Secret) (vault.Attributes, error) {
		a, err := p.AEADVault.Attributes(s)
		if label, is := labels[s]; is {
			a.Persistence, a.Label = vault.Persistent, label
		}
		return a, err
	}
	p.lookup = func(label string) (vault.Secret, error) {
		if s, is := kept[label]; is {
			return s, nil
		}
		return p.kept.Lookup(label)
	}
	p.labels = func() ([]string, error) {
		all, err := p.kept.Labels()
		return slices.Sorted(slices.Values(append(all, slices.Collect(maps.Keys(kept))...))), err
	}
}

// takesOldHandles takes a handle of any vault for its own when the place is that of a persistent secret.
func takesOldHandles(p *patched) {
	p.attributes = func(s vault.Secret) (vault.Attributes, error) {
		a, err := p.AEADVault.Attributes(s)
		if !errors.Is(err, vault.ErrInvalidSecret) || s.Owner == nil {
			return a, err
		}
		labels, _ := p.kept.Labels()
		for _, label := range labels {
			own, _ := p.kept.Lookup(label)
			if own.Slot == s.Slot && own.Generation == s.Generation {
				return p.AEADVault.Attributes(own)
			}
		}
		return a, err
	}
}

// destroysInMemory puts a persistent secret back on the medium after it was destroyed.
func destroysInMemory(p *patched) {
	imported := make(map[vault.Secret][]byte)
	p.load = func(a vault.Attributes, raw []byte) (vault.Secret, error) {
		s, err := p.AEADVault.Import(a, raw)
		imported[s] = slices.Clone(raw)
		return s, err
	}
	p.destroy = func(s vault.Secret) error {
		a, _ := p.AEADVault.Attributes(s)
		err := p.AEADVault.Destroy(s)
		if raw, is := imported[s]; is && err == nil && a.Label != "" {
			err = p.store.Add(store.Entry{Attributes: a, Raw: raw})
		}
		return err
	}
}

func brokenLabels() []broken {
	return []broken{
		{"finds the last secret for any label", "label/lookup/accepts", func(p *patched) {
			p.lookup = func(label string) (vault.Secret, error) {
				labels, err := p.kept.Labels()
				if err != nil || len(labels) == 0 {
					return vault.Secret{}, errors.Join(err, vault.ErrNotFound)
				}
				return p.kept.Lookup(labels[len(labels)-1])
			}
		}},
		{"has labels in no order", "label/lookup/accepts", func(p *patched) {
			p.labels = func() ([]string, error) {
				labels, err := p.kept.Labels()
				slices.Reverse(labels)
				return labels, err
			}
		}},
		{"does not tell the label that it chose", "label/chosen/accepts", func(p *patched) {
			p.attributes = func(s vault.Secret) (vault.Attributes, error) {
				a, err := p.AEADVault.Attributes(s)
				a.Label = ""
				return a, err
			}
		}},
		{"never frees a label", "label/free/accepts", func(p *patched) {
			used := make(map[string]bool)
			p.load = func(a vault.Attributes, raw []byte) (vault.Secret, error) {
				if used[a.Label] && a.Label != "" {
					return vault.Secret{}, vault.ErrLabelTaken
				}
				used[a.Label] = true
				return p.AEADVault.Import(a, raw)
			}
		}},
		{"replaces the secret of the same label", "label/taken/refuses", func(p *patched) {
			p.load = func(a vault.Attributes, raw []byte) (vault.Secret, error) {
				s, err := p.AEADVault.Import(a, raw)
				if errors.Is(err, vault.ErrLabelTaken) {
					old, _ := p.kept.Lookup(a.Label)
					if err = p.AEADVault.Destroy(old); err == nil {
						return p.AEADVault.Import(a, raw)
					}
				}
				return s, err
			}
		}},
		{"chooses another label for an invalid one", "label/invalid/refuses", func(p *patched) {
			p.load = func(a vault.Attributes, raw []byte) (vault.Secret, error) {
				s, err := p.AEADVault.Import(a, raw)
				if errors.Is(err, vault.ErrInvalidLabel) {
					a.Label = ""
					return p.AEADVault.Import(a, raw)
				}
				return s, err
			}
		}},
		{"finds what is not there", "label/unknown/refuses", func(p *patched) {
			p.lookup = func(label string) (vault.Secret, error) {
				s, err := p.kept.Lookup(label)
				if errors.Is(err, vault.ErrNotFound) {
					return vault.Secret{}, nil
				}
				return s, err
			}
		}},
		{"drops the label of an ephemeral secret", "label/ephemeral/refuses", func(p *patched) {
			p.load = func(a vault.Attributes, raw []byte) (vault.Secret, error) {
				if a.Persistence == vault.Ephemeral {
					a.Label = ""
				}
				return p.AEADVault.Import(a, raw)
			}
		}},
	}
}
