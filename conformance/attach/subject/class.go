package subject

import (
	"slices"

	"ockamtest/conformance/harness"
	"ockamtest/vectors"
)

// A meaning is which classes of PROTOCOL.md an implementation may give for a refusal of the vectors. There are several where the
// specification lets a message be refused for one of several reasons, whichever is looked at first.
type meaning struct {
	layer   string
	class   string
	classes []harness.Class
}

func meanings() []meaning {
	return slices.Concat(codecMeanings(), vaultMeanings(), channelMeanings())
}

func codecMeanings() []meaning {
	const layer = "codec"
	one := func(class string, classes ...harness.Class) meaning { return meaning{layer, class, classes} }
	return []meaning{
		one("truncated", harness.ClassTruncated),
		one("version", harness.ClassWireVersion),
		one("high-bit", harness.ClassNumber),
		one("not-shortest", harness.ClassNumber),
		one("number", harness.ClassNumber, harness.ClassTooLong),
		one("too-many", harness.ClassTooMany),
		one("address-type", harness.ClassUnknownType),
		one("host-type", harness.ClassUnknownType),
		one("type", harness.ClassUnknownType),
		one("local-length", harness.ClassLength, harness.ClassTooLong),
		one("name-length", harness.ClassLength, harness.ClassForm, harness.ClassTooLong),
		one("name", harness.ClassForm),
		one("form", harness.ClassForm),
		one("ping-body", harness.ClassBody),
		one("cannot-travel", harness.ClassBody),
		one("trailing", harness.ClassTrailing),
		{"frame", "ended-inside", []harness.Class{harness.ClassTruncated, harness.ClassEnded}},
		{"frame", "too-long", []harness.Class{harness.ClassTooLong}},
	}
}

func vaultMeanings() []meaning {
	const layer = "vault"
	one := func(class string, classes ...harness.Class) meaning { return meaning{layer, class, classes} }
	return []meaning{
		one("length", harness.ClassLength, harness.ClassPublicKey, harness.ClassPrivateKey),
		one("point", harness.ClassPublicKey),
		one("scalar", harness.ClassPrivateKey),
		one("zero", harness.ClassWeakKey, harness.ClassPublicKey),
		one("tag", harness.ClassAuthentication),
		one("short", harness.ClassShort, harness.ClassAuthentication),
	}
}

func channelMeanings() []meaning {
	return []meaning{
		{"noise", "length", []harness.Class{harness.ClassMessageLength}},
		{"noise", "payload", []harness.Class{harness.ClassPayload, harness.ClassMessageLength}},
		{"noise", "tag", []harness.Class{harness.ClassAuthentication, harness.ClassMessageLength, harness.ClassPayload}}, // NOISE-006: trailing bytes are both
		{"noise", "point", []harness.Class{harness.ClassPublicKey}},
		{"noise", "zero", []harness.Class{harness.ClassWeakKey, harness.ClassPublicKey}},
		{"noise", "reflection", []harness.Class{harness.ClassReflection}},
		{"record", "tag", []harness.Class{harness.ClassAuthentication, harness.ClassReplayed}},
		{"record", "short", []harness.Class{harness.ClassShort, harness.ClassAuthentication}},
		{"record", "inner", []harness.Class{harness.ClassInner}},
		{"record", "spent", []harness.Class{harness.ClassExhausted, harness.ClassReplayed, harness.ClassAuthentication}}, // REC-014: nothing is tried,
		{"record", "too-long", []harness.Class{harness.ClassTooLong, harness.ClassInner}},
		{"record", "cannot-travel", []harness.Class{harness.ClassBody}},
		{"record", "routes", []harness.Class{harness.ClassTooMany, harness.ClassBody}},
		{"record", "application", []harness.Class{harness.ClassInner, harness.ClassBody}},
		{"channel", "not-open", []harness.Class{harness.ClassNotOpen}},
		{"channel", "state", []harness.Class{harness.ClassUnexpected}},
		{"channel", "policy", []harness.Class{harness.ClassRefused}},
	}
}

// classesOf returns the classes that mean a refusal of the vectors.
func classesOf(want vectors.RefusalError) []harness.Class {
	for _, m := range meanings() {
		if m.layer == want.Layer && m.class == want.Class {
			return m.classes
		}
	}
	return nil
}
