package vaulttest

import (
	"errors"
	"fmt"
	"slices"

	"ockamtest/ref/vault"
)

func persistentChecks() []Check {
	buffers := func(c vault.Capabilities) string {
		if !c.CanPersist(vault.Buffer) || !c.CanImport(vault.Buffer) {
			return "the vault stores no buffers"
		}
		return persists(c)
	}
	return []Check{
		{"persistence/restart/accepts", []string{"VAULT-007"}, persists, survivesRestart},
		{"persistence/ephemeral/refuses", []string{"VAULT-007"}, persists, ephemeralEnds},
		{"persistence/handle/refuses", []string{"VAULT-001", "VAULT-007"}, persists, handlesEnd},
		{"persistence/destroy/accepts", []string{"VAULT-007"}, persists, destroyedForGood},
		{"persistence/export/accepts", []string{"VAULT-006", "VAULT-007"}, persists, exportableAfterRestart},
		{"persistence/export/refuses", []string{"VAULT-006", "VAULT-007"}, persists, notExportableAfterRestart},
		{"persistence/set-type/accepts", []string{"VAULT-007", "VAULT-011"}, buffers, setTypeSurvives},
		{"persistence/derived/refuses", []string{"VAULT-007"}, persists, derivedEnds},
		{"persistence/close/refuses", []string{"VAULT-012"}, persists, closedFindsNothing},
	}
}

// persistent returns the vault as what a vault with persistent types has to be.
func (s *exam) persistent() vault.PersistentVault {
	s.Helper()
	v, is := s.Vault.(vault.PersistentVault)
	if !is {
		s.Fatalf("the vault claims persistent types and is no vault.PersistentVault")
	}
	return v
}

// restart goes on with the vault after a restart.
func (s *exam) restart() {
	s.Helper()
	if s.subject.Restart == nil {
		s.Fatalf("the vault claims persistent types, and its Subject has no Restart")
	}
	s.Vault = s.subject.Restart(s.Vault)
	s.opened = append(s.opened, s.Vault)
}

// persist makes a persistent secret with that label, or one that the vault chooses if it does not take such labels.
func (s *exam) persist(a vault.Attributes, label string) (secret vault.Secret, labelled string) {
	s.Helper()
	a.Persistence, a.Label = vault.Persistent, label
	secret, err := s.tryPersist(a)
	if errors.Is(err, vault.ErrInvalidLabel) {
		a.Label = ""
		secret, err = s.tryPersist(a)
	}
	s.ok("a persistent "+a.Type.String(), err)
	return secret, s.attributes(secret).Label
}

// tryPersist makes a secret by whichever way the vault has.
func (s *exam) tryPersist(a vault.Attributes) (vault.Secret, error) {
	if s.capabilities.CanImport(a.Type) {
		return s.Import(a, sample(a.Type))
	}
	a.Length = len(sample(a.Type))
	return s.Generate(a)
}

// lookUp returns the secret with that label.
func (s *exam) lookUp(label string) vault.Secret {
	s.Helper()
	secret, err := s.persistent().Lookup(label)
	s.ok("Lookup", err)
	return secret
}

// hasLabels checks which persistent secrets there are.
func (s *exam) hasLabels(op string, want ...string) {
	s.Helper()
	got, err := s.persistent().Labels()
	s.ok("Labels", err)
	if slices.Sort(want); !slices.Equal(got, want) {
		s.Errorf("%s: labels %q, want %q", op, got, want)
	}
}

// survivesRestart makes secrets of every type, in every way, restarts twice, and finds them as they were.
func survivesRestart(s *exam) {
	before := make(map[string][]byte)
	var labels []string
	keep := func(secret vault.Secret, label string) {
		before[label] = s.fingerprint(secret)
		labels = append(labels, label)
	}
	for _, t := range s.capabilities.Persistent {
		keep(s.persist(vault.Attributes{Type: t}, fmt.Sprintf("first.%d", t)))
		if s.capabilities.CanGenerate(t) {
			secret, err := s.Generate(vault.Attributes{Type: t, Length: len(sample(t)), Persistence: vault.Persistent})
			s.ok("Generate", err)
			keep(secret, s.attributes(secret).Label)
		}
	}
	for range 2 {
		s.restart()
		s.hasLabels("after a restart", slices.Clone(labels)...)
		for _, label := range labels {
			s.equal("a secret after a restart", s.fingerprint(s.lookUp(label)), before[label])
		}
	}
}

func ephemeralEnds(s *exam) {
	_, label := s.persist(vault.Attributes{Type: s.capabilities.Persistent[0]}, "kept")
	var ephemeral []vault.Secret
	for _, t := range s.types() {
		ephemeral = append(ephemeral, s.make(t))
	}
	s.hasLabels("beside ephemeral secrets", label)
	s.restart()
	s.hasLabels("after a restart", label)
	for _, secret := range ephemeral {
		_, err := s.Attributes(secret)
		s.fails("an ephemeral secret after a restart", err, vault.ErrInvalidSecret)
	}
}

// handlesEnd uses handles from before the restart, in a vault that issues new ones.
func handlesEnd(s *exam) {
	for _, t := range s.capabilities.Persistent {
		old, label := s.persist(vault.Attributes{Type: t}, "kept")
		s.restart()
		present := s.lookUp(label)
		if present == old {
			s.Errorf("a handle is the same after a restart")
		}
		for _, u := range uses(s, vault.Secret{}) {
			s.refuses(u.name+" of a handle from before the restart", vault.ErrInvalidSecret,
				func() error { return u.call(s, old) }, present)
		}
		s.destroy(present)
	}
}

// destroyedForGood destroys one of two secrets, before a restart and after it.
func destroyedForGood(s *exam) {
	for _, t := range s.capabilities.Persistent {
		other, otherLabel := s.persist(vault.Attributes{Type: t}, "other")
		before := s.fingerprint(other)
		for _, early := range []bool{true, false} {
			secret, label := s.persist(vault.Attributes{Type: t}, "gone")
			if !early {
				s.restart()
				secret = s.lookUp(label)
			}
			s.destroy(secret)
			_, err := s.persistent().Lookup(label)
			s.fails("Lookup of a destroyed secret", err, vault.ErrNotFound)
			s.restart()
			_, err = s.persistent().Lookup(label)
			s.fails("Lookup of a destroyed secret after a restart", err, vault.ErrNotFound)
			s.hasLabels("after a restart", otherLabel)
			s.equal("the other secret", s.fingerprint(s.lookUp(otherLabel)), before)
		}
		s.destroy(s.lookUp(otherLabel))
	}
}

func exportableAfterRestart(s *exam) {
	for _, t := range s.capabilities.Persistent {
		secret, label := s.persist(vault.Attributes{Type: t, Exportable: true}, "open")
		raw, err := s.Export(make([]byte, 0, 64), secret)
		s.ok("Export", err)
		if s.capabilities.CanImport(t) {
			s.equal("Export", raw, sample(t))
		}
		s.restart()
		secret = s.lookUp(label)
		s.appends("Export after a restart", raw, func(dst []byte) ([]byte, error) { return s.Export(dst, secret) })
		s.destroy(secret)
	}
}

func notExportableAfterRestart(s *exam) {
	for _, t := range s.capabilities.Persistent {
		secret, label := s.persist(vault.Attributes{Type: t}, "hidden")
		s.exportFails("Export of a persistent "+t.String(), secret)
		s.restart()
		secret = s.lookUp(label)
		s.exportFails("Export after a restart", secret)
		s.destroy(secret)
	}
}

// setTypeSurvives turns stored buffers into keys, which they are after a restart.
func setTypeSurvives(s *exam) {
	for _, t := range s.aesTypes() {
		secret, label := s.persist(vault.Attributes{Type: vault.Buffer}, "key")
		s.ok("SetType", s.SetType(secret, t))
		before := s.fingerprint(secret)
		s.restart()
		secret = s.lookUp(label)
		s.equal("the key after a restart", s.fingerprint(secret), before)
		s.hasAttributes("after a restart", secret,
			vault.Attributes{Type: t, Length: len(sample(t)), Persistence: vault.Persistent, Label: label})
		s.destroy(secret)
	}
}

// derivedEnds derives from persistent secrets what is ephemeral.
func derivedEnds(s *exam) {
	s.asserted++ // A vault may store nothing to derive from.
	for _, t := range s.capabilities.Persistent {
		secret, label := s.persist(vault.Attributes{Type: t}, "source")
		var derived vault.Secret
		var err error
		switch t {
		case vault.Buffer:
			var outputs [1]vault.Secret
			err = s.HKDF(secret, vault.Secret{}, outputs[:])
			derived = outputs[0]
		case vault.X25519PrivateKey:
			derived, err = s.ECDH(secret, unhex(x25519Base))
		case vault.P256PrivateKey:
			derived, err = s.ECDH(secret, unhex(p256Base))
		case vault.AES128Key, vault.AES256Key:
			s.destroy(secret)
			continue
		}
		s.ok("a derivation from a persistent "+t.String(), err)
		s.hasAttributes("what is derived", derived, vault.Attributes{Type: vault.Buffer, Length: 32})
		s.restart()
		s.hasLabels("after a restart", label)
		s.destroy(s.lookUp(label))
	}
}

func closedFindsNothing(s *exam) {
	_, label := s.persist(vault.Attributes{Type: s.capabilities.Persistent[0]}, "kept")
	v := s.persistent()
	s.lookUp(label)
	s.ok("Close", v.Close())
	_, err := v.Lookup(label)
	s.fails("Lookup after Close", err, vault.ErrClosed)
	_, err = v.Labels()
	s.fails("Labels after Close", err, vault.ErrClosed)
	s.restart()
	s.lookUp(label)
}
