package tls

import (
	"crypto/tls"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// A stuckConn does not care for deadlines.
type stuckConn struct {
	net.Conn
	closed chan struct{}
}

func (stuckConn) SetReadDeadline(time.Time) error { return nil }

func (c stuckConn) Close() error {
	close(c.closed)
	return nil
}

// IO-006: a read that goes on although it was given up loses its connection, one that ends does not.
func TestStuckRead(t *testing.T) {
	for _, ends := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			below := stuckConn{closed: make(chan struct{})}
			s := &secured{Conn: tls.Client(below, &tls.Config{MinVersion: tls.VersionTLS13}), below: below}
			if err := s.SetReadDeadline(time.Unix(1, 0)); err != nil {
				t.Fatal(err)
			}
			if ends {
				if err := s.SetReadDeadline(time.Time{}); err != nil {
					t.Fatal(err)
				}
			}
			closed := false
			select {
			case <-below.closed:
				closed = true
			case <-time.After(time.Minute):
			}
			if closed == ends {
				t.Errorf("the read ends %v, the connection is closed %v", ends, closed)
			}
		})
	}
}
