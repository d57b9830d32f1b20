package transport

// An order is a list of sources. The one in front is the next to give way. The zero order is empty.
type order struct {
	front, back *source
	len         int
}

// add appends a source that is in no order.
func (o *order) add(c *source) {
	c.in, c.prev, c.next = o, o.back, nil
	if o.back == nil {
		o.front = c
	} else {
		o.back.next = c
	}
	o.back = c
	o.len++
}

// remove takes out a source that is in o.
func (o *order) remove(c *source) {
	if c.prev == nil {
		o.front = c.next
	} else {
		c.prev.next = c.next
	}
	if c.next == nil {
		o.back = c.prev
	} else {
		c.next.prev = c.prev
	}
	c.in, c.prev, c.next = nil, nil, nil
	o.len--
}
