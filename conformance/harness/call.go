package harness

import (
	"context"
	"fmt"
	"time"
)

// A Call is a request that was sent, or that failed before.
type Call struct {
	client *Client
	id     uint32
	verb   Verb
	done   chan struct{} // closed when answer and err are set
	answer Answer
	err    error
}

// finish ends the call, once.
func (c *Call) finish(a Answer, err error) {
	c.answer, c.err = a, err
	close(c.done)
}

// Start sends a request and does not wait for anything. The request's own ID does not matter. What goes wrong is told by Wait.
func (c *Client) Start(r Request) *Call {
	call := &Call{client: c, verb: r.Verb, done: make(chan struct{})}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.ended != nil:
		call.finish(Answer{}, c.ended)
		return call
	case c.debt != nil:
		call.finish(Answer{}, c.debt)
		c.debt = nil
		return call
	case len(c.waiting) >= MaxOutstanding:
		call.finish(Answer{}, ErrTooMany)
		return call
	}
	if c.last++; c.last > MaxID {
		c.last = 1
	}
	r.ID = c.last
	before := len(c.unsent)
	lines, err := r.Append(c.unsent)
	switch {
	case err != nil:
		call.finish(Answer{}, err)
		return call
	case len(lines)-before > c.hello.Line:
		call.finish(Answer{}, fmt.Errorf("%w: %d bytes, and it takes %d", ErrTooLong, len(lines)-before, c.hello.Line))
		return call
	}
	call.id, c.unsent = r.ID, lines
	c.waiting[r.ID] = call
	c.queue = append(c.queue, call)
	c.wake()
	return call
}

// Wait waits for the answer and returns its fields. The error is ErrUnsupported, a *Refusal, or one of the Client's. Each call is waited
// for once.
func (c *Call) Wait(ctx context.Context) (Fields, error) {
	timer := time.NewTimer(c.client.timeout)
	defer timer.Stop()
	select {
	case <-c.done:
	case <-timer.C:
		c.client.forfeit(c, fmt.Errorf("%w: %w", ErrNoAnswer, context.DeadlineExceeded))
	case <-ctx.Done():
		c.client.forfeit(c, fmt.Errorf("%w: %w", ErrNoAnswer, ctx.Err()))
	}
	<-c.done
	if c.err != nil {
		return nil, fmt.Errorf("%s: %w", c.verb, c.err)
	}
	switch c.answer.Status {
	case StatusUnsupported:
		return nil, fmt.Errorf("%s: %w", c.verb, ErrUnsupported)
	case StatusError:
		return nil, c.refusal()
	case StatusOK:
	}
	return c.answer.Fields, nil
}

// refusal reads an answer "error".
func (c *Call) refusal() error {
	d := decoder{fields: c.answer.Fields}
	r := &Refusal{Class: d.class("class")}
	r.Detail, _ = d.value("detail", false)
	if d.wrong != "" {
		return fmt.Errorf("%s: %w: %s", c.verb, ErrAnswer, d.wrong)
	}
	return fmt.Errorf("%s: %w", c.verb, r)
}

// answered waits for an answer and reads its fields.
func answered[T any](ctx context.Context, call *Call, read func(*decoder) T) (T, error) {
	var none T
	fields, err := call.Wait(ctx)
	if err != nil {
		return none, err
	}
	d := decoder{fields: fields}
	v := read(&d)
	if d.wrong != "" {
		return none, fmt.Errorf("%s: %w: %s", call.verb, ErrAnswer, d.wrong)
	}
	return v, nil
}

// forfeit fails a call that nobody waits for any longer. Its answer may still come.
func (c *Client) forfeit(call *Call, why error) {
	c.mu.Lock()
	c.fail(call, why)
	due := len(c.late)
	c.mu.Unlock()
	if due > maxStray {
		c.end(fmt.Errorf("%w: %d answers are due", ErrNoAnswer, due))
	}
}

// fail fails an outstanding call before its answer. The lock is held.
func (c *Client) fail(call *Call, why error) {
	if c.waiting[call.id] != call {
		return
	}
	delete(c.waiting, call.id)
	c.late[call.id] = true
	call.finish(Answer{}, why)
}
