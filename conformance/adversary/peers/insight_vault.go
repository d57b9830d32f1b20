package peers

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/profile"
)

// The classes with which a vault refuses.
const (
	classNoSecret      = "no-secret"
	classWrongType     = "wrong-type"
	classNotExportable = "not-exportable"
	classLabel         = "label"
	classClosed        = "closed"
)

// A kept is a secret.
type kept struct {
	kind       conformance.SecretType
	value      []byte
	exportable bool
	label      string
	life       int  // of the vault whose it is
	gone       bool // destroyed
}

// vaultSteps are what a vault does, one step to a field.
type vaultSteps struct {
	shut     func(b *box, op conformance.Op) error                   // VAULT-012
	alive    func(b *box, k *kept) error                             // VAULT-001
	fits     func(k *kept, want ...conformance.SecretType) error     // VAULT-001
	releases func(k *kept) error                                     // VAULT-006
	has      func(m conformance.Operation) error                     // VAULT-008
	becomes  func(k *kept, t conformance.SecretType) ([]byte, error) // VAULT-011
	saves    func(b *box, k *kept) error                             // VAULT-007: a secret with a label, when it is made or changed
	removes  func(b *box, k *kept)                                   // so when it is destroyed
	awakes   func(b *box)                                            // so at a restart
	salted   func(salt, ikm []byte) ([]byte, error)                  // one block of HKDF
}

func correctVault() vaultSteps {
	return vaultSteps{
		shut: shut, alive: alive, fits: fits, releases: releases, has: has, becomes: becomes, saves: saves, removes: removes,
		awakes: func(*box) {},
		salted: func(salt, ikm []byte) ([]byte, error) { return expand(salt, ikm, 1) },
	}
}

// A box is a vault with what it keeps.
type box struct {
	vaultSteps
	numbers map[int]*kept
	medium  map[string]kept // by label
	life    int             // restarts
	closed  bool
	random  *node // of its randomness
}

// longestBuffer is the most bytes of a buffer.
const longestBuffer = 1 << 12

func shut(b *box, op conformance.Op) error {
	if b.closed && op != conformance.OpClose {
		return refused(classClosed)
	}
	return nil
}

func alive(b *box, k *kept) error {
	if k == nil || k.gone || k.life != b.life {
		return refused(classNoSecret)
	}
	return nil
}

func fits(k *kept, want ...conformance.SecretType) error {
	if !slices.Contains(want, k.kind) {
		return refused(classWrongType)
	}
	return nil
}

func releases(k *kept) error {
	if !k.exportable {
		return refused(classNotExportable)
	}
	return nil
}

func has(m conformance.Operation) error {
	if m.Type == conformance.Buffer && max(m.Length, len(m.Value)) > longestBuffer {
		return refused(conformance.NotSupported)
	}
	return nil
}

func becomes(k *kept, t conformance.SecretType) ([]byte, error) {
	switch {
	case k.kind != conformance.Buffer:
	case t == conformance.AES256 && len(k.value) == 32:
		return k.value, nil
	case t == conformance.AES128 && len(k.value) >= 16:
		return k.value[:16], nil
	}
	return nil, refused(classWrongType)
}

func saves(b *box, k *kept) error {
	b.medium[k.label] = *k
	return nil
}

func removes(b *box, k *kept) { delete(b.medium, k.label) }

// sizeOf is the length of a key of a type, 0 of a buffer.
func sizeOf(t conformance.SecretType) int {
	switch t {
	case conformance.Buffer:
		return 0
	case conformance.AES128:
		return 16
	case conformance.AES256, conformance.X25519, conformance.P256:
	}
	return 32
}

// Operate implements conformance.VaultInsight.
func (i *insight) Operate(_ context.Context, m conformance.Operation) (conformance.Operated, error) {
	if i.box == nil {
		need := conformance.Need{Role: conformance.Responder, Transport: conformance.Mem, Profile: "v1"}
		i.box = &box{vaultSteps: i.vault, numbers: map[int]*kept{}, medium: map[string]kept{}, random: newNode(need, i.seed, nil)}
	}
	return i.box.operate(m)
}

func (b *box) operate(m conformance.Operation) (out conformance.Operated, err error) {
	if m.Op == conformance.OpRestart {
		b.life++
		b.closed = false
		b.awakes(b)
		return out, nil
	}
	if err := b.shut(b, m.Op); err != nil {
		return out, err
	}
	switch m.Op {
	case conformance.OpClose:
		b.closed = true
		return out, nil
	case conformance.OpSupports:
		return conformance.Operated{Supported: b.has(m) == nil}, nil
	case conformance.OpMake:
		return out, b.make(m)
	case conformance.OpFind:
		k, ok := b.medium[m.Label]
		if !ok {
			return out, refused(classLabel)
		}
		k.life = b.life
		b.numbers[m.Secret] = &k
		return out, nil
	default:
	}
	k := b.numbers[m.Secret]
	if err := b.alive(b, k); err != nil {
		return out, err
	}
	return b.work(k, m)
}

// work is an operation with a secret.
func (b *box) work(k *kept, m conformance.Operation) (out conformance.Operated, err error) {
	switch m.Op {
	case conformance.OpAttributes:
		out = conformance.Operated{Type: k.kind, Length: len(k.value), Exportable: k.exportable, Label: k.label}
	case conformance.OpExport:
		if err = b.releases(k); err == nil {
			out.Data = bytes.Clone(k.value)
		}
	case conformance.OpDestroy:
		k.gone = true
		b.removes(b, k)
	case conformance.OpRetype:
		value, err := b.becomes(k, m.Type)
		if err != nil {
			return out, err
		}
		k.kind, k.value = m.Type, value
		if k.label != "" {
			return out, b.saves(b, k)
		}
	case conformance.OpPublic, conformance.OpAgree:
		return b.paired(k, m)
	case conformance.OpDerive:
		return out, b.derive(k, m)
	case conformance.OpSeal, conformance.OpUnseal:
		if err = b.fits(k, conformance.AES128, conformance.AES256); err == nil {
			out.Data, err = crypt(k, m)
		}
	default:
		err = &conformance.Inapplicable{Reason: "no such operation"}
	}
	return out, err
}

func crypt(k *kept, m conformance.Operation) ([]byte, error) {
	a := conformance.AEAD{Key: k.value, Nonce: m.Nonce, AD: m.AD, Data: m.Data}
	if m.Op == conformance.OpSeal {
		return sealAEAD(a)
	}
	return openAEAD(a)
}

func (b *box) make(m conformance.Operation) error {
	size := sizeOf(m.Type)
	if size == 0 {
		size = m.Length
	}
	value := bytes.Clone(m.Value)
	if value == nil {
		value = bytes.Clone(b.random.newKey().Private)[:min(size, 32)]
	}
	if err := b.has(m); err != nil {
		return err
	}
	if m.Type != conformance.Buffer && len(value) != size {
		return refused(classLength)
	}
	k := &kept{kind: m.Type, value: value, exportable: m.Exportable, label: m.Label, life: b.life}
	if m.Label != "" {
		if slices.Contains(slices.Collect(maps.Keys(b.medium)), m.Label) {
			return refused(classLabel)
		}
		if err := b.saves(b, k); err != nil {
			return err
		}
	}
	b.numbers[m.Secret] = k
	return nil
}

// paired works with a private key.
func (b *box) paired(k *kept, m conformance.Operation) (out conformance.Operated, err error) {
	if err := b.fits(k, conformance.X25519, conformance.P256); err != nil {
		return out, err
	}
	p256 := k.kind == conformance.P256
	if m.Op == conformance.OpPublic {
		pair, err := adversary.LoadKeyPair(profile.Suite{P256: p256}, k.value)
		if err != nil {
			return out, refused(classLength)
		}
		return conformance.Operated{Data: pair.Public}, nil
	}
	shared, err := agree(conformance.Agree{P256: p256, Private: k.value, Public: m.Public})
	if err == nil {
		b.numbers[m.To] = &kept{kind: conformance.Buffer, value: shared, life: b.life}
	}
	return out, err
}

func (b *box) derive(salt *kept, m conformance.Operation) error {
	var ikm []byte
	if err := b.fits(salt, conformance.Buffer); err != nil {
		return err
	}
	if m.IKM != 0 {
		input := b.numbers[m.IKM]
		if err := b.alive(b, input); err != nil {
			return err
		}
		if err := b.fits(input, conformance.Buffer); err != nil {
			return err
		}
		ikm = input.value
	}
	block, err := b.salted(salt.value, ikm)
	if err == nil {
		b.numbers[m.To] = &kept{kind: conformance.Buffer, value: block, life: b.life}
	}
	return err
}
