package harness

// The verbs.
const (
	VerbHello        Verb = "hello"
	VerbCapabilities Verb = "capabilities"
	VerbReset        Verb = "reset"
	VerbQuit         Verb = "quit"

	VerbOpen   Verb = "open"
	VerbFeed   Verb = "feed"
	VerbWrite  Verb = "write"
	VerbTick   Verb = "tick"
	VerbClaims Verb = "claims"
	VerbClose  Verb = "close"

	VerbDecode Verb = "decode"
	VerbEncode Verb = "encode"

	VerbX25519 Verb = "x25519"
	VerbP256   Verb = "p256"
	VerbSeal   Verb = "seal"
	VerbUnseal Verb = "unseal"
	VerbHKDF   Verb = "hkdf"
	VerbSHA256 Verb = "sha256"

	VerbVault Verb = "vault"

	VerbListen  Verb = "listen"
	VerbConnect Verb = "connect"
)

// A Signature is what a request with some verb looks like.
type Signature struct {
	Verb     Verb
	Required []string // keys
	Optional []string // keys
	// Always is set for the verbs that every adapter has.
	Always bool
}

// Signatures returns those of all verbs, in the order of PROTOCOL.md.
func Signatures() []Signature {
	return []Signature{
		{Verb: VerbHello, Required: []string{"versions"}, Always: true},
		{Verb: VerbCapabilities, Always: true},
		{Verb: VerbReset, Always: true},
		{Verb: VerbQuit, Always: true},

		{Verb: VerbOpen, Required: []string{"ch", "role", "profile", "over", "static"},
			Optional: []string{"ephemeral", "peer", "local", "remote", "route", "address", "listener", "window", "limit", "deadline"}},
		{Verb: VerbFeed, Required: []string{"ch"}, Optional: []string{"data", "from", "end"}},
		{Verb: VerbWrite, Required: []string{"ch", "data"}, Optional: []string{"onward", "return"}},
		{Verb: VerbTick, Required: []string{"ch", "ms"}},
		{Verb: VerbClaims, Required: []string{"ch"}},
		{Verb: VerbClose, Required: []string{"ch"}},

		{Verb: VerbDecode, Required: []string{"as", "data"}, Optional: []string{"profile", "limit"}},
		{Verb: VerbEncode, Required: []string{"as"},
			Optional: []string{"profile", "onward", "return", "type", "body", "route", "address", "value", "frames"}},

		{Verb: VerbX25519, Required: []string{"private"}, Optional: []string{"public"}},
		{Verb: VerbP256, Required: []string{"private"}, Optional: []string{"public"}},
		{Verb: VerbSeal, Required: []string{"key", "nonce", "ad", "data"}},
		{Verb: VerbUnseal, Required: []string{"key", "nonce", "ad", "data"}},
		{Verb: VerbHKDF, Required: []string{"salt", "n"}, Optional: []string{"ikm"}},
		{Verb: VerbSHA256, Required: []string{"data"}},

		{Verb: VerbVault, Required: []string{"op"},
			Optional: []string{"secret", "type", "length", "value", "exportable", "label", "to", "ikm", "public", "nonce", "ad", "data"}},

		{Verb: VerbListen, Required: []string{"on", "profile", "static"}, Optional: []string{"peer", "address", "deadline", "buffer", "giveup"}},
		{Verb: VerbConnect, Required: []string{"to", "profile", "static"}, Optional: []string{"peer", "route", "service", "deadline", "buffer", "giveup"}},
	}
}
