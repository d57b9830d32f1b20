package vault

// A Secret is a handle to a secret in a vault. The zero Secret names none. Handles are compared with ==, reveal nothing,
// and stay invalid for ever once their secret is destroyed.
type Secret struct {
	// Owner identifies the vault that issued the handle; a handle of another vault is refused (VAULT-001).
	Owner *Owner
	// Slot and Generation belong to the issuing vault.
	Slot, Generation uint32
}

// IsZero reports whether s names no secret.
func (s Secret) IsZero() bool { return s == Secret{} }

// An Owner is the identity of one vault instance; only its address matters. The field keeps addresses distinct.
type Owner struct{ _ byte }
