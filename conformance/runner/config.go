package runner

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"ockamtest/conformance"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// A Config says what to run against whom. Peer, Cases, Control, and Profiles are required, Forward where
// the peer is a router; every other field's zero value is its
// default.
type Config struct {
	Peer   conformance.Peer
	Others []conformance.Peer // the same one, attached in the same way: with each of them cases are run at the same time as with Peer
	// Busy is how many of the peers cases are at work with at once: one that waits for its peer lets others work meanwhile. 0: all.
	Busy     int
	Cases    []conformance.Case // the whole catalogue; Select chooses from it
	Control  conformance.Case   // the positive control: one handshake and an echo; it has to apply wherever a case is run
	Forward  conformance.Case   // the same for the role Router: a message is forwarded, and so is its answer
	Profiles []profile.Profile

	Roles      []conformance.Role      // of the peer; empty: all that it has
	Transports []conformance.Transport // empty: all that the peer and the profile have
	Depths     []int                   // channels inside each other; empty: one, on the transport
	DeepIn     []string                // names of the profiles in which depths above 1 are run; empty: all that have tunnels
	Select     Selection
	Catalogue  string            // the version whose cases can be selected; empty: conformance.CatalogueVersion
	Shard      conformance.Shard // the part that is run, Index of Of; zero: all
	// Strength is how many values of roles, transports, profiles, depths, and parameters at once are combined in every possible way, at most 7; 0
	// varies no parameters. Beside that the cases are run with parameters by chance.
	Strength   int
	Parameters conformance.Parameters // with which the cases are run that admit them; zero: those that Strength asks for
	Level      conformance.Level      // conformance.Should: a SHOULD that is not met fails; else it is a warning
	FailFast   bool                   // stop after the first failure

	Seed         uint64        // of everything random
	Patience     time.Duration // how long to wait for an answer that has to come; 0: 5 s
	Timeout      time.Duration // of one case, twice that of a long one, connecting not counted; 0: 90 s
	TimeoutScale float64       // factor on every time, for slow peers; 0: 1
	StaticKey    []byte        // the kit's static private key, 32 bytes; nil: StaticKey(Seed)
	PeerStatic   []byte        // the static public key that the peer has to prove; nil: any
	Route        wire.Route    // behind the peer's transport address, to its channel listener; nil: conformance.DefaultRoute
	Service      wire.Address  // the application that the peer hands payloads to; zero: conformance.DefaultService

	// Reset resets the peer (afresh tells when), and returns when it may be tried again; nil if it cannot be. It does not go with Others.
	Reset func(ctx context.Context, need conformance.Need) error
	// Describe says in a few words what a message is, for the transcript. On a stream b is the content of one frame. direction is
	// conformance.DirSend or DirReceive. It is never called with an empty message, and, with Others, from several goroutines.
	Describe func(p profile.Profile, direction string, b []byte) string
	// Progress is called when a case begins and when it has ended, never twice at once.
	Progress func(Event)
	// Clock is time.Now unless a test says otherwise.
	Clock func() time.Time
	// RerunArgs are options of the command line that the line in each result has to repeat, beside those that it has anyhow: peer,
	// profile, role, transport, case, seed, level.
	RerunArgs []string
	Tool      conformance.ToolInfo
}

// A Selection chooses cases. The zero Selection chooses all but the long ones.
type Selection struct {
	Cases        []string // globs of conformance.MatchID; empty: all
	Skip         []string // globs
	Requirements []string // IDs, of which a case has to cite one; empty: any
	Long         bool     // long cases too; one that is named in full is run anyhow
}

// Defaults of a Config, and what follows from them.
const (
	defaultPatience = 5 * time.Second
	defaultTimeout  = 90 * time.Second
	openFactor      = 3 // times Patience: how long an initiator may take to connect
	controlFactor   = 2 // times Patience: how long a control may take, connecting not counted
	minQuiet        = 25 * time.Millisecond
	maxQuiet        = time.Second
	quietFactor     = 8 // times what the control took
	// quietPerDeadline is how many times silence fits the handshake deadline of the peer.
	quietPerDeadline = 4
	// retryWithin: a first control that saw nothing of the peer for this long is not tried again.
	retryWithin = time.Second
)

func (c Config) withDefaults() Config {
	if c.TimeoutScale == 0 {
		c.TimeoutScale = 1
	}
	if c.Patience == 0 {
		c.Patience = defaultPatience
	}
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.StaticKey == nil {
		c.StaticKey = StaticKey(c.Seed)
	}
	if c.Catalogue == "" {
		c.Catalogue = conformance.CatalogueVersion
	}
	c.Cases = slices.DeleteFunc(slices.Clone(c.Cases), func(x conformance.Case) bool { return !x.In(c.Catalogue) })
	c.Patience = c.scaled(c.Patience)
	c.Timeout = c.scaled(c.Timeout)
	return c
}

// StaticKey is the kit's static private key of a run without one of its own: 32 bytes that follow from the seed. It is no secret.
func StaticKey(seed uint64) []byte {
	key := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("ockamtest static key "), seed))
	return key[:]
}

func (c Config) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) * c.TimeoutScale)
}

// check refuses what no run can be made of.
func (c Config) check() error {
	switch {
	case c.Peer == nil || slices.Contains(c.Others, nil):
		return fmt.Errorf("%w: no peer", conformance.ErrUsage)
	case len(c.Profiles) == 0:
		return fmt.Errorf("%w: no profile", conformance.ErrUsage)
	case c.Reset != nil && len(c.Others) > 0:
		return fmt.Errorf("%w: a reset is for one peer", conformance.ErrUsage)
	case c.TimeoutScale < 0 || math.IsNaN(c.TimeoutScale) || math.IsInf(c.TimeoutScale, 0) || c.Patience < 0 || c.Timeout < 0:
		return fmt.Errorf("%w: times have to be positive", conformance.ErrUsage)
	case len(c.StaticKey) != 32:
		return fmt.Errorf("%w: the static key has %d bytes, want 32", conformance.ErrUsage, len(c.StaticKey))
	case c.Catalogue != "" && !slices.Contains(conformance.CatalogueVersions(), c.Catalogue):
		return fmt.Errorf("%w: there is no version %q of the catalogue; there are %s", conformance.ErrUsage, c.Catalogue,
			strings.Join(conformance.CatalogueVersions(), ", "))
	case c.Busy < 0 || c.Busy > 1+len(c.Others):
		return fmt.Errorf("%w: %d of %d peers at work", conformance.ErrUsage, c.Busy, 1+len(c.Others))
	case c.Strength < 0 || c.Strength > maxStrength:
		return fmt.Errorf("%w: strength %d, want 0 to %d", conformance.ErrUsage, c.Strength, maxStrength)
	case c.Shard.Of < 0 || c.Shard.Index < 0 || c.Shard.Index > c.Shard.Of || (c.Shard.Index == 0) != (c.Shard.Of == 0):
		return fmt.Errorf("%w: shard %d of %d", conformance.ErrUsage, c.Shard.Index, c.Shard.Of)
	case c.Level != "" && c.Level != conformance.Must && c.Level != conformance.Should:
		return fmt.Errorf("%w: unknown level", conformance.ErrUsage)
	}
	if err := conformance.CheckCases(c.Cases); err != nil {
		return err
	}
	if c.Forward.Run != nil {
		if err := conformance.CheckCases([]conformance.Case{c.Forward}); err != nil {
			return err
		}
	}
	return conformance.CheckCases([]conformance.Case{c.Control})
}

// control is the positive control for a role.
func (c Config) control(role conformance.Role) conformance.Case {
	if role == conformance.Router {
		return c.Forward
	}
	return c.Control
}
