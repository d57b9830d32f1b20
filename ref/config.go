package ref

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"ockamtest/ref/channel"
	"ockamtest/ref/memory"
	"ockamtest/ref/profile"
	"ockamtest/ref/transport/tcp"
	"ockamtest/ref/transport/udp"
	"ockamtest/ref/vault"
)

// ErrConfig is the error of a Config or ListenConfig that makes no channel. Nothing was sent.
var ErrConfig = errors.New("ref: invalid configuration")

// Handshake deadlines (NOISE-013).
const (
	DefaultHandshakeTimeout = time.Duration(channel.DefaultDeadline)
	MaxHandshakeTimeout     = time.Duration(channel.MaxDeadline)
)

// A Config is one end of channels. Vault, Static, and Policy are required.
type Config struct {
	// Profile is the dialect; the zero value is v1.
	Profile profile.Profile
	// Vault does the cryptography and holds every secret. It outlives the channels.
	Vault vault.Vault
	// Static is the private key of this end, which never leaves the vault (NOISE-012). Only profiles whose parties make a new
	// key for each handshake (c09) go without.
	Static vault.Secret
	// Policy decides about the peer's static key (NOISE-011). There is no default.
	Policy Policy

	// HandshakeTimeout is how long a handshake may take from the connection on, whatever arrives (NOISE-013); 0 means
	// DefaultHandshakeTimeout, and MaxHandshakeTimeout is the longest.
	HandshakeTimeout time.Duration
	// RepeatAfter is when an initiator on datagrams repeats a handshake message that nobody has answered, for the first time; the interval
	// doubles (TRAN-014). 0 means half a second.
	RepeatAfter time.Duration
	// Queue is how many bytes of received messages wait to be read on a channel on datagrams; 0 means DefaultQueue. What comes while it is
	// full is lost.
	Queue int
	// Window is the receive window of channels on datagrams, in messages, from 32 to 1,024 (REC-008); 0 means channel.DefaultWindow.
	Window int
	// Memory is where received messages are kept and decrypted; nil means memory.Heap (MEM-001).
	Memory memory.Allocator
	// TCP configures the connections of Dial and Listen: retries, name look-up, allowed addresses. Its Limit is the profile's.
	TCP tcp.Config
	// UDP configures the sockets of Dial and Listen. Its Limit is the profile's.
	UDP udp.Config
}

// withDefaults fills in the defaults and refuses what makes no channel.
func (cfg Config) withDefaults() (Config, error) {
	if cfg.Profile.Name == "" {
		cfg.Profile = profile.V1()
	}
	if cfg.HandshakeTimeout == 0 {
		cfg.HandshakeTimeout = DefaultHandshakeTimeout
	}
	if cfg.Memory == nil {
		cfg.Memory = memory.Heap{}
	}
	if cfg.Queue == 0 {
		cfg.Queue = DefaultQueue
	}
	cfg.TCP.Limit, cfg.UDP.Limit = cfg.Profile.MessageLimit, cfg.Profile.MessageLimit
	var wrong string
	switch {
	case cfg.Vault == nil:
		wrong = "no vault"
	case cfg.Static.IsZero() && cfg.Profile.StaticKey != profile.PerHandshake:
		wrong = "no static key"
	case cfg.Policy == nil:
		wrong = "no policy for the peer's static key" // NOISE-011
	case cfg.HandshakeTimeout < 0, cfg.HandshakeTimeout > MaxHandshakeTimeout:
		wrong = "handshake timeout out of range" // NOISE-013
	case cfg.RepeatAfter < 0, cfg.RepeatAfter > MaxHandshakeTimeout:
		wrong = "time to the first repeat out of range" // TRAN-014
	case cfg.Queue < 0:
		wrong = "negative queue"
	case cfg.Window != 0 && (cfg.Window < channel.MinWindow || cfg.Window > channel.MaxWindow): // REC-008
		wrong = "window out of range"
	default:
		return cfg, nil
	}
	return cfg, fmt.Errorf("%w: %s", ErrConfig, wrong)
}

// checkTransport refuses a profile that does not run over a transport.
func (cfg *Config) checkTransport(t profile.Transport) error {
	if !slices.Contains(cfg.Profile.Transports, t) {
		return fmt.Errorf("%w: profile %s does not run over %v", ErrConfig, cfg.Profile.Name, t)
	}
	return nil
}
