package tls

import (
	"context"
	"crypto/tls"
	"errors"
	"net"

	"ockamtest/ref/transport"
	"ockamtest/ref/transport/internal/stream"
	"ockamtest/ref/wire"
)

// Dial connects to remote, a TCP address with an IP address or a DNS name, as often as cfg.TCP.Retry says (TRAN-020). A handshake that
// fails is a failed attempt, except that a certificate which is not believed is final. The connection's RemoteAddress is numeric. When
// ctx ends first, the error wraps ctx.Err() and that of the last attempt.
func Dial(ctx context.Context, remote wire.Address, cfg Config) (transport.Conn, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if cfg.TLS.ServerName == "" {
		cfg.TLS.ServerName = host(remote)
	}
	nc, err := stream.Dial(ctx, remote, stream.DialConfig{
		Retry:  cfg.TCP.Retry,
		Allow:  cfg.TCP.Allow,
		Dialer: cfg.TCP.Dialer,
		Secure: func(ctx context.Context, nc net.Conn) (net.Conn, error) {
			return secure(ctx, nc, cfg.HandshakeTimeout, func(nc net.Conn) *tls.Conn { return tls.Client(nc, cfg.TLS) })
		},
		Final: func(err error) bool {
			var untrusted *tls.CertificateVerificationError
			return errors.As(err, &untrusted)
		},
	})
	if err != nil {
		return nil, err
	}
	return stream.New(nc, stream.Config{Limit: cfg.TCP.Limit, Shared: cfg.TCP.Shared, Sealed: true}), nil
}

// host is what a certificate for an address has to name.
func host(a wire.Address) string {
	if ap, ok := transport.AddrPort(a); ok {
		return ap.Addr().String()
	}
	name, _ := a.Canonical().Name()
	return name
}
