package vectors

import "slices"

// The names of roles, suites, and of the one protocol name (NOISE-001).
const (
	Initiator   = "initiator"
	Responder   = "responder"
	SuiteX25519 = "X25519_AES256GCM_SHA256" // v1, c09, e09
	SuiteP256   = "P256_AES128GCM_SHA256"   // c010, under the same protocol name

	protocolName = "Noise_XX_25519_AESGCM_SHA256"
)

// A Handshake vector is a Noise transcript in cacophony's shape. Messages are the handshake's alone: this protocol splits its keys the
// other way round (NOISE-010), which K1 and K2 of the extension and the record vectors have.
type Handshake struct {
	ProtocolName  string             `json:"protocol_name"`
	InitPrologue  Hex                `json:"init_prologue"`
	InitStatic    Hex                `json:"init_static"`
	InitEphemeral Hex                `json:"init_ephemeral"`
	RespPrologue  Hex                `json:"resp_prologue"`
	RespStatic    Hex                `json:"resp_static"`
	RespEphemeral Hex                `json:"resp_ephemeral"`
	HandshakeHash Hex                `json:"handshake_hash,omitempty"`
	Messages      []HandshakeMessage `json:"messages"`
	Ockam         HandshakeExtension `json:"ockam"`
}

// A HandshakeMessage is one message on the wire and its payload.
type HandshakeMessage struct {
	Payload    Hex `json:"payload"`
	Ciphertext Hex `json:"ciphertext"`
}

// A HandshakeExtension is what cacophony's format lacks.
type HandshakeExtension struct {
	Meta
	Suite string `json:"suite"`
	// Role is who is tested: initiator, responder, or both. A vector that is refused has one.
	Role string `json:"role"`
	// At is the message, 1 to 3, at which Role refuses, or would; 0 if everything is in order.
	At int `json:"at,omitempty"`
	// Version1 is the handshake of version 1: payloads have to be empty (NOISE-006).
	Version1 bool  `json:"version1"`
	H        []Hex `json:"h,omitempty"`  // after the prologue, m1, m2, m3
	CK       []Hex `json:"ck,omitempty"` // after ee, es, se
	K        []Hex `json:"k,omitempty"`  // after ee, es, se
	K1       Hex   `json:"k1,omitempty"` // the responder's sending key
	K2       Hex   `json:"k2,omitempty"` // the initiator's
}

// HandshakeInput is what a subject is asked: to be one side, with these keys, and to read these messages.
type HandshakeInput struct {
	Suite     string
	Role      string
	Static    Hex // private keys
	Ephemeral Hex
	Prologue  Hex
	Payloads  []Hex // of the messages that it sends, in order
	Receive   []Hex // messages of the other side, in order; the handshake may stop short of its end
	Version1  bool
}

// HandshakeOutput is what a subject sent, also beside a refusal. After the last message it has H, K1, K2, and what it received.
// The intermediate values are compared if they are given.
type HandshakeOutput struct {
	Sent         []Hex
	Payloads     []Hex // received
	RemoteStatic Hex   // public key
	H, K1, K2    Hex
	// Proves tells, in the place of H, K1, and K2, whether they are these: nil if so. It is for who does not tell keys.
	Proves func(h, k1, k2 Hex) error

	HS, CKs, Ks []Hex // after the prologue, m1, m2, m3; after ee, es, se
}

// Kind implements Vector.
func (*Handshake) Kind() Kind { return KindHandshake }

// Common implements Vector.
func (v *Handshake) Common() *Meta { return &v.Ockam.Meta }

func (v *Handshake) check(s Subject) error {
	for _, role := range []string{Initiator, Responder} {
		if v.Ockam.Role != "both" && v.Ockam.Role != role {
			continue
		}
		if err := v.checkRole(s, role); err != nil {
			return err
		}
	}
	return nil
}

// Input returns what a subject in role is asked, the messages that it sends, and the payloads that it receives.
func (v *Handshake) Input(role string) (in HandshakeInput, sent, payloads []Hex) {
	in = HandshakeInput{Suite: v.Ockam.Suite, Role: role, Version1: v.Ockam.Version1}
	in.Static, in.Ephemeral, in.Prologue = v.InitStatic, v.InitEphemeral, v.InitPrologue
	if role == Responder {
		in.Static, in.Ephemeral, in.Prologue = v.RespStatic, v.RespEphemeral, v.RespPrologue
	}
	for i, m := range v.Messages {
		if fromInitiator := i%2 == 0; fromInitiator == (role == Initiator) {
			in.Payloads = append(in.Payloads, m.Payload)
			sent = append(sent, m.Ciphertext)
		} else {
			in.Receive = append(in.Receive, m.Ciphertext)
			payloads = append(payloads, m.Payload)
		}
	}
	if role == Initiator && len(v.Messages) < 3 {
		in.Payloads = append(in.Payloads, nil) // of the m3 that must not be sent
	}
	return in, sent, payloads
}

func (v *Handshake) checkRole(s Subject, role string) error {
	in, sent, payloads := v.Input(role)
	out, err := s.Handshake(in)
	verdict := judge(&v.Ockam.Meta, err, func() error {
		if v.HandshakeHash == nil { // a transcript that stops before its end
			return nil
		}
		return first(
			same("payloads received by the "+role, out.Payloads, payloads),
			v.keys(out),
			v.intermediate(out),
		)
	})
	if verdict != nil {
		return verdict
	}
	if err != nil { // what it sent before it refused: NOISE-005, NOISE-007
		sent = sent[:min(len(sent), v.Ockam.At/2)]
		if role == Initiator {
			sent = v.sentBefore()
		}
	}
	return same("messages sent by the "+role, nonNil(out.Sent), nonNil(sent))
}

// sentBefore is m1 alone: what an initiator sent when it refuses m2.
func (v *Handshake) sentBefore() []Hex { return []Hex{v.Messages[0].Ciphertext} }

func (v *Handshake) keys(out HandshakeOutput) error {
	if out.Proves != nil {
		return out.Proves(v.HandshakeHash, v.Ockam.K1, v.Ockam.K2)
	}
	return first(same("handshake_hash", out.H, v.HandshakeHash), same("k1", out.K1, v.Ockam.K1), same("k2", out.K2, v.Ockam.K2))
}

func (v *Handshake) intermediate(out HandshakeOutput) error {
	if out.HS == nil {
		return nil
	}
	return first(same("h", out.HS, v.Ockam.H), same("ck", out.CKs, v.Ockam.CK), same("k", out.Ks, v.Ockam.K))
}

func (v *Handshake) validate() error {
	switch o := v.Ockam; {
	case v.ProtocolName != protocolName:
		return &FieldError{Field: "protocol_name", Problem: "is not " + protocolName}
	case o.Suite != SuiteX25519 && o.Suite != SuiteP256:
		return &FieldError{Field: "ockam.suite", Problem: "is unknown"}
	case !slices.Contains([]string{Initiator, Responder, "both"}, o.Role):
		return &FieldError{Field: "ockam.role", Problem: "is not initiator, responder, or both"}
	case o.Result != Valid && (o.Role == "both" || o.At < 1 || o.At > 3):
		return &FieldError{Field: "ockam.at", Problem: "a refusal has one role and one message"}
	case len(v.Messages) == 0 || len(v.Messages) > 3 || o.At > len(v.Messages):
		return &FieldError{Field: "messages", Problem: "are 1 to 3, and the refused one is among them"}
	}
	return v.Ockam.Meta.validate()
}
