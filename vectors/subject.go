package vectors

import "errors"

// ErrUnsupported is what a method of a Subject returns for what its implementation does not have. It is no refusal.
var ErrUnsupported = errors.New("vectors: unsupported")

// A Subject is an implementation under test: one method per kind of vector. A method refuses its input with an error, a *RefusalError
// when it knows the layer and the class; some return what they did before. Byte slices of the input are not changed or kept; those
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
