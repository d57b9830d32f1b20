package subject

import (
	"bytes"

	"github.com/flynn/noise"

	"ockamtest/vectors"
)

// A Flynn is github.com/flynn/noise, which knows nothing of Ockam: handshakes of the X25519 suite. Version 1's refusal of payloads and of
// reflected keys is this binding's.
type Flynn struct{ vectors.Unsupported }

// Handshake implements vectors.Subject.
func (Flynn) Handshake(in vectors.HandshakeInput) (out vectors.HandshakeOutput, err error) {
	if in.Suite != vectors.SuiteX25519 {
		return out, vectors.ErrUnsupported
	}
	suite := noise.NewCipherSuite(noise.DH25519, noise.CipherAESGCM, noise.HashSHA256)
	static, err := noise.DH25519.GenerateKeypair(bytes.NewReader(in.Static))
	if err != nil {
		return out, err
	}
	hs, err := noise.NewHandshakeState(noise.Config{CipherSuite: suite, Random: bytes.NewReader(in.Ephemeral), Pattern: noise.HandshakeXX,
		Initiator: in.Role == vectors.Initiator, Prologue: in.Prologue, StaticKeypair: static})
	if err != nil {
		return out, err
	}
	payloads, receive := in.Payloads, in.Receive
	for i := range 3 {
		var k1, k2 *noise.CipherState
		if (i%2 == 0) == (in.Role == vectors.Initiator) {
			var m, payload []byte
			payload, payloads = payloads[0], payloads[1:]
			if m, k1, k2, err = hs.WriteMessage(nil, payload); err != nil {
				return out, err
			}
			out.Sent = append(out.Sent, m)
		} else {
			if len(receive) == 0 {
				return out, nil
			}
			var payload, m []byte
			m, receive = receive[0], receive[1:]
			if payload, k1, k2, err = hs.ReadMessage(nil, m); err != nil {
				return out, err
			}
			if in.Version1 && len(payload) > 0 || i == 1 && bytes.Equal(m[:32], out.Sent[0][:32]) {
				return out, &vectors.RefusalError{}
			}
			out.Payloads = append(out.Payloads, payload)
		}
		if i == 2 { // NOISE-010: Noise's initiator sends with k1, ours with k2
			one, two := k1.UnsafeKey(), k2.UnsafeKey()
			out.H, out.K1, out.K2 = hs.ChannelBinding(), one[:], two[:]
		}
	}
	return out, nil
}
