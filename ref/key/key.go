// Package key defines the key agreement interface (specification section 5.1, area KEY): initiate, respond, encrypt,
// decrypt, close; and XX, its first implementation, over ref/noise.
//
// It is sans-IO: handshake messages are bytes in and bytes out, the caller carries them. It holds vault handles, never
// keys. An Agreement is not safe for concurrent use.
//
// KEY-003: Close destroys the handles of the record keys. Their expanded forms within crypto/aes are the vault's to name (MEM-001): see
// package vault/software.
package key

import "errors"

// What callers branch on.
var (
	// ErrConfig: the configuration does not make an agreement.
	ErrConfig = errors.New("key: invalid configuration")
	// ErrNotEstablished: encrypt or decrypt before completion (KEY-001).
	ErrNotEstablished = errors.New("key: agreement is not complete")
	// ErrOutOfOrder: a handshake call that the state and role do not allow.
	ErrOutOfOrder = errors.New("key: call out of order")
	// ErrShortBuffer: the output does not fit the capacity of dst; no counter was used (KEY-002).
	ErrShortBuffer = errors.New("key: output buffer too small")
	// ErrClosed: the agreement is closed and its keys are destroyed (KEY-003).
	ErrClosed = errors.New("key: closed")
	// ErrCounterExhausted: all 65,536 counters of this direction are spent (REC-003).
	ErrCounterExhausted = errors.New("key: counter exhausted")
	// ErrPeerRefused: the identity policy refused the peer's static key (NOISE-011). The policy's error is wrapped too.
	ErrPeerRefused = errors.New("key: peer's static key refused")
	// ErrUnknownPeer: the peer's static key is none of those that a Policy allows. ErrPeerRefused comes with it.
	ErrUnknownPeer = errors.New("key: unknown peer")
	// ErrPayloadRefused: a handshake message had a payload, which version 1 refuses (NOISE-006).
	ErrPayloadRefused = errors.New("key: handshake payload refused")
	// ErrVault: the vault failed; nothing is said about the peer. The vault's error is wrapped too. During the handshake it is
	// fatal (section 6).
	ErrVault = errors.New("key: vault failed")
)

// MaxCounter is the highest counter of a direction (REC-003).
const MaxCounter = 65535

// An Agreement is one run of a key agreement between two parties, then the encryption of their messages. Any
// implementation serves a channel unchanged (KEY-004).
//
// Output parameters named dst are appended to within their capacity and never beyond it; ErrShortBuffer otherwise. A call that
// fails leaves the agreement as it was (NOISE-017); only a failed Encrypt may have spent its counter. The error that a handshake message
// caused is an *Error. A record whose tag does not verify is vault.ErrAuthentication, one too short for a tag
// vault.ErrShortCiphertext, and nothing of it is in dst.
type Agreement interface {
	// Initiate starts as initiator and appends the first handshake message to dst.
	Initiate(dst []byte) ([]byte, error)
	// Respond starts as responder.
	Respond() error
	// Handle consumes the peer's next handshake message and appends the reply to dst, if there is one. The identity policy is
	// asked inside, before a reply is made and before Established reports true (NOISE-011). msg is not kept.
	Handle(dst, msg []byte) ([]byte, error)
	// Established reports whether the handshake is complete on this side.
	Established() bool

	// PeerStatic returns a copy of the peer's static public key, nil before it is authenticated (NOISE-011).
	PeerStatic() []byte
	// ChannelBinding returns a copy of the final handshake hash, 32 bytes, nil before Established (NOISE-014).
	ChannelBinding() []byte

	// Encrypt seals plaintext under the next send counter and appends it to dst; dst = plaintext[:0] works in place. The counter is spent
	// when encryption starts (REC-003).
	Encrypt(dst, plaintext []byte) ([]byte, error)
	// Decrypt opens ciphertext under the next receive counter, which grows only on success (REC-004).
	Decrypt(dst, ciphertext []byte) ([]byte, error)
	// DecryptAt opens ciphertext under counter n and changes no counter: the caller keeps the receive window (REC-008).
	DecryptAt(dst []byte, n uint64, ciphertext []byte) ([]byte, error)
	// Locate returns the counter in [from, to] under which ciphertext verifies, for a caller that keeps the receive window (REC-008,
	// REC-012): vault.ErrAuthentication if there is none, vault.ErrShortCiphertext if it is too short for a tag. Counters above
	// MaxCounter are not tried; ErrCounterExhausted if all are above. Those in the middle of the range should be tried first, as
	// vault.Outward has them: there most records that are lost or overtaken are found. It changes no counter. It may write to ciphertext
	// while it works, and leaves it as it was.
	Locate(from, to uint64, ciphertext []byte) (uint64, error)
	// Overhead is the number of bytes by which a ciphertext is longer than its plaintext.
	Overhead() int
	// MessageSizes are the sizes in bytes of the handshake messages, in order.
	MessageSizes() []int

	// Close destroys the keys; every later call fails with ErrClosed (KEY-003). Closing twice is harmless.
	Close() error
}
