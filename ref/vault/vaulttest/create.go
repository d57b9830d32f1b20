package vaulttest

import (
	"bytes"

	"ockamtest/ref/vault"
)

func createChecks() []Check {
	return []Check{
		{"create/attributes/accepts", []string{"VAULT-006"}, nil, attributesAsAsked},
		{"create/fresh/accepts", []string{"NOISE-008"}, nil, generatedDiffer},
		{"create/copy/accepts", []string{"VAULT-001"}, imports(vault.Buffer), importCopies},
		{"create/length/refuses", []string{"VAULT-001"}, nil, wrongLengths},
		{"create/buffer-length/accepts", []string{"VAULT-001"}, imports(vault.Buffer), bufferLengths},
		{"create/p256-scalar/accepts", []string{"VAULT-002"}, imports(vault.P256PrivateKey), scalarsInRange},
		{"create/p256-scalar/refuses", []string{"VAULT-002"}, imports(vault.P256PrivateKey), scalarsOutOfRange},
	}
}

func attributesAsAsked(s *exam) {
	for _, t := range s.types() {
		for _, exportable := range []bool{false, true} {
			want := vault.Attributes{Type: t, Length: len(sample(t)), Exportable: exportable}
			if s.capabilities.CanGenerate(t) {
				secret, err := s.Generate(want)
				s.ok("Generate", err)
				s.hasAttributes("Generate "+t.String(), secret, want)
				s.destroy(secret)
			}
			if s.capabilities.CanImport(t) {
				secret := s.importWith(want, sample(t))
				s.hasAttributes("Import "+t.String(), secret, want)
				s.destroy(secret)
			}
			short := want
			short.Length = 0 // The type's own length, or that of the bytes.
			if s.capabilities.CanGenerate(t) && t != vault.Buffer {
				secret, err := s.Generate(short)
				s.ok("Generate without a length", err)
				s.hasAttributes("Generate without a length", secret, want)
				s.destroy(secret)
			}
			if s.capabilities.CanImport(t) {
				secret := s.importWith(short, sample(t))
				s.hasAttributes("Import without a length", secret, want)
				s.destroy(secret)
			}
		}
	}
}

// generatedDiffer compares secrets of one vault and of two.
func generatedDiffer(s *exam) {
	other := &exam{T: s.T, Vault: s.another(), capabilities: s.capabilities}
	for _, t := range s.capabilities.Generate {
		var seen [][]byte
		for range 4 {
			for _, v := range []*exam{s, other} {
				secret, err := v.Generate(vault.Attributes{Type: t, Length: len(sample(t))})
				s.ok("Generate "+t.String(), err)
				value := v.fingerprint(secret)
				for _, earlier := range seen {
					if bytes.Equal(value, earlier) {
						s.Errorf("two generated secrets of type %v are equal", t)
					}
				}
				seen = append(seen, value)
				v.destroy(secret)
			}
		}
	}
	s.asserted++ // A vault may only import.
}

// importCopies changes the bytes after the import, and checks that the import did not.
func importCopies(s *exam) {
	raw := sample(vault.Buffer)
	secret := s.importRaw(vault.Buffer, raw)
	s.equal("the imported bytes", raw, sample(vault.Buffer))
	before := s.fingerprint(secret)
	clear(raw)
	s.equal("the secret after its source is overwritten", s.fingerprint(secret), before)
	if again := s.importRaw(vault.Buffer, raw); bytes.Equal(s.fingerprint(again), before) {
		s.Errorf("two buffers with different bytes behave alike")
	}
	s.equal("the secret after another import", s.fingerprint(secret), before)
}

func wrongLengths(s *exam) {
	for _, t := range s.types() {
		bystander := s.make(t)
		n := len(sample(t))
		for _, length := range []int{-1, 1, n - 1, n + 1} {
			a := vault.Attributes{Type: t, Length: length}
			if s.capabilities.CanGenerate(t) && (t != vault.Buffer || length < 0) {
				s.refuses("Generate with a wrong length", vault.ErrInvalidLength,
					func() error { _, err := s.Generate(a); return err }, bystander)
			}
			if s.capabilities.CanImport(t) {
				s.refuses("Import with another length in its attributes", vault.ErrInvalidLength,
					func() error { _, err := s.Import(a, sample(t)); return err }, bystander)
			}
		}
		if s.capabilities.CanImport(t) && t != vault.Buffer {
			for _, raw := range [][]byte{nil, sample(t)[:n-1], append(sample(t), 0), append(sample(t), sample(t)...)} {
				s.refuses("Import of a key with a wrong length", vault.ErrInvalidLength,
					func() error { _, err := s.Import(vault.Attributes{Type: t}, raw); return err }, bystander)
			}
		}
		s.destroy(bystander)
	}
	if s.capabilities.CanGenerate(vault.Buffer) {
		_, err := s.Generate(vault.Attributes{Type: vault.Buffer})
		s.fails("Generate a buffer without a length", err, vault.ErrInvalidLength)
	}
}

func bufferLengths(s *exam) {
	for _, n := range []int{0, 1, 31, 32, 33, 64, 65, 200} {
		if n > s.capabilities.MaxBuffer {
			continue
		}
		raw := bytes.Repeat([]byte{7}, n)
		secret := s.importWith(vault.Attributes{Type: vault.Buffer, Exportable: true}, raw)
		s.appends("Export", raw, func(dst []byte) ([]byte, error) { return s.Export(dst, secret) })
		s.destroy(secret)
	}
}

// p256Order is the order of the P-256 group.
const p256Order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"

func scalarsInRange(s *exam) {
	one, last := make([]byte, 32), unhex(p256Order)
	one[31] = 1
	last[31]--
	public := unhex(p256Base)
	s.equal("the public key of 1", s.publicKey(s.importRaw(vault.P256PrivateKey, one)), public)
	s.equal("x of the public key of n-1", s.publicKey(s.importRaw(vault.P256PrivateKey, last))[:33], public[:33])
}

func scalarsOutOfRange(s *exam) {
	bystander := s.make(vault.P256PrivateKey)
	order := unhex(p256Order)
	above := unhex(p256Order)
	above[31]++
	for _, scalar := range [][]byte{make([]byte, 32), order, above, bytes.Repeat([]byte{0xff}, 32)} {
		s.refuses("Import of a scalar out of range", vault.ErrInvalidPrivateKey, func() error {
			_, err := s.Import(vault.Attributes{Type: vault.P256PrivateKey}, scalar)
			return err
		}, bystander)
	}
}
