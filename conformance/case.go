package conformance

import (
	"context"
	"io"
	"time"

	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// A Case is one check of one or more requirements, as a value. Its ID is a stable slug, AREA/WHAT, never positional. It never
// prints and never stores results.
type Case struct {
	ID           string
	Title        string   // one sentence: what the kit does and what has to follow
	Requirements []string // the first is blamed when a Failure names none
	Roles        []Role   // roles of the peer in which the case applies
	Transports   []Transport
	Profiles     []string // names; empty means every profile
	Depths       Depths   // where it applies: on the transport, in a tunnel, or both
	// Hops says that the case applies through hops, too, which forward all that it sends (ROUT-010).
	Hops bool
	// Admits are the names of the Parameters that may be varied: what the case is about does not depend on them.
	Admits []string
	// Needs is what the case needs of the way in which the peer is attached.
	Needs Needs
	Since string   // the first of CatalogueVersions that has it
	Tags  []string // TagLong

	// Run drives the peer through env and returns nil if the peer behaved as required, a *Failure if it did not, an
	// *Inapplicable if the peer declares that it lacks what the case needs, and any other error for trouble of the kit's own.
	// The runner has run the positive control before and proves liveness afterwards.
	Run func(ctx context.Context, env Env) error
}

// Depths says where a case applies: to a channel on the transport, or to one inside another (CHAN-008).
type Depths string

// The depths.
const (
	OnTransport Depths = ""       // to a channel on the transport alone: it is about frames, sockets, or routes
	AnyDepth    Depths = "any"    // to both
	InTunnel    Depths = "tunnel" // to the channel in a tunnel alone
)

// Has reports whether a case applies at a depth.
func (d Depths) Has(depth int) bool {
	return d == AnyDepth || (depth > 1) == (d == InTunnel)
}

// TagLong marks a case that takes many seconds and is run only when asked for.
const TagLong = "long"

// An Env is what a case works with: the peer in one role, over one transport, in one profile. It is used by one goroutine.
type Env interface {
	Role() Role
	Transport() Transport
	Profile() profile.Profile
	// Depth is how many channels there are inside each other, at least 1 (CHAN-008). What Open returns is the link under the outermost.
	Depth() int

	// Open makes a new session with the peer: it connects to a responder, or waits for an initiator to connect. What passes over
	// the link is recorded in the result's transcript, and the link is closed when the case ends.
	Open(ctx context.Context) (Link, error)
	// Random is a deterministic stream, a function of the run's seed and the case's ID.
	Random() io.Reader
	// StaticKey is the kit's static private key, 32 bytes.
	StaticKey() []byte
	// PeerStatic is the static public key that the peer has to prove, nil if any will do.
	PeerStatic() []byte
	// Route is the way from the peer's transport address to its channel listener, encoded nowhere yet: further hops, a local
	// address. Empty if m1 is for the node that the kit speaks to.
	Route() wire.Route
	// Service is the local address of the application that the peer hands payloads to, the zero Address if payloads name none.
	Service() wire.Address

	// Patience is how long to wait for an answer that has to come.
	Patience() time.Duration
	// Quiet is how long silence has to last before it counts as "no answer". It follows the peer's measured pace.
	Quiet() time.Duration
	// HandshakeDeadline is the peer's deadline of NOISE-013 if the kit configured it, else 0: then it is 30 s at most.
	HandshakeDeadline() time.Duration
	// Note adds a line to the transcript.
	Note(text string)
}
