package sim

import "ockamtest/ref/wire"

const (
	// DefaultBuffer is how many bytes wait to be read at a socket, unless told otherwise.
	DefaultBuffer = 256 << 10
	// letterCost is what a message adds to its bytes.
	letterCost = 64
	// spareBuffers is how many buffers a mailbox keeps for the next messages.
	spareBuffers = 16
)

// A letter is a message that waits to be read.
type letter struct {
	from wire.Address
	data []byte
}

func cost(n int) int { return n + letterCost }

// A mailbox holds what has arrived at a socket, in order. It is guarded by the Internet's lock, but for arrived.
type mailbox struct {
	bound   int           // of held; what goes beyond is dropped; 0 is no bound
	arrived chan struct{} // holds a token when there may be something new

	letters []letter // letters[first:] wait
	first   int
	held    int // cost of those
	spare   [][]byte
}

func newMailbox(bound int) mailbox { return mailbox{bound: bound, arrived: make(chan struct{}, 1)} }

// push adds a copy of a message if there is room.
func (m *mailbox) push(from wire.Address, data []byte) {
	if m.bound > 0 && m.held > 0 && m.held+cost(len(data)) > m.bound {
		return
	}
	var buf []byte
	if last := len(m.spare) - 1; last >= 0 {
		buf, m.spare = m.spare[last], m.spare[:last]
	}
	if m.first > 0 && len(m.letters) == cap(m.letters) {
		m.letters = m.letters[:copy(m.letters, m.letters[m.first:])]
		m.first = 0
	}
	m.letters = append(m.letters, letter{from, append(buf[:0], data...)})
	m.held += cost(len(data))
	m.notify()
}

// notify wakes the reader.
func (m *mailbox) notify() { signal(m.arrived) }

// pop takes the first message, whose data go to recycle.
func (m *mailbox) pop() (letter, bool) {
	if m.first == len(m.letters) {
		return letter{}, false
	}
	l := m.letters[m.first]
	m.letters[m.first] = letter{}
	if m.first++; m.first == len(m.letters) {
		m.letters, m.first = m.letters[:0], 0
	}
	m.held -= cost(len(l.data))
	return l, true
}

// recycle takes back the data of a message that was read.
func (m *mailbox) recycle(data []byte) {
	if len(m.spare) < spareBuffers && data != nil {
		m.spare = append(m.spare, data)
	}
}

// clear drops everything and returns what it cost.
func (m *mailbox) clear() int {
	held := m.held
	m.letters, m.first, m.held, m.spare = nil, 0, 0, nil
	return held
}

// signal puts a token into a channel that holds one.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
