package udp

import (
	"context"

	"golang.org/x/sys/unix"

	"ockamtest/ref/wire"
)

// joinedSize holds all that the kernel joins (UDP_GRO): one IP packet.
const joinedSize = 1 << 16

// A batchReceiver receives several messages with a system call, each a datagram or a run of datagrams of one source that the kernel joined.
type batchReceiver struct {
	call *batchCall

	// Made when they are used first; the same index belongs together.
	messages []unix.Mmsghdr
	slots    []slot
	buf      []byte
	size     int // of buf that each message has

	// What is read ahead.
	count, index int    // messages received, and those that were begun
	rest         []byte // of the message begun last, what is left; nil if nothing is
	segment      int    // of rest
	from         wire.Address
}

// A slot is what the kernel fills of a message, beside the bytes.
type slot struct {
	control control
	vector  unix.Iovec
	name    name
}

// newBatchReceiver makes a receiver. A message has room for one byte more than the limit, so that a longer datagram shows (TRAN-011).
func newBatchReceiver(call *batchCall, limit, readAhead int, joins bool) *batchReceiver {
	size := limit + 1
	if joins {
		size = max(size, joinedSize)
	}
	return &batchReceiver{call: call, size: size, slots: make([]slot, readAhead)}
}

// prepare makes the buffers and ties them together.
func (r *batchReceiver) prepare() {
	r.buf = make([]byte, len(r.slots)*r.size)
	r.messages = make([]unix.Mmsghdr, len(r.slots))
	for i := range r.slots {
		s, h := &r.slots[i], &r.messages[i].Hdr
		s.vector.Base = &r.buf[i*r.size]
		s.vector.SetLen(r.size)
		h.Iov = &s.vector
		h.SetIovlen(1)
		h.Name = &s.name[0]
		h.Control = &s.control.bytes()[0]
	}
	r.count = len(r.slots)
}

func (r *batchReceiver) receive(ctx context.Context) error {
	if r.buf == nil {
		r.prepare()
	}
	for i := range r.messages[:r.count] { // the kernel has written how much of the room it used
		h := &r.messages[i].Hdr
		h.Namelen = uint32(len(r.slots[i].name))
		h.SetControllen(len(r.slots[i].control.bytes()))
	}
	n, err := r.call.do(ctx, r.messages)
	r.count, r.index = n, 0
	return err
}

func (r *batchReceiver) next() (b []byte, from wire.Address, ok bool) {
	for r.rest == nil {
		if r.index == r.count {
			return nil, wire.Address{}, false
		}
		r.begin(r.index)
		r.index++
	}
	b = r.rest[:min(r.segment, len(r.rest))]
	if r.rest = r.rest[len(b):]; len(r.rest) == 0 {
		r.rest = nil
	}
	return b, r.from, true
}

// begin makes a message the current one, unless the kernel cut it (TRAN-011).
func (r *batchReceiver) begin(i int) {
	m := &r.messages[i]
	if m.Hdr.Flags&unix.MSG_TRUNC != 0 {
		return
	}
	r.rest = r.buf[i*r.size:][:m.Len]
	r.segment = segment(r.slots[i].control.bytes()[:m.Hdr.Controllen])
	if r.segment == 0 {
		r.segment = len(r.rest)
	}
	r.from = r.slots[i].name.address()
}
