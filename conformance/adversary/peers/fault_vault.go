package peers

import "ockamtest/conformance"

// secretFaults are those of what may be done with a secret.
func secretFaults() []insightFault {
	const class = "wrong key type accepted"
	return []insightFault{
		{
			name: "destroyed-secret-used", title: "works with secrets that were destroyed", class: "secrets not destroyed", breaks: ids("VAULT-001"),
			alter: func(t *tools) {
				t.vault.alive = func(b *box, k *kept) error {
					if k == nil || k.life != b.life {
						return refused(classNoSecret)
					}
					return nil
				}
			},
		},
		{
			name: "any-type-used", title: "takes the bytes of any secret for a key", class: class, breaks: ids("VAULT-001"),
			alter: func(t *tools) {
				t.vault.fits = func(*kept, ...conformance.SecretType) error { return nil }
			},
		},
		{
			name: "exports-anything", title: "exports secrets that were not made for it", class: "secrets exported", breaks: ids("VAULT-006"),
			alter: func(t *tools) {
				t.vault.releases = func(*kept) error { return nil }
			},
		},
		{
			name: "set-type-exportable", title: "makes a secret exportable when it changes its type", class: "secrets exported", breaks: ids("VAULT-006"),
			alter: func(t *tools) {
				t.vault.becomes = func(k *kept, to conformance.SecretType) ([]byte, error) {
					value, err := becomes(k, to)
					k.exportable = k.exportable || err == nil
					return value, err
				}
			},
		},
		{
			name: "set-type-cuts", title: "makes an AES-256 key of the first 32 bytes of a longer buffer", class: class, breaks: ids("VAULT-011"),
			alter: func(t *tools) {
				t.vault.becomes = func(k *kept, to conformance.SecretType) ([]byte, error) {
					if k.kind == conformance.Buffer && to == conformance.AES256 && len(k.value) > 32 {
						return k.value[:32], nil
					}
					return becomes(k, to)
				}
			},
		},
		{
			name: "set-type-back", title: "makes a buffer of a key", class: class, breaks: ids("VAULT-011"),
			alter: func(t *tools) {
				t.vault.becomes = func(k *kept, to conformance.SecretType) ([]byte, error) {
					if to == conformance.Buffer {
						return k.value, nil
					}
					return becomes(k, to)
				}
			},
		},
		{
			name: "derives-from-salt-alone", title: "derives without the input when that is a secret", class: "wrong result of a vault",
			breaks: ids("VAULT-010"),
			alter: func(t *tools) {
				t.vault.salted = func(salt, _ []byte) ([]byte, error) { return expand(salt, nil, 1) }
			},
		},
	}
}

// lifeFaults are those of what a vault has, and of its end.
func lifeFaults() []insightFault {
	const class = "secrets not destroyed"
	return []insightFault{
		{
			name: "persistent-lost", title: "has no persistent secret any more after a restart", class: "secrets lost", breaks: ids("VAULT-007"),
			alter: func(t *tools) {
				t.vault.awakes = func(b *box) { clear(b.medium) }
			},
		},
		{
			name: "persistent-comes-back", title: "leaves a persistent secret that was destroyed on its medium", class: class, breaks: ids("VAULT-007"),
			alter: func(t *tools) {
				t.vault.removes = func(*box, *kept) {}
			},
		},
		{
			name: "ephemeral-survives", title: "works with ephemeral secrets from before a restart", class: class, breaks: ids("VAULT-007"),
			entails: ids("VAULT-012"),
			alter: func(t *tools) {
				t.vault.alive = func(_ *box, k *kept) error {
					if k == nil || k.gone {
						return refused(classNoSecret)
					}
					return nil
				}
			},
		},
		{
			name: "unsupported-made-otherwise", title: "makes a shorter buffer in place of one that it does not support", class: "stale bytes delivered",
			breaks: ids("VAULT-008"),
			alter: func(t *tools) {
				t.vault.has = func(m conformance.Operation) error {
					if m.Op == conformance.OpSupports {
						return has(m)
					}
					return nil
				}
			},
		},
		{
			name: "unsupported-not-told", title: "refuses what it does not support as if it were malformed", class: "errors replaced",
			breaks: ids("VAULT-008"),
			alter: func(t *tools) {
				t.vault.has = func(m conformance.Operation) error {
					if err := has(m); err != nil {
						return refused(classLength)
					}
					return nil
				}
			},
		},
		{
			name: "closed-vault-works", title: "goes on after it was closed", class: class, breaks: ids("VAULT-012"),
			alter: func(t *tools) {
				t.vault.shut = func(*box, conformance.Op) error { return nil }
			},
		},
		{
			name: "vault-closed-once", title: "fails when it is closed for the second time", class: "errors on close", breaks: ids("VAULT-012"),
			alter: func(t *tools) {
				t.vault.shut = func(b *box, _ conformance.Op) error {
					if b.closed {
						return refused(classClosed)
					}
					return nil
				}
			},
		},
	}
}
