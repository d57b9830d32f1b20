package noise

// A Token is an element of a message pattern.
type Token uint8

// The tokens of XX. Payload stands for the payload that ends every message.
const (
	E Token = iota + 1
	S
	EE
	ES
	SE
	Payload
)

// String returns the token as the Noise specification writes it.
func (t Token) String() string {
	switch t {
	case E:
		return "e"
	case S:
		return "s"
	case EE:
		return "ee"
	case ES:
		return "es"
	case SE:
		return "se"
	case Payload:
		return "payload"
	}
	return "invalid token"
}

// Messages is the number of messages of XX, MaxMessage the longest message in bytes that Noise allows.
const (
	Messages   = 3
	MaxMessage = 65535
)

// pattern returns the tokens of message i of XX, counted from 0. The initiator writes the even ones.
func pattern(i int) []Token {
	switch i {
	case 0:
		// -> e
		return []Token{E}
	case 1:
		// <- e, ee, s, es
		return []Token{E, EE, S, ES}
	case 2:
		// -> s, se
		return []Token{S, SE}
	}
	return nil
}
