package ref

import (
	"sync"

	"ockamtest/ref/wire"
)

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

func (o *openPorts) add(a wire.Address, p *port) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.byAddress[a] = p
}

// remove forgets a port, unless another has its place.
func (o *openPorts) remove(a wire.Address, p *port) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.byAddress[a] == p {
		delete(o.byAddress, a)
	}
}
