package harness

import (
	"errors"
	"slices"
)

// A Class tells why something was refused. It is compared; the detail beside it is for people.
type Class string

// Classes of requests that an adapter does not carry out. Nothing has changed then.
const (
	ClassSyntax    Class = "syntax"     // the line is not understood
	ClassArgument  Class = "argument"   // a field is missing, or its value is none of its kind
	ClassSequence  Class = "sequence"   // before hello, or after quit
	ClassVersion   Class = "version"    // none of the protocol versions offered is known
	ClassNoChannel Class = "no-channel" // no channel with that number was opened
	ClassBusy      Class = "busy"       // out of something that reset gives back
	ClassInternal  Class = "internal"   // trouble of the adapter's own
)

// Classes of what an implementation refuses. ClassRejected is for one that does not tell why: it stands for each of the others.
const (
	ClassRejected Class = "rejected"

	ClassTruncated     Class = "truncated"      // WIRE-005, TRAN-004: ends inside a field or frame
	ClassWireVersion   Class = "wire-version"   // WIRE-001
	ClassNumber        Class = "number"         // WIRE-002, WIRE-003, WIRE-004: not a canonical u2le
	ClassTooMany       Class = "too-many"       // WIRE-008: more addresses than supported
	ClassUnknownType   Class = "unknown-type"   // WIRE-006
	ClassLength        Class = "length"         // WIRE-012, WIRE-013, VAULT-002: an impossible length
	ClassForm          Class = "form"           // WIRE-013: not as encoders write it
	ClassBody          Class = "body"           // WIRE-009: a body where there is none, or one that does not travel
	ClassTooLong       Class = "too-long"       // REC-010, TRAN-005, TRAN-008: longer than the limit
	ClassTrailing      Class = "trailing"       // bytes behind the end
	ClassMessageLength Class = "message-length" // NOISE-006: a handshake message of the wrong length

	ClassAuthentication Class = "authentication" // NOISE-005, REC-004: a tag does not verify
	ClassShort          Class = "short"          // REC-006: no room for a tag
	ClassPublicKey      Class = "public-key"     // VAULT-002: no such point
	ClassPrivateKey     Class = "private-key"    // a scalar that is none
	ClassWeakKey        Class = "weak-key"       // NOISE-009: an all-zero result
	ClassReflection     Class = "reflection"     // NOISE-016
	ClassRefused        Class = "refused"        // NOISE-011: by the policy
	ClassPayload        Class = "payload"        // NOISE-006: a handshake message with a payload

	ClassUnexpected   Class = "unexpected"    // CHAN-001, CHAN-003: not in this state or role
	ClassNotAddressed Class = "not-addressed" // ROUT-001, CHAN-014: for somebody else
	ClassReplayed     Class = "replayed"      // REC-007
	ClassInner        Class = "inner"         // REC-009: verified, but malformed
	ClassDeadline     Class = "deadline"      // NOISE-013
	ClassNotOpen      Class = "not-open"      // CHAN-002
	ClassClosed       Class = "closed"        // CHAN-004: closed or failed before
	ClassExhausted    Class = "exhausted"     // REC-003: all counters are spent
	ClassEnded        Class = "ended"         // the IO below has ended
	ClassUnsendable   Class = "unsendable"    // WIRE-013: an address that is never sent to
	ClassVault        Class = "vault"         // VAULT-009: the vault failed

	ClassNoSecret      Class = "no-secret"      // VAULT-001: destroyed, of another vault, or never made
	ClassWrongType     Class = "wrong-type"     // VAULT-001, VAULT-011
	ClassNotExportable Class = "not-exportable" // VAULT-006
	ClassNotSupported  Class = "not-supported"  // VAULT-008: the vault does not have the type, size, or persistence
	ClassLabel         Class = "label"          // VAULT-007: taken, not found, or none that the vault takes
)

// Classes returns every class: first those of requests, then those of implementations.
func Classes() []Class {
	return []Class{
		ClassSyntax, ClassArgument, ClassSequence, ClassVersion, ClassNoChannel, ClassBusy, ClassInternal,
		ClassRejected,
		ClassTruncated, ClassWireVersion, ClassNumber, ClassTooMany, ClassUnknownType, ClassLength, ClassForm, ClassBody, ClassTooLong,
		ClassTrailing, ClassMessageLength,
		ClassAuthentication, ClassShort, ClassPublicKey, ClassPrivateKey, ClassWeakKey, ClassReflection, ClassRefused, ClassPayload,
		ClassUnexpected, ClassNotAddressed, ClassReplayed, ClassInner, ClassDeadline, ClassNotOpen, ClassClosed, ClassExhausted,
		ClassEnded, ClassUnsendable, ClassVault,
		ClassNoSecret, ClassWrongType, ClassNotExportable, ClassNotSupported, ClassLabel,
	}
}

// OfRequest reports whether the class says that the request, or the adapter, is at fault, and nothing of the implementation.
func (c Class) OfRequest() bool {
	switch c {
	case ClassSyntax, ClassArgument, ClassSequence, ClassVersion, ClassNoChannel, ClassBusy, ClassInternal:
		return true
	default:
		return false
	}
}

// What callers branch on.
var (
	// ErrUnsupported: the adapter does not have the verb, or what a field asks of it.
	ErrUnsupported = errors.New("harness: not supported")
)

// A Refusal is the answer "error": the request was not carried out and has changed nothing.
type Refusal struct { //nolint:errname // an answer, in the protocol's words; no trouble
	Class  Class
	Detail string // for people; visible ASCII without spaces and "="
}

// Error returns the class and the detail.
func (r *Refusal) Error() string {
	if r.Detail == "" {
		return "harness: refused: " + string(r.Class)
	}
	return "harness: refused: " + string(r.Class) + " (" + r.Detail + ")"
}

// Is reports whether target is a Refusal of the same class.
func (r *Refusal) Is(target error) bool {
	t, ok := target.(*Refusal)
	return ok && t.Class == r.Class
}

// Refuse is the refusal of a class.
func Refuse(class Class) *Refusal { return &Refusal{Class: class} }

// known reports whether this version of the protocol has the class.
func (c Class) known() bool { return slices.Contains(Classes(), c) }
