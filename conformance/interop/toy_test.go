package interop

import (
	"crypto/rand"
	"encoding/binary"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// A toy has the outside of a v1 peer and no cryptography: two of them agree on anything. So what is wrong between two toys only the relay can find.
// The zero toy does nothing that shows.
type toy struct {
	m1, m2, m3   int                        // bytes beside those of the profile
	record       func(n int) []byte         // the n-th record of a side; nil: random ones of one length
	ephemeral    []byte                     // of every handshake; nil: random
	answers      func(n int) int            // how often the n-th record is answered; nil: once
	repeats      int                        // how often m1 is sent once more on datagrams
	renews       bool                       // an m2 for a repeated m1 has another ephemeral key
	early        bool                       // the initiator sends a record with m1
	envelope     func(m *adversary.Message) // changes what is sent
	mute         map[kind]bool              // messages that are not sent
	closes       kind                       // the connection is closed in the place of this message; 0: never
	repeatsM3    int                        // how often m3 is sent once more
	repeatPeriod time.Duration              // of both
}

// program is a program of that toy.
func (t toy) program(name string) conformance.Program {
	return conformance.Program{
		Name: name, Title: "a toy", Roles: []conformance.Role{conformance.Responder, conformance.Initiator},
		Profiles: []string{"v1"}, Transports: []conformance.Transport{conformance.Mem, conformance.UDP},
		Start: func(need conformance.Need, _ uint64) conformance.Node { return &toyNode{t, need} },
	}
}

type toyNode struct {
	toy
	need conformance.Need
}

func (n *toyNode) Connect(_, remote string) conformance.Machine {
	kind := wire.TCP
	if n.need.Transport == conformance.UDP {
		kind = wire.UDP
	}
	to, _ := adversary.TransportAddress(kind, remote)
	return &toyMachine{toyNode: n, to: to}
}

type toyMachine struct {
	*toyNode
	to       adversary.Address
	in       []byte
	m1, m2   []byte // as sent
	m3       []byte
	records  int
	answered bool // m2 has come
	due      time.Duration
	left, l3 int
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

func (m *toyMachine) message(t wire.Type, body []byte) []byte {
	w := adversary.Message{Onward: adversary.Route{m.to}, Type: t, Body: body}
	if m.envelope != nil {
		m.envelope(&w)
	}
	b := w.Bytes()
	if m.need.Transport == conformance.TCP {
		b = adversary.Frame(b)
	}
	return b
}

// out is an output of messages, without those that the toy does not send.
func (m *toyMachine) out(k kind, messages ...[]byte) conformance.Output {
	if m.closes == k && k != control {
		return conformance.Output{Close: true}
	}
	if m.mute[k] {
		return conformance.Output{}
	}
	return conformance.Output{Data: messages}
}

func (m *toyMachine) key(n int) []byte {
	b := random(n)
	copy(b, m.ephemeral)
	return b
}

func (m *toyMachine) Start(now time.Duration) conformance.Output {
	if m.need.Role == conformance.Responder {
		return conformance.Output{}
	}
	m.m1 = m.message(wire.M1, m.key(32+m.toy.m1))
	m.left, m.due = m.repeats, now+m.repeatPeriod
	out := m.out(m1, m.m1)
	if m.early {
		out.Data = append(out.Data, m.next())
	}
	return out
}

// next is the next record.
func (m *toyMachine) next() []byte {
	m.records++
	if m.record != nil {
		return m.message(wire.Payload, m.record(m.records))
	}
	return m.message(wire.Payload, random(25))
}

func (m *toyMachine) Receive(now time.Duration, p []byte) conformance.Output {
	if m.need.Transport == conformance.UDP {
		return m.take(now, p)
	}
	var all conformance.Output
	m.in = append(m.in, p...)
	for len(m.in) >= 2 && len(m.in) >= 2+int(binary.BigEndian.Uint16(m.in)) {
		n := 2 + int(binary.BigEndian.Uint16(m.in))
		out := m.take(now, m.in[2:n])
		m.in = m.in[n:]
		all.Data = append(all.Data, out.Data...)
		all.Close = all.Close || out.Close
	}
	return all
}

func (m *toyMachine) take(now time.Duration, p []byte) conformance.Output {
	w, err := wire.Parse(wire.Dialect(v1().HandshakeEnvelope()), p)
	initiator := m.need.Role == conformance.Initiator
	switch {
	case err != nil:
	case w.Type == wire.M1 && !initiator:
		if m.m2 == nil || m.renews {
			m.m2 = m.message(wire.M2, m.key(96+m.toy.m2))
		}
		return m.out(m2, m.m2)
	case w.Type == wire.M2 && initiator:
		first := !m.answered
		m.answered, m.left = true, 0
		if !first {
			return m.out(m3, m.m3)
		}
		m.m3 = m.message(wire.M3, random(64+m.toy.m3))
		m.l3, m.due = m.repeatsM3, now+m.repeatPeriod
		out := m.out(m3, m.m3)
		if !out.Close {
			out.Data = append(out.Data, m.out(record, m.next()).Data...)
		}
		return out
	case w.Type == wire.M3 && !initiator:
		m.answered = true
	case w.Type == wire.Payload && m.answered:
		m.l3 = 0
		n := 1
		if m.answers != nil {
			n = m.answers(m.records + 1)
		}
		var all conformance.Output
		for range n {
			out := m.out(record, m.next())
			all.Data, all.Close = append(all.Data, out.Data...), out.Close
		}
		return all
	}
	return conformance.Output{}
}

func (m *toyMachine) End(time.Duration, bool) conformance.Output {
	return conformance.Output{Close: true}
}

func (m *toyMachine) Wake() (time.Duration, bool) { return m.due, m.left+m.l3 > 0 }

func (m *toyMachine) Expire(now time.Duration) conformance.Output {
	m.due = now + m.repeatPeriod
	if m.left > 0 {
		m.left--
		return m.out(m1, m.m1)
	}
	m.l3--
	return m.out(m3, m.m3)
}

func v1() *profile.Profile {
	p := profile.V1()
	return &p
}
