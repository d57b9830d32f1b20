package peers

import (
	"slices"
	"time"

	"ockamtest/conformance"
)

// A gate serves one connection of a node at a time; the others wait in line with what was sent to them.
type gate struct {
	node   conformance.Node
	linger time.Duration // how long a connection whose deadline has passed keeps the next one out
	free   time.Duration // when the next may be served
	served *gated
	line   []*gated
}

// Connect makes the machine of a connection, which may have to wait.
func (g *gate) Connect(local, remote string) conformance.Machine {
	return &gated{gate: g, machine: g.node.Connect(local, remote)}
}

// release lets the next in line in, when the gate is free.
func (g *gate) release(now time.Duration) {
	g.served = nil
	if len(g.line) > 0 {
		g.serve(now, g.line[0])
		g.line = g.line[1:]
	}
}

func (g *gate) serve(now time.Duration, m *gated) {
	g.served = m
	m.turn, m.called = max(now, g.free), true
}

// A gated machine waits for its turn.
type gated struct {
	gate    *gate
	machine conformance.Machine
	waiting []byte        // sent to it before its turn
	turn    time.Duration // when its turn came
	called  bool          // its turn came and it has not begun
}

// Start begins if nobody else is served.
func (m *gated) Start(now time.Duration) conformance.Output {
	if m.gate.served != nil {
		m.gate.line = append(m.gate.line, m)
		return conformance.Output{}
	}
	m.gate.serve(now, m)
	if m.turn > now {
		return conformance.Output{}
	}
	m.called = false
	return m.did(now, m.machine.Start(now))
}

// Receive keeps what comes before its turn.
func (m *gated) Receive(now time.Duration, p []byte) conformance.Output {
	if m.gate.served != m || m.called {
		m.waiting = append(m.waiting, p...)
		return conformance.Output{}
	}
	return m.did(now, m.machine.Receive(now, p))
}

// End lets the next one in.
func (m *gated) End(now time.Duration, orderly bool) conformance.Output {
	if m.gate.served != m || m.called {
		if m.gate.served == m {
			m.gate.release(now)
		}
		m.gate.line = slices.DeleteFunc(m.gate.line, func(other *gated) bool { return other == m })
		return conformance.Output{Close: true}
	}
	out := m.machine.End(now, orderly)
	m.gate.release(now)
	return out
}

// Wake returns when its turn came, until it has begun.
func (m *gated) Wake() (time.Duration, bool) {
	if m.gate.served != m {
		return 0, false
	}
	if m.called {
		return m.turn, true
	}
	return m.machine.Wake()
}

// Expire begins when its turn has come.
func (m *gated) Expire(now time.Duration) conformance.Output {
	if !m.called {
		out := m.machine.Expire(now)
		if ends(out) {
			m.gate.free = now + m.gate.linger
		}
		return m.did(now, out)
	}
	m.called = false
	out := m.machine.Start(now)
	if len(m.waiting) > 0 && !ends(out) {
		more := m.machine.Receive(now, m.waiting)
		more.Data = slices.Concat(out.Data, more.Data)
		out = more
	}
	return m.did(now, out)
}

func (m *gated) did(now time.Duration, out conformance.Output) conformance.Output {
	if m.gate.served == m && ends(out) {
		m.gate.release(now)
	}
	return out
}

// ends reports whether the machine has ended its connection.
func ends(out conformance.Output) bool { return out.Close || out.Reset || out.Crash != "" }
