package oracle

import (
	"bytes"
	"errors"
	"slices"

	"ockamtest/vectors"
)

// window is that of REC-008 at its smallest.
const window = 32

// A channel is one end of a channel (sections 6 to 8), with one peer.
type channel struct {
	o         Subject
	in        vectors.ChannelInput
	state     string
	accepted  []vectors.Hex // handshake messages
	reply     []vectors.Address
	result    vectors.HandshakeOutput
	sent      int // the next counter
	highest   int // counter that verified; -1: none
	received  map[int]bool
	repeat    vectors.Hex // the last handshake message sent, with its header
	datagrams bool
}

// Channel implements vectors.Subject.
func (o Subject) Channel(in vectors.ChannelInput) (out vectors.ChannelOutput, err error) {
	c := &channel{o: o, in: in, state: "start", highest: -1, received: map[int]bool{}, datagrams: in.Local != nil}
	if in.Peer != nil {
		c.reply = []vectors.Address{*in.Peer}
	}
	if in.Listener != nil {
		c.reply = append(c.reply, vectors.Address{Type: "local", Local: in.Listener})
	}
	for _, action := range in.Steps {
		step, err := c.do(action)
		step.State = c.state
		out.Steps = append(out.Steps, step)
		if err != nil && (!c.datagrams || action.Do != "receive") { // CHAN: on datagrams what is rejected is dropped
			return out, err
		}
	}
	return out, nil
}

func (c *channel) do(a vectors.Action) (vectors.ChannelStep, error) {
	switch a.Do {
	case "start":
		out, err := c.handshake(nil)
		if err != nil {
			return vectors.ChannelStep{}, err
		}
		c.state = "sent"
		return c.say(typeM1, out.Sent[0])
	case "write":
		return c.write(a.Data)
	}
	return c.receive(a.Data)
}

// handshake runs the handshake as far as the messages go.
func (c *channel) handshake(more []byte) (vectors.HandshakeOutput, error) {
	suite := vectors.SuiteX25519
	if c.in.Profile == c010 {
		suite = vectors.SuiteP256
	}
	in := vectors.HandshakeInput{Suite: suite, Role: c.in.Role, Static: c.in.Static, Ephemeral: c.in.Ephemeral, Payloads: []vectors.Hex{nil, nil}, Version1: true}
	in.Receive = slices.Clone(c.accepted)
	if more != nil {
		in.Receive = append(in.Receive, more)
	}
	return c.o.Handshake(in)
}

// say sends a message by the reply route. ROUT-004: its own address is first in the return route; the local one is in those of the
// handshake alone (CHAN-010).
func (c *channel) say(kind int, body []byte) (vectors.ChannelStep, error) {
	m := vectors.Message{Version: 1, Onward: c.reply, Type: &kind, Body: body}
	if c.in.Profile == e09 {
		m.Type = nil
	}
	if c.in.Own != nil {
		m.Return = append(m.Return, *c.in.Own)
	}
	if c.datagrams && (kind != typePayload || !c.o.step("channel/local-in-handshake-alone")) {
		m.Return = append(m.Return, vectors.Address{Type: "local", Local: c.in.Local})
	}
	b, err := c.o.encode(c.in.Profile, &vectors.Value{Message: &m})
	if c.in.Profile == c09 && kind == typePayload {
		b, err = body, nil
	}
	if kind != typePayload {
		c.repeat = b
	}
	return vectors.ChannelStep{Send: []vectors.Hex{b}}, err
}

func (c *channel) write(payload []byte) (step vectors.ChannelStep, err error) {
	if err := c.o.check("channel/not-open/write", c.state == "open"); err != nil { // CHAN-002
		return step, err
	}
	in := vectors.RecordInput{Op: "seal", Profile: c.in.Profile, Key: c.result.K2, Counter: c.sent, H: c.result.H}
	if c.in.Role == vectors.Responder {
		in.Key = c.result.K1
	}
	in.Payload = payload
	if c.in.Service != nil {
		in.Onward = []vectors.Address{{Type: "local", Local: c.in.Service}}
	}
	out, err := c.o.Record(in)
	if err != nil {
		return step, err
	}
	c.sent++
	return c.say(typePayload, out.Ciphertext)
}

func (c *channel) receive(data []byte) (step vectors.ChannelStep, err error) {
	if c.in.Profile == c09 && c.state == "open" {
		return c.record(data)
	}
	v, err := c.o.decode(c.in.Profile, "message", data)
	if err != nil {
		return step, err
	}
	m := v.Message
	onward := m.Onward
	if len(onward) > 0 && onward[0].Type != "local" { // ROUT-002
		onward = onward[1:]
	}
	if c.in.Peer != nil {
		m.Return = c.o.returned(m.Return, *c.in.Peer)
	}
	if len(onward) == 0 && m.Type != nil && *m.Type <= typePong { // CHAN-014, WIRE-010
		return c.ping(*m.Type, m.Return)
	}
	if !c.mine(onward, m) {
		return step, nil // ROUT-001
	}
	return c.dispatch(c.kindOf(m), m)
}

// mine tells that a message is for this channel.
func (c *channel) mine(onward []vectors.Address, m *vectors.Message) bool {
	if len(onward) == 0 {
		first := c.kindOf(m) == typeM1 && c.in.Profile != e09
		return !c.datagrams || first
	}
	local := onward[0].Local
	listener := c.in.Listener != nil && c.in.Role == vectors.Responder && bytes.Equal(local, c.in.Listener) && c.kindOf(m) == typeM1
	return len(onward) == 1 && onward[0].Type == "local" && (c.datagrams && bytes.Equal(local, c.in.Local) || listener)
}

// kindOf is the type of a message, in e09 the one that the state awaits.
func (c *channel) kindOf(m *vectors.Message) int {
	switch {
	case m.Type != nil:
		return *m.Type
	case c.state == "open":
		return typePayload
	case c.in.Role == vectors.Initiator:
		return typeM2
	case c.state == "start":
		return typeM1
	}
	return typeM3
}

func (c *channel) ping(kind int, route []vectors.Address) (vectors.ChannelStep, error) {
	if kind == typePong {
		return vectors.ChannelStep{}, nil
	}
	m := vectors.Message{Version: 1, Onward: route, Type: new(typePong)}
	if c.in.Own != nil {
		m.Return = []vectors.Address{*c.in.Own}
	}
	b, err := c.o.encode(c.in.Profile, &vectors.Value{Message: &m})
	return vectors.ChannelStep{Send: []vectors.Hex{b}}, err
}

func (c *channel) dispatch(kind int, m *vectors.Message) (step vectors.ChannelStep, err error) {
	awaited := map[string]int{vectors.Initiator + " sent": typeM2, vectors.Responder + " start": typeM1, vectors.Responder + " sent": typeM3}
	switch {
	case c.state == "open" && kind == typePayload:
		return c.record(m.Body)
	case c.state == "open": // CHAN-003
		if c.o.step("channel/after-open") {
			return step, nil
		}
		return c.say(typePayload, m.Body)
	case c.datagrams && c.in.Profile == v1 && kind == typeM1 && c.state == "sent" && bytes.Equal(m.Body, c.accepted[0]) && c.o.step("channel/repeat"):
		return vectors.ChannelStep{Send: []vectors.Hex{c.repeat}}, nil // TRAN-015
	}
	if err := c.o.check("channel/state", awaited[c.in.Role+" "+c.state] == kind); err != nil { // CHAN-001
		c.fail()
		return step, err
	}
	out, err := c.handshake(m.Body)
	if err != nil {
		c.fail()
		return step, err
	}
	if out.RemoteStatic != nil && c.in.PeerKey != nil { // NOISE-011
		if err := c.o.check("channel/policy", bytes.Equal(out.RemoteStatic, c.in.PeerKey)); err != nil {
			c.fail()
			return step, err
		}
	}
	c.accepted, c.result = append(c.accepted, m.Body), out
	if c.reply == nil || c.o.step("channel/learn") { // ROUT-008
		c.reply = m.Return
	}
	switch kind {
	case typeM1:
		c.state = "sent"
		return c.say(typeM2, out.Sent[0])
	case typeM2:
		c.state = "open"
		return c.say(typeM3, out.Sent[1])
	}
	c.state = "open"
	return step, nil
}

// fail is what a rejected handshake message does on a stream; on datagrams nothing changes (NOISE-017).
func (c *channel) fail() {
	if !c.datagrams || !c.o.step("channel/survives") {
		c.state = "failed"
	}
}

func (c *channel) record(ciphertext []byte) (step vectors.ChannelStep, err error) {
	in := vectors.RecordInput{Op: "open", Profile: c.in.Profile, Key: c.result.K1, H: c.result.H}
	if c.in.Role == vectors.Responder {
		in.Key = c.result.K2
	}
	in.Ciphertext = ciphertext
	candidates := []int{c.highest + 1}
	if c.datagrams && c.o.step("channel/window") { // REC-008
		for n := max(0, c.highest-window+1); n <= c.highest+window; n++ {
			candidates = append(candidates, n)
		}
	}
	for _, n := range candidates {
		if c.received[n] && c.o.step("channel/replay") { // REC-007
			continue
		}
		in.Counter = n
		var out vectors.RecordOutput
		out, err = c.o.Record(in)
		var refused *vectors.RefusalError
		if err == nil || errors.As(err, &refused) && refused.Class == "inner" { // REC-009: uses up its counter
			c.received[n], c.highest = true, max(c.highest, n)
			if err == nil {
				step.Deliver = []vectors.Hex{out.Payload}
			}
			return step, nil
		}
	}
	return step, err
}
