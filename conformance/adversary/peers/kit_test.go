package peers

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/profile"
)

// kit is the least that can hold the other end of a machine's connection, in virtual time.
type kit struct {
	t       *testing.T
	need    conformance.Need
	machine conformance.Machine
	now     time.Duration
	in      []byte
	writes  int  // writes of the machine
	closed  bool // FIN
	reset   bool
	crash   string

	onward         route // to the peer
	hs             adversary.Handshake
	sendKey        []byte
	receiveKey     []byte
	ad             []byte
	sent, received uint64
}

const (
	nodeAddress = "127.0.0.1:4000"
	kitAddress  = "127.0.0.1:54321"
)

// connect opens a connection to a node.
func connect(t *testing.T, node conformance.Node, need conformance.Need, now time.Duration) *kit {
	k := &kit{t: t, need: need, now: now, machine: node.Connect(nodeAddress, kitAddress), onward: route{tcpAddress(nodeAddress)}}
	k.take(k.machine.Start(now))
	return k
}

func (k *kit) take(out conformance.Output) {
	for _, d := range out.Data {
		k.in = append(k.in, d...)
		k.writes++
	}
	k.closed, k.reset = k.closed || out.Close, k.reset || out.Reset
	if out.Crash != "" {
		k.crash = out.Crash
	}
}

func (k *kit) send(message []byte) { k.raw(frame(message)) }

func (k *kit) raw(p []byte) { k.take(k.machine.Receive(k.now, p)) }

// next is the next frame; time passes up to a minute until it is there.
func (k *kit) next() ([]byte, error) {
	end := k.now + time.Minute
	for len(k.in) < 2 || len(k.in) < 2+int(binary.BigEndian.Uint16(k.in)) {
		at, ok := k.machine.Wake()
		if !ok || at > end || k.closed || k.reset || k.crash != "" {
			return nil, fmt.Errorf("no frame: %d bytes, closed %v, reset %v, crash %q", len(k.in), k.closed, k.reset, k.crash)
		}
		k.now = max(k.now, at)
		k.take(k.machine.Expire(k.now))
	}
	n := 2 + int(binary.BigEndian.Uint16(k.in))
	f := k.in[2:n]
	k.in = k.in[n:]
	return f, nil
}

// message is the body of the next frame, which has to be a message of that type.
func (k *kit) message(kind byte) ([]byte, error) {
	f, err := k.next()
	if err != nil {
		return nil, err
	}
	p := strictParser(profile.Envelope{})
	m, ok := p.parse(f)
	if !ok || m.kind != kind {
		return nil, fmt.Errorf("type %d, parsed %v, want type %d", m.kind, ok, kind)
	}
	if kind >= kindM1 {
		k.onward = append(route{tcpAddress(nodeAddress)}, m.back[min(1, len(m.back)):]...)
	}
	return m.body, nil
}

func (k *kit) wrap(kind byte, body []byte) []byte {
	m := message{kind: kind, body: body}
	if k.need.Profile == "v1" {
		m.onward, m.back = k.onward, route{tcpAddress(kitAddress)}
	}
	return m.encode()
}

// handshake completes the handshake.
func (k *kit) handshake() error {
	suite := profile.X25519AES256()
	key := func(b byte) adversary.KeyPair { return adversary.NewKeyPair(suite, bytes.Repeat([]byte{b}, 32)) }
	k.hs = adversary.NewHandshake(suite, key(1), key(2))
	if k.need.Role == conformance.Initiator {
		return k.respond()
	}
	k.send(k.wrap(kindM1, k.hs.WriteM1(nil)))
	m2, err := k.message(kindM2)
	if err != nil {
		return fmt.Errorf("m2: %w", err)
	}
	if _, ok := k.hs.ReadM2(m2); !ok {
		return fmt.Errorf("m2 does not verify")
	}
	k.send(k.wrap(kindM3, k.hs.WriteM3(nil)))
	k.established()
	return nil
}

func (k *kit) respond() error {
	m1, err := k.message(kindM1)
	if err != nil {
		return fmt.Errorf("m1: %w", err)
	}
	if _, ok := k.hs.ReadM1(m1); !ok {
		return fmt.Errorf("m1 does not parse")
	}
	k.send(k.wrap(kindM2, k.hs.WriteM2(nil)))
	m3, err := k.message(kindM3)
	if err != nil {
		return fmt.Errorf("m3: %w", err)
	}
	if _, ok := k.hs.ReadM3(m3); !ok {
		return fmt.Errorf("m3 does not verify")
	}
	k.established()
	_, err = k.record()
	return err
}

func (k *kit) established() {
	k1, k2 := k.hs.Split()
	k.sendKey, k.receiveKey = k2, k1
	if k.need.Role == conformance.Initiator {
		k.sendKey, k.receiveKey = k1, k2
	}
	if k.need.Profile == "v1" {
		k.ad = k.hs.H[:]
	}
}

// record is the next payload.
func (k *kit) record() (message, error) {
	var body []byte
	var err error
	if k.need.Profile == "v1" {
		body, err = k.message(kindPayload)
	} else {
		body, err = k.next()
	}
	if err != nil {
		return message{}, err
	}
	inner, ok := adversary.Open(k.receiveKey, k.received, k.ad, body)
	if !ok {
		return message{}, fmt.Errorf("record %d does not verify", k.received)
	}
	k.received++
	p := strictParser(profile.Envelope{})
	m, ok := p.parse(inner)
	if !ok || m.kind != kindPayload {
		return message{}, fmt.Errorf("inner message is no payload")
	}
	return m, nil
}

func (k *kit) seal(inner []byte) []byte {
	c := adversary.Seal(k.sendKey, k.sent, k.ad, inner)
	k.sent++
	if k.need.Profile == "v1" {
		return k.wrap(kindPayload, c)
	}
	return c
}

// echo sends a payload and compares what comes back.
func (k *kit) echo(payload []byte) error {
	m := message{kind: kindPayload, body: payload}
	if k.need.Profile == "v1" {
		m.back = route{{addressLocal, 2, 'm', 'e'}}
	}
	k.send(k.seal(m.encode()))
	got, err := k.record()
	if err != nil {
		return err
	}
	if !bytes.Equal(got.body, payload) || len(got.onward) != len(m.back) {
		return fmt.Errorf("echo of %d bytes, %d onward addresses; want %d, %d", len(got.body), len(got.onward), len(payload), len(m.back))
	}
	return nil
}

// needs are all roles and profiles of a program over a byte stream.
func needs(p conformance.Program) (out []conformance.Need) {
	for _, role := range p.Roles {
		for _, name := range p.Profiles {
			if at, ok := profile.Lookup(name); !ok || !slices.Contains(at.Transports, profile.TCP) {
				continue
			}
			out = append(out, conformance.Need{Role: role, Transport: conformance.Mem, Profile: name})
		}
	}
	return out
}
