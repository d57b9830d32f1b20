package attach

import (
	"fmt"
	"net/netip"
	"time"

	"ockamtest/conformance"
	"ockamtest/ref/channel"
	"ockamtest/ref/key"
	"ockamtest/ref/profile"
	"ockamtest/ref/transport"
	"ockamtest/ref/transport/tcp"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
	"ockamtest/ref/wire"
)

// Reference is the reference implementation as a program: ref/channel and the frames of ref/transport, or ref/node over datagrams, with the
// echo contract, without a clock or a goroutine of its own. It accepts any static key. EmbeddedReference runs the reference with its real
// shell.
func Reference() conformance.Program { return referenceWith(channel.DefaultDeadline) }

// referenceWith is Reference with another handshake deadline.
func referenceWith(deadline channel.Instant) conformance.Program {
	return conformance.Program{
		Name: "reference", Title: "the reference implementation",
		Roles:             []conformance.Role{conformance.Responder, conformance.Initiator},
		Profiles:          []string{"v1", "c09"},
		Transports:        []conformance.Transport{conformance.Mem, conformance.UDP},
		Datagrams:         everyProfile(),
		Depths:            conformance.MaxDepth,
		HandshakeDeadline: time.Duration(deadline),
		Start: func(need conformance.Need, seed uint64) conformance.Node {
			n := &referenceNode{role: channelRole(need.Role), depth: need.Depth, deadline: deadline}
			n.profile, _ = profile.Lookup(need.Profile)
			n.vault = must(software.New(software.Config{Random: randomFrom("reference", seed)}))
			if n.profile.StaticKey == profile.Configured {
				n.static = n.generate() // NOISE-012
			}
			if need.Transport == conformance.UDP {
				return newReferenceSocket(n, seed)
			}
			return n
		},
		Insight: func(seed uint64) conformance.Insight {
			return must(newReferenceInsight(randomFrom("reference insight", seed)))
		},
	}
}

func channelRole(role conformance.Role) channel.Role {
	if role == conformance.Initiator {
		return channel.Initiator
	}
	return channel.Responder
}

// A referenceNode has a vault of its own and, where the profile's parties are configured with one, a static key in it.
type referenceNode struct {
	role     channel.Role
	depth    int
	profile  profile.Profile
	deadline channel.Instant
	vault    vault.Vault
	static   vault.Secret
}

func (n *referenceNode) generate() vault.Secret {
	t := vault.X25519PrivateKey
	if n.profile.Suite.P256 {
		t = vault.P256PrivateKey
	}
	return must(n.vault.Generate(vault.Attributes{Type: t}))
}

// agreement makes the key agreement of one channel.
func (n *referenceNode) agreement() key.Agreement {
	a := &referenceAgreement{node: n}
	static := n.static
	if static.IsZero() {
		a.temporary = n.generate()
		static = a.temporary
	}
	a.XX = must(key.NewXX(key.XXConfig{
		Vault: n.vault, Static: static, Suite: n.profile.Suite, Policy: key.AnyKey(), AssociatedData: n.profile.AssociatedData,
		AvoidedEphemeral: n.profile.ForbiddenBodies,
	}))
	return a
}

// A referenceAgreement owns the static key of profiles that make one for each handshake.
type referenceAgreement struct {
	*key.XX
	node      *referenceNode
	temporary vault.Secret
}

// Close destroys the keys.
func (a *referenceAgreement) Close() error {
	err := a.XX.Close()
	if !a.temporary.IsZero() {
		_ = a.node.vault.Destroy(a.temporary) // a software vault destroys what it has made
		a.temporary = vault.Secret{}
	}
	return err
}

// Connect makes the machine of a connection.
func (n *referenceNode) Connect(local, remote string) conformance.Machine {
	m := &referenceMachine{node: n, in: transport.NewDeframer(n.profile.MessageLimit), inside: n.newLayers()}
	m.channel = must(channel.New(channel.Config{
		Role: n.role, Profile: n.profile, Agreement: n.agreement(), Stream: true, Deadline: n.deadline,
		Local: must(tcpAddress(local)), Remote: must(tcpAddress(remote)),
	}))
	return m
}

// tcpAddress reads "IP:port".
func tcpAddress(text string) (wire.Address, error) {
	at, err := netip.ParseAddrPort(text)
	if err != nil {
		return wire.Address{}, fmt.Errorf("address: %w", err)
	}
	return tcp.Address(at), nil
}

// A referenceMachine is one channel on its connection, and what is inside it.
type referenceMachine struct {
	node    *referenceNode
	channel *channel.Channel
	inside  *referenceLayer // nil if there is no tunnel
	in      *transport.Deframer
}

// Start starts the handshake.
func (m *referenceMachine) Start(now time.Duration) conformance.Output {
	out, err := m.channel.Start(channel.Instant(now), nil)
	if err != nil {
		return m.end()
	}
	return conformance.Output{Data: appendFrame(nil, out)}
}

// Receive cuts frames, lets the channel handle each, and echoes payloads.
func (m *referenceMachine) Receive(now time.Duration, p []byte) conformance.Output {
	var data [][]byte
	m.in.Push(p)
	for {
		msg, ok, err := m.in.Next()
		if err != nil { // TRAN-008
			m.channel.Cancel(err)
		}
		if !ok {
			break
		}
		out, event, _ := m.channel.Handle(channel.Instant(now), nil, msg) // the state tells what an error means
		data = m.answer(channel.Instant(now), appendFrame(data, out), event)
		if m.failed() {
			break
		}
	}
	if !m.failed() {
		return conformance.Output{Data: data}
	}
	out := m.end()
	out.Data = data
	return out
}

// answer does what the application does: it speaks first as initiator, and echoes.
func (m *referenceMachine) answer(now channel.Instant, data [][]byte, event channel.Event) [][]byte {
	var out []byte
	switch {
	case m.inside != nil && event.Kind == channel.Opened:
		return m.write(data, m.inside.start(now, m.channel))
	case m.inside != nil && event.Kind == channel.Delivered:
		return m.write(data, m.inside.receive(now, event.Payload))
	case event.Kind == channel.Opened && m.node.role == channel.Initiator:
		out, _ = m.channel.Write(nil, greeting())
	case event.Kind == channel.Delivered:
		// An echo that is refused, for its length or because the counters are spent, is not sent (REC-003, REC-010).
		out, _ = m.channel.WriteRouted(nil, event.Payload, event.Return, nil)
	}
	return appendFrame(data, out)
}

// write adds what is inside as payloads.
func (m *referenceMachine) write(data, payloads [][]byte) [][]byte {
	for _, p := range payloads {
		out, _ := m.channel.Write(nil, p)
		data = appendFrame(data, out)
	}
	return data
}

// failed tells whether a channel of the connection has failed.
func (m *referenceMachine) failed() bool {
	return m.channel.State() == channel.Failed || m.inside.failed()
}

// greeting is the first payload of an initiator.
func greeting() []byte { return []byte("hello") }

// appendFrame adds a wire message as one write, unless there is none.
func appendFrame(data [][]byte, message []byte) [][]byte {
	if len(message) == 0 {
		return data
	}
	return append(data, must(transport.AppendFrame(nil, message)))
}

// End closes the connection in answer.
func (m *referenceMachine) End(time.Duration, bool) conformance.Output { return m.end() }

// Wake is the handshake's deadline (NOISE-013).
func (m *referenceMachine) Wake() (time.Duration, bool) {
	at, ok := m.channel.Wake()
	inner, waits := m.inside.wake()
	return earlier(time.Duration(at), ok, inner, waits)
}

// Expire does what is due: it fails a handshake that took too long, or repeats a handshake message (TRAN-014).
func (m *referenceMachine) Expire(now time.Duration) conformance.Output {
	out, err := m.channel.Tick(channel.Instant(now), nil)
	if err != nil {
		return m.end()
	}
	data := m.write(appendFrame(nil, out), m.inside.tick(channel.Instant(now)))
	if m.failed() {
		return m.end()
	}
	return conformance.Output{Data: data}
}

// end releases the keys and closes the connection.
func (m *referenceMachine) end() conformance.Output {
	m.inside.close()
	_ = m.channel.Close() // a software vault destroys what it has made
	return conformance.Output{Close: true}
}
