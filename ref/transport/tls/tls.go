// Package tls carries messages in the frames of TRAN-001 over TLS 1.3 over TCP (specification section 3.3, TRAN-024): it implements
// transport.Conn, transport.BatchWriter, and transport.Listener.
//
// Its addresses are TCP addresses; that a peer is reached over TLS is configuration. Certificates say with whom the bytes are
// exchanged, not with whom a channel is open: they do not replace the policy on static keys (NOISE-011).
//
// A stream that ends without close_notify is transport.ErrTruncated, also between two frames, and a write that was given up fails the
// connection even if nothing of it had left, for TLS cannot tell. A connection holds the buffers of crypto/tls, some tens of
// kilobytes when it was busy, and 4 KiB. Connections and listeners are safe for concurrent use, except that one goroutine reads a
// connection at a time.
package tls

import (
	"crypto/tls"
	"errors"
	"fmt"
	"math"
	"time"

	"ockamtest/ref/transport/tcp"
	"ockamtest/ref/wire"
)

// What callers of Dial and Listen branch on, beside the errors of packages tcp and crypto/tls.
var (
	// ErrConfig: a Config that makes no connection.
	ErrConfig = errors.New("tls: invalid configuration")
	// ErrGaveWay: the handshake was the oldest of too many and gave way to a new one.
	ErrGaveWay = errors.New("tls: handshake gave way to a new one")
)

// Bounds of handshakes unless told otherwise.
const (
	DefaultHandshakeTimeout = 10 * time.Second
	DefaultHalfOpen         = 1024
	DefaultBacklog          = 128
)

// A Config configures Dial and Listen.
type Config struct {
	// TLS says who this end is and whom it believes. It is cloned; versions below 1.3 are switched off, and records hold as much of a
	// message as fits (TRAN-007). Dial takes nil for the system's roots and, without a ServerName in it, the host of the remote
	// address for the name that the certificate has to have. Listen needs a certificate.
	TLS *tls.Config
	// TCP configures the connections below.
	TCP tcp.Config
	// HandshakeTimeout bounds each TLS handshake, whatever arrives; 0 means DefaultHandshakeTimeout.
	HandshakeTimeout time.Duration

	// HalfOpen is how many TLS handshakes of a listener may be in progress at once; then the oldest gives way, so that idle, slow, and
	// hostile clients keep no other from being served (TRAN-023). 0 means DefaultHalfOpen.
	HalfOpen int
	// Backlog is how many finished ones may wait for Accept before no more connections are accepted; 0 means DefaultBacklog.
	Backlog int
	// Failed is called with the error of each handshake of a listener that failed, unless Close cut it off; nil means that nobody wants
	// to know. It is called from several goroutines at once and does not call Close.
	Failed func(remote wire.Address, err error)
}

// maxBound keeps the sum of two bounds in range.
const maxBound = math.MaxInt32 / 2

// withDefaults fills in the defaults and refuses what makes no connection.
func (cfg Config) withDefaults() (Config, error) {
	if cfg.TLS == nil {
		cfg.TLS = &tls.Config{MinVersion: tls.VersionTLS13}
	}
	if v := cfg.TLS.MaxVersion; v != 0 && v < tls.VersionTLS13 {
		return cfg, fmt.Errorf("%w: TLS 1.3 is switched off", ErrConfig)
	}
	cfg.TLS = cfg.TLS.Clone()
	cfg.TLS.MinVersion = tls.VersionTLS13
	cfg.TLS.DynamicRecordSizingDisabled = true
	if cfg.HandshakeTimeout == 0 {
		cfg.HandshakeTimeout = DefaultHandshakeTimeout
	}
	if cfg.HalfOpen == 0 {
		cfg.HalfOpen = DefaultHalfOpen
	}
	if cfg.Backlog == 0 {
		cfg.Backlog = DefaultBacklog
	}
	if cfg.HandshakeTimeout < 0 || cfg.HalfOpen < 0 || cfg.HalfOpen > maxBound || cfg.Backlog < 0 || cfg.Backlog > maxBound {
		return cfg, fmt.Errorf("%w: bound out of range", ErrConfig)
	}
	return cfg, nil
}
