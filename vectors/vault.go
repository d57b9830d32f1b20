package vectors

// An ECDH vector is one key agreement of X25519 or P-256 (VAULT-002, VAULT-003).
type ECDH struct {
	Meta
	ECDHInput
	Shared Hex `json:"shared"` // empty if invalid
}

// ECDHInput is what a subject is asked.
type ECDHInput struct {
	Curve   string `json:"curve"`   // curve25519, secp256r1
	Public  Hex    `json:"public"`  // 32 bytes; 65 bytes, 04 x y
	Private Hex    `json:"private"` // 32 bytes; P-256: the scalar, big-endian
}

// Kind implements Vector.
func (*ECDH) Kind() Kind { return KindECDH }

func (v *ECDH) check(s Subject) error {
	if k, ok := s.(Keeper); ok {
		secret, err := k.KeptECDH(v.ECDHInput)
		return judge(&v.Meta, err, func() error { return kept("shared", secret, v.Shared) })
	}
	out, err := s.ECDH(v.ECDHInput)
	return judge(&v.Meta, err, func() error { return same("shared", out, v.Shared) })
}

// An AEAD vector is AES-GCM, with Wycheproof's fields: a valid one is sealed and opened, an invalid one opened.
type AEAD struct {
	Meta
	Key        Hex `json:"key"` // 16 or 32 bytes
	IV         Hex `json:"iv"`  // 12 bytes
	AAD        Hex `json:"aad"`
	Msg        Hex `json:"msg"`
	Ciphertext Hex `json:"ct"`
	Tag        Hex `json:"tag"`
}

// AEADInput is what a subject is asked: to seal (Data is the plaintext) or to open (Data is the ciphertext with the tag behind it).
type AEADInput struct {
	Op   string // seal, open
	Key  Hex
	IV   Hex
	AAD  Hex
	Data Hex
}

// Kind implements Vector.
func (*AEAD) Kind() Kind { return KindAEAD }

func (v *AEAD) check(s Subject) error {
	sealed := append(append(Hex{}, v.Ciphertext...), v.Tag...)
	out, err := s.AEAD(AEADInput{"open", v.Key, v.IV, v.AAD, sealed})
	if verdict := judge(&v.Meta, err, func() error { return same("msg", out, v.Msg) }); verdict != nil || v.Result != Valid {
		return verdict
	}
	out, err = s.AEAD(AEADInput{"seal", v.Key, v.IV, v.AAD, v.Msg})
	return judge(&v.Meta, err, func() error { return same("ct and tag", out, sealed) })
}

// An HKDF vector is HKDF with SHA-256 (VAULT-004), with Wycheproof's fields.
type HKDF struct {
	Meta
	HKDFInput
	Okm Hex `json:"okm"`
}

// HKDFInput is what a subject is asked. Info is empty and Size a multiple of 32 in this protocol.
type HKDFInput struct {
	Ikm  Hex `json:"ikm"`
	Salt Hex `json:"salt"`
	Info Hex `json:"info"`
	Size int `json:"size"`
}

// Kind implements Vector.
func (*HKDF) Kind() Kind { return KindHKDF }

func (v *HKDF) check(s Subject) error {
	if k, ok := s.(Keeper); ok {
		secret, err := k.KeptHKDF(v.HKDFInput)
		return judge(&v.Meta, err, func() error { return kept("okm", secret, v.Okm) })
	}
	out, err := s.HKDF(v.HKDFInput)
	return judge(&v.Meta, err, func() error { return same("okm", out, v.Okm) })
}

// A Hash vector is SHA-256.
type Hash struct {
	Meta
	Msg    Hex `json:"msg"`
	Digest Hex `json:"digest"`
}

// Kind implements Vector.
func (*Hash) Kind() Kind { return KindHash }

func (v *Hash) check(s Subject) error {
	out, err := s.Hash(v.Msg)
	return judge(&v.Meta, err, func() error { return same("digest", out, v.Digest) })
}
