package ref

import (
	"bytes"

	"ockamtest/ref/node"
	"ockamtest/ref/router"
	"ockamtest/ref/wire"
)

const (
	// deskQueue is how many messages of a kind wait for the desk; what comes while it is full is lost.
	deskQueue = 256
	// deskTurns is how many of those that come first go before one of the others.
	deskTurns = 16
)

// A desk is where a node's own messages wait: handshakes, pings, messages for workers. One goroutine works them off, so that a flood of
// handshakes, each of which costs a fraction of a millisecond, holds up neither open channels nor what is forwarded (TRAN-023, REC-012).
type desk struct {
	metrics router.Metrics
	known   chan job // for a local address, which mostly those send to who were told: they come first
	anybody chan job // for the node
}

// A job is a message that waits.
type job struct {
	link wire.Link
	msg  []byte
}

func newDesk(metrics router.Metrics) desk {
	return desk{metrics, make(chan job, deskQueue), make(chan job, deskQueue)}
}

// put keeps a copy of a message.
func (d *desk) put(queue chan job, link wire.Link, msg []byte) {
	if len(queue) < cap(queue) {
		select {
		case queue <- job{link, bytes.Clone(msg)}:
			return
		default:
		}
	}
	d.metrics.CountDropped(router.Busy)
}

// next waits for the next job. It is false when the node closes.
func (d *desk) next(turn int, closed <-chan struct{}) (j job, ok bool) {
	first, second := d.known, d.anybody
	if turn%deskTurns == 0 {
		first, second = second, first
	}
	select {
	case j = <-first:
		return j, true
	default:
	}
	select {
	case j = <-first:
		return j, true
	case j = <-second:
		return j, true
	case <-closed:
		return job{}, false
	}
}

// clear counts what nobody has worked off, when nothing comes any more.
func (d *desk) clear() {
	for {
		select {
		case <-d.known:
		case <-d.anybody:
		default:
			return
		}
		d.metrics.CountDropped(router.Busy)
	}
}

// work works off the desk until the node closes.
func (n *Node) work() {
	var out []byte
	for turn := 1; ; turn++ {
		j, ok := n.desk.next(turn, n.ctx.Done())
		if !ok {
			return
		}
		out = n.dispatch(j, out[:0])
	}
}

// dispatch hands a message to who has its address at the node. The answer is appended to out.
func (n *Node) dispatch(j job, out []byte) []byte {
	n.mu.Lock()
	result := n.core.Receive(n.now(), j.link, out, j.msg)
	record, tell := n.happened(result)
	n.arm()
	n.mu.Unlock()
	switch {
	case record != nil: // decrypted outside the node's lock
		record.deliver(n.ctx, j.link, j.msg)
	case result.Kind == node.Record: // it has ended meanwhile
		n.counters.CountDropped(router.UnknownAddress)
	}
	if len(result.Out) > 0 {
		n.answer(result.Link, result.Out) // m2, m3, a pong: what gets lost is repeated
	}
	if tell != nil {
		tell()
	}
	return result.Out
}
