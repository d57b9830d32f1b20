package udp

import (
	"context"
	"errors"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// maxSegments and maxJoined bound a message that the kernel splits (UDP_SEGMENT): in datagrams and in bytes.
	maxSegments = 64
	maxJoined   = 65507
	// maxMessages and maxVectors bound a system call: in messages and in datagrams.
	maxMessages = 64
	maxVectors  = 128
)

// A batchSender sends several messages with a system call, each a datagram or a run of datagrams that the kernel splits.
type batchSender struct {
	call      *batchCall
	family    int
	connected bool
	// longest is the length of datagrams up to which runs are sent: more than one network interface on the way can cut them to size. 0 is
	// none: the kernel or an interface has refused them.
	longest int

	name     name
	messages [maxMessages]unix.Mmsghdr
	controls [maxMessages]control
	runs     [maxMessages]int // datagrams in a message
	vectors  [maxVectors]unix.Iovec
}

func newBatchSender(call *batchCall, family int, connected, splits bool) *batchSender {
	s := &batchSender{call: call, family: family, connected: connected}
	if splits {
		s.longest = maxJoined
	}
	return s
}

func (s *batchSender) send(ctx context.Context, ps [][]byte, to netip.AddrPort) (int, error) {
	namelen := 0
	if !s.connected {
		namelen = s.name.set(s.family, to)
	}
	for {
		count, vectors := s.fill(ps, namelen)
		n, err := s.call.do(ctx, s.messages[:count])
		clear(s.vectors[:vectors]) // ps is the caller's
		sent := 0
		for _, run := range s.runs[:n] {
			sent += run
		}
		if err == nil || s.runs[0] == 1 || !s.refused(err, len(ps[0])) {
			return sent, err
		}
	}
}

// refused tells whether a run of datagrams of size bytes may be sent one by one, and that this is learnt. A network interface that cannot
// compute checksums is EIO; one whose packets are shorter than the datagrams is EINVAL, or EMSGSIZE from newer kernels.
func (s *batchSender) refused(err error, size int) bool {
	switch {
	case errors.Is(err, unix.EIO), errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.ENOPROTOOPT):
		s.longest = 0
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.EMSGSIZE):
		s.longest = size - 1
	default:
		return false
	}
	return true
}

// fill writes messages for the first of ps, as many as fit, and returns how many messages and vectors.
func (s *batchSender) fill(ps [][]byte, namelen int) (count, vectors int) {
	for count < maxMessages && len(ps) > 0 && vectors < maxVectors {
		run := runLength(ps[:min(len(ps), maxVectors-vectors)], s.longest)
		first := vectors
		for _, p := range ps[:run] {
			s.vectors[vectors].Base = unsafe.SliceData(p)
			s.vectors[vectors].SetLen(len(p))
			vectors++
		}
		h := &s.messages[count].Hdr
		*h = unix.Msghdr{Iov: &s.vectors[first], Namelen: uint32(namelen)}
		h.SetIovlen(run)
		if namelen > 0 {
			h.Name = &s.name[0]
		}
		if run > 1 {
			h.Control = &s.controls[count].bytes()[0]
			h.SetControllen(s.controls[count].setSegment(len(ps[0])))
		}
		s.runs[count] = run
		count++
		ps = ps[run:]
	}
	return count, vectors
}

// runLength is how many of the first of ps, one at least, the kernel can make of one message: all as long as the first but for the last,
// which may be shorter, and none of them empty.
func runLength(ps [][]byte, longest int) int {
	size := len(ps[0])
	if size == 0 || size > longest {
		return 1
	}
	n, total := 1, size
	for n < min(len(ps), maxSegments) {
		next := len(ps[n])
		if next == 0 || next > size || total+next > maxJoined {
			break
		}
		total += next
		n++
		if next < size {
			break
		}
	}
	return n
}
