package subject

import (
	"context"
	"errors"
	"fmt"

	"ockamtest/conformance/harness"
	"ockamtest/conformance/harness/refadapter"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
	"ockamtest/vectors"
)

// The numbers of the channels with which records are sealed and opened.
const (
	sealingChannel = 1
	openingChannel = 2
)

// keysOfSection12 are the private keys of section 12.
func keysOfSection12(role harness.Role) (static, ephemeral []byte) {
	first := map[harness.Role][2]byte{harness.Initiator: {0x00, 0x20}, harness.Responder: {0x01, 0x41}}[role]
	for i := range byte(32) {
		static, ephemeral = append(static, first[0]+i), append(ephemeral, first[1]+i)
	}
	return static, ephemeral
}

// converse opens a channel of the adapter in role, to be brought to a counter of what sender sends.
func (a *Adapter) converse(name string, role, sender harness.Role, kinds ...harness.Over) (*progress, error) {
	number := handshakeChannel
	if a.declared.Channels > 2 {
		number = sealingChannel
		if role != sender {
			number = openingChannel
		}
	}
	reference, closed, err := newCounterpart()
	if err != nil {
		return nil, err
	}
	defer func() { _ = closed() }() // its part is over
	e, _, err := a.pair(reference, name, role, number, kinds...)
	if err != nil {
		return nil, err
	}
	return &progress{end: e, sender: sender}, nil
}

// newCounterpart is the reference, as the other end of channels.
func newCounterpart() (*Adapter, func() error, error) {
	adapter, closed, err := refadapter.New(nil)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", vectors.ErrTrouble, err)
	}
	reference, err := NewAdapter(context.Background(), Direct(adapter), nil)
	if err != nil {
		return nil, nil, errors.Join(err, closed())
	}
	return reference, closed, nil
}

// pair opens a channel of a in role and one of the reference in the other, with the keys of section 12, and carries messages until both are
// open.
func (a *Adapter) pair(reference *Adapter, name string, role harness.Role, number int, kinds ...harness.Over) (mine, theirs *end, err error) {
	err = unsupported("what channels are over")
	for _, over := range kinds {
		m, r := harness.Open{Channel: number, Role: role, Profile: name}, harness.Open{Channel: number, Role: other(role), Profile: name}
		m.Static, m.Ephemeral = keysOfSection12(m.Role)
		r.Static, r.Ephemeral = keysOfSection12(r.Role)
		if over == harness.Datagram {
			m, r = onDatagrams(m), mirrored(onDatagrams(r))
		}
		mine, theirs, err = connect(a, reference, m, r, over)
		if !errors.Is(err, vectors.ErrUnsupported) {
			return mine, theirs, err
		}
	}
	return nil, nil, err
}

// mirrored has the addresses of the other end.
func mirrored(m harness.Open) harness.Open {
	m.Local, m.Remote = there(), here()
	if m.Address.String() != listenerAddress().String() {
		m.Address.Value = []byte{1, 2, 3, 4}
	}
	if m.Route != nil {
		m.Route = harness.Route{here(), listenerAddress()}
	}
	return m
}

func connect(a, reference *Adapter, m, r harness.Open, over harness.Over) (mine, theirs *end, err error) {
	mine, first, err := a.open(m, over)
	if err != nil {
		return nil, nil, err
	}
	if over == harness.Stream {
		over = harness.Message // of the reference; what is between are messages anyhow
	}
	theirs, second, err := reference.open(r, over)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: the other end: %w", vectors.ErrTrouble, err)
	}
	opened := 0
	for range 4 {
		for _, hop := range []struct {
			from *harness.Step
			to   *end
			next *harness.Step
		}{{&first, theirs, &second}, {&second, mine, &first}} {
			if _, ok := hop.from.Opened(); ok {
				opened++
			}
			sent := hop.from.Out()
			if hop.from.Events = nil; len(sent) == 0 {
				continue
			}
			if *hop.next, err = hop.to.feed(sent[0]); err != nil {
				return nil, nil, err
			}
		}
		if opened == 2 {
			return mine, theirs, nil
		}
	}
	return nil, nil, fmt.Errorf("%w: no channel can be opened with the keys of section 12", vectors.ErrBroken)
}

// keysOf makes a handshake of the reference with itself, and lets both sides seal a record.
func (a *Adapter) keysOf(name string) (*knownKeys, error) {
	if k := a.records.known[name]; k != nil {
		return k, nil
	}
	p, ok := profile.Lookup(name)
	if !ok {
		return nil, unsupported("profile " + name)
	}
	k := &knownKeys{profile: p, records: map[harness.Role]vectors.Hex{}}
	one, closed, err := newCounterpart()
	if err != nil {
		return nil, err
	}
	defer func() { _ = closed() }() // the handshake is over
	two, closed2, err := newCounterpart()
	if err != nil {
		return nil, err
	}
	defer func() { _ = closed2() }()
	i, r, err := one.pair(two, name, harness.Initiator, handshakeChannel, harness.Message, harness.Datagram)
	if err != nil {
		return nil, fmt.Errorf("%w: the reference's own handshake: %w", vectors.ErrTrouble, err)
	}
	for role, e := range map[harness.Role]*end{harness.Initiator: i, harness.Responder: r} {
		step, err := e.write(fillingOf(p))
		list, wrong := bodies(wire.Dialect(p.TransportEnvelope()), step)
		if err = errors.Join(err, wrong); err != nil || len(list) != 1 {
			return nil, fmt.Errorf("%w: the reference's own record: %w", vectors.ErrTrouble, err)
		}
		k.records[role] = list[0]
	}
	claims, err := one.caller.Claims(one.ctx, handshakeChannel)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", vectors.ErrTrouble, err)
	}
	k.h = claims.H
	if a.records.known == nil {
		a.records.known = map[string]*knownKeys{}
	}
	a.records.known[name] = k
	return k, nil
}
