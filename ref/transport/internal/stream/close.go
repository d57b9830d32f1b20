package stream

import (
	"errors"
	"io"
	"net"
	"os"
	"time"

	"ockamtest/ref/transport"
)

const (
	// lingerTime is how long a closed connection waits for its peer's end, again and again while the peer has to receive something.
	lingerTime = 500 * time.Millisecond
	// lingerTimes is how often.
	lingerTimes = 20
	// lingerBytes is how much it takes from the peer meanwhile.
	lingerBytes = 64 << 20
)

// Close implements transport.Conn. The peer gets what was written, then the end (CHAN-013), and Close does not wait for that.
//
// A system resets a connection that is closed with unread bytes, or that receives some later, and then drops what has not arrived yet.
// So unless the peer has ended too, its bytes are read on in the background, until it ends; for half a second after its system has
// received everything, and for ten seconds in all. When this process ends meanwhile, or the peer takes longer, what it has not
// received by then may be lost: an application that needs all of it to arrive waits for the peer's last word before it closes.
func (c *Conn) Close() error {
	if !c.markClosed() {
		return nil
	}
	// Blocked calls return (TRAN-022); later ones do not start. Errors say that it is closed already.
	_ = c.nc.SetDeadline(time.Unix(1, 0))
	c.writing <- struct{}{}
	defer c.endWrite()
	c.reading.Lock()
	defer c.reading.Unlock()
	c.in.close()
	c.end()
	return nil
}

// markClosed lets every later call say that the connection is closed. It reports whether that still has to be done.
func (c *Conn) markClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	first := c.err == nil
	if first {
		close(c.ended)
	}
	c.err = transport.ErrClosed
	return first
}

// end sends the end and releases the connection, in the background if the peer has not ended.
func (c *Conn) end() {
	half, ok := c.nc.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil || c.peerEnd {
		_ = c.nc.Close()
		return
	}
	if c.shared.lingering.Add(1) > maxLingering {
		c.shared.lingering.Add(-1)
		_ = c.nc.Close()
		return
	}
	nc := c.nc
	if secured, ok := nc.(interface{ NetConn() net.Conn }); ok {
		nc = secured.NetConn() // nobody wants to know what it says
	}
	go func() {
		linger(nc)
		c.shared.lingering.Add(-1)
	}()
}

// linger drops what still comes until the peer's end, and releases the connection.
func linger(nc net.Conn) {
	rest := &io.LimitedReader{R: nc, N: lingerBytes}
	for range lingerTimes {
		if nc.SetReadDeadline(time.Now().Add(lingerTime)) != nil {
			break
		}
		_, err := io.Copy(io.Discard, rest)
		if !errors.Is(err, os.ErrDeadlineExceeded) || !unacknowledged(nc) {
			break
		}
	}
	_ = nc.Close()
}
