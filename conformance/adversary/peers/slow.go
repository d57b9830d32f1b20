package peers

import (
	"time"

	"ockamtest/conformance"
)

// A slowNode does everything later.
type slowNode struct {
	node conformance.Node
	by   time.Duration
}

// Connect makes the machine of a new connection.
func (n *slowNode) Connect(local, remote string) conformance.Machine {
	return &slowMachine{machine: n.node.Connect(local, remote), by: n.by}
}

// A slowMachine keeps what its machine did for a while.
type slowMachine struct {
	machine conformance.Machine
	by      time.Duration
	kept    []later
}

// A later is an output that waits for its time.
type later struct {
	at  time.Duration
	out conformance.Output
}

// Start begins.
func (m *slowMachine) Start(now time.Duration) conformance.Output {
	return m.keep(now, m.machine.Start(now))
}

// Receive takes bytes.
func (m *slowMachine) Receive(now time.Duration, p []byte) conformance.Output {
	return m.keep(now, m.machine.Receive(now, p))
}

// End ends the connection.
func (m *slowMachine) End(now time.Duration, orderly bool) conformance.Output {
	return m.keep(now, m.machine.End(now, orderly))
}

// Wake returns when the oldest output is due, or the machine's own time if that comes first.
func (m *slowMachine) Wake() (time.Duration, bool) {
	at, ok := m.machine.Wake()
	if len(m.kept) > 0 && (!ok || m.kept[0].at < at) {
		return m.kept[0].at, true
	}
	return at, ok
}

// Expire does what is due.
func (m *slowMachine) Expire(now time.Duration) conformance.Output {
	if at, ok := m.machine.Wake(); ok && now >= at {
		m.keep(now, m.machine.Expire(now))
	}
	var out conformance.Output
	for len(m.kept) > 0 && m.kept[0].at <= now {
		next := m.kept[0].out
		m.kept = m.kept[1:]
		next.Data = append(out.Data, next.Data...)
		out = next
	}
	return out
}

func (m *slowMachine) keep(now time.Duration, out conformance.Output) conformance.Output {
	if len(out.Data) > 0 || ends(out) {
		m.kept = append(m.kept, later{now + m.by, out})
	}
	return conformance.Output{}
}
