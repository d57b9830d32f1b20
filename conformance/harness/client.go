package harness

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// What callers of a Client branch on. Those of the first group cost the request that they are returned for; the connection goes on.
var (
	// ErrNoAnswer: the time for the answer has passed. What comes later is dropped. The context's error is wrapped too.
	ErrNoAnswer = errors.New("harness: no answer in time")
	// ErrStray: the adapter wrote a line that answers nothing: it is not understood (ErrSyntax is wrapped too) or has an ID that no request
	// waits for (ErrUnknownID is). It costs the request that has waited for longest, or the next one.
	ErrStray = errors.New("harness: stray line on the control connection")
	// ErrUnknownID: an answer to nothing that was asked.
	ErrUnknownID = errors.New("harness: unknown ID")
	// ErrAnswer: the answer lacks a field, or has one that does not belong there.
	ErrAnswer = errors.New("harness: answer is not understood")
	// ErrTooLong: the request is longer than the adapter takes. Nothing was sent.
	ErrTooLong = errors.New("harness: request is longer than the adapter takes")
	// ErrTooMany: more requests wait for an answer than MaxOutstanding. Nothing was sent.
	ErrTooMany = errors.New("harness: too many outstanding requests")
)

// Those of the second group have ended the connection; each request fails with them from then on.
var (
	// ErrEnded: the adapter has closed the control connection, between two lines.
	ErrEnded = errors.New("harness: adapter has closed the control connection")
	// ErrTorn: it did so inside a line.
	ErrTorn = errors.New("harness: control connection ended inside a line")
	// ErrBroken: reading or writing failed; the cause is wrapped too.
	ErrBroken = errors.New("harness: control connection failed")
	// ErrFlood: the adapter writes what nobody asked for, without end.
	ErrFlood = errors.New("harness: flood on the control connection")
	// ErrVersion: the adapter speaks no version of the protocol that the kit speaks.
	ErrVersion = errors.New("harness: no common protocol version")
	// ErrClosed: the Client was closed on this side.
	ErrClosed = errors.New("harness: client is closed")
)

// Limits of a Client.
const (
	DefaultTimeout = 10 * time.Second
	// MaxOutstanding is how many requests may wait for an answer.
	MaxOutstanding = 1024
	// maxStray is how many stray lines are taken from one adapter, late answers included, and how many answers it may stay due.
	maxStray = 1024
	// halfGone is how long the end of the adapter's answers is waited for when it takes no more requests: it says more.
	halfGone = time.Second
	// maxOverlong is how many bytes of a line longer than MaxLine are read to find its end.
	maxOverlong = 16 * MaxLine
)

// A ClientConfig configures a Client. Its zero value is the default.
type ClientConfig struct {
	// Timeout is how long an answer may take; 0 means DefaultTimeout. A context may be shorter.
	Timeout time.Duration
	// Versions are the protocol versions that are offered; nil means Version alone.
	Versions []int
}

// A Client is the kit's end of a control connection. Its methods may be called by several goroutines at once: requests are sent in the order
// of the calls and may overtake each other in the adapter, except that those for one channel are carried out in order.
type Client struct {
	timeout time.Duration
	hello   Hello
	conn    io.ReadWriteCloser
	work    chan struct{} // capacity 1: the writer has something to do
	running sync.WaitGroup

	mu      sync.Mutex
	unsent  []byte           // lines for the writer
	last    uint32           // ID
	waiting map[uint32]*Call // outstanding
	queue   []*Call          // in the order of sending; may have answered ones in front
	late    map[uint32]bool  // IDs whose requests have failed before their answer
	stray   int              // lines so far
	debt    error            // a stray line that no request has paid for
	ended   error            // why the connection ended; nil while it lives
	dying   *time.Timer      // runs after the adapter took no more requests
}

// NewClient says hello over a control connection, which it owns from then on. It has closed the connection when it fails.
func NewClient(ctx context.Context, conn io.ReadWriteCloser, cfg ClientConfig) (*Client, error) {
	c := &Client{
		timeout: cfg.Timeout, hello: Hello{Line: MaxLine}, conn: conn, work: make(chan struct{}, 1),
		waiting: map[uint32]*Call{}, late: map[uint32]bool{},
	}
	if c.timeout == 0 {
		c.timeout = DefaultTimeout
	}
	versions := cfg.Versions
	if versions == nil {
		versions = []int{Version}
	}
	c.running.Go(c.read)
	c.running.Go(c.write)
	hello, err := c.sayHello(ctx, versions)
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	c.mu.Lock()
	c.hello = hello
	c.mu.Unlock()
	return c, nil
}

func (c *Client) sayHello(ctx context.Context, versions []int) (Hello, error) {
	call := c.Start(Request{Verb: VerbHello, Fields: Fields{versionsField(versions...)}})
	hello, err := answered(ctx, call, (*decoder).hello)
	switch {
	case errors.Is(err, Refuse(ClassVersion)):
		return Hello{}, fmt.Errorf("%w: %w", ErrVersion, err)
	case err != nil:
		return Hello{}, err
	}
	for _, v := range versions {
		if v == hello.Version {
			return hello, nil
		}
	}
	return Hello{}, fmt.Errorf("%w: asked for %v, the adapter speaks %d", ErrVersion, versions, hello.Version)
}

// Hello returns what the adapter said of itself.
func (c *Client) Hello() Hello { return c.hello }

// Err returns why the connection has ended, nil while it lives.
func (c *Client) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended
}

// Stray returns how many lines came that answered nothing, or too late.
func (c *Client) Stray() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stray
}

// Close closes the control connection, fails what waits with ErrClosed, and waits for the Client's goroutines. Closing twice is harmless.
func (c *Client) Close() error {
	c.end(ErrClosed)
	c.running.Wait()
	return nil
}

// end ends the connection for a reason, unless it has ended.
func (c *Client) end(why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended != nil {
		return
	}
	c.ended = why
	if c.dying != nil {
		c.dying.Stop()
	}
	for _, call := range c.waiting {
		call.finish(Answer{}, why)
	}
	clear(c.waiting)
	c.queue, c.unsent = nil, nil
	_ = c.conn.Close() // it has ended; why is known
	c.wake()
}

// wake tells the writer that there is something to do.
func (c *Client) wake() {
	select {
	case c.work <- struct{}{}:
	default: // it knows
	}
}

// write sends lines, as many at once as there are.
func (c *Client) write() {
	var lines []byte
	for range c.work {
		c.mu.Lock()
		lines, c.unsent = c.unsent, lines[:0]
		ended := c.ended != nil
		c.mu.Unlock()
		if ended {
			return
		}
		if len(lines) == 0 {
			continue // they went with those before
		}
		if _, err := c.conn.Write(lines); err != nil {
			c.writeFailed(err)
			return
		}
	}
}
