package vaulttest

import (
	"slices"

	"ockamtest/ref/vault"
)

func setTypeChecks() []Check {
	return []Check{
		{"set-type/buffer/accepts", []string{"VAULT-011"}, imports(vault.Buffer), bufferBecomesKey},
		{"set-type/length/refuses", []string{"VAULT-011"}, imports(vault.Buffer), bufferOfWrongLength},
		{"set-type/type/refuses", []string{"VAULT-011"}, nil, noOtherChange},
	}
}

// aesTypes returns the AES key types that the vault has.
func (s *exam) aesTypes() []vault.Type {
	return slices.DeleteFunc([]vault.Type{vault.AES128Key, vault.AES256Key}, func(t vault.Type) bool { return !s.has(t) })
}

func bufferBecomesKey(s *exam) {
	long := append(sample(vault.Buffer), sample(vault.Buffer)...)
	for _, t := range s.aesTypes() {
		lengths := []int{32}
		if t == vault.AES128Key {
			lengths = []int{16, 17, 31, 32, 33, 64}
		}
		for _, n := range lengths {
			secret := s.importRaw(vault.Buffer, long[:n])
			s.ok("SetType", s.SetType(secret, t))
			want := vault.Attributes{Type: t, Length: len(sample(t))}
			s.hasAttributes("after SetType", secret, want)
			s.equal("encryption under the new key", s.seal(secret), seal(long[:want.Length], make([]byte, 12), nil, nil))
			s.destroy(secret)
		}
	}
}

func bufferOfWrongLength(s *exam) {
	wrong := map[vault.Type][]int{vault.AES128Key: {0, 1, 15}, vault.AES256Key: {0, 16, 31, 33, 64}}
	for _, t := range s.aesTypes() {
		for _, n := range wrong[t] {
			secret := s.importRaw(vault.Buffer, make([]byte, n))
			s.refuses("SetType of a buffer of wrong length", vault.ErrInvalidLength,
				func() error { return s.SetType(secret, t) }, secret)
			s.destroy(secret)
		}
	}
	s.asserted++ // A vault may have no AES.
}

func noOtherChange(s *exam) {
	for _, from := range s.types() {
		secret := s.make(from)
		for _, to := range append(allTypes(), 0, 99) {
			if from == vault.Buffer && (to == vault.AES128Key || to == vault.AES256Key) {
				continue
			}
			s.refuses("SetType from "+from.String()+" to "+to.String(), vault.ErrWrongType,
				func() error { return s.SetType(secret, to) }, secret)
		}
		s.destroy(secret)
	}
}
