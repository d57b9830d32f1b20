package vaulttest

import "ockamtest/ref/vault"

// testedLimit is the largest number of secrets up to which a vault is filled.
const testedLimit = 4096

func limitChecks() []Check {
	needs := func(c vault.Capabilities) string {
		if c.MaxSecrets == 0 || c.MaxSecrets > testedLimit {
			return "the number of secrets is not bounded, or too high to reach"
		}
		return ""
	}
	hkdfNeeds := func(c vault.Capabilities) string {
		if reason := imports(vault.Buffer)(c); reason != "" {
			return reason
		}
		return needs(c)
	}
	return []Check{
		{"limit/secrets/accepts", []string{"VAULT-008"}, needs, limitFills},
		{"limit/secrets/refuses", []string{"VAULT-001"}, needs, limitRefuses},
		{"limit/hkdf/refuses", []string{"VAULT-001"}, hkdfNeeds, limitHKDF},
		{"limit/leak/refuses", []string{"VAULT-001"}, needs, refusalsLeakNothing},
	}
}

// fill makes secrets up to the limit, but for free.
func (s *exam) fill(free int) []vault.Secret {
	s.Helper()
	var all []vault.Secret
	for range s.capabilities.MaxSecrets - free {
		all = append(all, s.make(s.types()[0]))
	}
	return all
}

func limitFills(s *exam) {
	for range 2 { // The second time in places that were used before.
		s.destroy(s.fill(0)...)
	}
}

func limitRefuses(s *exam) {
	all := s.fill(0)
	t := s.types()[0]
	for range 3 {
		if s.capabilities.CanImport(t) {
			_, err := s.Import(vault.Attributes{Type: t}, sample(t))
			s.fails("Import over the limit", err, vault.ErrExhausted)
		}
		if s.capabilities.CanGenerate(t) {
			_, err := s.Generate(vault.Attributes{Type: t, Length: len(sample(t))})
			s.fails("Generate over the limit", err, vault.ErrExhausted)
		}
	}
	for _, secret := range all {
		s.hasAttributes("a secret after the refusal", secret, vault.Attributes{Type: t, Length: len(sample(t))})
	}
	s.destroy(all[0])
	s.make(t)
}

// limitHKDF asks for one output more than there is room for.
func limitHKDF(s *exam) {
	const free = 2
	salt := s.make(vault.Buffer)
	s.fill(free + 1)
	outputs := make([]vault.Secret, free+1)
	err := s.HKDF(salt, vault.Secret{}, outputs)
	s.fails("HKDF over the limit", err, vault.ErrExhausted)
	for _, secret := range outputs {
		if !secret.IsZero() {
			s.Fatalf("HKDF failed and left output %v", secret)
		}
	}
	s.ok("HKDF up to the limit", s.HKDF(salt, vault.Secret{}, outputs[:free]))
}

// refusalsLeakNothing repeats every refusal more often than the vault has places: afterwards there is room for as many
// secrets as before.
func refusalsLeakNothing(s *exam) {
	partner := s.partner()
	secret := s.make(s.types()[0])
	for range s.capabilities.MaxSecrets + 1 {
		for _, u := range uses(s, partner) {
			s.fails(u.name+" of a handle of nothing", u.call(s, vault.Secret{Owner: new(vault.Owner)}), vault.ErrInvalidSecret)
		}
		for t := range s.privateTypes() {
			if s.capabilities.CanImport(t) {
				private := s.importRaw(t, sample(t))
				_, err := s.ECDH(private, make([]byte, 31))
				s.fails("ECDH", err, vault.ErrInvalidPublicKey)
				s.destroy(private)
			}
		}
		s.fails("Import", importError(s, vault.Attributes{Type: 99}), vault.ErrUnsupported)
	}
	used := 1
	if !partner.IsZero() {
		used++
	}
	s.destroy(append(s.fill(used), secret)...)
}

func importError(s *exam, a vault.Attributes) error {
	_, err := s.Import(a, []byte("raw"))
	return err
}
