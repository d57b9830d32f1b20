package vectors

import "errors"

// What a method of a Subject returns, wrapped or not, that is no refusal.
var (
	// ErrUnsupported: its implementation does not have this.
	ErrUnsupported = errors.New("vectors: unsupported")
	// ErrBroken: the implementation crashed, hung, or went wrong on the way to what was asked: a failure, whatever the vector expects.
	ErrBroken = errors.New("vectors: the subject broke down")
	// ErrTrouble: the implementation could not be asked. That says nothing about it.
	ErrTrouble = errors.New("vectors: the subject cannot be asked")
)

// A Subject is an implementation under test: one method per kind of vector. A method refuses its input with an error, a Refusal
// when it knows why; some return what they did before. Byte slices of the input are not changed or kept; those
// of the output are the caller's.
type Subject interface {
	Codec(CodecInput) (CodecOutput, error)
	Frames(FramesInput) (FramesOutput, error)
	ECDH(ECDHInput) (Hex, error)
	AEAD(AEADInput) (Hex, error)
	HKDF(HKDFInput) (Hex, error)
	Hash(Hex) (Hex, error)
	Handshake(HandshakeInput) (HandshakeOutput, error)
	Record(RecordInput) (RecordOutput, error)
	Channel(ChannelInput) (ChannelOutput, error)
	Forward(ForwardInput) (ForwardOutput, error)
}

// A Keeper is a Subject whose vault gives no secrets away (VAULT-003, VAULT-004): these two are called in the place of ECDH and HKDF.
type Keeper interface {
	Subject
	KeptECDH(ECDHInput) (Secret, error)
	KeptHKDF(HKDFInput) (Secret, error)
}

// A Secret tells whether it is want, and need not tell more.
type Secret interface{ Is(want []byte) bool }

// A Refusal is an error that tells why: whether it means want. A *RefusalError means what it says; one that classes errors otherwise
// may mean several. Errors without the method are refusals for any reason.
type Refusal interface {
	error
	Means(want RefusalError) bool
}

// Unsupported is a Subject that supports nothing. Embed it in one that supports something.
type Unsupported struct{}

// Codec implements Subject.
func (Unsupported) Codec(CodecInput) (CodecOutput, error) { return CodecOutput{}, ErrUnsupported }

// Frames implements Subject.
func (Unsupported) Frames(FramesInput) (FramesOutput, error) { return FramesOutput{}, ErrUnsupported }

// ECDH implements Subject.
func (Unsupported) ECDH(ECDHInput) (Hex, error) { return nil, ErrUnsupported }

// AEAD implements Subject.
func (Unsupported) AEAD(AEADInput) (Hex, error) { return nil, ErrUnsupported }

// HKDF implements Subject.
func (Unsupported) HKDF(HKDFInput) (Hex, error) { return nil, ErrUnsupported }

// Hash implements Subject.
func (Unsupported) Hash(Hex) (Hex, error) { return nil, ErrUnsupported }

// Handshake implements Subject.
func (Unsupported) Handshake(HandshakeInput) (HandshakeOutput, error) {
	return HandshakeOutput{}, ErrUnsupported
}

// Record implements Subject.
func (Unsupported) Record(RecordInput) (RecordOutput, error) { return RecordOutput{}, ErrUnsupported }

// Channel implements Subject.
func (Unsupported) Channel(ChannelInput) (ChannelOutput, error) {
	return ChannelOutput{}, ErrUnsupported
}

// Forward implements Subject.
func (Unsupported) Forward(ForwardInput) (ForwardOutput, error) {
	return ForwardOutput{}, ErrUnsupported
}
