package udp

import (
	"net/netip"
	"slices"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"ockamtest/ref/wire"
)

// A fakeKernel is sendmmsg and recvmmsg without a socket: it takes messages apart as the kernel does.
type fakeKernel struct {
	sent  [][]byte
	to    []wire.Address
	calls int
	// takes is how many messages a call handles at most; refuse fails the first message of a call.
	takes  int
	refuse func(size, run int) syscall.Errno
	waits  int // calls that would block

	queue []fakeMessage // received next
}

type fakeMessage struct {
	bytes   []byte
	from    netip.AddrPort
	segment int // not 0: joined
	flags   int32
}

// access is syscall.RawConn's, for a socket that is ready the second time.
func (k *fakeKernel) access(f func(fd uintptr) bool) error {
	for !f(0) {
	}
	return nil
}

func (k *fakeKernel) sendmmsg(_ uintptr, messages []unix.Mmsghdr) (int, syscall.Errno) {
	k.calls++
	if k.waits > 0 {
		k.waits--
		return -1, unix.EAGAIN
	}
	for i := range messages {
		if i == k.takes {
			return i, 0
		}
		h := &messages[i].Hdr
		vectors := unsafe.Slice(h.Iov, h.Iovlen)
		var all []byte
		for _, v := range vectors {
			all = append(all, unsafe.Slice(v.Base, v.Len)...)
		}
		size := len(all)
		if h.Control != nil {
			size = k.segment(unsafe.Slice(h.Control, h.Controllen))
		}
		if k.refuse != nil {
			if errno := k.refuse(size, len(vectors)); errno != 0 {
				if i > 0 {
					return i, 0
				}
				return -1, errno
			}
		}
		if len(all) == 0 {
			k.sent = append(k.sent, []byte{})
		}
		k.sent = slices.AppendSeq(k.sent, slices.Chunk(all, max(size, 1)))
		var to wire.Address
		if h.Name != nil {
			to = (*name)(unsafe.Pointer(h.Name)).address()
		}
		k.to = append(k.to, to)
	}
	return len(messages), 0
}

func (k *fakeKernel) segment(control []byte) int {
	h, data, _, err := unix.ParseOneSocketControlMessage(control)
	if err != nil || h.Level != unix.SOL_UDP || h.Type != unix.UDP_SEGMENT || len(data) != 2 {
		return -1
	}
	return int(*(*uint16)(unsafe.Pointer(&data[0])))
}

func (k *fakeKernel) recvmmsg(_ uintptr, messages []unix.Mmsghdr) (int, syscall.Errno) {
	k.calls++
	if k.waits > 0 {
		k.waits--
		return -1, unix.EAGAIN
	}
	n := min(len(messages), len(k.queue))
	if n == 0 {
		return -1, unix.ECONNRESET // nothing more in this test
	}
	for i, m := range k.queue[:n] {
		h := &messages[i].Hdr
		room := unsafe.Slice(h.Iov.Base, h.Iov.Len)
		messages[i].Len, h.Flags = uint32(copy(room, m.bytes)), m.flags
		family := unix.AF_INET
		if m.from.Addr().Is6() {
			family = unix.AF_INET6
		}
		h.Namelen = uint32((*name)(unsafe.Pointer(h.Name)).set(family, m.from))
		controls := unsafe.Slice(h.Control, h.Controllen)
		used := 0
		if m.segment != 0 {
			c := (*control)(unsafe.Pointer(h.Control))
			c.setSegment(0)
			head := (*unix.Cmsghdr)(unsafe.Pointer(c))
			head.Type = unix.UDP_GRO
			head.SetLen(unix.CmsgLen(4))
			*(*int32)(unsafe.Pointer(&controls[unix.CmsgLen(0)])) = int32(m.segment)
			used = unix.CmsgSpace(4)
		}
		h.SetControllen(used)
	}
	k.queue = k.queue[n:]
	return n, 0
}

func noDeadline(time.Time) error { return nil }

func (k *fakeKernel) sender(family int, connected, splits bool) *batchSender {
	return newBatchSender(newBatchCall(k.access, noDeadline, k.sendmmsg), family, connected, splits)
}
