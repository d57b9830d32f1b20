package conformance

import (
	"context"
	"fmt"
)

// Needs is what a case needs of the way in which the peer is attached, beside links.
type Needs string

// What a case needs.
const (
	NeedsNothing Needs = ""
	// NeedsInsight is an adapter, or a peer in process: the case puts its questions to the implementation itself (InsightEnv).
	NeedsInsight Needs = "insight"
	// NeedsReading is a peer whose application can be told how to read (ReadingEnv).
	NeedsReading Needs = "reading"
)

// An Insight is an implementation at the hands of the kit: its primitives, and a channel without sockets. No wire shows what it answers.
//
// What the implementation does not have, or was not declared, is an *Inapplicable; what it refuses a *Refusal, and then nothing has
// changed; any other error is trouble of the kit's own. It is used by one goroutine at a time.
type Insight interface {
	// Agree is a Diffie-Hellman result (VAULT-003).
	Agree(ctx context.Context, m Agree) (Secret, error)
	// HKDF is HKDF-SHA256 with empty info (VAULT-004): blocks of 32 bytes, one behind the other. A nil ikm is none.
	HKDF(ctx context.Context, salt, ikm []byte, blocks int) (Secret, error)
	// AEAD is AES-GCM with a key of 16 or 32 bytes (VAULT-005), the tag behind the ciphertext.
	AEAD(ctx context.Context, m AEAD) ([]byte, error)
	// Begin opens a channel and starts its handshake. The channel that it had before is forgotten.
	Begin(ctx context.Context, m Begin) (Step, error)
	// Feed gives the channel one wire message.
	Feed(ctx context.Context, message []byte) (Step, error)
}

// A Secret is the result of a computation that a vault may keep for itself.
type Secret interface {
	// Is reports whether the secret is want.
	Is(want []byte) bool
}

// An Agree asks for the shared secret of a private and a public key.
type Agree struct {
	P256            bool // else X25519
	Private, Public []byte
}

// An AEAD asks for AES-GCM.
type AEAD struct {
	Open           bool // decrypt; else encrypt
	Key, Nonce, AD []byte
	Data           []byte // plaintext, or ciphertext with tag
}

// A Begin asks for one side of a channel on a stream of which the kit takes and makes the frames, in an IO without addresses.
type Begin struct {
	Role      Role
	Profile   string
	Static    []byte // private key
	Ephemeral []byte // private key; nil lets the implementation choose
	Peer      []byte // the one static public key that it accepts; nil is any
}

// A Step is all that a channel has done for one message.
type Step struct {
	Out    [][]byte // wire messages
	Opened bool     // the handshake was completed
	Got    [][]byte // payloads
	Closed bool     // the channel has ended, now or before
	// Class tells why it has ended, or why it has rejected a message, in the words of the adapter protocol; empty if neither, or without error.
	Class string
}

// A Refusal is the error of an implementation that does not do what it was asked.
type Refusal struct{ Class string } //nolint:errname // an answer, no trouble

// Error returns the class.
func (r *Refusal) Error() string { return fmt.Sprintf("refused with class %s", r.Class) }

// Rejected is the class of a Refusal or Step of an implementation that does not tell why.
const Rejected = "rejected"

// An InsightPeer is a Peer of which the kit may see the inside.
type InsightPeer interface {
	Peer
	// Insight returns it. It may be another one after a Death.
	Insight(ctx context.Context) (Insight, error)
}

// An InsightEnv is an Env through which a case that NeedsInsight has what it needs.
type InsightEnv interface {
	Env
	// Insight returns the inside of the peer, and an *Inapplicable for a peer of which there is none to be seen.
	Insight(ctx context.Context) (Insight, error)
}
