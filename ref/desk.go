package ref

import (
	"bytes"
	"sync"

	"ockamtest/ref/router"
	"ockamtest/ref/wire"
)

// deskQueue is how many messages of a kind wait for the desk; what comes while it is full is lost.
const deskQueue = 256

// A desk is where a node's own messages wait: handshakes, pings, messages for workers. One goroutine works them off, so that a flood of
// handshakes, each of which costs a fraction of a millisecond, holds up neither open channels nor what is forwarded (TRAN-023, REC-012).
type desk struct {
	metrics router.Metrics
	known   chan job // for a local address, which only those know who were told
	anybody chan job // for the node; they come second
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

// work works off the desk until the node closes.
func (n *Node) work() {
	var out []byte
	for {
		var j job
		select {
		case j = <-n.desk.known:
		default:
			select {
			case j = <-n.desk.known:
			case j = <-n.desk.anybody:
			case <-n.ctx.Done():
				return
			}
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
	if record != nil { // decrypted outside the node's lock
		record.deliver(n.ctx, j.link, j.msg)
	}
	if tell != nil {
		tell()
	}
	if len(result.Out) > 0 {
		_ = n.send(n.ctx, result.Link, result.Out) // m2, m3, a pong: what gets lost is repeated
	}
	return result.Out
}

// A receivedBefore counts what became of messages that a receiver has counted as received.
type receivedBefore struct{ router.Metrics }

// CountReceived implements router.Metrics.
func (receivedBefore) CountReceived() {}

// openPorts are the ports of open channels by their own local address, for receivers that look one up for each record.
type openPorts struct {
	mu        sync.RWMutex
	byAddress map[wire.Address]*port // guarded by mu
}

func (o *openPorts) get(a wire.Address) *port {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.byAddress[a]
}

func (o *openPorts) set(a wire.Address, p *port) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if p == nil {
		delete(o.byAddress, a)
	} else {
		o.byAddress[a] = p
	}
}
