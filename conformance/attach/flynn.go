package attach

import (
	"crypto/sha256"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"time"

	"github.com/flynn/noise"

	"ockamtest/conformance"
)

// flynnDeadline is the default of NOISE-013.
const flynnDeadline = 10 * time.Second

// Flynn is the second opinion: github.com/flynn/noise does the handshake and the records, with the split swapped, and headers and frames are
// written anew here, sharing no code with ref. It follows the echo contract and accepts any static key. When it is wrong where the
// reference is right, one of the two has misread the specification.
func Flynn() conformance.Program {
	return conformance.Program{
		Name: "flynn", Title: "second opinion: github.com/flynn/noise with headers and frames of its own",
		Roles:             []conformance.Role{conformance.Responder, conformance.Initiator},
		Profiles:          []string{"v1", "c09"},
		HandshakeDeadline: flynnDeadline,
		Start: func(need conformance.Need, seed uint64) conformance.Node {
			n := &flynnNode{need: need, suite: flynnSuite(), random: randomFrom("flynn", seed)}
			n.static = must(n.suite.GenerateKeypair(n.random)) // NOISE-012: one for all handshakes
			return n
		},
	}
}

func flynnSuite() noise.CipherSuite {
	return noise.NewCipherSuite(noise.DH25519, noise.CipherAESGCM, noise.HashSHA256)
}

// randomFrom is a stream that name and seed determine.
func randomFrom(name string, seed uint64) io.Reader {
	return rand.NewChaCha8(sha256.Sum256(binary.BigEndian.AppendUint64([]byte(name), seed)))
}

// must is for what cannot fail: key generation from a stream that does not end.
func must[T any](v T, err error) T {
	if err != nil {
		panic("attach: " + err.Error())
	}
	return v
}

// A flynnNode has one static key and its randomness.
type flynnNode struct {
	need   conformance.Need
	suite  noise.CipherSuite
	random io.Reader
	static noise.DHKey
}

// Connect makes the machine of a connection.
func (n *flynnNode) Connect(local, remote string) conformance.Machine {
	initiator := n.need.Role == conformance.Initiator
	return &flynnMachine{
		initiator: initiator, routed: n.need.Profile != "c09",
		local: socketAddress(local), remote: socketAddress(remote),
		handshake: must(noise.NewHandshakeState(noise.Config{
			CipherSuite: n.suite, Random: n.random, Pattern: noise.HandshakeXX, Initiator: initiator, StaticKeypair: n.static,
		})),
	}
}

// A flynnMachine is one channel on its connection.
type flynnMachine struct {
	initiator     bool
	routed        bool          // not c09
	local, remote []byte        // addresses as they stand in a route
	onward        [][]byte      // where to send to, once learnt (ROUT-008)
	datagrams     bool          // a hop or a local address was learnt: what is rejected is dropped (CHAN-011)
	deadline      time.Duration // NOISE-013

	in        []byte // of the stream, not yet a frame
	handshake *noise.HandshakeState
	next      byte // type of the handshake message that is awaited
	send      *noise.CipherState
	receive   *noise.CipherState // nil before open
	ad        []byte
	over      bool
}

// Start sends m1 as initiator.
func (m *flynnMachine) Start(now time.Duration) conformance.Output {
	m.deadline = now + flynnDeadline
	if !m.initiator {
		m.next = typeM1
		return conformance.Output{}
	}
	// -> e
	m.next, m.onward = typeM2, [][]byte{m.remote}
	m1, _, _, err := m.handshake.WriteMessage(nil, nil)
	if err != nil {
		return m.fail()
	}
	return conformance.Output{Data: [][]byte{m.frame(typeM1, m1)}}
}

// Receive cuts frames and handles each.
func (m *flynnMachine) Receive(_ time.Duration, p []byte) conformance.Output {
	var out conformance.Output
	m.in = append(m.in, p...)
	for !m.over && len(m.in) >= 2 {
		n := 2 + int(binary.BigEndian.Uint16(m.in)) // TRAN-001
		if len(m.in) < n {
			break
		}
		one := m.handle(m.in[2:n])
		m.in = m.in[n:]
		out.Data = append(out.Data, one.Data...)
		out.Close = one.Close
	}
	return out
}

// End closes the connection in answer.
func (m *flynnMachine) End(time.Duration, bool) conformance.Output { return m.fail() }

// Wake is the handshake's deadline.
func (m *flynnMachine) Wake() (time.Duration, bool) {
	return m.deadline, !m.over && m.receive == nil
}

// Expire ends a handshake that took too long (NOISE-013).
func (m *flynnMachine) Expire(time.Duration) conformance.Output { return m.fail() }

// fail is the end of the channel and its connection (CHAN-004).
func (m *flynnMachine) fail() conformance.Output {
	m.over = true
	return conformance.Output{Close: true}
}

func (m *flynnMachine) handle(message []byte) conformance.Output {
	if m.receive != nil {
		return m.handleRecord(message)
	}
	h, ok := parseHeader(message, m.routed)
	if !ok {
		return m.fail()
	}
	if h.back, ok = inForm(h.back); !ok { // WIRE-015
		return m.rejected()
	}
	if m.routed && h.kind == typePing && len(h.onward) == 0 {
		return m.pong(h)
	}
	if h.kind == typePong || len(h.onward) > 0 { // not for the channel (ROUT-001)
		return conformance.Output{}
	}
	if h.kind != m.next { // CHAN-001
		return m.rejected()
	}
	return m.handleHandshake(h)
}

func (m *flynnMachine) handleHandshake(h header) conformance.Output {
	payload, k1, k2, err := m.handshake.ReadMessage(nil, h.body) // an error leaves the handshake as it was (NOISE-017)
	if err != nil {
		return m.rejected()
	}
	if len(payload) > 0 { // NOISE-006
		return m.fail()
	}
	m.onward = m.reply(h) // ROUT-008
	m.datagrams = len(m.onward) > 1
	if !fits(m.header(typeM3), 96) { // WIRE-008: rejected, and no harm
		return m.fail()
	}
	if h.kind == typeM3 {
		m.open(k1, k2)
		return conformance.Output{}
	}
	// <- e, ee, s, es
	// -> s, se
	reply, k1, k2, err := m.handshake.WriteMessage(nil, nil)
	if err != nil { // NOISE-009
		return m.fail()
	}
	out := conformance.Output{Data: [][]byte{m.frame(h.kind+1, reply)}}
	if h.kind == typeM1 {
		m.next = typeM3
		return out
	}
	m.open(k1, k2)
	first := m.write(nil, []byte("a second opinion"))
	out.Data = append(out.Data, first.Data...)
	return out
}

// open takes the keys: the responder encrypts with k1 (NOISE-010).
func (m *flynnMachine) open(k1, k2 *noise.CipherState) {
	m.send, m.receive = k1, k2
	if m.initiator {
		m.send, m.receive = k2, k1
	}
	if m.routed { // REC-001; c09 authenticates nothing else
		m.ad = append([]byte(nil), m.handshake.ChannelBinding()...)
	}
}

// handleRecord echoes a transport message.
func (m *flynnMachine) handleRecord(message []byte) conformance.Output {
	ciphertext := message
	if m.routed {
		h, ok := parseHeader(message, true)
		if ok && h.kind == typePing && len(h.onward) == 0 {
			return m.pong(h)
		}
		if !ok || h.kind != typePayload || len(h.onward) > 0 { // CHAN-003
			return conformance.Output{}
		}
		ciphertext = h.body
	}
	if len(ciphertext) < 16 || m.receive.Nonce() > 65535 { // REC-006, REC-003
		return m.rejected()
	}
	inner, err := m.receive.Decrypt(nil, m.ad, ciphertext)
	if err != nil { // REC-004
		return m.rejected()
	}
	h, ok := parseInner(inner, m.routed)
	if !ok { // REC-009
		return conformance.Output{}
	}
	return m.write(h.back, h.body)
}

// pong answers a ping for the node (WIRE-010).
func (m *flynnMachine) pong(ping header) conformance.Output {
	var ok bool
	if ping.back, ok = inForm(ping.back); !ok { // WIRE-015
		return conformance.Output{}
	}
	message := appendHeader(m.reply(ping), [][]byte{m.local}, typePong)
	if !fits(message, 0) {
		return conformance.Output{}
	}
	return conformance.Output{Data: [][]byte{frame(message)}}
}

// rejected is a message of which nothing is used: fatal on a stream (section 6, REC-005).
func (m *flynnMachine) rejected() conformance.Output {
	if m.datagrams {
		return conformance.Output{}
	}
	return m.fail()
}

// shortLimit is the longest payload in profile c09 (TRAN-005).
const shortLimit = 1008

// write sends a payload, unless its counter or the message would be too large (REC-003, REC-010).
func (m *flynnMachine) write(innerOnward [][]byte, payload []byte) conformance.Output {
	inner := append(appendHeader(innerOnward, nil, typePayload), payload...)
	outer := m.header(typePayload)
	if m.send.Nonce() > 65535 || !fits(outer, len(inner)+16) || !m.routed && len(payload) > shortLimit {
		return conformance.Output{}
	}
	message, err := m.send.Encrypt(outer, m.ad, inner)
	if err != nil {
		return m.fail()
	}
	return conformance.Output{Data: [][]byte{frame(message)}}
}

// frame is a handshake message, ready to be sent.
func (m *flynnMachine) frame(kind byte, body []byte) []byte {
	if !m.routed {
		return frame(append(appendHeader(nil, nil, kind), body...))
	}
	return frame(append(m.header(kind), body...))
}

// header is the outer header; in c09 transport messages have none.
func (m *flynnMachine) header(kind byte) []byte {
	if !m.routed {
		return []byte{}
	}
	return appendHeader(m.onward, [][]byte{m.local}, kind) // ROUT-004
}

// reply is the route back to whoever sent h: the connection's remote address stands in place of a first TCP address (ROUT-003).
func (m *flynnMachine) reply(h header) [][]byte {
	back := h.back
	if len(back) > 0 && back[0][0] == addressTCP {
		back = back[1:]
	}
	return append([][]byte{m.remote}, back...)
}
