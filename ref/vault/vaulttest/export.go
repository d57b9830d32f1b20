package vaulttest

import "ockamtest/ref/vault"

func exportChecks() []Check {
	return []Check{
		{"export/exportable/accepts", []string{"VAULT-006"}, nil, exportable},
		{"export/plain/refuses", []string{"VAULT-006"}, nil, notExportable},
		{"export/set-type/accepts", []string{"VAULT-006"}, imports(vault.Buffer), exportableAfterSetType},
		{"export/set-type/refuses", []string{"VAULT-006"}, imports(vault.Buffer), notExportableAfterSetType},
		{"export/import-over/refuses", []string{"VAULT-006"}, nil, notExportableAfterImport},
		{"export/derived/refuses", []string{"VAULT-006"}, nil, derivedIsNotExportable},
	}
}

// exportFails checks that a secret is not exported, and not changed by the attempt.
func (s *exam) exportFails(op string, secret vault.Secret) {
	s.Helper()
	room := make([]byte, 64)
	s.refuses(op, vault.ErrNotExportable, func() error { _, err := s.Export(room[:0], secret); return err }, secret)
	s.equal(op+": dst", room, make([]byte, 64))
}

func exportable(s *exam) {
	for _, t := range s.types() {
		a := vault.Attributes{Type: t, Length: len(sample(t)), Exportable: true}
		if s.capabilities.CanImport(t) {
			secret := s.importWith(a, sample(t))
			s.appends("Export "+t.String(), sample(t), func(dst []byte) ([]byte, error) { return s.Export(dst, secret) })
			s.destroy(secret)
		}
		if s.capabilities.CanGenerate(t) {
			s.generatedExport(a)
		}
	}
}

// generatedExport checks that a generated secret exports what it is, by importing that again.
func (s *exam) generatedExport(a vault.Attributes) {
	s.Helper()
	secret, err := s.Generate(a)
	s.ok("Generate", err)
	raw, err := s.Export(make([]byte, 0, a.Length), secret)
	s.ok("Export of a generated secret", err)
	if s.capabilities.CanImport(a.Type) {
		again := s.importWith(a, raw)
		s.equal("the import of a generated secret's export", s.fingerprint(again), s.fingerprint(secret))
		s.destroy(again)
	}
	s.destroy(secret)
}

func notExportable(s *exam) {
	for _, t := range s.types() {
		secret := s.make(t)
		s.exportFails("Export of an imported "+t.String(), secret)
		s.destroy(secret)
		if s.capabilities.CanGenerate(t) {
			secret, err := s.Generate(vault.Attributes{Type: t, Length: len(sample(t))})
			s.ok("Generate", err)
			s.exportFails("Export of a generated "+t.String(), secret)
			s.destroy(secret)
		}
	}
}

func exportableAfterSetType(s *exam) {
	raw := sample(vault.Buffer)
	for _, t := range s.aesTypes() {
		secret := s.importWith(vault.Attributes{Type: vault.Buffer, Exportable: true}, raw)
		s.ok("SetType", s.SetType(secret, t))
		want := vault.Attributes{Type: t, Length: len(sample(t)), Exportable: true}
		s.hasAttributes("after SetType", secret, want)
		s.appends("Export after SetType", raw[:want.Length], func(dst []byte) ([]byte, error) { return s.Export(dst, secret) })
		s.destroy(secret)
	}
}

func notExportableAfterSetType(s *exam) {
	for _, t := range s.aesTypes() {
		secret := s.make(vault.Buffer)
		s.ok("SetType", s.SetType(secret, t))
		s.exportFails("Export after SetType", secret)
		for _, back := range allTypes() {
			s.fails("SetType a second time", s.SetType(secret, back), vault.ErrWrongType)
		}
		s.exportFails("Export after more of SetType", secret)
		s.destroy(secret)
	}
}

// notExportableAfterImport imports, exportable, beside a secret and into the place that a destroyed one left.
func notExportableAfterImport(s *exam) {
	for _, t := range s.capabilities.Import {
		hidden, gone := s.make(t), s.make(t)
		s.destroy(gone)
		open := s.importWith(vault.Attributes{Type: t, Exportable: true}, sample(t))
		s.exportFails("Export after an exportable import of the same bytes", hidden)
		s.destroy(open)
		s.exportFails("Export after that import is destroyed", hidden)
		_, err := s.Export(make([]byte, 0, 64), gone)
		s.fails("Export by the old handle", err, vault.ErrInvalidSecret)
		s.destroy(hidden)
	}
	s.asserted++ // A vault may only generate.
}

// derivedIsNotExportable derives from inputs that are exportable, and so known.
func derivedIsNotExportable(s *exam) {
	s.asserted++ // A vault may have neither.
	if s.capabilities.CanImport(vault.Buffer) {
		input := s.importWith(vault.Attributes{Type: vault.Buffer, Exportable: true}, sample(vault.Buffer))
		outputs := make([]vault.Secret, 2)
		s.ok("HKDF", s.HKDF(input, input, outputs))
		for _, secret := range outputs {
			s.exportFails("Export of an HKDF output", secret)
		}
		s.ok("SetType", s.SetType(outputs[1], s.aesType()))
		s.exportFails("Export of an HKDF output as a key", outputs[1])
		s.destroy(append(outputs, input)...)
	}
	for t, public := range map[vault.Type]string{vault.X25519PrivateKey: x25519Base, vault.P256PrivateKey: p256Base} {
		if !s.capabilities.CanImport(t) {
			continue
		}
		private := s.importWith(vault.Attributes{Type: t, Exportable: true}, sample(t))
		shared, err := s.ECDH(private, unhex(public))
		s.ok("ECDH", err)
		s.exportFails("Export of an ECDH result", shared)
		s.destroy(private, shared)
	}
}
