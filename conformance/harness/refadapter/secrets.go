package refadapter

import (
	"errors"
	"io"
	"slices"

	"ockamtest/conformance/harness"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
	"ockamtest/ref/vault/store"
)

// secrets is the software vault, secret by secret, on a medium of its own.
type secrets struct {
	random  io.Reader
	medium  *medium
	vault   *software.Vault // nil until it is asked for
	numbers map[int]vault.Secret
}

func newSecrets(random io.Reader) *secrets {
	return &secrets{random: random, medium: &medium{}, numbers: map[int]vault.Secret{}}
}

// open makes the vault on the medium, if there is none.
func (s *secrets) open() (err error) {
	if s.vault == nil {
		s.vault, err = software.New(software.Config{Random: s.random, Store: s.medium})
	}
	return err
}

// Reset implements harness.Secrets.
func (s *secrets) Reset() error {
	var err error
	if s.vault != nil {
		err = s.vault.Close()
	}
	*s = *newSecrets(s.random)
	return err
}

// Operate implements harness.Secrets.
func (s *secrets) Operate(m harness.Operation) (harness.Operated, error) {
	if err := s.open(); err != nil {
		return harness.Operated{}, err
	}
	out, err := s.operate(m)
	return out, secretRefusal(err)
}

func (s *secrets) operate(m harness.Operation) (out harness.Operated, err error) {
	own := s.numbers[m.Secret]
	switch m.Op {
	case "make":
		return out, s.make(m)
	case "find":
		return out, s.number(m.Secret)(s.vault.Lookup(m.Label))
	case "attributes":
		a, err := s.vault.Attributes(own)
		return harness.Operated{Type: typeWord(a.Type), Length: a.Length, Exportable: a.Exportable, Label: a.Label}, err
	case "export":
		out.Data, err = s.vault.Export(make([]byte, 0, software.DefaultMaxBuffer), own)
	case "public":
		out.Data, err = s.vault.PublicKey(make([]byte, 0, vault.P256PublicKeySize), own)
	case "retype":
		return out, s.vault.SetType(own, typeOf(m.Type))
	case "destroy":
		return out, s.vault.Destroy(own)
	case "agree":
		return out, s.number(m.To)(s.vault.ECDH(own, m.Public))
	case "derive":
		var block [1]vault.Secret
		err := s.vault.HKDF(own, s.numbers[m.IKM], block[:])
		return out, s.number(m.To)(block[0], err)
	case "seal":
		out.Data, err = s.vault.Seal(make([]byte, 0, len(m.Data)+vault.TagSize), own, m.Nonce, m.Ad, m.Data)
	case "unseal":
		out.Data, err = s.vault.Open(make([]byte, 0, len(m.Data)), own, m.Nonce, m.Ad, m.Data)
	case "supports":
		out.Supported = s.supports(m)
	case "close":
		return out, s.vault.Close()
	case "restart":
		err := s.vault.Close()
		s.vault = nil
		return out, errors.Join(err, s.open())
	}
	return out, err
}

// number keeps a handle under a number, if there is one.
func (s *secrets) number(n int) func(vault.Secret, error) error {
	return func(handle vault.Secret, err error) error {
		if err == nil {
			s.numbers[n] = handle
		}
		return err
	}
}

func (s *secrets) make(m harness.Operation) error {
	a := vault.Attributes{Type: typeOf(m.Type), Length: m.Length, Exportable: m.Exportable, Label: m.Label}
	if m.Label != "" {
		a.Persistence = vault.Persistent
	}
	if m.Value == nil {
		return s.number(m.Secret)(s.vault.Generate(a))
	}
	a.Length = len(m.Value)
	return s.number(m.Secret)(s.vault.Import(a, m.Value))
}

func (s *secrets) supports(m harness.Operation) bool {
	c, t := s.vault.Capabilities(), typeOf(m.Type)
	return c.CanGenerate(t) && c.CanImport(t) && (t != vault.Buffer || m.Length <= c.MaxBuffer) && (m.Label == "" || c.CanPersist(t))
}

// types are the words for the types of secrets.
func types() []string { return []string{"", "buffer", "aes128", "aes256", "x25519", "p256"} }

func typeOf(word string) vault.Type { return vault.Type(slices.Index(types(), word)) }

func typeWord(t vault.Type) string {
	if int(t) >= len(types()) {
		return ""
	}
	return types()[t]
}

// secretRefusal is an error of the vault as an answer.
func secretRefusal(err error) error {
	for _, v := range []verdict{
		{vault.ErrInvalidSecret, harness.ClassNoSecret},
		{vault.ErrWrongType, harness.ClassWrongType},
		{vault.ErrNotExportable, harness.ClassNotExportable},
		{vault.ErrUnsupported, harness.ClassNotSupported},
		{vault.ErrLabelTaken, harness.ClassLabel},
		{vault.ErrInvalidLabel, harness.ClassLabel},
		{vault.ErrNotFound, harness.ClassLabel},
		{vault.ErrClosed, harness.ClassClosed},
	} {
		if errors.Is(err, v.err) {
			return harness.Refuse(v.class)
		}
	}
	return refusal(err)
}

// A medium keeps persistent secrets in memory: it outlives the vaults that are opened on it, one after the other.
type medium struct{ entries []store.Entry }

func (m *medium) index(label string) int {
	return slices.IndexFunc(m.entries, func(e store.Entry) bool { return e.Attributes.Label == label })
}

// Each implements software.Store.
func (m *medium) Each(f func(store.Entry) error) error {
	for _, e := range m.entries {
		if err := f(e); err != nil {
			return err
		}
	}
	return nil
}

// Add implements software.Store.
func (m *medium) Add(e store.Entry) error {
	if m.index(e.Attributes.Label) >= 0 {
		return vault.ErrLabelTaken
	}
	e.Raw = slices.Clone(e.Raw)
	m.entries = append(m.entries, e)
	return nil
}

// Set implements software.Store.
func (m *medium) Set(e store.Entry) error {
	i := m.index(e.Attributes.Label)
	if i < 0 {
		return vault.ErrNotFound
	}
	e.Raw = slices.Clone(e.Raw)
	m.entries[i] = e
	return nil
}

// Remove implements software.Store.
func (m *medium) Remove(label string) error {
	i := m.index(label)
	if i < 0 {
		return vault.ErrNotFound
	}
	m.entries = slices.Delete(m.entries, i, i+1)
	return nil
}
