package node

// A queue is the half-open handshakes of a listener in the order of their start. The zero queue is empty.
type queue struct {
	oldest, newest *Channel
	length         int
}

// push adds a channel as the newest.
func (q *queue) push(c *Channel) {
	c.queued, c.older, c.newer = true, q.newest, nil
	if q.newest != nil {
		q.newest.newer = c
	} else {
		q.oldest = c
	}
	q.newest = c
	q.length++
}

// remove takes a channel out, which need not be in.
func (q *queue) remove(c *Channel) {
	if !c.queued {
		return
	}
	if c.older != nil {
		c.older.newer = c.newer
	} else {
		q.oldest = c.newer
	}
	if c.newer != nil {
		c.newer.older = c.older
	} else {
		q.newest = c.older
	}
	c.queued, c.older, c.newer = false, nil, nil
	q.length--
}
