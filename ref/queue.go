package ref

import (
	"ockamtest/ref/channel"
	"ockamtest/ref/memory"
)

// DefaultQueue is how many bytes of received messages wait to be read on a channel on datagrams.
const DefaultQueue = 256 << 10

const (
	// parcelSize is the smallest buffer of a message, in bytes; larger ones are multiples of it.
	parcelSize = 512
	// spareBytes is how much a queue at rest keeps for the next messages.
	spareBytes = 16 << 10
	// spareParcels is for how many messages an empty queue keeps the places.
	spareParcels = 64
)

// A parcel is a message that waits to be read, in a buffer of its own.
type parcel struct {
	buf     []byte // from the allocator
	payload []byte // within buf
	routes  Routes
}

// A queue holds the messages of a channel on datagrams that were decrypted and not read yet. It is bounded: what comes while it is full is
// lost, as datagrams are, unless the carrier waits. Buffers come from the configured allocator, because messages are decrypted in them (MEM-001), and are used again.
type queue struct {
	memory memory.Allocator
	limit  int // bytes of buffers

	parcels []parcel // parcels[head:] wait
	head    int
	bytes   int // of their buffers
	spare   [][]byte
	spared  int // bytes
}

// buffer returns a buffer of at least n bytes for one message, which push or recycle takes back.
func (q *queue) buffer(n int) ([]byte, error) {
	for i := len(q.spare) - 1; i >= 0; i-- {
		if b := q.spare[i]; cap(b) >= n {
			last := len(q.spare) - 1
			q.spare[i], q.spare[last] = q.spare[last], nil
			q.spare, q.spared = q.spare[:last], q.spared-cap(b)
			return b, nil
		}
	}
	return q.memory.Allocate((max(1, n) + parcelSize - 1) / parcelSize * parcelSize)
}

// full reports whether what comes now is lost. One message always fits, whatever its length.
func (q *queue) full() bool { return q.bytes > 0 && q.bytes >= q.limit }

// push appends a message that was decrypted in buf, unless the queue is full.
func (q *queue) push(buf []byte, event channel.Event) bool {
	if q.full() {
		return false
	}
	if q.head > 0 && len(q.parcels) == cap(q.parcels) {
		n := copy(q.parcels, q.parcels[q.head:])
		clear(q.parcels[n:])
		q.parcels, q.head = q.parcels[:n], 0
	}
	q.parcels = append(q.parcels, parcel{buf, event.Payload, copyRoutes(event)})
	q.bytes += cap(buf)
	return true
}

// pop takes the oldest message. Its buffer goes to recycle.
func (q *queue) pop() (p parcel, ok bool) {
	if q.head == len(q.parcels) {
		return parcel{}, false
	}
	p, q.parcels[q.head] = q.parcels[q.head], parcel{}
	q.bytes -= cap(p.buf)
	if q.head++; q.head == len(q.parcels) {
		if q.parcels, q.head = q.parcels[:0], 0; cap(q.parcels) > spareParcels {
			q.parcels = nil
		}
	}
	return p, true
}

// recycle takes a buffer back, nil for none. Few are kept.
func (q *queue) recycle(buf []byte) {
	if buf == nil {
		return
	}
	if q.spared+cap(buf) > spareBytes {
		q.memory.Release(buf)
		return
	}
	q.spare = append(q.spare, buf)
	q.spared += cap(buf)
}

// release gives everything back.
func (q *queue) release() {
	for p, ok := q.pop(); ok; p, ok = q.pop() {
		q.memory.Release(p.buf)
	}
	for _, b := range q.spare {
		q.memory.Release(b)
	}
	*q = queue{memory: q.memory, limit: q.limit}
}
