package channel_test

import (
	"fmt"
	"slices"

	"ockamtest/ref/channel"
)

// A model is what a pair of channels ought to do, without any cryptography: section 6 and 7 as a table. It is a value; each command
// makes a new one.
type model struct {
	stream bool
	log    []sent     // everything that was sent, oldest first
	side   [2]party   // by role
	next   [2]int     // first message of the log that was not yet handed to that side in order
	last   expectance // of the command before
}

// A party is one side of a model.
type party struct {
	state    channel.State
	now      channel.Instant
	sent     int             // records
	arrived  uint64          // records that were delivered, a bit each
	misled   bool            // answered an m1 that was changed on the way
	due      channel.Instant // of the next repeat
	interval channel.Instant // 0: there is none
}

// A sent message, as the model sees it.
type sent struct {
	from     channel.Role
	kind     int // 1, 2, 3: handshake; 0: record
	n        int // of a record
	payload  string
	spurious bool // an m2 that answers a changed m1
}

// An expectance is what a command ought to bring: the event, the number of messages sent, whether there is an error, and the state.
type expectance struct {
	event   channel.Kind
	payload string
	replies int
	refused bool
	state   channel.State
}

// newModel is a pair whose m1 is under way.
func newModel(stream bool) model {
	m := model{stream: stream, log: []sent{{from: channel.Initiator, kind: 1}}}
	m.side[channel.Initiator].enter(channel.SentM1, stream)
	return m
}

// enter changes the state. An initiator on datagrams begins to repeat what it has sent (TRAN-014).
func (p *party) enter(state channel.State, stream bool) {
	p.state, p.interval = state, 0
	if !stream && p.now+500e6 < channel.DefaultDeadline {
		p.interval, p.due = 500e6, p.now+500e6
	}
}

// String is short: gopter prints it.
func (m model) String() string { return fmt.Sprintf("stream %v", m.stream) }

// emit appends to the log.
func (m *model) emit(s sent) { m.log = append(slices.Clip(m.log), s) }

// pending is the oldest message to a side that was not handed over yet, -1 if there is none.
func (m *model) pending(to channel.Role) int {
	for n := m.next[to]; n < len(m.log); n++ {
		if m.log[n].from != to {
			return n
		}
	}
	return -1
}

// deliver hands a message of the log, or a changed copy of it, to a side.
func (m *model) deliver(to channel.Role, n int, changed bool) {
	msg, p := m.log[n], &m.side[to]
	genuine := msg.from != to && !changed && !msg.spurious
	m.last = expectance{}
	switch {
	case p.state == channel.Closed || p.state == channel.Failed:
		m.last.refused = true // CHAN-004
	case to == channel.Responder && p.state == channel.Start && msg.kind == 1:
		// <- e, ee, s, es. NOISE: m1 is not authenticated; that it was changed shows in m2.
		p.state, p.misled = channel.SentM2, changed
		m.reply(sent{from: to, kind: 2, spurious: changed})
	case to == channel.Initiator && p.state == channel.SentM1 && msg.kind == 2 && genuine:
		// -> s, se
		p.enter(channel.Open, m.stream)
		m.last.event = channel.Opened
		m.reply(sent{from: to, kind: 3})
	case to == channel.Responder && p.state == channel.SentM2 && msg.kind == 3 && genuine && !p.misled:
		p.state = channel.Open
		m.last.event = channel.Opened
	case p.state == channel.Open && msg.kind == 0 && genuine && m.takes(p, msg.n):
		p.arrived |= 1 << msg.n
		p.interval = 0
		m.last.event, m.last.payload = channel.Delivered, msg.payload
	case !m.stream && to == channel.Responder && p.state == channel.SentM2 && msg.kind == 1 && changed == p.misled:
		m.reply(sent{from: to, kind: 2, spurious: changed}) // TRAN-014
	case !m.stream && to == channel.Initiator && p.state == channel.Open && msg.kind == 2 && genuine && p.arrived == 0:
		m.reply(sent{from: to, kind: 3}) // TRAN-014
	case p.state == channel.Open && msg.kind != 0:
		m.last.refused = true // CHAN-003
	default:
		m.last.refused = true // CHAN-001, REC-004, REC-007
		if m.stream {
			p.state = channel.Failed // section 6, REC-005
		}
	}
	m.last.state = p.state
}

// takes reports whether a party takes record n: the next on a stream, any that is new on datagrams. No sequence has a window's length.
func (m *model) takes(p *party, n int) bool {
	if m.stream {
		return p.arrived == 1<<n-1
	}
	return p.arrived&(1<<n) == 0
}

// pass is time that passes for a side.
func (m *model) pass(side channel.Role, d channel.Instant) {
	p := &m.side[side]
	p.now += d
	m.last = expectance{}
	switch waits := p.state < channel.Open; {
	case waits && p.now >= channel.DefaultDeadline:
		p.state, m.last.refused = channel.Failed, true // NOISE-013
	case side == channel.Initiator && p.state <= channel.Open && p.interval > 0 && p.now >= p.due && p.now < channel.DefaultDeadline:
		kind := 1
		if p.state == channel.Open {
			kind = 3
		}
		m.reply(sent{from: side, kind: kind})
		p.interval *= 2
		p.due = p.now + p.interval
	}
	m.last.state = p.state
}

func (m *model) reply(s sent) {
	m.emit(s)
	m.last.replies = 1
}

// send is a write of the application (CHAN-002).
func (m *model) send(from channel.Role, payload string) {
	p := &m.side[from]
	m.last = expectance{refused: p.state != channel.Open, state: p.state}
	if p.state == channel.Open {
		m.reply(sent{from: from, n: p.sent, payload: payload})
		p.sent++
	}
}

// shut closes a side.
func (m *model) shut(side channel.Role) {
	p := &m.side[side]
	if p.state != channel.Failed {
		p.state = channel.Closed
	}
	m.last = expectance{state: p.state}
}
