package conformance

import "context"

// An Op is an operation of a vault that keeps secrets (section 9).
type Op string

// The operations. Secrets have the numbers that the kit gives them, from 1. A number keeps the handle that it was given last: also that of a
// secret that was destroyed, or that was made before a restart.
const (
	OpMake       Op = "make"       // Secret, Type; Length, Value, Exportable, Label: generates it, or imports Value; with Label it is persistent
	OpFind       Op = "find"       // Secret, Label: gives a number to the persistent secret with that label
	OpAttributes Op = "attributes" // Secret
	OpExport     Op = "export"     // Secret
	OpPublic     Op = "public"     // Secret
	OpRetype     Op = "retype"     // Secret, Type
	OpDestroy    Op = "destroy"    // Secret
	OpAgree      Op = "agree"      // Secret, Public, To: the shared secret is To
	OpDerive     Op = "derive"     // Secret, the salt; IKM, a secret, 0 for none; To: one block of HKDF is To
	OpSeal       Op = "seal"       // Secret, Nonce, AD, Data
	OpUnseal     Op = "unseal"     // Secret, Nonce, AD, Data
	OpSupports   Op = "supports"   // Type; Length, Label: whether OpMake could have them
	OpClose      Op = "close"      // the vault
	OpRestart    Op = "restart"    // vault and device end in order and start again
)

// A SecretType is the type of a secret.
type SecretType string

// The types.
const (
	Buffer SecretType = "buffer"
	AES128 SecretType = "aes128"
	AES256 SecretType = "aes256"
	X25519 SecretType = "x25519"
	P256   SecretType = "p256"
)

// An Operation asks a vault for something. Which fields it has is told by Op; numbers of 0, and what is empty, are absent.
type Operation struct {
	Op              Op
	Secret, To, IKM int
	Type            SecretType
	Length          int // bytes
	Value           []byte
	Exportable      bool
	Label           string // small letters and digits
	Public          []byte
	Nonce, AD, Data []byte
}

// An Operated is what came of an operation.
type Operated struct {
	Data       []byte     // OpExport, OpPublic, OpSeal, OpUnseal
	Type       SecretType // OpAttributes; so the next three
	Length     int
	Exportable bool
	Label      string // empty of an ephemeral secret
	Supported  bool   // OpSupports
}

// NotSupported is the class of the Refusal of a vault that does not have a type, size, or persistence (VAULT-008).
const NotSupported = "not-supported"

// A VaultInsight is an Insight of an implementation whose vault can be worked with, secret by secret.
type VaultInsight interface {
	Insight
	// Operate does one operation. It begins with a vault without secrets of the kit's; an operation that the adapter does not have is an
	// *Inapplicable.
	Operate(ctx context.Context, m Operation) (Operated, error)
}
