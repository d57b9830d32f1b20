package profile

// A Suite is a set of Noise primitives.
type Suite struct {
	Name          string // protocol name, NOISE-001
	P256          bool   // P-256 instead of X25519; its DH result is the x coordinate
	PublicKeySize int    // bytes
	KeySize       int    // AEAD key: the first bytes of each HKDF block
}

// tagSize is the length of an AES-GCM tag in bytes (NOISE-003).
const tagSize = 16

// MessageSizes returns the lengths in bytes of m1, m2, and m3 with empty payloads: e; e, encrypted s, tag; encrypted s, tag
// (NOISE-002).
func (s Suite) MessageSizes() [3]int {
	key := s.PublicKeySize
	return [3]int{key, key + key + tagSize + tagSize, key + tagSize + tagSize}
}

// X25519AES256 is Noise_XX_25519_AESGCM_SHA256.
func X25519AES256() Suite {
	return Suite{Name: "Noise_XX_25519_AESGCM_SHA256", PublicKeySize: 32, KeySize: 32}
}

// P256AES128 is the suite of profile c010, which keeps the name of the X25519 suite.
func P256AES128() Suite {
	return Suite{Name: "Noise_XX_25519_AESGCM_SHA256", P256: true, PublicKeySize: 65, KeySize: 16}
}
