package sim

import (
	"time"

	"ockamtest/ref/wire"
)

// A pair is two addresses, from and to.
type pair struct{ from, to wire.Address }

// A flow is what goes from one address to another.
type flow struct {
	pair
	key    uint64
	stream bool
	count  uint64        // messages sent
	latest uint64        // of those delivered, the one that was sent last, counted from 1
	free   time.Duration // when the path has passed what was sent so far
	last   time.Duration // when the last of a stream arrives

	// What holds between the hosts, as of this version of the topology.
	version uint64
	path    Path
	apart   bool
	held    []uint32 // packets of a stream that wait for the end of a partition
}

// dice are those of the n-th message.
func (f *flow) dice(n uint64) dice { return dice(mix(f.key + n*golden)) }

// depart returns when n bytes that are sent now have left, false if too much is waiting.
func (f *flow) depart(now time.Duration, n int) (time.Duration, bool) {
	if f.path.Rate == 0 {
		return now, true
	}
	start := max(now, f.free)
	if !f.stream && start-now > f.path.Backlog {
		return 0, false
	}
	f.free = start + time.Duration(n)*time.Second/time.Duration(f.path.Rate)
	return f.free, true
}
