package subject

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"ockamtest/conformance/harness"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
	"ockamtest/vectors"
)

// An end is one channel of an adapter. The binding is the other end of it.
type end struct {
	a       *Adapter
	channel int
	profile profile.Profile
	open    harness.Open
	partial []byte // of a stream that comes out: what is no whole frame yet
}

// Where channels on datagrams are, and their local addresses.
func here() harness.Address {
	return harness.Address{Kind: harness.UDP4, Value: []byte{10, 0, 0, 1}, Port: 4001}
}
func there() harness.Address {
	return harness.Address{Kind: harness.UDP4, Value: []byte{10, 0, 0, 3}, Port: 4003}
}
func localAddress() harness.Address {
	return harness.Address{Kind: harness.Local, Value: []byte{10, 11, 12, 13}}
}
func listenerAddress() harness.Address {
	return harness.Address{Kind: harness.Local, Value: []byte{0, 17, 34, 51}}
}

// open opens a channel over the first of kinds that the adapter supports: with frames or without, between two IOs without addresses,
// or on datagrams between here and there.
func (a *Adapter) open(m harness.Open, kinds ...harness.Over) (*end, harness.Step, error) {
	none := harness.Step{}
	if err := a.has(harness.VerbOpen, harness.VerbFeed); err != nil {
		return nil, none, err
	}
	p, ok := profile.Lookup(m.Profile)
	if !ok || !slices.Contains(a.declared.Profiles, m.Profile) {
		return nil, none, unsupported("profile " + m.Profile)
	}
	if !slices.Contains(a.declared.Roles, m.Role) {
		return nil, none, unsupported("role " + string(m.Role))
	}
	err := unsupported("what channels are over")
	for _, over := range kinds {
		if !slices.Contains(a.declared.Over, over) {
			continue
		}
		m.Over = over
		step, failed := a.caller.Open(a.ctx, m)
		if err = a.told(failed); errors.Is(err, vectors.ErrUnsupported) {
			continue
		}
		if err != nil {
			return nil, none, err
		}
		e := &end{a: a, channel: m.Channel, profile: p, open: m}
		step, err = e.unframed(step)
		return e, step, err
	}
	return nil, none, err
}

// onDatagrams adds the addresses of a channel on datagrams.
func onDatagrams(m harness.Open) harness.Open {
	m.Local, m.Remote, m.Address = here(), there(), localAddress()
	if m.Profile == profile.E09().Name {
		m.Route = harness.Route{there(), listenerAddress()}
		if m.Role == harness.Responder { // it is its own listener
			m.Route, m.Address = nil, listenerAddress()
		}
	}
	return m
}

// feed gives the channel one message.
func (e *end) feed(message []byte) (harness.Step, error) {
	step, err := e.a.caller.Feed(e.a.ctx, e.feeding(message))
	if err != nil {
		return step, e.a.told(err)
	}
	return e.unframed(step)
}

func (e *end) feeding(message []byte) harness.Feed {
	data := given(message)
	if e.open.Over == harness.Stream { // TRAN-001
		data = append(binary.BigEndian.AppendUint16(nil, uint16(len(message))), message...)
	}
	return harness.Feed{Channel: e.channel, Data: data}
}

// write lets the channel send application bytes.
func (e *end) write(m harness.Write) (harness.Step, error) {
	if err := e.a.has(harness.VerbWrite); err != nil {
		return harness.Step{}, err
	}
	m.Channel = e.channel
	step, err := e.a.caller.Write(e.a.ctx, m)
	if err != nil {
		return step, e.a.told(err)
	}
	return e.unframed(step)
}

// unframed makes messages of the frames that a step sends.
func (e *end) unframed(s harness.Step) (harness.Step, error) {
	if e.open.Over != harness.Stream {
		return s, nil
	}
	var events []harness.Event
	for _, event := range s.Events {
		if event.Kind != harness.Out {
			events = append(events, event)
			continue
		}
		e.partial = append(e.partial, event.Data...)
		for len(e.partial) >= 2 && len(e.partial) >= 2+int(binary.BigEndian.Uint16(e.partial)) {
			n := 2 + int(binary.BigEndian.Uint16(e.partial))
			events = append(events, harness.Event{Kind: harness.Out, Data: slices.Clone(e.partial[2:n])})
			e.partial = e.partial[n:]
		}
	}
	if s.Events = events; len(e.partial) > 0 {
		return s, fmt.Errorf("%w: a frame comes out that is not whole", vectors.ErrBroken)
	}
	return s, nil
}

// addressed are the routes of a message for the channel.
func (e *end) addressed(kind wire.Type) (onward, back wire.Route) {
	if e.open.Over != harness.Datagram {
		return nil, nil
	}
	onward = wire.Route{wire.UDPAddress4([4]byte(here().Value), here().Port), wire.LocalAddress(e.open.Address.Value)}
	if kind == wire.M1 && e.profile.Name != profile.E09().Name {
		onward = onward[:1] // the node's listener
	}
	return onward, wire.Route{wire.UDPAddress4([4]byte(there().Value), there().Port)}
}

// handshake is a handshake message for the channel.
func (e *end) handshake(kind wire.Type, body []byte) ([]byte, error) {
	return e.message(wire.Dialect(e.profile.HandshakeEnvelope()), kind, body)
}

// record is a transport message for the channel.
func (e *end) record(ciphertext []byte) ([]byte, error) {
	return e.message(wire.Dialect(e.profile.TransportEnvelope()), wire.Payload, ciphertext)
}

func (e *end) message(d wire.Dialect, kind wire.Type, body []byte) ([]byte, error) {
	m := wire.Message{Type: kind, Body: body}
	if d.Untagged {
		m.Type = wire.Untyped
	}
	if !d.Bare {
		m.Onward, m.Return = e.addressed(kind)
	}
	b, err := wire.AppendMessage(nil, d, &m)
	if err != nil {
		return nil, unsupported("a message that cannot travel: " + err.Error())
	}
	return b, nil
}

// bodies are those of the messages that a step sends.
func bodies(d wire.Dialect, s harness.Step) (list []vectors.Hex, err error) {
	for _, b := range s.Out() {
		m, err := wire.Parse(d, b)
		if err != nil {
			return list, fmt.Errorf("%w: it sends what is no message: %w", vectors.ErrBroken, err)
		}
		list = append(list, m.Body)
	}
	return list, nil
}

// ended is the refusal in a step, nil if there is none.
func ended(s harness.Step) error {
	switch {
	case s.Closed:
		return refuses(s.Class)
	case s.Rejected() != "":
		return refuses(s.Rejected())
	}
	return nil
}
