package sim

import "time"

// An event is the arrival of a packet. What arrives at one time is in an order that depends on addresses alone, between two addresses in
// the order of sending.
type event struct {
	at    time.Duration
	flow  uint64 // key of the flow
	order uint64 // in the flow
	slot  uint32 // of the packet
}

func (e event) before(f event) bool {
	if e.at != f.at {
		return e.at < f.at
	}
	if e.flow != f.flow {
		return e.flow < f.flow
	}
	return e.order < f.order
}

// A schedule is a queue of events, the earliest first: a heap in which a node has four children.
type schedule []event

func (s *schedule) push(e event) {
	h := append(*s, e)
	i := len(h) - 1
	for i > 0 {
		parent := (i - 1) / 4
		if !e.before(h[parent]) {
			break
		}
		h[i] = h[parent]
		i = parent
	}
	h[i] = e
	*s = h
}

// pop takes the earliest event of a schedule that is not empty.
func (s *schedule) pop() event {
	h := *s
	first, last := h[0], h[len(h)-1]
	h = h[:len(h)-1]
	if len(h) > 0 {
		h.sink(0, last)
	}
	*s = h
	return first
}

// sink puts e at node i, or below it, whose event is overwritten.
func (s schedule) sink(i int, e event) {
	for {
		least := 4*i + 1
		if least >= len(s) {
			break
		}
		for child := least + 1; child < min(4*i+5, len(s)); child++ {
			if s[child].before(s[least]) {
				least = child
			}
		}
		if !s[least].before(e) {
			break
		}
		s[i] = s[least]
		i = least
	}
	s[i] = e
}

// remove takes out every event for which unwanted returns true.
func (s *schedule) remove(unwanted func(event) bool) {
	h := (*s)[:0]
	for _, e := range *s {
		if !unwanted(e) {
			h = append(h, e)
		}
	}
	for i := (len(h) - 2) / 4; i >= 0 && len(h) > 1; i-- {
		h.sink(i, h[i])
	}
	*s = h
}
