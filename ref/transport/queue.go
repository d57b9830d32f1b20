package transport

import "encoding/binary"

const (
	// queueHeader is the length of a message in front of it, big-endian; messages are at most MaxFrame bytes.
	queueHeader = 2
	// queueAtFirst is the ring of a queue's first message, if that fits; many sources send no second one.
	queueAtFirst = 512
	// queueAtRest is the largest ring that an empty queue keeps.
	queueAtRest = 4096
	// outside: no message is being read.
	outside = -1
)

// A queue holds messages in order, each behind its length, in one ring of bytes that grows up to a bound. It gives them out in parts
// (IO-002). It is not safe for concurrent use.
type queue struct {
	messages, bytes int // bounds; headers count as bytes

	ring  []byte
	head  int // of ring: the first byte held
	held  int // bytes
	count int // messages, the one that is being read included
	left  int // bytes of the message that is being read, or outside
}

func newQueue(messages, bytes int) queue {
	return queue{messages: messages, bytes: max(bytes, queueHeader+MaxFrame), left: outside}
}

// push adds a message, false if there is no room for it.
func (q *queue) push(msg []byte) bool {
	need := q.held + queueHeader + len(msg)
	if q.count == q.messages || need > q.bytes {
		return false
	}
	if need > len(q.ring) {
		q.grow(need)
	}
	var length [queueHeader]byte
	binary.BigEndian.PutUint16(length[:], uint16(len(msg)))
	q.put(length[:])
	q.put(msg)
	q.count++
	return true
}

// grow makes a ring for need bytes.
func (q *queue) grow(need int) {
	ring := make([]byte, min(max(need, 2*len(q.ring), queueAtFirst), q.bytes))
	held := q.held
	q.take(ring[:held])
	q.ring, q.head, q.held = ring, 0, held
}

// pop reads the next part of a message into p; more tells that p is full and the message goes on. ok is false if there is no message.
func (q *queue) pop(p []byte) (n int, more, ok bool) {
	if q.count == 0 {
		return 0, false, false
	}
	if q.left == outside {
		var length [queueHeader]byte
		q.take(length[:])
		q.left = int(binary.BigEndian.Uint16(length[:]))
	}
	n = min(q.left, len(p))
	q.take(p[:n])
	if q.left -= n; q.left > 0 {
		return n, true, true
	}
	q.left = outside
	if q.count--; q.count == 0 && len(q.ring) > queueAtRest {
		q.ring, q.head = nil, 0
	}
	return n, false, true
}

// put adds bytes, for which there is room.
func (q *queue) put(b []byte) {
	if len(b) == 0 {
		return
	}
	n := copy(q.ring[q.at(q.held):], b)
	copy(q.ring, b[n:])
	q.held += len(b)
}

// take fills b with the first bytes held and removes them.
func (q *queue) take(b []byte) {
	if len(b) == 0 {
		return
	}
	n := copy(b, q.ring[q.head:])
	copy(b[n:], q.ring)
	q.head = q.at(len(b))
	q.held -= len(b)
}

// at is the place in the ring that is n bytes after the head.
func (q *queue) at(n int) int { return (q.head + n) % len(q.ring) }
