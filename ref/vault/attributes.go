package vault

import "slices"

// A Type is what a secret may be used for.
type Type uint8

// Secret types (specification section 9).
const (
	Buffer Type = iota + 1 // any bytes: HKDF salt and input, ECDH result
	AES128Key
	AES256Key
	X25519PrivateKey
	P256PrivateKey
)

// String returns the type's name.
func (t Type) String() string {
	switch t {
	case Buffer:
		return "buffer"
	case AES128Key:
		return "AES-128 key"
	case AES256Key:
		return "AES-256 key"
	case X25519PrivateKey:
		return "X25519 private key"
	case P256PrivateKey:
		return "P-256 private key"
	}
	return "invalid type"
}

// A Persistence tells whether a secret survives a restart of vault and device (VAULT-007).
type Persistence uint8

// The zero Persistence is Ephemeral.
const (
	Ephemeral Persistence = iota
	Persistent
)

// A Purpose is the use for which a secret was made.
type Purpose uint8

// KeyAgreement is the zero Purpose, the only one in version 1.
const KeyAgreement Purpose = 0

// Attributes describe a secret. Exportable is false unless asked for at creation; nothing sets it later.
type Attributes struct {
	Type        Type
	Length      int // bytes; 0 on creation means the type's own length
	Purpose     Purpose
	Persistence Persistence
	Exportable  bool
	// Label is the name under which a persistent secret is found after a restart, see PersistentVault. When it is empty on creation
	// the vault chooses one. Ephemeral secrets have none; asking for one is ErrUnsupported.
	Label string
}

// MaxLabel is the longest label in bytes.
const MaxLabel = 64

// ValidLabel reports whether label is one that every PersistentVault takes: 1 to MaxLabel letters, digits, and the characters - _ and . of
// ASCII. A vault whose hardware has names of its own may take fewer.
func ValidLabel(label string) bool {
	for _, c := range []byte(label) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return label != "" && len(label) <= MaxLabel
}

// Capabilities tell what a vault supports, so that callers can ask beforehand (VAULT-008).
type Capabilities struct {
	Generate   []Type // types that can be generated
	Import     []Type // types that can be imported
	Persistent []Type // types that can be persistent; empty if the vault stores nothing
	MaxBuffer  int    // longest buffer secret, bytes
	MaxSecrets int    // secrets that can exist at once; 0 means bounded by memory only
}

// CanGenerate reports whether secrets of type t can be generated.
func (c Capabilities) CanGenerate(t Type) bool { return slices.Contains(c.Generate, t) }

// CanImport reports whether secrets of type t can be imported.
func (c Capabilities) CanImport(t Type) bool { return slices.Contains(c.Import, t) }

// CanPersist reports whether secrets of type t can be persistent.
func (c Capabilities) CanPersist(t Type) bool { return slices.Contains(c.Persistent, t) }
