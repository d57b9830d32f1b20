package vaulttest

import (
	"fmt"

	"ockamtest/ref/vault"
)

func capabilityChecks() []Check {
	return []Check{
		{"capabilities/types/accepts", []string{"VAULT-008"}, nil, claimedTypes},
		{"capabilities/types/refuses", []string{"VAULT-008"}, nil, unclaimedTypes},
		{"capabilities/attributes/refuses", []string{"VAULT-008"}, nil, unknownAttributes},
		{"capabilities/size/accepts", []string{"VAULT-008"}, imports(vault.Buffer), longestBuffer},
		{"capabilities/size/refuses", []string{"VAULT-008"}, imports(vault.Buffer), tooLongBuffer},
		{"capabilities/persistence/accepts", []string{"VAULT-008"}, persists, claimedPersistence},
		{"capabilities/persistence/refuses", []string{"VAULT-008"}, nil, unclaimedPersistence},
		{"capabilities/copy/accepts", []string{"VAULT-008"}, nil, capabilitiesAreACopy},
	}
}

func persists(c vault.Capabilities) string {
	if len(c.Persistent) == 0 {
		return "the vault stores nothing"
	}
	return ""
}

func claimedTypes(s *exam) {
	for _, t := range s.capabilities.Generate {
		secret, err := s.Generate(vault.Attributes{Type: t, Length: len(sample(t))})
		s.ok("Generate "+t.String(), err)
		s.destroy(secret)
	}
	for _, t := range s.capabilities.Import {
		s.destroy(s.importRaw(t, sample(t)))
	}
}

func unclaimedTypes(s *exam) {
	for _, t := range append(allTypes(), 0, vault.P256PrivateKey+1, 255) {
		a := vault.Attributes{Type: t, Length: len(sample(t))}
		if !s.capabilities.CanGenerate(t) {
			_, err := s.Generate(a)
			s.fails("Generate "+t.String(), err, vault.ErrUnsupported)
		}
		if !s.capabilities.CanImport(t) {
			_, err := s.Import(a, sample(t))
			s.fails("Import "+t.String(), err, vault.ErrUnsupported)
		}
	}
}

func unknownAttributes(s *exam) {
	for _, t := range s.types() {
		for _, a := range []vault.Attributes{
			{Type: t, Length: len(sample(t)), Purpose: vault.KeyAgreement + 1},
			{Type: t, Length: len(sample(t)), Persistence: vault.Persistent + 1},
		} {
			if s.capabilities.CanGenerate(t) {
				_, err := s.Generate(a)
				s.fails("Generate with an unknown attribute", err, vault.ErrUnsupported)
			}
			if s.capabilities.CanImport(t) {
				_, err := s.Import(a, sample(t))
				s.fails("Import with an unknown attribute", err, vault.ErrUnsupported)
			}
		}
	}
}

func longestBuffer(s *exam) {
	if s.capabilities.MaxBuffer < 32 {
		s.Fatalf("the longest buffer is %d bytes, which does not hold a key", s.capabilities.MaxBuffer)
	}
	want := vault.Attributes{Type: vault.Buffer, Length: s.capabilities.MaxBuffer}
	s.hasAttributes("the longest buffer", s.importRaw(vault.Buffer, make([]byte, want.Length)), want)
}

func tooLongBuffer(s *exam) {
	bystander := s.make(vault.Buffer)
	length := s.capabilities.MaxBuffer + 1
	s.refuses("Import of too long a buffer", vault.ErrUnsupported, func() error {
		_, err := s.Import(vault.Attributes{Type: vault.Buffer}, make([]byte, length))
		return err
	}, bystander)
	if s.capabilities.CanGenerate(vault.Buffer) {
		s.refuses("Generate of too long a buffer", vault.ErrUnsupported, func() error {
			_, err := s.Generate(vault.Attributes{Type: vault.Buffer, Length: length})
			return err
		}, bystander)
	}
}

func claimedPersistence(s *exam) {
	for _, t := range s.capabilities.Persistent {
		a := vault.Attributes{Type: t, Length: len(sample(t)), Persistence: vault.Persistent}
		var secret vault.Secret
		var err error
		if s.capabilities.CanGenerate(t) {
			secret, err = s.Generate(a)
		} else {
			secret, err = s.Import(a, sample(t))
		}
		s.ok("a persistent "+t.String(), err)
		a.Label = s.attributes(secret).Label // of the vault's choosing
		s.hasAttributes("a persistent "+t.String(), secret, a)
		s.destroy(secret)
		_, err = s.Attributes(secret)
		s.fails("a destroyed persistent "+t.String(), err, vault.ErrInvalidSecret)
	}
}

func unclaimedPersistence(s *exam) {
	for _, t := range allTypes() {
		if s.capabilities.CanPersist(t) {
			continue
		}
		a := vault.Attributes{Type: t, Length: len(sample(t)), Persistence: vault.Persistent}
		_, err := s.Generate(a)
		s.fails("Generate a persistent "+t.String(), err, vault.ErrUnsupported)
		_, err = s.Import(a, sample(t))
		s.fails("Import a persistent "+t.String(), err, vault.ErrUnsupported)
	}
	s.asserted++ // A vault that stores every type has nothing to refuse.
}

func capabilitiesAreACopy(s *exam) {
	first := s.Capabilities()
	want := fmt.Sprint(first)
	clear(first.Generate)
	clear(first.Import)
	clear(first.Persistent)
	s.asserted++
	if got := fmt.Sprint(s.Capabilities()); got != want {
		s.Errorf("a caller changed the vault's capabilities to %s, from %s", got, want)
	}
}
