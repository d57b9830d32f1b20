package attach

import (
	"bytes"
	"net"
	"sync"
	"time"
)

// A routerConn is one connection of a realRouter: what the node writes waits here for the other end, without a bound of its own. It is
// safe for concurrent use.
type routerConn struct {
	conn *net.TCPConn

	mu      sync.Mutex
	changed *sync.Cond
	queue   [][]byte
	waiting int  // bytes in queue, and on their way
	closing bool // FIN follows the queue
	dead    bool // nothing more is written
	over    int  // directions that have ended
}

func newRouterConn(conn *net.TCPConn) *routerConn {
	c := &routerConn{conn: conn}
	c.changed = sync.NewCond(&c.mu)
	return c
}

// unsent is how many bytes the other end has not taken.
func (c *routerConn) unsent() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.waiting
}

// put adds to what is written, and FIN if nothing follows.
func (c *routerConn) put(p []byte, last bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(p) > 0 && !c.closing && !c.dead {
		c.queue = append(c.queue, bytes.Clone(p))
		c.waiting += len(p)
	}
	c.closing = c.closing || last
	c.changed.Signal()
}

// reset ends the connection with RST, whatever waits.
func (c *routerConn) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dead = true; c.over < 2 {
		_ = c.conn.SetLinger(0)
		_ = c.conn.Close()
		c.changed.Signal()
	}
}

// write writes until the connection ends. With FIN it ends in order: what the other end still sends is read on for a while.
func (c *routerConn) write() {
	defer c.done()
	for {
		p, ok := c.next()
		if !ok {
			break
		}
		if _, err := c.conn.Write(p); err != nil {
			c.reset()
			return
		}
		c.mu.Lock()
		c.waiting -= len(p)
		c.mu.Unlock()
	}
	if c.conn.CloseWrite() == nil {
		_ = c.conn.SetReadDeadline(time.Now().Add(lingerFor)) // whoever reads comes to the end then
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dead = true
}

// done closes the connection when both directions have ended.
func (c *routerConn) done() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over++; c.over == 2 {
		_ = c.conn.Close()
	}
}

// next waits for what is to be written; false when nothing follows.
func (c *routerConn) next() ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.queue) == 0 && !c.closing && !c.dead {
		c.changed.Wait()
	}
	if len(c.queue) == 0 || c.dead {
		return nil, false
	}
	p := c.queue[0]
	c.queue = c.queue[1:]
	return p, true
}
