package tls

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// errNoCloseNotify: the TCP connection ended, but the TLS stream did not.
var errNoCloseNotify = errors.New("tls: no close_notify")

// stuckLimit is how long a read may go on after it was given up. Only a peer that asks for new keys and does not take the answer gets
// there.
const stuckLimit = time.Second

// A socket is a TCP connection whose end is an error: crypto/tls takes it for the end of the stream otherwise (TRAN-024).
type socket struct{ net.Conn }

func (s socket) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p)
	if errors.Is(err, io.EOF) {
		err = errNoCloseNotify
	}
	return n, err
}

// A secured is a TLS connection after its handshake.
type secured struct {
	*tls.Conn
	below net.Conn

	mu    sync.Mutex
	stuck *time.Timer // ends a read that goes on after it was given up; guarded by mu
}

// secure runs the handshake of a connection over below, which is closed if it fails.
func secure(ctx context.Context, below net.Conn, timeout time.Duration, over func(net.Conn) *tls.Conn) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	s := &secured{Conn: over(socket{below}), below: below}
	err := s.HandshakeContext(ctx)
	if v := s.ConnectionState().Version; err == nil && v != tls.VersionTLS13 { // configurations made per client are not ours
		err = fmt.Errorf("%w: a handshake of version %#x", ErrConfig, v)
	}
	if err != nil {
		_ = below.Close() // err says what matters
		if cause := context.Cause(ctx); cause != nil && ctx.Err() != nil {
			err = cause
		}
		return nil, fmt.Errorf("handshake: %w", err)
	}
	return s, nil
}

// CloseWrite ends the stream, then the connection below. It may take some seconds if the peer takes nothing.
func (s *secured) CloseWrite() error {
	if err := s.Conn.CloseWrite(); err != nil {
		return err
	}
	if half, ok := s.below.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// Close releases the connection without a word: the peer sees that it is cut off, unless CloseWrite was called.
func (s *secured) Close() error { return s.below.Close() }

// NetConn returns the connection below, which tells its own end.
func (s *secured) NetConn() net.Conn { return s.below }

// SetReadDeadline ends a read with a deadline that has passed (IO-006), and cuts the connection off if the read goes on: then it does not
// wait for the peer's bytes, but for the peer to take an answer of TLS's own.
func (s *secured) SetReadDeadline(t time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stuck != nil {
		s.stuck.Stop()
		s.stuck = nil
	}
	if !t.IsZero() && !t.After(time.Now()) {
		s.stuck = time.AfterFunc(stuckLimit, func() { _ = s.below.Close() })
	}
	return s.Conn.SetReadDeadline(t)
}
