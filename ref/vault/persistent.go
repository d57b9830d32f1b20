package vault

// A PersistentVault is a Vault that keeps secrets across restarts of vault and device (VAULT-007). A vault is one if its Capabilities name
// persistent types; callers ask for those beforehand (VAULT-008).
//
// A persistent secret is on its medium when Generate, Import, or SetType returns, and gone from it for good when Destroy returns. When
// one of them fails because of the medium, this vault goes on as if it had not been called; after a restart either may be the case. Close
// leaves persistent secrets where they are. Their handles end with the vault, as all handles do; what lasts is the label, by which Lookup
// finds the secret again. Labels are unique within a vault.
type PersistentVault interface {
	Vault

	// Lookup returns the handle of the persistent secret with that label, the same as long as the vault is open; or ErrNotFound.
	Lookup(label string) (Secret, error)

	// Labels returns the labels of all persistent secrets, in order.
	Labels() ([]string, error)
}
