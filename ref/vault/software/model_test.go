package software_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/commands"
	gopterGen "github.com/leanovate/gopter/gen"

	"ockamtest/fuzz/gen"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
)

// modelLimit is small, so that most runs meet it.
const modelLimit = 4

// A modelSecret is a secret as the model sees it, live or destroyed.
type modelSecret struct {
	live       bool
	typ        vault.Type
	raw        []byte
	exportable bool
}

// A model is all secrets that were ever made, in order, and what the last step has to give. It is a value: steps copy it.
type model struct {
	secrets []modelSecret
	want    outcome
}

// An outcome is what a step shows: an error, or the attributes and bytes of a secret.
type outcome struct {
	err        error
	attributes vault.Attributes
	raw        []byte
}

// A step is a call: import, look (Attributes and Export), set type, or destroy. It names its secret by order of creation.
type step struct {
	op         string
	index      int
	typ        vault.Type
	exportable bool
}

func (s step) String() string {
	return fmt.Sprintf("%s(#%d, %v, %t)", s.op, s.index, s.typ, s.exportable)
}

// A session is the vault under test with its handles, in order of creation.
type session struct {
	vault.Vault
	handles []vault.Secret
}

// Run does the step in the vault.
func (s step) Run(under commands.SystemUnderTest) commands.Result {
	v := under.(*session)
	if s.op == "import" {
		handle, err := v.Import(vault.Attributes{Type: s.typ, Exportable: s.exportable}, s.raw())
		v.handles = append(v.handles, handle)
		return outcome{err: err}
	}
	handle := v.handles[s.index]
	switch s.op {
	case "destroy":
		return outcome{err: v.Destroy(handle)}
	case "set type":
		return outcome{err: v.SetType(handle, s.typ)}
	}
	a, err := v.Attributes(handle)
	if err != nil {
		return outcome{err: err}
	}
	raw, err := v.Export(make([]byte, 0, 32), handle)
	return outcome{err, a, raw}
}

// raw is a value that only this step has.
func (s step) raw() []byte {
	return bytes.Repeat([]byte{byte(s.index) + 1}, lengthOf(s.typ))
}

// NextState does the step in the model.
func (s step) NextState(state commands.State) commands.State {
	m := state.(model)
	m.secrets, m.want = slices.Clone(m.secrets), outcome{}
	if s.op == "import" {
		made := modelSecret{true, s.typ, s.raw(), s.exportable}
		if m.live() == modelLimit {
			made, m.want.err = modelSecret{}, vault.ErrExhausted
		}
		m.secrets = append(m.secrets, made)
		return m
	}
	secret := &m.secrets[s.index]
	switch {
	case !secret.live:
		m.want.err = vault.ErrInvalidSecret
	case s.op == "destroy":
		secret.live = false
	case s.op == "set type":
		m.want.err = secret.setType(s.typ)
	default:
		m.want.attributes = vault.Attributes{Type: secret.typ, Length: len(secret.raw), Exportable: secret.exportable}
		m.want.raw = secret.raw
		if !secret.exportable {
			m.want.raw, m.want.err = nil, vault.ErrNotExportable
		}
	}
	return m
}

func (m *modelSecret) setType(t vault.Type) error {
	if m.typ != vault.Buffer || t != vault.AES128Key && t != vault.AES256Key {
		return vault.ErrWrongType
	}
	m.typ, m.raw = t, m.raw[:lengthOf(t)]
	return nil
}

func (m model) live() int {
	n := 0
	for _, s := range m.secrets {
		if s.live {
			n++
		}
	}
	return n
}

// PreCondition: the secret was made, and an import's index is its own.
func (s step) PreCondition(state commands.State) bool {
	n := len(state.(model).secrets)
	return s.op == "import" && s.index == n || s.op != "import" && s.index < n
}

// PostCondition compares what the vault gave with what the model says.
func (s step) PostCondition(state commands.State, result commands.Result) *gopter.PropResult {
	got, want := result.(outcome), state.(model).want
	if errors.Is(got.err, want.err) && got.attributes == want.attributes && bytes.Equal(got.raw, want.raw) {
		return &gopter.PropResult{Status: gopter.PropTrue}
	}
	return &gopter.PropResult{Status: gopter.PropFalse, Labels: []string{fmt.Sprintf("%v: got %+v, want %+v", s, got, want)}}
}

// genStep draws a step that fits the state.
func genStep(state commands.State) gopter.Gen {
	n := len(state.(model).secrets)
	types := []vault.Type{vault.Buffer, vault.AES128Key, vault.AES256Key, vault.X25519PrivateKey, vault.P256PrivateKey}
	ops := []string{"import", "look", "look", "set type", "destroy"}
	return func(p *gopter.GenParameters) *gopter.GenResult {
		var s commands.Command = step{"import", n, types[p.Rng.Intn(len(types))], p.NextBool()}
		if op := ops[p.Rng.Intn(len(ops))]; op != "import" && n > 0 {
			s = step{op, p.Rng.Intn(n), types[p.Rng.Intn(len(types))], false}
		}
		return gopter.NewGenResult(s, gopter.NoShrinker)
	}
}

// behaves is the property that a vault of modelLimit secrets does what the model does.
func behaves(newVault func() vault.Vault) gopter.Prop {
	return commands.Prop(&commands.ProtoCommands{
		NewSystemUnderTestFunc:     func(commands.State) commands.SystemUnderTest { return &session{Vault: newVault()} },
		DestroySystemUnderTestFunc: func(s commands.SystemUnderTest) { _ = s.(*session).Close() },
		InitialStateGen:            gopterGen.Const(model{}),
		GenCommandFunc:             genStep,
	})
}

func limited() *software.Vault {
	v, err := software.New(software.Config{MaxSecrets: modelLimit})
	if err != nil {
		panic(err)
	}
	return v
}

// VAULT-001, VAULT-006: whatever the order of calls, handles name their own secrets or none.
func TestModel(t *testing.T) {
	gen.Check(t, behaves(func() vault.Vault { return limited() }))
}

// forgetful is a vault whose handles have no generations.
type forgetful struct {
	*software.Vault
	latest map[uint32]vault.Secret
}

func (f forgetful) Import(a vault.Attributes, raw []byte) (vault.Secret, error) {
	s, err := f.Vault.Import(a, raw)
	f.latest[s.Slot] = s
	return s, err
}

func (f forgetful) Attributes(s vault.Secret) (vault.Attributes, error) {
	return f.Vault.Attributes(f.latest[s.Slot])
}

// leaking is a vault that does not get the slot of a key back.
type leaking struct{ *software.Vault }

func (l leaking) Destroy(s vault.Secret) error {
	if a, err := l.Vault.Attributes(s); err == nil && a.Type == vault.AES128Key {
		_ = l.Vault.Destroy(s)
		_, err = l.Vault.Generate(a)
		return err
	}
	return l.Vault.Destroy(s)
}

// open is a vault that says that keys are exportable once they were buffers.
type open struct {
	*software.Vault
	changed map[vault.Secret]bool
}

func (o open) SetType(s vault.Secret, t vault.Type) error {
	err := o.Vault.SetType(s, t)
	o.changed[s] = err == nil
	return err
}

func (o open) Attributes(s vault.Secret) (vault.Attributes, error) {
	a, err := o.Vault.Attributes(s)
	a.Exportable = a.Exportable || o.changed[s]
	return a, err
}

// The model finds each planted fault.
func TestModelFindsFaults(t *testing.T) {
	for name, newVault := range map[string]func() vault.Vault{
		"no generations": func() vault.Vault { return forgetful{limited(), make(map[uint32]vault.Secret)} },
		"leaked slots":   func() vault.Vault { return leaking{limited()} },
		"exportable":     func() vault.Vault { return open{limited(), make(map[vault.Secret]bool)} },
	} {
		t.Run(name, func(t *testing.T) {
			result := behaves(newVault).Check(gen.Parameters(t))
			if result.Passed() {
				t.Errorf("not found in %d runs", result.Succeeded)
			}
		})
	}
}
