package harness

// An Operation asks a vault for something, by the number of a secret (VAULT-001 to VAULT-012). Which fields it has is told by Op; numbers of 0
// and what is empty are absent.
type Operation struct {
	Op              string
	Secret, To, IKM int
	Type            string
	Length          int
	Value           []byte // nil: the secret is generated
	Exportable      bool
	Label           string
	Public          []byte
	Nonce, Ad, Data []byte
}

// An Operated is what came of an operation.
type Operated struct {
	Data       []byte // of export, public, seal, unseal
	Type       string // of attributes; so the next three
	Length     int
	Exportable bool
	Label      string
	Supported  bool // of supports
}

// Secrets is a vault that keeps secrets under numbers which the kit gives. A number keeps the handle that it was given last.
type Secrets interface {
	Operate(m Operation) (Operated, error)
	// Reset gives up all secrets, persistent ones too, and begins with a new vault.
	Reset() error
}

// maxSecret is the highest number of a secret.
const maxSecret = 255

// The operations, the types of secrets, and the words for whether something is so.
func operations() []string {
	return []string{
		"make", "find", "attributes", "export", "public", "retype", "destroy", "agree", "derive", "seal", "unseal", "supports", "close", "restart",
	}
}
func secretTypes() []string { return []string{"buffer", "aes128", "aes256", "x25519", "p256"} }

const (
	yes = "yes"
	no  = "no"
)

func yesNo(b bool) string {
	if b {
		return yes
	}
	return no
}

// Request is the line without its ID.
func (m Operation) Request() Request {
	f := Fields{{"op", m.Op}}.number("secret", uint64(m.Secret)).token("type", m.Type).number("length", uint64(m.Length)).hex("value", m.Value)
	if m.Exportable {
		f = f.token("exportable", yes)
	}
	f = f.token("label", m.Label).number("to", uint64(m.To)).number("ikm", uint64(m.IKM)).hex("public", m.Public)
	return Request{Verb: VerbVault, Fields: f.hex("nonce", m.Nonce).hex("ad", m.Ad).hex("data", m.Data)}
}

func (d *decoder) operation() Operation {
	return Operation{
		Op: d.token("op", true, operations()...), Secret: int(d.number("secret", false, maxSecret)), Type: d.token("type", false, secretTypes()...),
		Length: int(d.number("length", false, maxNumber)), Value: d.hex("value", false), Exportable: d.token("exportable", false, yes, no) == yes,
		Label: d.token("label", false), To: int(d.number("to", false, maxSecret)), IKM: int(d.number("ikm", false, maxSecret)),
		Public: d.hex("public", false), Nonce: d.hex("nonce", false), Ad: d.hex("ad", false), Data: d.hex("data", false),
	}
}

func (v Operated) fields(op string) Fields {
	switch op {
	case "attributes":
		return Fields{{"type", v.Type}, numberField("length", uint64(v.Length)), {"exportable", yesNo(v.Exportable)}}.token("label", v.Label)
	case "supports":
		return Fields{{"supported", yesNo(v.Supported)}}
	case "export", "public", "seal", "unseal":
		return Fields{hexField("data", v.Data)}
	}
	return nil
}

func (d *decoder) operated(op string) Operated {
	switch op {
	case "attributes":
		return Operated{
			Type: d.token("type", true, secretTypes()...), Length: int(d.number("length", true, maxNumber)),
			Exportable: d.token("exportable", true, yes, no) == yes, Label: d.token("label", false),
		}
	case "supports":
		return Operated{Supported: d.token("supported", true, yes, no) == yes}
	case "export", "public", "seal", "unseal":
		return Operated{Data: d.hex("data", true)}
	}
	return Operated{}
}

// secrets carries out an operation.
func (s *server) secrets(d *decoder) (Fields, error) {
	if s.adapter.Secrets == nil {
		return nil, ErrUnsupported
	}
	m, err := read(d, (*decoder).operation)
	if err != nil {
		return nil, err
	}
	v, err := s.adapter.Secrets.Operate(m)
	if err != nil {
		return nil, err
	}
	return v.fields(m.Op), nil
}
