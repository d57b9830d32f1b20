package cases

import (
	"bytes"
	"errors"
	"fmt"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// VAULT-007: "Persistent secrets survive a restart of vault and device; ephemeral ones do not. A persistent secret is found again by its
// label, unique in the vault." VAULT-008: "A vault that does not support a type, size, or persistence says so with a distinct error; callers
// can ask beforehand." VAULT-012: "After close every operation is an error and every ephemeral secret is wiped. Closing twice is harmless."
func vaultLife() []conformance.Case {
	return needInsight([]conformance.Case{{
		ID:           "vault/restart",
		Title:        "A persistent secret is found by its label after a restart, until it is destroyed; an ephemeral one is gone.",
		Requirements: []string{"VAULT-007"},
		Run:          atVault(restarted),
	}, {
		ID:           "vault/not-supported",
		Title:        "What the vault says that it supports can be made; what it says that it does not fails with that error.",
		Requirements: []string{"VAULT-008"},
		Run:          atVault(notSupported),
	}, {
		ID:           "vault/closed",
		Title:        "A closed vault does nothing; closing it again does no harm; its ephemeral secrets do not come back.",
		Requirements: []string{"VAULT-012"},
		Run:          atVault(closedVault),
	}})
}

func restarted(b *bench) error {
	label, err := b.label()
	if err != nil {
		return err
	}
	out, err := b.must("VAULT-008", "an answer to what is supported", conformance.Operation{Op: conformance.OpSupports, Type: b.private(), Label: label})
	if err != nil {
		return err
	}
	if !out.Supported {
		return &conformance.Inapplicable{Reason: "the vault says that it keeps no private keys"}
	}
	ephemeral, _, err := b.imported(b.private(), 32, true)
	if err != nil {
		return err
	}
	n, err := b.secret(conformance.Operation{Type: b.private(), Label: label})
	if err != nil {
		return err
	}
	before, err := b.must("VAULT-010", "the public key of a private one", conformance.Operation{Op: conformance.OpPublic, Secret: n})
	if err != nil {
		return err
	}
	if err := b.restart(); err != nil {
		return err
	}
	if err := b.useless("VAULT-007", "an ephemeral secret from before a restart", ephemeral); err != nil {
		return err
	}
	if err := b.found(label, before.Data); err != nil {
		return err
	}
	return b.forgets(label)
}

func (b *bench) restart() error {
	_, err := b.must("VAULT-007", "a vault that starts again", conformance.Operation{Op: conformance.OpRestart})
	return err
}

// found requires the secret with a label, and that its label is taken.
func (b *bench) found(label string, public []byte) error {
	if _, err := b.must("VAULT-007", "a persistent secret after a restart", conformance.Operation{Op: conformance.OpFind, Secret: again, Label: label}); err != nil {
		return err
	}
	after, err := b.must("VAULT-007", "the public key of a persistent secret", conformance.Operation{Op: conformance.OpPublic, Secret: again})
	if err != nil {
		return err
	}
	if !bytes.Equal(after.Data, public) {
		return adversary.Fail("VAULT-007", "the secret that had the label before the restart", "another")
	}
	return b.mustNot("VAULT-007", "making a secret with a label that is taken",
		conformance.Operation{Op: conformance.OpMake, Secret: more, Type: b.private(), Label: label})
}

// forgets destroys the secret: it does not come back.
func (b *bench) forgets(label string) error {
	if _, err := b.must("VAULT-007", "the end of a persistent secret", conformance.Operation{Op: conformance.OpDestroy, Secret: again}); err != nil {
		return err
	}
	for _, when := range []string{"", " and a restart"} {
		m := conformance.Operation{Op: conformance.OpFind, Secret: again, Label: label}
		if err := b.mustNot("VAULT-007", "looking for a secret after its end"+when, m); err != nil {
			return err
		}
		if err := b.restart(); err != nil {
			return err
		}
	}
	return nil
}

// huge is the length of a buffer that a vault with bounds does not have.
const huge = 1 << 30

func notSupported(b *bench) error {
	label, err := b.label()
	if err != nil {
		return err
	}
	private := b.private()
	for i, m := range []conformance.Operation{
		{Type: conformance.Buffer, Length: 32},
		{Type: conformance.AES128},
		{Type: conformance.AES256},
		{Type: private},
		{Type: private, Label: label},
		{Type: conformance.Buffer, Length: huge},
	} {
		b.last = i + 1
		m.Op, m.Secret = conformance.OpSupports, b.last
		words := fmt.Sprintf("a secret of type %s", m.Type)
		if m.Length > 0 {
			words += fmt.Sprintf(" and %d bytes", m.Length)
		}
		if m.Label != "" {
			words = "a persistent secret of type " + string(m.Type)
		}
		if err := b.asSaid(words, m); err != nil {
			return err
		}
	}
	return nil
}

// asSaid compares what the vault says about a secret with what comes of making it.
func (b *bench) asSaid(words string, m conformance.Operation) error {
	said, err := b.must("VAULT-008", "an answer to whether it supports "+words, conformance.Operation{Op: m.Op, Type: m.Type, Length: m.Length, Label: m.Label})
	if err != nil {
		return err
	}
	if said.Supported && m.Length == huge {
		return nil // nobody needs it
	}
	m.Op = conformance.OpMake
	_, err = b.do(m)
	if said.Supported {
		if err = granted("VAULT-008", words+", which it says it supports", err); err == nil {
			_, err = b.must("VAULT-008", "the end of "+words, conformance.Operation{Op: conformance.OpDestroy, Secret: m.Secret})
		}
		return err
	}
	var refused *conformance.Refusal
	want := "an error that says that it does not support " + words
	switch {
	case err == nil:
		return adversary.Fail("VAULT-008", want, "success")
	case !errors.As(err, &refused):
		return err
	case refused.Class != conformance.NotSupported && refused.Class != conformance.Rejected:
		return adversary.Fail("VAULT-008", want, "class "+refused.Class)
	}
	return nil
}

func closedVault(b *bench) error {
	const starts = "a vault that starts again"
	if _, err := b.must("VAULT-012", starts, conformance.Operation{Op: conformance.OpRestart}); err != nil {
		return err
	}
	n, _, err := b.imported(b.private(), 32, true)
	if err != nil {
		return err
	}
	b.closed = true // it is not left so, and whether it can be opened again is seen before
	for range 2 {
		if _, err := b.must("VAULT-012", "the end of the vault, once and again", conformance.Operation{Op: conformance.OpClose}); err != nil {
			return err
		}
		if err := b.useless("VAULT-012", "a closed vault", n); err != nil {
			return err
		}
		m := conformance.Operation{Op: conformance.OpMake, Secret: more, Type: b.private()}
		if err := b.mustNot("VAULT-012", "making a secret in a closed vault", m); err != nil {
			return err
		}
	}
	if _, err := b.must("VAULT-012", starts, conformance.Operation{Op: conformance.OpRestart}); err != nil {
		return err
	}
	return b.useless("VAULT-012", "an ephemeral secret of a vault that was closed", n)
}
