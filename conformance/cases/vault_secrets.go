package cases

import (
	"bytes"
	"fmt"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// VAULT-001: "Every operation on a destroyed, foreign, or wrong-type secret is an error and changes nothing." VAULT-006: "A non-exportable
// secret cannot be exported by any sequence of calls". VAULT-011: "Set type turns only a buffer into an AES key: AES-256 takes exactly 32
// bytes, AES-128 the first 16 of 16 or more. Any other change of type is an error and changes nothing."
func vaultSecrets() []conformance.Case {
	return needInsight([]conformance.Case{{
		ID:           "vault/invalid-secret",
		Title:        "Whatever is done with a secret that was destroyed, was never made, or is of a wrong type fails, and changes nothing.",
		Requirements: []string{"VAULT-001"},
		Run:          atVault(invalidSecrets),
	}, {
		ID:           "vault/not-exportable",
		Title:        "A secret that was not made to be exported is not, nor what it became or what was derived from it.",
		Requirements: []string{"VAULT-006"},
		Run:          atVault(notExportable),
	}, {
		ID:           "vault/set-type",
		Title:        "A buffer becomes an AES key if its length is right; nothing else becomes anything.",
		Requirements: []string{"VAULT-011"},
		Run:          atVault(changedTypes),
	}, {
		ID:           "vault/contract",
		Title:        "Agreement, derivation, change of type, and encryption, one behind the other in the vault, give what the kit computes.",
		Requirements: []string{"VAULT-010"},
		Run:          atVault(chained),
	}})
}

func invalidSecrets(b *bench) error {
	for _, t := range []conformance.SecretType{conformance.Buffer, b.private()} {
		n, _, err := b.imported(t, 32, true)
		if err != nil {
			return err
		}
		if _, err := b.must("VAULT-001", "the end of a secret", conformance.Operation{Op: conformance.OpDestroy, Secret: n}); err != nil {
			return err
		}
		if err := b.useless("VAULT-001", "a secret that was destroyed", n); err != nil {
			return err
		}
	}
	if err := b.useless("VAULT-001", "a secret that was never made", neverMade); err != nil {
		return err
	}
	secrets, err := b.all()
	if err != nil {
		return err
	}
	for _, secret := range secrets {
		if err := b.misused(secret.t, secret.n); err != nil {
			return err
		}
	}
	return nil
}

// misused does with a secret what its type is not for, and looks what has become of it.
func (b *bench) misused(t conformance.SecretType, n int) error {
	look := conformance.Operation{Op: conformance.OpAttributes, Secret: n}
	before, err := b.must("VAULT-010", "the attributes of a secret", look)
	if err != nil {
		return err
	}
	all, err := b.uses(n)
	if err != nil {
		return err
	}
	for _, x := range all {
		right := x.types == nil
		for _, u := range x.types {
			right = right || u == t
		}
		if right || x.Op == conformance.OpRetype { // that is VAULT-011
			continue
		}
		if err := b.mustNot("VAULT-001", fmt.Sprintf("%s with a secret of type %s", x.words, t), x.Operation); err != nil {
			return err
		}
	}
	after, err := b.must("VAULT-001", "the attributes of a secret as they were", look)
	if err == nil && (after.Type != before.Type || after.Length != before.Length || after.Exportable != before.Exportable) {
		return adversary.Fail("VAULT-001", "a secret as it was after what failed", "other attributes")
	}
	return err
}

// exports requires that a secret is exported, as it was.
func (b *bench) exports(n int, value []byte) error {
	out, err := b.must("VAULT-010", "the bytes of a secret that was made to be exported", conformance.Operation{Op: conformance.OpExport, Secret: n})
	if err == nil && !bytes.Equal(out.Data, value) {
		return adversary.Fail("VAULT-010", "the bytes of a secret that was made to be exported", "others")
	}
	return err
}

func notExportable(b *bench) error {
	open, value, err := b.imported(conformance.Buffer, 32, true)
	if err != nil {
		return err
	}
	if err := b.exports(open, value); err != nil {
		return err
	}
	secrets, err := b.all()
	if err != nil {
		return err
	}
	public, err := b.public()
	if err != nil {
		return err
	}
	buffer, private := secrets[0].n, secrets[2].n
	for _, m := range []conformance.Operation{
		{Op: conformance.OpAgree, Secret: private, Public: public, To: shared},
		{Op: conformance.OpDerive, Secret: open, IKM: buffer, To: derived},
		{Op: conformance.OpRetype, Secret: buffer, Type: conformance.AES256},
	} {
		if _, err := b.must("VAULT-010", string(m.Op)+" with secrets of the right type", m); err != nil {
			return err
		}
	}
	for _, secret := range append(secrets, inVault{shared, conformance.Buffer}, inVault{derived, conformance.Buffer}) {
		if err := b.hidden(secret); err != nil {
			return err
		}
	}
	return nil
}

// hidden requires that a secret is not exported, and that the vault says so.
func (b *bench) hidden(secret inVault) error {
	words := fmt.Sprintf("a secret that was made as one of type %s, and not to be exported", secret.t)
	err := b.mustNot("VAULT-006", "exporting "+words, conformance.Operation{Op: conformance.OpExport, Secret: secret.n})
	if err != nil {
		return err
	}
	out, err := b.must("VAULT-010", "the attributes of a secret", conformance.Operation{Op: conformance.OpAttributes, Secret: secret.n})
	if err == nil && out.Exportable {
		return adversary.Fail("VAULT-006", "exportable only what was made so", words+", which says that it is")
	}
	return err
}
