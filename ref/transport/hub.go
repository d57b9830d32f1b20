package transport

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"ockamtest/ref/wire"
)

// ErrInUse tells that another socket has the address.
var ErrInUse = errors.New("transport: address in use")

// DefaultHubQueue is how many datagrams wait at a socket of a Hub unless told otherwise.
const DefaultHubQueue = 128

// firstHubPort is the first port that a Hub chooses.
const firstHubPort = 49152

// A HubConfig configures a Hub. Its zero value is the defaults.
type HubConfig struct {
	// Limit is the longest datagram in bytes; 0 or more than UDP carries means what UDP carries (REC-010).
	Limit int
	// Queue is how many datagrams wait at a socket; those that come then are dropped. 0 means DefaultHubQueue.
	Queue int
}

// A Hub is a network in memory, between whose sockets datagrams go as over UDP (TRAN-024), at once and in order. Of its own accord it
// drops only what nobody listens for and what exceeds the bound of a queue; transport/sim has a network with faults. Its steady state
// allocates nothing. All waiting is on channels, so that it runs in virtual time (testing/synctest). It is safe for concurrent use.
type Hub struct {
	cfg HubConfig

	mu      sync.RWMutex
	sockets map[wire.Address]*hubSocket
	port    uint16 // chosen last
}

// NewHub returns a network without sockets.
func NewHub(cfg HubConfig) *Hub {
	cfg.Queue = orDefault(cfg.Queue, DefaultHubQueue)
	return &Hub{cfg: cfg, sockets: map[wire.Address]*hubSocket{}, port: firstHubPort - 1}
}

// Listen opens a socket at a numeric UDP address; port 0 lets the hub choose one. An address that is taken is ErrInUse.
func (h *Hub) Listen(address wire.Address) (PacketConn, error) {
	address = address.Canonical()
	if _, numeric := AddrPort(address); !numeric || address.Type() != wire.UDP {
		return nil, fmt.Errorf("listen: %w: %v", ErrAddress, address)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if address.Port() == 0 {
		address = h.choose(address)
	}
	if h.sockets[address] != nil {
		return nil, fmt.Errorf("listen: %w: %v", ErrInUse, address)
	}
	s := newHubSocket(h, address)
	h.sockets[address] = s
	return s, nil
}

// choose returns the address with a port that is free, if there is one. The caller holds mu.
func (h *Hub) choose(address wire.Address) wire.Address {
	for range 1<<16 - firstHubPort {
		h.port = max(h.port+1, firstHubPort)
		if address = address.WithPort(h.port); h.sockets[address] == nil {
			break
		}
	}
	return address
}

// find returns the socket at an address, nil if there is none.
func (h *Hub) find(address wire.Address) *hubSocket {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.sockets[address]
}

func (h *Hub) remove(address wire.Address) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.sockets, address)
}

// limit is the longest datagram to an address.
func (h *Hub) limit(address wire.Address) int {
	limit := DatagramLimit(address)
	if h.cfg.Limit > 0 {
		limit = min(limit, h.cfg.Limit)
	}
	return limit
}

// A datagram waits to be read.
type datagram struct {
	bytes []byte
	from  wire.Address
}

// A hubSocket is a socket of a Hub. Buffers go round: who sends takes one from free, the reader puts it back.
type hubSocket struct {
	hub   *Hub
	local wire.Address

	queue chan datagram // as long as there are buffers, so that sending on it never blocks
	free  chan []byte

	closing sync.Once
	closed  chan struct{}
}

func newHubSocket(h *Hub, local wire.Address) *hubSocket {
	s := &hubSocket{
		hub:    h,
		local:  local,
		queue:  make(chan datagram, h.cfg.Queue),
		free:   make(chan []byte, h.cfg.Queue),
		closed: make(chan struct{}),
	}
	for range h.cfg.Queue {
		s.free <- nil
	}
	return s
}

// ReadFrom implements PacketConn.
func (s *hubSocket) ReadFrom(ctx context.Context, p []byte) (int, wire.Address, error) {
	for {
		if err := s.ready(ctx); err != nil {
			return 0, wire.Address{}, err
		}
		select {
		case d := <-s.queue:
			n := copy(p, d.bytes)
			s.free <- d.bytes
			if n == len(d.bytes) { // TRAN-011: whole or not at all
				return n, d.from, nil
			}
		case <-s.closed:
		case <-ctx.Done():
		}
	}
}

// ready tells what keeps a call from starting.
func (s *hubSocket) ready(ctx context.Context) error {
	if isClosed(s.closed) {
		return ErrClosed
	}
	return ctx.Err()
}

// WriteTo implements PacketConn.
func (s *hubSocket) WriteTo(ctx context.Context, p []byte, to wire.Address) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	to = to.Canonical()
	if _, numeric := AddrPort(to); !numeric || to.Type() != wire.UDP || !to.Sendable() { // WIRE-013
		return fmt.Errorf("write: %w: %v", ErrAddress, to)
	}
	if limit := s.hub.limit(to); len(p) > limit {
		return fmt.Errorf("write: %w", tooLong(len(p), limit))
	}
	if other := s.hub.find(to); other != nil {
		other.deliver(s.local, p)
	}
	return nil
}

// deliver queues a datagram, or drops it.
func (s *hubSocket) deliver(from wire.Address, p []byte) {
	select {
	case buf := <-s.free:
		s.queue <- datagram{append(buf[:0], p...), from}
	default:
	}
}

// WriteBatchTo implements PacketConn.
func (s *hubSocket) WriteBatchTo(ctx context.Context, ps [][]byte, to wire.Address) (int, error) {
	for i, p := range ps {
		if err := s.WriteTo(ctx, p, to); err != nil {
			return i, err
		}
	}
	return len(ps), nil
}

// Limit implements PacketConn.
func (s *hubSocket) Limit() int { return s.hub.limit(s.local) }

// LocalAddress implements PacketConn.
func (s *hubSocket) LocalAddress() wire.Address { return s.local }

// Close implements PacketConn.
func (s *hubSocket) Close() error {
	s.closing.Do(func() {
		s.hub.remove(s.local)
		close(s.closed)
	})
	return nil
}
