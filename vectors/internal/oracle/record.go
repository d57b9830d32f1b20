package oracle

import (
	"slices"

	"ockamtest/vectors"
)

// maxCounter is the last counter of a direction (REC-003).
const maxCounter = 65535

// Record implements vectors.Subject.
func (o Subject) Record(in vectors.RecordInput) (vectors.RecordOutput, error) {
	if err := o.check("record/spent/"+in.Op, in.Counter <= maxCounter); err != nil { // REC-003, REC-014
		return vectors.RecordOutput{}, err
	}
	if in.Op == "seal" {
		b, err := o.sealRecord(in)
		return vectors.RecordOutput{Ciphertext: b}, err
	}
	return o.openRecord(in)
}

// ad is the associated data: REC-001.
func (o Subject) ad(in vectors.RecordInput) []byte {
	if in.Profile == c09 && o.step("record/c09-ad") {
		return nil
	}
	return o.value("record/ad", in.H)
}

// Inner returns the plaintext of a record: a message of type 2 (section 7; without a type in e09).
func (o Subject) Inner(in vectors.RecordInput) ([]byte, error) {
	m := vectors.Message{Version: 1, Onward: in.Onward, Return: in.Return, Type: new(typePayload), Body: in.Payload}
	if in.Profile == e09 {
		m.Type = nil
	}
	return o.encode(in.Profile, &vectors.Value{Message: &m})
}

// limits of section 11: of the whole outer message, and of the payload. 0 is none.
func limits(profile string) (message, send, receive int) {
	switch profile {
	case c09:
		return 0, 1008, 1024
	case e09:
		return 8192, 0, 0
	case c010:
		return 32767, 0, 0
	}
	return 65535, 0, 0
}

func (o Subject) sealRecord(in vectors.RecordInput) ([]byte, error) {
	if err := o.check("record/routes/too-many", in.Profile != c010 || len(in.Onward) == 0 && len(in.Return) <= 1); err != nil {
		return nil, err
	}
	misread := in.Profile == c010 && slices.ContainsFunc(in.Return, func(a vectors.Address) bool { return a.Type == "local" })
	if err := o.check("record/routes/misread", !misread); err != nil {
		return nil, err
	}
	if err := o.check("record/application/seal", in.Profile != e09 || len(in.Onward) > 0); err != nil {
		return nil, err
	}
	inner, err := o.Inner(in)
	if err != nil {
		return nil, err
	}
	message, send, _ := limits(in.Profile)
	tooLong := message > 0 && in.Header+len(inner)+tagSize > message || send > 0 && len(in.Payload) > send
	if err := o.check("record/too-long", !tooLong); err != nil { // REC-010
		return nil, err
	}
	b := seal(in.Key, o.nonce("record", uint64(in.Counter)), o.ad(in), o.value("record/inner", inner))
	// Section 11: in e09 such a counter is spent without being sent.
	if err := o.check("record/cannot-travel", in.Profile != e09 || !cannotTravel(b)); err != nil {
		return nil, err
	}
	return o.value("record/sealed", b), nil
}

func (o Subject) openRecord(in vectors.RecordInput) (out vectors.RecordOutput, err error) {
	inner, err := o.open("record", "", in.Key, o.nonce("record", uint64(in.Counter)), o.ad(in), in.Ciphertext)
	if err != nil {
		return out, err
	}
	// REC-009.
	v, err := o.decode(in.Profile, "message", o.value("record/inner", inner))
	if err != nil {
		return out, &vectors.RefusalError{Layer: "record", Class: "inner"}
	}
	m := v.Message
	if in.Profile != e09 {
		if err := o.check("record/inner/type", *m.Type == typePayload); err != nil {
			return out, err
		}
	} else if err := o.check("record/inner/untyped", m.Type == nil); err != nil {
		return out, err
	}
	if err := o.check("record/application/open", in.Profile != e09 || len(m.Onward) > 0); err != nil { // section 11
		return out, err
	}
	_, _, receive := limits(in.Profile)
	if err := o.check("record/too-long/receive", receive == 0 || len(m.Body) <= receive); err != nil {
		return out, err
	}
	out.Onward, out.Return, out.Payload = m.Onward, m.Return, o.value("record/payload", m.Body)
	return out, nil
}
