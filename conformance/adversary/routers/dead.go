package routers

import (
	"bytes"
	"math/rand/v2"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// Dead returns what does not speak the protocol, or forwards nothing. None of it may pass anything.
func Dead() []conformance.Program {
	return []conformance.Program{
		dead("router-closes", "closes every connection at once", func(d *deadNode) {
			d.connected = func(c conformance.RouterConn) conformance.RouterAction {
				return conformance.RouterAction{Conn: c.Number, Close: true}
			}
		}),
		dead("router-silent", "never says anything", func(*deadNode) {}),
		dead("router-echo", "sends every piece back to where it came from", func(d *deadNode) {
			d.says = func(_ *deadNode, p []byte) []byte { return p }
		}),
		dead("router-random", "answers every piece with random bytes", func(d *deadNode) {
			d.says = func(d *deadNode, p []byte) []byte {
				b := make([]byte, len(p))
				_, _ = d.random.Read(b) // it does not fail
				return b
			}
		}),
		dead("router-text", "answers in text", func(d *deadNode) {
			d.says = func(*deadNode, []byte) []byte { return []byte("HTTP/1.1 400 Bad Request\r\n\r\n") }
		}),
		dead("router-hub", "copies every piece to all others, as it came", func(d *deadNode) { d.everyone = true }),
		dead("router-crash", "dies when something arrives", func(d *deadNode) { d.crashes = true }),
		program("router-pongs", "answers pings and forwards nothing", func(s *script) {
			s.relay = func(*node, origin, adversary.Message) {}
		}),
		program("router-reflects", "forwards everything to where it came from", func(s *script) {
			s.relay = func(n *node, from origin, m adversary.Message) { n.answer(from, m) }
		}),
		program("router-stale", "forwards the message before, each time that another one arrives", func(s *script) {
			var last []byte
			s.arrived = func(n *node, from origin, b []byte) {
				if last != nil {
					arrived(n, from, last)
				}
				last = bytes.Clone(b)
			}
		}),
	}
}

// A deadNode does one thing in answer to each event. A field that is nil does nothing, except that a connection is closed when the other
// end closes it.
type deadNode struct {
	connected func(c conformance.RouterConn) conformance.RouterAction
	says      func(d *deadNode, p []byte) []byte // in answer to a piece
	everyone  bool
	crashes   bool

	random  *rand.ChaCha8
	conns   []int
	sources []string
}

func dead(name, title string, compose func(d *deadNode)) conformance.Program {
	p := program(name, title, nil)
	p.StartRouter = func(_ conformance.Need, _ conformance.RouterAddresses, seed uint64) conformance.RouterNode {
		d := &deadNode{random: rand.NewChaCha8([32]byte{byte(seed), 1})}
		compose(d)
		return d
	}
	return p
}

// Connected is called for a connection.
func (d *deadNode) Connected(_ time.Duration, c conformance.RouterConn) conformance.RouterOutput {
	d.conns = append(d.conns, c.Number)
	if d.connected == nil {
		return conformance.RouterOutput{}
	}
	return does(d.connected(c))
}

// Refused does nothing: it dials nobody.
func (d *deadNode) Refused(time.Duration, string) conformance.RouterOutput {
	return conformance.RouterOutput{}
}

// Receive is called with bytes.
func (d *deadNode) Receive(_ time.Duration, conn int, p []byte) conformance.RouterOutput {
	return d.answer(conformance.RouterAction{Conn: conn}, p)
}

// ReceiveFrom is called with a datagram.
func (d *deadNode) ReceiveFrom(_ time.Duration, remote string, p []byte) conformance.RouterOutput {
	d.sources = append(d.sources, remote)
	return d.answer(conformance.RouterAction{To: remote}, p)
}

func (d *deadNode) answer(back conformance.RouterAction, p []byte) (out conformance.RouterOutput) {
	p = bytes.Clone(p)
	switch {
	case d.crashes:
		out.Crash = "dies"
	case d.everyone:
		for _, c := range d.conns {
			if c != back.Conn {
				out.Actions = append(out.Actions, conformance.RouterAction{Conn: c, Data: p})
			}
		}
		for _, s := range d.sources {
			if s != back.To {
				out.Actions = append(out.Actions, conformance.RouterAction{To: s, Data: p})
			}
		}
	case d.says != nil:
		back.Data = d.says(d, p)
		return does(back)
	}
	return out
}

// End closes the connection in answer.
func (d *deadNode) End(_ time.Duration, conn int, _ bool) conformance.RouterOutput {
	return does(conformance.RouterAction{Conn: conn, Close: true})
}

// Wake waits for nothing.
func (d *deadNode) Wake() (time.Duration, bool) { return 0, false }

// Expire is never called.
func (d *deadNode) Expire(time.Duration) conformance.RouterOutput { return conformance.RouterOutput{} }

func does(a conformance.RouterAction) conformance.RouterOutput {
	return conformance.RouterOutput{Actions: []conformance.RouterAction{a}}
}
