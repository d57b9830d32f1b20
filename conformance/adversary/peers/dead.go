package peers

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"time"

	"ockamtest/conformance"
)

// Dead returns peers that do not speak the protocol. None of them may pass anything.
func Dead() []conformance.Program {
	all := withProfiles(everyProfile(),
		dead("close", "closes at once", func(d *deadMachine) {
			d.start = func(*deadMachine) conformance.Output { return conformance.Output{Close: true} }
		}),
		dead("reset", "resets at once", func(d *deadMachine) {
			d.start = func(*deadMachine) conformance.Output { return conformance.Output{Reset: true} }
		}),
		dead("silent", "never says anything", func(*deadMachine) {}),
		dead("silent-and-deaf", "never says anything and does not close", func(d *deadMachine) {
			d.end = func(*deadMachine) conformance.Output { return conformance.Output{} }
		}),
		dead("raw-echo", "sends back the bytes that it gets", func(d *deadMachine) {
			d.receive = func(_ *deadMachine, p []byte) conformance.Output { return says(p) }
		}),
		dead("random", "sends random bytes", func(d *deadMachine) {
			d.start = func(d *deadMachine) conformance.Output { return says(d.noise(64)) }
			d.receive = func(d *deadMachine, p []byte) conformance.Output { return says(d.noise(len(p))) }
		}),
		dead("dripping", "sends one random byte each second", func(d *deadMachine) {
			d.period = time.Second
			d.tick = func(d *deadMachine) conformance.Output { return says(d.noise(1)) }
		}),
		dead("last-message-echo", "answers with what it got the time before", func(d *deadMachine) {
			var last []byte
			d.receive = func(_ *deadMachine, p []byte) conformance.Output {
				out := says(last)
				last = bytes.Clone(p)
				return out
			}
		}),
		dead("closes-after-message", "closes when something arrives", func(d *deadMachine) {
			d.receive = func(*deadMachine, []byte) conformance.Output { return conformance.Output{Close: true} }
		}),
		dead("text", "answers in text", func(d *deadMachine) {
			d.receive = func(*deadMachine, []byte) conformance.Output {
				return conformance.Output{Data: [][]byte{[]byte("HTTP/1.1 400 Bad Request\r\n\r\n")}, Close: true}
			}
		}),
		program("crash", "dies when something arrives", altered(func(s *script) {
			s.receive = func(c *conn, _ []byte) { c.out.Crash = "dies" }
			s.began = func(*conn) {}
		})),
		program("garbage-tags", "makes messages that look right, with random bytes for keys and ciphertexts", altered(garbage)),
		program("deaf", "completes handshakes and does not echo", altered(func(s *script) {
			s.deliver = func(*conn, message) {}
		})),
	)
	for i := range all {
		all[i] = inTunnels(all[i])
	}
	return all
}

// garbage sends messages of the right type and length.
func garbage(s *script) {
	s.began = func(c *conn) {
		if c.initiator() {
			c.post(kindM1, c.noise(32))
		}
	}
	s.arrived = func(c *conn, f []byte) {
		m, ok := c.outer.parse(f)
		switch {
		case ok && m.kind == kindM1:
			c.post(kindM2, c.noise(96))
		case ok && m.kind == kindM2:
			c.post(kindM3, c.noise(64))
			c.post(kindPayload, c.noise(25))
		default:
			c.push(c, c.noise(len(f)))
		}
	}
}

func (c *conn) noise(n int) []byte {
	b := make([]byte, n)
	_, _ = c.node.random.Read(b) // it does not fail
	return b
}

// A deadMachine does one thing in answer to each event. A field that is nil does nothing, except that a connection is closed when
// the other end closes it.
type deadMachine struct {
	random  *rand.ChaCha8
	now     time.Duration
	period  time.Duration // between ticks
	start   func(d *deadMachine) conformance.Output
	receive func(d *deadMachine, p []byte) conformance.Output
	end     func(d *deadMachine) conformance.Output
	tick    func(d *deadMachine) conformance.Output
	over    bool
}

func dead(name, title string, compose func(d *deadMachine)) conformance.Program {
	p := program(name, title, func(_ conformance.Need, seed uint64) conformance.Node {
		var s [32]byte
		binary.LittleEndian.PutUint64(s[:], seed)
		return deadNode{rand.NewChaCha8(s), compose}
	})
	p.HandshakeDeadline = 0
	return p
}

type deadNode struct {
	random  *rand.ChaCha8
	compose func(d *deadMachine)
}

// Connect makes the machine of a new connection.
func (n deadNode) Connect(_, _ string) conformance.Machine {
	d := &deadMachine{random: n.random}
	n.compose(d)
	return d
}

// Start is called at the beginning.
func (d *deadMachine) Start(now time.Duration) conformance.Output {
	d.now = now
	if d.start == nil {
		return conformance.Output{}
	}
	return d.did(d.start(d))
}

// Receive is called with bytes.
func (d *deadMachine) Receive(now time.Duration, p []byte) conformance.Output {
	if d.receive == nil || d.over {
		return conformance.Output{}
	}
	return d.did(d.receive(d, p))
}

// End is called at the end.
func (d *deadMachine) End(time.Duration, bool) conformance.Output {
	if d.end == nil {
		return d.did(conformance.Output{Close: true})
	}
	return d.did(d.end(d))
}

// Wake returns the time of the next tick.
func (d *deadMachine) Wake() (time.Duration, bool) { return d.now + d.period, d.tick != nil && !d.over }

// Expire is called at that time.
func (d *deadMachine) Expire(now time.Duration) conformance.Output {
	if d.tick == nil || d.over || now < d.now+d.period {
		return conformance.Output{}
	}
	d.now = now
	return d.did(d.tick(d))
}

func (d *deadMachine) did(out conformance.Output) conformance.Output {
	d.over = d.over || ends(out)
	return out
}

func (d *deadMachine) noise(n int) []byte {
	b := make([]byte, n)
	_, _ = d.random.Read(b) // it does not fail
	return b
}

func says(p []byte) conformance.Output {
	if len(p) == 0 {
		return conformance.Output{}
	}
	return conformance.Output{Data: [][]byte{bytes.Clone(p)}}
}
