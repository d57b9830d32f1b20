package cases

import (
	"context"
	"encoding/hex"
	"errors"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// A bench is a vault under test.
type bench struct {
	ctx    context.Context
	env    conformance.Env
	vault  conformance.VaultInsight
	last   int  // number of a secret that was made
	closed bool // the vault may be
}

// atVault runs a check against a vault that has just started, and leaves it so.
func atVault(check func(*bench) error) func(context.Context, conformance.Env) error {
	return func(ctx context.Context, env conformance.Env) error {
		seen, err := insight(ctx, env)
		if err != nil {
			return err
		}
		vault, ok := seen.(conformance.VaultInsight)
		if !ok {
			return &conformance.Inapplicable{Reason: "it does not show its vault"}
		}
		b := &bench{ctx: ctx, env: env, vault: vault}
		return errors.Join(check(b), b.leave())
	}
}

// leave gives up what the check has made, as far as it goes: a vault may have few slots, and be closed.
func (b *bench) leave() error {
	if b.closed {
		if _, err := b.do(conformance.Operation{Op: conformance.OpRestart}); !refusedOrNot(err) {
			return err
		}
	}
	for n := 1; n <= lastNumber; n++ {
		if n > b.last && n < firstResult {
			continue
		}
		if _, err := b.do(conformance.Operation{Op: conformance.OpDestroy, Secret: n}); !refusedOrNot(err) {
			return err
		}
	}
	return nil
}

// The numbers of secrets: those that are made are counted from 1, what comes of others begins at firstResult.
const (
	firstResult = 240
	shared      = firstResult
	derived     = firstResult + 1
	again       = firstResult + 2 // a persistent secret that was found
	more        = firstResult + 3 // what must not be made
	lastNumber  = more
	neverMade   = 250
)

// refusedOrNot tells whether an operation was carried out or refused: nothing but that has happened.
func refusedOrNot(err error) bool {
	var refused *conformance.Refusal
	var lacks *conformance.Inapplicable
	return err == nil || errors.As(err, &refused) || errors.As(err, &lacks)
}

func (b *bench) do(m conformance.Operation) (conformance.Operated, error) {
	return b.vault.Operate(b.ctx, m)
}

// must is what a vault has to do.
func (b *bench) must(requirement, words string, m conformance.Operation) (conformance.Operated, error) {
	out, err := b.do(m)
	return out, granted(requirement, words, err)
}

// mustNot is what a vault has to refuse.
func (b *bench) mustNot(requirement, words string, m conformance.Operation) error {
	_, err := b.do(m)
	return denied(requirement, "an error of "+words, "success", err)
}

// secret makes one and returns its number. An adapter whose vault does not have the type is not judged.
func (b *bench) secret(m conformance.Operation) (int, error) {
	b.last++
	m.Op, m.Secret = conformance.OpMake, b.last
	_, err := b.do(m)
	var refused *conformance.Refusal
	if errors.As(err, &refused) && refused.Class == conformance.NotSupported {
		return 0, &conformance.Inapplicable{Reason: "the vault does not have secrets of type " + string(m.Type)}
	}
	return m.Secret, granted("VAULT-010", "a secret of type "+string(m.Type), err)
}

// imported is secret with random bytes, which it returns.
func (b *bench) imported(t conformance.SecretType, size int, exportable bool) (n int, value []byte, err error) {
	if value, err = randomBytes(b.env, size); err != nil {
		return 0, nil, err
	}
	if t == conformance.P256 {
		value[0] &= 0x7f // below the order
	}
	n, err = b.secret(conformance.Operation{Type: t, Value: value, Exportable: exportable})
	return n, value, err
}

// private is the type of private keys in the profile.
func (b *bench) private() conformance.SecretType {
	if b.env.Profile().Suite.P256 {
		return conformance.P256
	}
	return conformance.X25519
}

// public is a public key of the kit's.
func (b *bench) public() ([]byte, error) {
	pair, err := adversary.GenerateKeyPair(b.env.Profile().Suite, b.env.Random())
	return pair.Public, err
}

// label is one that nobody else has.
func (b *bench) label() (string, error) {
	random, err := randomBytes(b.env, 8)
	return "kit" + hex.EncodeToString(random), err
}

// A use is an operation with a secret, and the types for which it is right.
type use struct {
	conformance.Operation
	words string
	types []conformance.SecretType
}

// uses are all operations with the secret n.
func (b *bench) uses(n int) ([]use, error) {
	public, err := b.public()
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, 12)
	private := []conformance.SecretType{conformance.X25519, conformance.P256}
	keys := []conformance.SecretType{conformance.AES128, conformance.AES256}
	return []use{
		{conformance.Operation{Op: conformance.OpPublic, Secret: n}, "asking for the public key", private},
		{conformance.Operation{Op: conformance.OpAgree, Secret: n, Public: public, To: more}, "agreeing", private},
		{conformance.Operation{Op: conformance.OpDerive, Secret: n, To: more}, "deriving", []conformance.SecretType{conformance.Buffer}},
		{conformance.Operation{Op: conformance.OpSeal, Secret: n, Nonce: nonce, AD: []byte{}, Data: []byte("text")}, "encrypting", keys},
		{conformance.Operation{Op: conformance.OpUnseal, Secret: n, Nonce: nonce, AD: []byte{}, Data: make([]byte, 20)}, "decrypting", keys},
		{conformance.Operation{Op: conformance.OpRetype, Secret: n, Type: conformance.AES256}, "changing the type", []conformance.SecretType{conformance.Buffer}},
		{conformance.Operation{Op: conformance.OpAttributes, Secret: n}, "asking for the attributes", nil},
		{conformance.Operation{Op: conformance.OpExport, Secret: n}, "exporting", nil},
		{conformance.Operation{Op: conformance.OpDestroy, Secret: n}, "destroying", nil},
	}, nil
}

// useless requires that nothing can be done with a secret that is not there.
func (b *bench) useless(requirement, what string, n int) error {
	all, err := b.uses(n)
	if err != nil {
		return err
	}
	for _, x := range all {
		if err := b.mustNot(requirement, x.words+" with "+what, x.Operation); err != nil {
			return err
		}
	}
	return nil
}

// key is the type of AES keys in the profile.
func (b *bench) key() conformance.SecretType {
	if b.env.Profile().Suite.KeySize == 16 {
		return conformance.AES128
	}
	return conformance.AES256
}

// An inVault is a secret and its type.
type inVault struct {
	n int
	t conformance.SecretType
}

// all makes a secret of each type that the profile needs: a buffer, a key, and a private key. None is exportable.
func (b *bench) all() ([]inVault, error) {
	secrets := []inVault{{t: conformance.Buffer}, {t: b.key()}, {t: b.private()}}
	for i := range secrets {
		size := 32
		if secrets[i].t == conformance.AES128 {
			size = 16
		}
		var err error
		if secrets[i].n, _, err = b.imported(secrets[i].t, size, false); err != nil {
			return nil, err
		}
	}
	return secrets, nil
}
