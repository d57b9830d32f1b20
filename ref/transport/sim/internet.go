package sim

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// What callers of an Internet's sockets branch on, beside the errors of package transport.
var (
	// ErrRefused: nobody listens on the address, or too many wait to be accepted there.
	ErrRefused = errors.New("sim: connection refused")
	// ErrReset: the stream was broken, or the other end is closed and was written to.
	ErrReset = errors.New("sim: connection reset")
)

// firstPort is the first of the ports that the network chooses.
const firstPort = 49152

// An Internet is a Network that runs in time, with sockets on it. Time begins with New; between deliveries a timer runs and no
// goroutine. Under testing/synctest, where it has to be made in the bubble, its time is virtual.
type Internet struct {
	began time.Time

	mu        sync.Mutex // guards everything below, and what sockets have
	network   *Network
	timer     *time.Timer
	armed     bool
	wake      time.Duration // when the timer fires, if it is armed
	packets   map[wire.Address]*packetConn
	listeners map[wire.Address]*listener
	conns     map[pair]*conn          // by local and remote address
	ports     map[wire.Address]uint16 // last one chosen, by host
}

// New returns an Internet on which there is nobody.
func New(cfg Config) (*Internet, error) {
	network, err := NewNetwork(cfg)
	if err != nil {
		return nil, err
	}
	i := &Internet{
		began:     time.Now(),
		network:   network,
		packets:   map[wire.Address]*packetConn{},
		listeners: map[wire.Address]*listener{},
		conns:     map[pair]*conn{},
		ports:     map[wire.Address]uint16{},
	}
	i.timer = time.AfterFunc(time.Hour, i.fire)
	i.timer.Stop()
	return i, nil
}

// now is the network's time.
func (i *Internet) now() time.Duration { return time.Since(i.began) }

func (i *Internet) fire() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.armed = false
	i.step()
}

// step delivers what is due and sets the timer for what comes next. mu is held.
func (i *Internet) step() {
	for {
		at, ok := i.network.Next()
		if !ok {
			return
		}
		now := i.now()
		if at > now {
			if !i.armed || at < i.wake {
				i.armed, i.wake = true, at
				i.timer.Reset(at - now)
			}
			return
		}
		arrival, _ := i.network.Deliver()
		i.receive(arrival)
	}
}

// receive hands an arrival to whom it is for. mu is held.
func (i *Internet) receive(a Arrival) {
	if a.To.Type() == wire.UDP {
		if c := i.packets[a.To]; c != nil {
			c.box.push(a.From, a.Data)
		}
		return
	}
	if c := i.conns[pair{a.To, a.From}]; c != nil {
		c.receive(a)
		return
	}
	switch l := i.listeners[a.To]; {
	case a.Kind == Opened && l != nil && l.add(a.From):
		i.network.Open(i.now(), a.To, a.From)
	case a.Kind == Opened, a.Kind == Message: // nobody is there
		i.network.Abort(i.now(), a.To, a.From)
	}
}

// control changes the network, and lets it go on.
func (i *Internet) control(change func(now time.Duration)) {
	i.mu.Lock()
	defer i.mu.Unlock()
	change(i.now())
	i.step()
}

// SetPath is that of Network.
func (i *Internet) SetPath(from, to wire.Address, p Path) (err error) {
	i.control(func(time.Duration) { err = i.network.SetPath(from, to, p) })
	return err
}

// SetDefaultPath is that of Network.
func (i *Internet) SetDefaultPath(p Path) (err error) {
	i.control(func(time.Duration) { err = i.network.SetDefaultPath(p) })
	return err
}

// Partition is that of Network. side is called while the network is locked.
func (i *Internet) Partition(side func(host wire.Address) int) {
	i.control(func(now time.Duration) { i.network.Partition(now, side) })
}

// Cut is that of Network.
func (i *Internet) Cut(a, b wire.Address) {
	i.control(func(now time.Duration) { i.network.Cut(now, a, b) })
}

// Mend is that of Network.
func (i *Internet) Mend(a, b wire.Address) {
	i.control(func(now time.Duration) { i.network.Mend(now, a, b) })
}

// Break breaks the connection between two addresses, as Network does.
func (i *Internet) Break(a, b wire.Address) {
	i.control(func(now time.Duration) { i.network.Break(now, a, b) })
}

// Stats returns the counts so far.
func (i *Internet) Stats() Stats {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.network.Stats()
}

// bind checks an address to listen on, and chooses a port if it has none. mu is held.
func (i *Internet) bind(kind wire.AddressType, a wire.Address) (wire.Address, error) {
	a = a.Canonical()
	if _, numeric := transport.AddrPort(a); !numeric || a.Type() != kind || !a.WithPort(1).Sendable() {
		return a, fmt.Errorf("%w: %v", transport.ErrAddress, a)
	}
	if a.Port() != 0 {
		if i.used(a) {
			return a, fmt.Errorf("%w: %v", transport.ErrInUse, a)
		}
		return a, nil
	}
	host := hostOf(a)
	for range 1<<16 - firstPort {
		port := max(i.ports[host]+1, firstPort)
		i.ports[host] = port
		if a = a.WithPort(port); !i.used(a) {
			return a, nil
		}
	}
	return a, fmt.Errorf("%w: every port of %v", transport.ErrInUse, host)
}

func (i *Internet) used(a wire.Address) bool {
	return i.packets[a] != nil || i.listeners[a] != nil
}

// numeric checks an address to send to.
func numeric(kind wire.AddressType, a wire.Address) (wire.Address, error) {
	a = a.Canonical()
	if _, ok := transport.AddrPort(a); !ok || a.Type() != kind || !a.Sendable() {
		return a, fmt.Errorf("%w: %v", transport.ErrAddress, a)
	}
	return a, nil
}
