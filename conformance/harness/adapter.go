package harness

import "slices"

// An Adapter is an implementation in Go as Serve offers it to the kit. What is nil is unsupported. Methods are called by one goroutine, one at
// a time; they return ErrUnsupported for what they do not have, a *Refusal (see Refuse) for what the implementation refuses, and any other
// error for trouble of their own.
type Adapter struct {
	// Name of the implementation, with its version; visible ASCII without spaces and "=".
	Name string
	// Capabilities are declared as they are. Nil Verbs are all verbs of the interfaces below that are not nil. Serve answers requests for what is
	// not declared itself: they do not come here.
	Capabilities Capabilities

	Channels Channels
	Codec    Codec
	Vault    Vault
	Secrets  Secrets
	Network  Network
}

// Channels makes channels without sockets. A Step is read before the next call.
type Channels interface {
	// Open makes a channel and starts its handshake. With an error there is no channel.
	Open(m Open) (Channel, Step, error)
}

// A Channel is one side of a secure channel, without sockets. With an error a call has changed nothing. What a message does to the channel is
// no error but an event of the Step, or its end.
type Channel interface {
	// Feed takes a piece of the stream, a message, or a datagram; then the end of the stream, if there is one.
	Feed(m Feed) (Step, error)
	// Write sends application bytes, or refuses.
	Write(m Write) (Step, error)
	// Tick lets the channel's clock go on.
	Tick(m Tick) (Step, error)
	// Claims tells what the implementation thinks of the channel.
	Claims() (Claims, error)
	// Close closes the channel and destroys its keys. Later calls tell that it is closed.
	Close() error
}

// A Codec decodes and encodes.
type Codec interface {
	Decode(m Decode) (Decoded, error)
	Encode(m Encode) ([]byte, error)
}

// A Vault computes.
type Vault interface {
	// PublicKey returns the public key of m.Private; m.Public is nil.
	PublicKey(m Agree) ([]byte, error)
	Agree(m Agree) (Secret, error)
	AEAD(m AEAD) ([]byte, error)
	HKDF(m HKDF) (Secret, error)
	Hash(m Hash) ([]byte, error)
}

// A Network works on real sockets, in the background.
type Network interface {
	// Listen starts a responder and returns where it listens.
	Listen(m Listen) (Address, error)
	// Connect starts an initiator and does not wait for it.
	Connect(m Connect) error
	// Reset ends what was started, and waits for that.
	Reset() error
}

// declared returns the capabilities, Verbs filled in.
func (a Adapter) declared() Capabilities {
	c := a.Capabilities
	if c.Verbs != nil {
		return c
	}
	c.Verbs = []Verb{VerbHello, VerbCapabilities, VerbReset, VerbQuit}
	if a.Channels != nil {
		c.Verbs = append(c.Verbs, VerbOpen, VerbFeed, VerbWrite, VerbTick, VerbClaims, VerbClose)
	}
	if a.Codec != nil {
		c.Verbs = append(c.Verbs, VerbDecode, VerbEncode)
	}
	if a.Vault != nil {
		c.Verbs = append(c.Verbs, VerbX25519, VerbP256, VerbSeal, VerbUnseal, VerbHKDF, VerbSHA256)
	}
	if a.Secrets != nil {
		c.Verbs = append(c.Verbs, VerbVault)
	}
	if a.Network != nil {
		c.Verbs = append(c.Verbs, VerbListen, VerbConnect)
	}
	return c
}

// undeclared returns what of a request the adapter has not declared, empty if nothing: verb, field, or a value.
func (c Capabilities) undeclared(s Signature, f Fields) string {
	for _, field := range f {
		switch {
		case slices.Contains(s.Required, field.Key):
		case !slices.Contains(s.Optional, field.Key):
			return field.Key // no version of the protocol that is known here has it
		case s.hasOptions() && field.Key != "data" && !c.Heeds(field.Key):
			return field.Key
		}
		if declared, known := c.values(field.Key); known && !slices.Contains(declared, field.Value) {
			return field.Key
		}
	}
	return ""
}

// hasOptions reports whether the optional fields of a verb are to be declared.
func (s Signature) hasOptions() bool {
	switch s.Verb {
	case VerbOpen, VerbFeed, VerbWrite, VerbListen, VerbConnect:
		return true
	default:
		return false
	}
}

// values returns which values of a field are declared, for fields whose values are.
func (c Capabilities) values(key string) (declared []string, known bool) {
	switch key {
	case "profile":
		return c.Profiles, true
	case "role":
		return stringsOf(c.Roles), true
	case "over":
		return stringsOf(c.Over), true
	case "as":
		return stringsOf(c.Forms), true
	}
	return nil, false
}

func stringsOf[S ~string](words []S) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = string(w)
	}
	return out
}
