package attach

import (
	"maps"
	"strings"
	"sync"

	"ockamtest/conformance"
)

// doors are where a process says that it listens: a router says it for each of its listeners. The zero doors are none. It is safe for
// concurrent use.
type doors struct {
	mu      sync.Mutex
	found   map[conformance.Transport]string // empty transport: of a line that names none
	changed chan struct{}                    // closed when the next one is found; nil if nobody waits
}

// add takes what follows "listening" in a line. What is no address is passed over.
func (d *doors) add(text string) {
	var transport conformance.Transport
	for _, t := range []conformance.Transport{conformance.TCP, conformance.UDP} {
		if rest, ok := strings.CutPrefix(text, string(t)+"://"); ok {
			transport, text = t, rest
		}
	}
	address, ok := dialAddress(text)
	if !ok {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.found == nil {
		d.found = map[conformance.Transport]string{}
	}
	if _, known := d.found[transport]; known {
		return // it has said so already
	}
	d.found[transport] = address
	if d.changed != nil {
		close(d.changed)
		d.changed = nil
	}
}

// all are the addresses found so far, for a process that was started for a transport, and a channel that is closed when there is another.
func (d *doors) all(started conformance.Transport) (map[conformance.Transport]string, <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := maps.Clone(d.found)
	if plain, ok := all[""]; ok {
		delete(all, "")
		if _, named := all[started]; !named {
			all[started] = plain
		}
	}
	if d.changed == nil {
		d.changed = make(chan struct{})
	}
	return all, d.changed
}
