package subject

import (
	"ockamtest/conformance/harness"
	"ockamtest/vectors"
)

// KeptECDH implements vectors.Keeper.
func (a *Adapter) KeptECDH(in vectors.ECDHInput) (vectors.Secret, error) {
	m := harness.Agree{P256: in.Curve == "secp256r1", Private: given(in.Private), Public: given(in.Public)}
	verb := harness.VerbX25519
	if m.P256 {
		verb = harness.VerbP256
	}
	if err := a.has(verb); err != nil {
		return nil, err
	}
	secret, err := a.caller.Agree(a.ctx, m)
	return secret, a.told(err)
}

// hashSize is the size of a block of HKDF.
const hashSize = 32

// KeptHKDF implements vectors.Keeper.
func (a *Adapter) KeptHKDF(in vectors.HKDFInput) (vectors.Secret, error) {
	if err := a.has(harness.VerbHKDF); err != nil {
		return nil, err
	}
	if len(in.Info) > 0 || in.Size%hashSize != 0 {
		return nil, unsupported("HKDF with info, or with a part of a block")
	}
	secret, err := a.caller.HKDF(a.ctx, harness.HKDF{Salt: given(in.Salt), IKM: given(in.Ikm), Blocks: in.Size / hashSize})
	return secret, a.told(err)
}

// AEAD implements vectors.Subject.
func (a *Adapter) AEAD(in vectors.AEADInput) (vectors.Hex, error) {
	m := harness.AEAD{Open: in.Op == "open", Key: given(in.Key), Nonce: given(in.IV), Ad: given(in.AAD), Data: given(in.Data)}
	verb := harness.VerbSeal
	if m.Open {
		verb = harness.VerbUnseal
	}
	if err := a.has(verb); err != nil {
		return nil, err
	}
	out, err := a.caller.AEAD(a.ctx, m)
	return out, a.told(err)
}

// Hash implements vectors.Subject.
func (a *Adapter) Hash(msg vectors.Hex) (vectors.Hex, error) {
	if err := a.has(harness.VerbSHA256); err != nil {
		return nil, err
	}
	out, err := a.caller.Hash(a.ctx, harness.Hash{Data: given(msg)})
	return out, a.told(err)
}
