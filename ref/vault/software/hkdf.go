package software

import (
	"fmt"

	"ockamtest/ref/vault"
)

// maxOutputs is how many blocks HKDF has (RFC 5869, section 2.3).
const maxOutputs = 255

// HKDF is HKDF-SHA256 with empty info (RFC 5869, VAULT-004), written out over crypto/sha256: crypto/hkdf leaves a dozen heap
// copies of its keys behind, which nobody could wipe (MEM-001).
func (v *Vault) HKDF(salt, ikm vault.Secret, outputs []vault.Secret) error {
	clear(outputs)
	if err := v.hkdf(salt, ikm, outputs); err != nil {
		return fmt.Errorf("hkdf: %w", err)
	}
	return nil
}

func (v *Vault) hkdf(salt, ikm vault.Secret, outputs []vault.Secret) error {
	// All of it holds the lock, because the inputs' bytes may not go away meanwhile; it takes about a microsecond.
	v.mu.Lock()
	defer v.mu.Unlock()
	saltBytes, err := v.bytes(salt)
	if err != nil {
		return err
	}
	var ikmBytes []byte
	if !ikm.IsZero() {
		if ikmBytes, err = v.bytes(ikm); err != nil {
			return err
		}
	}
	if n := len(outputs); n < 1 || n > maxOutputs {
		return vault.ErrInvalidLength
	}
	defer v.hmac.wipe()
	v.hmac.extract(saltBytes, ikmBytes)
	return v.expand(outputs)
}

// expand fills outputs with the blocks T(1), T(2), ... T(i) = HMAC(PRK, T(i-1) | i). On failure none is left.
func (v *Vault) expand(outputs []vault.Secret) error {
	var previous []byte
	a := vault.Attributes{Type: vault.Buffer, Length: vault.HashSize}
	for i := range outputs {
		index, block, err := v.table.take(a)
		if err != nil {
			v.undo(outputs[:i])
			return err
		}
		v.hmac.expand(block, previous, byte(i+1))
		outputs[i] = v.put(index, parsed{})
		previous = block
	}
	return nil
}

// undo destroys secrets that the caller has not seen. v.mu is held.
func (v *Vault) undo(handles []vault.Secret) {
	for _, handle := range handles {
		if s, err := v.find(handle); err == nil {
			v.destroy(handle.Slot, s)
		}
	}
	clear(handles)
}

// bytes returns the bytes of a buffer secret, to be read while v.mu is held.
func (v *Vault) bytes(handle vault.Secret) ([]byte, error) {
	s, err := v.find(handle, vault.Buffer)
	if err != nil {
		return nil, err
	}
	return s.raw, nil
}
