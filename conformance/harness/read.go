package harness

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// read hands answers to those who wait, until the connection ends.
func (c *Client) read() {
	r := bufio.NewReaderSize(c.conn, 64<<10)
	var line []byte
	for {
		var err error
		line, err = readLine(r, line[:0])
		switch {
		case errors.Is(err, errOverlong):
			err = c.take(Answer{ID: idOf(line)}, fmt.Errorf("%w: longer than %d bytes", ErrSyntax, MaxLine))
		case err == nil:
			a, wrong := ParseAnswer(string(line))
			err = c.take(a, wrong)
		}
		if err != nil {
			c.end(err)
			return
		}
	}
}

// errOverlong: the line is longer than MaxLine. What follows it can be read.
var errOverlong = errors.New("overlong line")

// readLine appends a line without its line feed to buf. Of one that is longer than MaxLine only the beginning is kept.
func readLine(r *bufio.Reader, buf []byte) ([]byte, error) {
	for n := 0; ; {
		part, err := r.ReadSlice('\n')
		n += len(part)
		if len(buf)+len(part) <= MaxLine {
			buf = append(buf, part...)
		}
		switch {
		case err == nil && n > MaxLine:
			return buf, errOverlong
		case err == nil:
			return buf[:len(buf)-1], nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return buf, endOf(n, err)
		case n > maxOverlong:
			return buf, fmt.Errorf("%w: a line without end", ErrFlood)
		}
	}
}

// endOf tells what an error of reading means when n bytes of a line have been read.
func endOf(n int, err error) error {
	switch {
	case !isEnd(err):
		return fmt.Errorf("%w: %w", ErrBroken, err)
	case n > 0:
		return ErrTorn
	}
	return ErrEnded
}

// isEnd reports whether the other side has gone, orderly or not: a process that dies leaves either.
func isEnd(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe) || isReset(err)
}

// idOf returns the ID with which a line begins, 0 if none.
func idOf(line []byte) uint32 {
	word, _, _ := bytes.Cut(line[:min(len(line), 16)], []byte{' '})
	id, _, err := parseID(string(word))
	if err != nil {
		return 0
	}
	return id
}

// take hands an answer to the call that waits for it. wrong is set for a line that is not understood; then the answer has its ID, if one
// could be read. It fails when there is no more to be expected from the adapter.
func (c *Client) take(a Answer, wrong error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if call := c.waiting[a.ID]; call != nil {
		delete(c.waiting, a.ID)
		c.trim()
		call.finish(a, wrong)
		return nil
	}
	if c.stray++; c.stray > maxStray {
		return fmt.Errorf("%w: more than %d lines that answer nothing", ErrFlood, maxStray)
	}
	if c.late[a.ID] {
		delete(c.late, a.ID)
		return nil
	}
	switch {
	case wrong != nil:
		wrong = fmt.Errorf("%w: %w", ErrStray, wrong)
	case a.ID == 0:
		wrong = fmt.Errorf("%w: ID 0, the adapter has not understood a request", ErrStray)
	default:
		wrong = fmt.Errorf("%w: %w", ErrStray, ErrUnknownID)
	}
	if c.trim(); len(c.queue) > 0 {
		c.fail(c.queue[0], wrong)
		return nil
	}
	c.debt = wrong
	return nil
}

// trim takes calls that do not wait any longer off the head of the queue, or out of it if there are too many.
func (c *Client) trim() {
	answered := func(call *Call) bool { return c.waiting[call.id] != call }
	for len(c.queue) > 0 && answered(c.queue[0]) {
		c.queue = c.queue[1:]
	}
	if len(c.queue) > 2*MaxOutstanding {
		c.queue = slices.DeleteFunc(c.queue, answered)
	}
}

// writeFailed ends the connection whose writing has failed. Where the adapter has gone the reader sees that too, behind the answers that were
// sent before, and its error says more.
func (c *Client) writeFailed(err error) {
	why := fmt.Errorf("%w: %w", ErrBroken, err)
	if !isEnd(err) {
		c.end(why)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended == nil {
		c.dying = time.AfterFunc(halfGone, func() { c.end(why) })
	}
}
