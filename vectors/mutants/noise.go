package mutants

import (
	"slices"

	"ockamtest/vectors"
	"ockamtest/vectors/internal/oracle"
)

func noiseMutants() []Mutant {
	return slices.Concat(transcriptMutants(), keyMutants(), refusalMutants(), endMutants())
}

// noiseKinds are the vectors with handshakes.
func noiseKinds() []vectors.Kind { return []vectors.Kind{vectors.KindHandshake, vectors.KindChannel} }

// transcriptMutants have another h.
func transcriptMutants() []Mutant {
	k := noiseKinds()
	list := []Mutant{
		{"NoiseName", note("WRONG_VALUE", "NOISE-001", "The protocol name is hashed, not padded."), k, altered("noise/name", hashed)},
		{"NoiseNoPrologue", note("MISSING_INPUT", "NOISE-001", "The empty prologue is not mixed into h."), k, without("noise/mix-prologue")},
		{"NoisePrologueIgnored", note("MISSING_INPUT", "NOISE-001", "The prologue is always empty."), k, altered("noise/prologue", none)},
		{"NoiseTopBitCleared", note("WRONG_VALUE", "NOISE-018", "The top bit of e is cleared before it goes into h."), k, oracle.Subject{Alter: only("noise/re", func(b []byte) []byte {
			if len(b) != 32 {
				return b
			}
			return append(slices.Clone(b[:31]), b[31]&127)
		})}},
		{"NoiseReduced", note("WRONG_VALUE", "NOISE-018", "e is reduced modulo p before it goes into h."), k, oracle.Subject{Alter: only("noise/re", func(b []byte) []byte {
			if !aboveP(b) {
				return b
			}
			return append([]byte{b[0] - 0xed}, make([]byte, 31)...)
		})}},
	}
	for _, m := range []struct{ flag, what, description string }{
		{"NoiseHashM1E", "m1-e", "e of m1"}, {"NoiseHashM1Payload", "m1-payload", "The payload of m1, empty though it be,"}, {"NoiseHashM2E", "m2-e", "e of m2"},
		{"NoiseHashM2Static", "m2-static", "The encrypted s of m2"}, {"NoiseHashM2Payload", "m2-payload", "The encrypted payload of m2"},
		{"NoiseHashM3Static", "m3-static", "The encrypted s of m3"}, {"NoiseHashM3Payload", "m3-payload", "The encrypted payload of m3"},
	} {
		requirement := "NOISE-003 NOISE-014"
		list = append(list, Mutant{m.flag, note("MISSING_INPUT", requirement, m.description+" is not mixed into h."), k, without("noise/mix-hash/" + m.what)})
	}
	return list
}

// keyMutants have other keys.
func keyMutants() []Mutant {
	k := noiseKinds()
	list := []Mutant{
		{"NoiseSalt", note("MISSING_INPUT", "NOISE-003", "HKDF has no salt: ck is lost from one MixKey to the next."), k, altered("noise/salt", none)},
		{"NoiseCkAndK", note("WRONG_ORDER", "NOISE-003", "The outputs of HKDF are swapped: k, then ck."), k, altered("noise/okm", halves)},
		{"NoiseDhReversed", note("WRONG_ORDER", "NOISE-003 VAULT-003", "DH results go into HKDF reversed."), k, altered("noise/dh", reverse)},
		{"NoiseDhHashed", note("WRONG_VALUE", "NOISE-003 VAULT-003", "DH results are hashed first, as libraries for signatures do."), k, altered("noise/dh", hashed)},
		{"NoiseNonceLittleEndian", note("WRONG_ORDER", "NOISE-003", "The counter in the nonce is little-endian, as with ChaCha20."), k, altered("noise/nonce", counterReversed)},
		{"NoiseNonceInFront", note("WRONG_FORMAT", "NOISE-003", "The counter stands before the zeros of the nonce."), k, altered("noise/nonce", counterInFront)},
		{"NoiseNonceFromOne", note("OFF_BY_N", "NOISE-004", "The first nonce is 1."), k, altered("noise/nonce", counterPlus(1))},
		{"NoiseNonceKept", note("STALE_STATE", "NOISE-003 NOISE-004", "A new key does not set n to 0."), k, without("noise/reset-n")},
		{"NoiseNonceAlwaysZero", note("NONCE_REUSE", "NOISE-004", "n is always 0: m3's s has the nonce of m2's payload."), k, altered("noise/nonce", func(b []byte) []byte { return make([]byte, len(b)) })},
		{"NoiseAd", note("MISSING_INPUT", "NOISE-003", "h is not the associated data."), k, altered("noise/ad", none)},
		{"NoiseAes128", note("WRONG_VALUE", "NOISE-003", "The second half of k is not used."), k, altered("noise/k", func(b []byte) []byte { return append(slices.Clone(b[:16]), make([]byte, 16)...) })},
		{"NoiseKeyHalf", note("WRONG_VALUE", "NOISE-003", "The key begins with the second half of its block."), k, altered("noise/k", halves)},
		{"NoiseSplit", note("WRONG_ORDER", "NOISE-010", "Keys are split as in Noise: the initiator sends with k1."), k, altered("noise/split", halves)},
		{"NoiseSplitOneKey", note("NONCE_REUSE", "NOISE-010", "Both directions have the same key."), k, altered("noise/split", func(b []byte) []byte { return slices.Concat(b[:32], b[:32]) })},
	}
	for _, m := range []struct{ flag, token string }{{"NoiseNoEE", "ee"}, {"NoiseNoES", "es"}, {"NoiseNoSE", "se"}} {
		kept := oracle.Subject{Alter: only("noise/dh/"+m.token, func(b []byte) []byte { return make([]byte, len(b)) })}
		list = append(list, Mutant{m.flag, note("MISSING_INPUT", "NOISE-003", m.token+" does not count: its result is always zero."), k, kept})
	}
	return list
}

func counterReversed(b []byte) []byte { return append(slices.Clone(b[:4]), reverse(b[4:])...) }

func counterInFront(b []byte) []byte { return slices.Concat(b[4:], b[:4]) }

func counterPlus(n byte) func([]byte) []byte {
	return func(b []byte) []byte {
		out := slices.Clone(b)
		for i := len(out) - 1; i >= 4; i-- {
			out[i] += n
			if out[i] >= n {
				break
			}
			n = 1
		}
		return out
	}
}

// refusalMutants accept what is wrong.
func refusalMutants() []Mutant {
	k := noiseKinds()
	var list []Mutant
	for _, m := range []struct{ flag, what, description string }{
		{"NoiseTagM2Static", "m2-static", "s in m2"}, {"NoiseTagM2Payload", "m2-payload", "the empty payload in m2"},
		{"NoiseTagM3Static", "m3-static", "s in m3"}, {"NoiseTagM3Payload", "m3-payload", "the empty payload in m3"},
	} {
		list = append(list, Mutant{m.flag, note("MISSING_CHECK", "NOISE-005", "The tag of "+m.description+" is not verified."), k, without("noise/tag/" + m.what)})
	}
	return append(list,
		Mutant{"NoiseTagFirst8", note("PARTIAL_CHECK", "NOISE-005", "The first 8 bytes of tags alone are compared."), k, altered("noise/compared", first(8))},
		Mutant{"NoiseTagFirst15", note("PARTIAL_CHECK", "NOISE-005", "The last byte of tags is not compared."), k, altered("noise/compared", first(15))},
		Mutant{"NoiseTagLast12", note("PARTIAL_CHECK", "NOISE-005", "The first 4 bytes of tags are not compared."), k, altered("noise/compared", last(12))},
		Mutant{"NoiseM1Short", note("OUT_OF_BOUNDS", "NOISE-006", "An m1 that is too short is filled up with what is in the buffer."), k, without("noise/length/m1", "noise/zero", "noise/point")},
		Mutant{"NoiseM2Short", note("OUT_OF_BOUNDS", "NOISE-006", "An m2 that is too short is filled up with what is in the buffer; tags that are not there are not compared."), k,
			without("noise/length/m2", "noise/tag/m2")},
		Mutant{"NoiseM3Short", note("OUT_OF_BOUNDS", "NOISE-006", "An m3 that is too short is filled up with what is in the buffer; tags that are not there are not compared."), k,
			without("noise/length/m3", "noise/tag/m3")},
		Mutant{"NoisePayload", note("MISSING_CHECK", "NOISE-006", "An authentic payload is accepted, and lost."), k, without("noise/payload")},
		Mutant{"NoiseTrailing", note("MISSING_CHECK", "NOISE-006", "What is behind the fixed parts of a message is not looked at."), k, handshakeMutant{before: cutTrailing}},
		Mutant{"NoiseReflection", note("MISSING_CHECK", "NOISE-016", "A peer with one's own ephemeral key is accepted."), k, without("noise/reflection")},
		Mutant{"NoisePoint", note("MISSING_CHECK", "VAULT-002 NOISE-005", "Points off the curve are taken for the point at infinity."), k, without("noise/point")},
	)
}

// cutTrailing makes messages the length that they have in version 1.
func cutTrailing(in *vectors.HandshakeInput) {
	if !in.Version1 {
		return
	}
	dhLen := 32
	if in.Suite == vectors.SuiteP256 {
		dhLen = 65
	}
	sizes := []int{2*dhLen + 32}
	if in.Role == vectors.Responder {
		sizes = []int{dhLen, dhLen + 32}
	}
	in.Receive = slices.Clone(in.Receive)
	for i, m := range in.Receive {
		in.Receive[i] = m[:min(len(m), sizes[i])]
	}
}

// endMutants do something wrong about a handshake that is as it should be.
func endMutants() []Mutant {
	k := one(vectors.KindHandshake)
	return []Mutant{
		{"NoiseSendsAfterM2", note("FAILS_OPEN", "NOISE-007", "An initiator that refuses m2 sends m3 all the same."), k, handshakeMutant{after: func(in vectors.HandshakeInput, out *vectors.HandshakeOutput, err error) {
			if err != nil && in.Role == vectors.Initiator {
				out.Sent = append(out.Sent, make([]byte, 64))
			}
		}}},
		{"NoiseSendsAfterM1", note("FAILS_OPEN", "NOISE-007", "A responder that refuses m1 sends m2 all the same."), k, handshakeMutant{after: func(in vectors.HandshakeInput, out *vectors.HandshakeOutput, err error) {
			if err != nil && in.Role == vectors.Responder && len(out.Sent) == 0 {
				out.Sent = append(out.Sent, make([]byte, 96))
			}
		}}},
		{"NoiseHashBeforeM3", note("STALE_STATE", "NOISE-014", "The channel binding is h before m3."), k, handshakeMutant{after: func(_ vectors.HandshakeInput, out *vectors.HandshakeOutput, _ error) {
			if out.H != nil {
				out.H = out.HS[2]
			}
		}}},
		{"NoisePayloadLost", note("WRONG_VALUE", "NOISE-002", "Payloads are not handed over."), k, handshakeMutant{after: func(_ vectors.HandshakeInput, out *vectors.HandshakeOutput, _ error) {
			out.Payloads = make([]vectors.Hex, len(out.Payloads))
		}}},
	}
}

// A handshakeMutant does something before or after the oracle.
type handshakeMutant struct {
	oracle.Subject
	before func(*vectors.HandshakeInput)
	after  func(vectors.HandshakeInput, *vectors.HandshakeOutput, error)
}

// Handshake implements vectors.Subject.
func (m handshakeMutant) Handshake(in vectors.HandshakeInput) (vectors.HandshakeOutput, error) {
	if m.before != nil {
		m.before(&in)
	}
	out, err := m.Subject.Handshake(in)
	if m.after != nil {
		m.after(in, &out, err)
	}
	return out, err
}
