package vaulttest

import (
	"strings"

	"ockamtest/ref/vault"
)

func labelChecks() []Check {
	return []Check{
		{"label/lookup/accepts", []string{"VAULT-007"}, persists, looksUp},
		{"label/chosen/accepts", []string{"VAULT-007"}, persists, choosesLabels},
		{"label/free/accepts", []string{"VAULT-007"}, persists, freesLabels},
		{"label/taken/refuses", []string{"VAULT-007"}, persists, takenLabel},
		{"label/invalid/refuses", []string{"VAULT-008"}, persists, invalidLabels},
		{"label/unknown/refuses", []string{"VAULT-007", "VAULT-008"}, nil, unknownLabels},
		{"label/ephemeral/refuses", []string{"VAULT-008"}, nil, ephemeralLabels},
	}
}

// looksUp finds secrets by their labels as long as they are there, each time by the same handle.
func looksUp(s *exam) {
	t := s.capabilities.Persistent[0]
	s.hasLabels("a new vault")
	b, labelB := s.persist(vault.Attributes{Type: t}, "b")
	a, labelA := s.persist(vault.Attributes{Type: t}, "a")
	for range 2 {
		s.hasLabels("with two secrets", labelA, labelB)
		for label, want := range map[string]vault.Secret{labelA: a, labelB: b} {
			if got := s.lookUp(label); got != want {
				s.Errorf("Lookup of %q: got %v, want the handle %v", label, got, want)
			}
		}
	}
	s.destroy(a)
	s.hasLabels("with one secret", labelB)
	if s.lookUp(labelB) != b {
		s.Errorf("Lookup gives another handle after another secret is destroyed")
	}
	s.Vault = s.another()
	_, err := s.persistent().Lookup(labelB)
	s.fails("Lookup in another vault", err, vault.ErrNotFound)
}

// choosesLabels makes secrets without asking for a label.
func choosesLabels(s *exam) {
	seen := make(map[string]bool)
	for range 3 {
		secret, label := s.persist(vault.Attributes{Type: s.capabilities.Persistent[0]}, "")
		if !vault.ValidLabel(label) || seen[label] {
			s.Errorf("the vault chose the label %q", label)
		}
		seen[label] = true
		if s.lookUp(label) != secret {
			s.Errorf("Lookup does not find a secret by the label that the vault chose")
		}
	}
}

// freesLabels uses a label again, for another secret.
func freesLabels(s *exam) {
	for _, t := range s.capabilities.Persistent {
		secret, label := s.persist(vault.Attributes{Type: t}, "again")
		for range 2 {
			s.destroy(secret)
			secret, label = s.persist(vault.Attributes{Type: t, Exportable: true}, label)
			before := s.fingerprint(secret)
			s.restart()
			secret = s.lookUp(label)
			s.equal("a secret with a label that was used before", s.fingerprint(secret), before)
		}
		s.destroy(secret)
	}
}

// takenLabel asks for the label of another secret, which stays as it is.
func takenLabel(s *exam) {
	t := s.capabilities.Persistent[0]
	secret, label := s.persist(vault.Attributes{Type: t, Exportable: true}, "taken")
	before := s.fingerprint(secret)
	for _, t := range s.capabilities.Persistent {
		a := vault.Attributes{Type: t, Length: len(sample(t)), Persistence: vault.Persistent, Label: label}
		if s.capabilities.CanGenerate(t) {
			s.refuses("Generate with a taken label", vault.ErrLabelTaken, func() error { _, err := s.Generate(a); return err }, secret)
		}
		if s.capabilities.CanImport(t) {
			s.refuses("Import with a taken label", vault.ErrLabelTaken,
				func() error { _, err := s.Import(a, sample(t)); return err }, secret)
		}
	}
	s.hasLabels("after refusals", label)
	s.restart()
	s.hasLabels("after refusals and a restart", label)
	s.equal("the secret after refusals and a restart", s.fingerprint(s.lookUp(label)), before)
}

// invalidLabels asks for what no vault takes.
func invalidLabels(s *exam) {
	t := s.capabilities.Persistent[0]
	for _, label := range []string{" ", "a b", "a/b", "../a", "a\x00", "ä", strings.Repeat("x", vault.MaxLabel+1)} {
		_, err := s.tryPersist(vault.Attributes{Type: t, Persistence: vault.Persistent, Label: label})
		s.fails("a secret with an invalid label", err, vault.ErrInvalidLabel)
		_, err = s.persistent().Lookup(label)
		s.fails("Lookup of an invalid label", err, vault.ErrNotFound)
	}
	s.hasLabels("after refusals")
}

// unknownLabels looks up what is not there. A vault that stores nothing says so, if it has the methods.
func unknownLabels(s *exam) {
	v, is := s.Vault.(vault.PersistentVault)
	if len(s.capabilities.Persistent) == 0 {
		s.asserted++ // A vault without persistent types need not have them.
		if !is {
			return
		}
		_, err := v.Lookup("unknown")
		s.fails("Lookup without persistent types", err, vault.ErrUnsupported)
		_, err = v.Labels()
		s.fails("Labels without persistent types", err, vault.ErrUnsupported)
		return
	}
	s.persist(vault.Attributes{Type: s.capabilities.Persistent[0]}, "known")
	for _, label := range []string{"unknown", "know", "known.", "Known", ""} {
		secret, err := s.persistent().Lookup(label)
		s.fails("Lookup of an unknown label", err, vault.ErrNotFound)
		if !secret.IsZero() {
			s.Errorf("Lookup failed and gave %v", secret)
		}
	}
}

// ephemeralLabels asks for a label where there is none.
func ephemeralLabels(s *exam) {
	for _, t := range s.types() {
		a := vault.Attributes{Type: t, Length: len(sample(t)), Label: "label"}
		if s.capabilities.CanGenerate(t) {
			_, err := s.Generate(a)
			s.fails("Generate an ephemeral secret with a label", err, vault.ErrUnsupported)
		}
		if s.capabilities.CanImport(t) {
			_, err := s.Import(a, sample(t))
			s.fails("Import an ephemeral secret with a label", err, vault.ErrUnsupported)
		}
	}
}
