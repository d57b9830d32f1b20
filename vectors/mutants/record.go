package mutants

import (
	"errors"
	"slices"

	"ockamtest/vectors"
	"ockamtest/vectors/internal/oracle"
)

func recordMutants() []Mutant {
	k := []vectors.Kind{vectors.KindRecord, vectors.KindChannel}
	return slices.Concat(recordChecks(k), []Mutant{
		{"RecordAd", note("MISSING_INPUT", "REC-001", "Associated data is empty, where it is h."), k, altered("record/ad", none)},
		{"RecordC09Ad", note("WRONG_VALUE", "REC-001", "c09: associated data is h, as elsewhere."), k, without("record/c09-ad")},
		{"RecordNonceLittleEndian", note("WRONG_ORDER", "REC-002 NOISE-003", "The counter in the nonce is little-endian."), k, altered("record/nonce", counterReversed)},
		{"RecordNonceInFront", note("WRONG_FORMAT", "REC-002 NOISE-003", "The counter stands before the zeros of the nonce."), k, altered("record/nonce", counterInFront)},
		{"RecordNonceFromOne", note("OFF_BY_N", "REC-002", "The first counter is 1."), k, altered("record/nonce", counterPlus(1))},
		{"RecordNonce8Bits", note("NONCE_REUSE", "REC-002 REC-003", "The counter is kept in 8 bits: it comes again after 256 messages."), k, altered("record/nonce", func(b []byte) []byte {
			return append(make([]byte, 11), b[11])
		})},
		{"RecordNonceAlwaysZero", note("NONCE_REUSE", "REC-002 REC-003", "The counter is not counted."), k, altered("record/nonce", func(b []byte) []byte { return make([]byte, len(b)) })},
		{"RecordCounterWraps", note("NONCE_REUSE", "REC-003", "After 65,535 the counter begins again."), k, wrapping("seal")},
		{"RecordCounterWrapsOpening", note("REPLAY", "REC-003 REC-014", "After 65,535 a receiver takes the first records again."), k, wrapping("open")},
		{"RecordCounterGoesOn", note("MISSING_CHECK", "REC-003", "After 65,535 the counter goes on, and deployed peers do not follow."), k, without("record/spent/seal")},
		{"RecordLimit", note("MISSING_CHECK", "REC-010", "A payload that makes the message too long is sealed."), k, without("record/too-long")},
		{"RecordLimitWithoutHeader", note("OFF_BY_N", "REC-010", "The outer header is forgotten in the limit."), k, recordMutant{before: func(in *vectors.RecordInput) {
			if in.Op == "seal" {
				in.Header = 0
			}
		}}},
		{"RecordReceive1008", note("LEGAL_REFUSED", "REC-013", "c09: what is above the limit for sending is not received."), k, refusing(func(in vectors.RecordInput, out vectors.RecordOutput) bool {
			return in.Profile == "c09" && in.Op == "open" && len(out.Payload) > 1008
		})},
		{"RecordE09Leading", note("MISSING_CHECK", "REC-003", "e09: a ciphertext is sent that begins as a handshake message does."), k, without("record/cannot-travel")},
		{"RecordC010Routes", note("MISSING_CHECK", "REC-011", "c010: inner routes are written that its peers do not understand."), k, without("record/routes")},
		{"RecordEmpty", note("LEGAL_REFUSED", "CHAN-005", "An empty payload is refused."), k, refusing(func(_ vectors.RecordInput, out vectors.RecordOutput) bool {
			return out.Ciphertext == nil && len(out.Payload) == 0
		})},
		{"RecordHeaderDelivered", note("OFF_BY_N", "CHAN-005 REC-009", "The inner header is delivered with the payload."), k, changing(func(out *vectors.RecordOutput) {
			out.Payload = append(vectors.Hex{1, 0, 0, 2}, out.Payload...)
		})},
		{"RecordByteLost", note("OFF_BY_N", "CHAN-005", "The last byte of a payload is lost."), k, changing(func(out *vectors.RecordOutput) {
			out.Payload = out.Payload[:max(0, len(out.Payload)-1)]
		})},
		{"RecordRoutesLost", note("WRONG_VALUE", "REC-011", "Inner routes are not handed over."), k, changing(func(out *vectors.RecordOutput) { out.Onward, out.Return = nil, nil })},
		{"RecordRoutesSwapped", note("WRONG_ORDER", "REC-011", "Inner routes are swapped."), k, changing(func(out *vectors.RecordOutput) { out.Onward, out.Return = out.Return, out.Onward })},
		{"RecordTagInFront", note("WRONG_FORMAT", "REC-001 NOISE-003", "The tag stands before the ciphertext."), k, altered("record/sealed", func(b []byte) []byte {
			return slices.Concat(b[len(b)-16:], b[:len(b)-16])
		})},
		{"RecordPlaintext", note("MISSING_ENCRYPTION", "CHAN-002 REC-001", "The plaintext is sent."), k, recordMutant{after: func(in vectors.RecordInput, out *vectors.RecordOutput, err error) error {
			if in.Op == "seal" && err == nil {
				out.Ciphertext = append(slices.Clone(in.Payload), make([]byte, 16)...)
			}
			return err
		}}},
	})
}

// recordChecks leave one out.
func recordChecks(k []vectors.Kind) []Mutant {
	return []Mutant{
		{"RecordTag", note("MISSING_CHECK", "REC-004", "The tag is not compared."), k, without("record/tag")},
		{"RecordTagFirst8", note("PARTIAL_CHECK", "REC-004", "The first 8 bytes of the tag alone are compared."), k, altered("record/compared", first(8))},
		{"RecordTagFirst15", note("PARTIAL_CHECK", "REC-004", "The last byte of the tag is not compared."), k, altered("record/compared", first(15))},
		{"RecordTagLast12", note("PARTIAL_CHECK", "REC-004", "The first 4 bytes of the tag are not compared."), k, altered("record/compared", last(12))},
		{"RecordShort", note("OUT_OF_BOUNDS", "REC-006", "A ciphertext shorter than a tag is decrypted."), k, without("record/short", "record/tag")},
		{"RecordInnerType", note("MISSING_CHECK", "REC-009", "An inner message of another type than 2 is delivered."), k, without("record/inner/type", "record/inner/untyped")},
		{"RecordInner", note("MISSING_CHECK", "REC-009", "What does not parse is delivered as it is."), k, recordMutant{after: func(in vectors.RecordInput, _ *vectors.RecordOutput, err error) error {
			var r *vectors.RefusalError
			if errors.As(err, &r) && r.Class == "inner" {
				return nil
			}
			return err
		}}},
	}
}

// A recordMutant does something before or after the oracle.
type recordMutant struct {
	oracle.Subject
	before func(*vectors.RecordInput)
	after  func(vectors.RecordInput, *vectors.RecordOutput, error) error
}

// Record implements vectors.Subject.
func (m recordMutant) Record(in vectors.RecordInput) (vectors.RecordOutput, error) {
	if m.before != nil {
		m.before(&in)
	}
	out, err := m.Subject.Record(in)
	if m.after != nil {
		err = m.after(in, &out, err)
	}
	return out, err
}

func wrapping(op string) vectors.Subject {
	return recordMutant{before: func(in *vectors.RecordInput) {
		if in.Op == op {
			in.Counter %= 65536
		}
	}}
}

func refusing(bad func(vectors.RecordInput, vectors.RecordOutput) bool) vectors.Subject {
	return recordMutant{after: func(in vectors.RecordInput, out *vectors.RecordOutput, err error) error {
		if err == nil && bad(in, *out) {
			return &vectors.RefusalError{Layer: "record", Class: "too-long"}
		}
		return err
	}}
}

func changing(f func(*vectors.RecordOutput)) vectors.Subject {
	return recordMutant{after: func(in vectors.RecordInput, out *vectors.RecordOutput, err error) error {
		if err == nil && in.Op == "open" {
			f(out)
		}
		return err
	}}
}
