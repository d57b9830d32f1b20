package wire_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// The Noise messages of section 12, which its lines abbreviate.
const (
	m1Hex = "358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254"
	m2Hex = "64b101b1d0be5a8704bd078f9895001fc03e8e9f9522f188dd128d9846d48466" +
		"5393019dbd6f438795da206db0886610b26108e424142c2e9b5fd1f7ea70cde8" +
		"767ce62d7e3c0e9bcefe4ab872c0505b9e824df091b74ffe10a2b32809cab21f"
	m3Hex = "e610eadc4b00c17708bf223f29a66f02342fbedf6c0044736544b9271821ae40" +
		"e70144cecd9d265dffdc5bb8e051c3f83db32a425e04d8f510c58a43325fbc56"
	routedHex = "5308337ffad5b6b156c620a2c1f4cc10bac95d0b8904a706e62cddfda75c107a8d11"
)

// The addresses of section 12.
func tcpI() wire.Address { return wire.TCPAddress4([4]byte{127, 0, 0, 1}, 54321) }
func tcpR() wire.Address { return wire.TCPAddress4([4]byte{127, 0, 0, 1}, 4000) }
func udpI() wire.Address { return wire.UDPAddress4([4]byte{10, 0, 0, 1}, 4001) }
func udpH() wire.Address { return wire.UDPAddress4([4]byte{10, 0, 0, 2}, 4002) }
func udpR() wire.Address { return wire.UDPAddress4([4]byte{10, 0, 0, 3}, 4003) }
func locI() wire.Address { return wire.LocalAddress([]byte{0x0a, 0x0b, 0x0c, 0x0d}) }
func locR() wire.Address { return wire.LocalAddress([]byte{0x01, 0x02, 0x03, 0x04}) }

type knownAnswer struct {
	name    string
	dialect wire.Dialect
	hex     string // spaces for the reader
	want    wire.Message
}

// knownAnswers are all wire messages of section 12, in its order.
func knownAnswers() []knownAnswer {
	v1, c09, e09 := profile.V1(), profile.C09(), profile.E09()
	inV1 := wire.Dialect(v1.HandshakeEnvelope())
	inC09, bareC09 := wire.Dialect(c09.HandshakeEnvelope()), wire.Dialect(c09.TransportEnvelope())
	m1, m2, m3, routed := unhex(m1Hex), unhex(m2Hex), unhex(m3Hex), unhex(routedHex)
	hello := unhex("68656c6c6f")
	// Both routes of the direct messages.
	toR, toI := wire.Route{tcpR()}, wire.Route{tcpI()}
	pingOnward := wire.Route{wire.LocalAddress([]byte{0xff}), wire.TCPAddress4([4]byte{1, 2, 3, 4}, 9000),
		wire.UDPAddress6([16]byte{0: 0x20, 1: 0x01, 2: 0x0d, 3: 0xb8, 15: 1}, 9000)}
	ping := wire.Message{Onward: pingOnward, Return: wire.Route{locI()}, Type: wire.Ping}
	const outerR = "01 01 01007f000001a00f 01 01007f00000131d4 "
	const outerI = "01 01 01007f00000131d4 01 01007f000001a00f "
	record := func(name, outer, ciphertext string, onward, ret wire.Route) knownAnswer {
		return knownAnswer{name, wire.Dialect(v1.TransportEnvelope()), outer + "02" + ciphertext,
			wire.Message{Onward: onward, Return: ret, Type: wire.Payload, Body: unhex(ciphertext)}}
	}
	bare := func(name, ciphertext string) knownAnswer {
		return knownAnswer{name, bareC09, ciphertext, wire.Message{Type: wire.Untyped, Body: unhex(ciphertext)}}
	}
	return []knownAnswer{
		bare("c09 first record of the responder", "9ea1da1ec3bfecfffab213e537ed1791bfa887dd9c631351b3f63d6315ab9a"),
		bare("c09 first record of the initiator", "217c5111fad7afde33bd28abaff3def88a57ab50515115d23a10f28621f842"),
		{"c09 m1", inC09, "01000003" + m1Hex, wire.Message{Type: wire.M1, Body: m1}},
		{"c09 m2", inC09, "01000004" + m2Hex, wire.Message{Type: wire.M2, Body: m2}},
		{"c09 m3", inC09, "01000005" + m3Hex, wire.Message{Type: wire.M3, Body: m3}},
		{"TCP m1", inV1, outerR + "03" + m1Hex, wire.Message{Onward: toR, Return: toI, Type: wire.M1, Body: m1}},
		{"TCP m2", inV1, outerI + "04" + m2Hex, wire.Message{Onward: toI, Return: toR, Type: wire.M2, Body: m2}},
		{"TCP m3", inV1, outerR + "05" + m3Hex, wire.Message{Onward: toR, Return: toI, Type: wire.M3, Body: m3}},
		{"TCP inner hello", wire.Dialect(v1.InnerEnvelope()), "0100000268656c6c6f", wire.Message{Type: wire.Payload, Body: hello}},
		record("TCP initiator n=0", outerR, "5309337ef3c0aadc399f648b360b89cf45a3ec086cfa7e7639", toR, toI),
		record("TCP initiator n=1", outerR, "260bc6994207fd5bf31ac649573262faaa4f9743e1048d2cd8", toR, toI),
		record("TCP initiator n=65535", outerR, "0e2905aac9ef4158a22bf8dd93c0362660e4211270c305d952", toR, toI),
		record("TCP responder n=0", outerI, "e6c4b670c4adf3e6f76274e8dfd509502dbb02fdc4c9ff4b99", toI, toR),
		{"UDP m1 I-H", inV1, "01 02 02000a000002a20f 02000a000003a30f 02 02000a000001a10f 00040a0b0c0d 03" + m1Hex,
			wire.Message{Onward: wire.Route{udpH(), udpR()}, Return: wire.Route{udpI(), locI()}, Type: wire.M1, Body: m1}},
		{"UDP m1 H-R", inV1, "01 01 02000a000003a30f 03 02000a000002a20f 02000a000001a10f 00040a0b0c0d 03" + m1Hex,
			wire.Message{Onward: wire.Route{udpR()}, Return: wire.Route{udpH(), udpI(), locI()}, Type: wire.M1, Body: m1}},
		{"UDP m2 R-H", inV1, "01 03 02000a000002a20f 02000a000001a10f 00040a0b0c0d 02 02000a000003a30f 000401020304 04" + m2Hex,
			wire.Message{Onward: wire.Route{udpH(), udpI(), locI()}, Return: wire.Route{udpR(), locR()}, Type: wire.M2, Body: m2}},
		{"UDP m2 H-I", inV1, "01 02 02000a000001a10f 00040a0b0c0d 03 02000a000002a20f 02000a000003a30f 000401020304 04" + m2Hex,
			wire.Message{Onward: wire.Route{udpI(), locI()}, Return: wire.Route{udpH(), udpR(), locR()}, Type: wire.M2, Body: m2}},
		{"UDP m3 I-H", inV1, "01 03 02000a000002a20f 02000a000003a30f 000401020304 02 02000a000001a10f 00040a0b0c0d 05" + m3Hex,
			wire.Message{Onward: wire.Route{udpH(), udpR(), locR()}, Return: wire.Route{udpI(), locI()}, Type: wire.M3, Body: m3}},
		{"UDP m3 H-R", inV1, "01 02 02000a000003a30f 000401020304 03 02000a000002a20f 02000a000001a10f 00040a0b0c0d 05" + m3Hex,
			wire.Message{Onward: wire.Route{udpR(), locR()}, Return: wire.Route{udpH(), udpI(), locI()}, Type: wire.M3, Body: m3}},
		{"UDP inner hello", wire.Dialect(v1.InnerEnvelope()), "01 01 0003617070 01 00026d65 02 68656c6c6f",
			wire.Message{Onward: wire.Route{wire.LocalAddress([]byte("app"))}, Return: wire.Route{wire.LocalAddress([]byte("me"))},
				Type: wire.Payload, Body: hello}},
		{"UDP data I-H", inV1, "01 03 02000a000002a20f 02000a000003a30f 000401020304 01 02000a000001a10f 02" + routedHex,
			wire.Message{Onward: wire.Route{udpH(), udpR(), locR()}, Return: wire.Route{udpI()}, Type: wire.Payload, Body: routed}},
		{"UDP data H-R", inV1, "01 02 02000a000003a30f 000401020304 02 02000a000002a20f 02000a000001a10f 02" + routedHex,
			wire.Message{Onward: wire.Route{udpR(), locR()}, Return: wire.Route{udpH(), udpI()}, Type: wire.Payload, Body: routed}},
		{"UDP ping", inV1, "01 01 02000a000003a30f 01 02000a000001a10f 00",
			wire.Message{Onward: wire.Route{udpR()}, Return: wire.Route{udpI()}, Type: wire.Ping}},
		{"UDP pong", inV1, "01 01 02000a000001a10f 01 02000a000003a30f 01",
			wire.Message{Onward: wire.Route{udpI()}, Return: wire.Route{udpR()}, Type: wire.Pong}},
		{"routed ping", inV1, "01 03 0001ff 01 00 01020304 2823 02 01 20010db8000000000000000000000001 2823 01 00040a0b0c0d 00", ping},
		{"e09 routed ping", wire.Dialect(e09.HandshakeEnvelope()),
			"01 03 0001ff 01 00 01020304 2823 02 01 0120b80d 0000000000000000 00000100 2823 01 00040a0b0c0d 00", ping},
	}
}

func TestKnownAnswers(t *testing.T) {
	answers := knownAnswers()
	if got, want := len(answers), 26; got != want {
		t.Fatalf("%d known answers, want %d", got, want)
	}
	for _, k := range answers {
		t.Run(k.name, func(t *testing.T) {
			encoded := unhex(k.hex)
			got, err := wire.Parse(k.dialect, encoded)
			if err != nil || !got.Equal(&k.want) {
				t.Errorf("Parse = %v, %v, want %v", &got, err, &k.want)
			}
			out, err := wire.AppendMessage([]byte("before"), k.dialect, &k.want)
			if want := append([]byte("before"), encoded...); err != nil || !bytes.Equal(out, want) {
				t.Errorf("AppendMessage = %x, %v, want %x", out, err, want)
			}
		})
	}
}

// The frame lengths that section 12 gives with the messages over TCP count the whole message.
func TestKnownAnswerLengths(t *testing.T) {
	lengths := map[string]int{"c09 m1": 0x24, "c09 m2": 0x64, "c09 m3": 0x44, "TCP m1": 0x34, "TCP m2": 0x74, "TCP m3": 0x54,
		"TCP initiator n=0": 0x2d, "TCP initiator n=1": 0x2d, "TCP initiator n=65535": 0x2d, "TCP responder n=0": 0x2d}
	found := 0
	for _, k := range knownAnswers() {
		if want, ok := lengths[k.name]; ok {
			found++
			if got := len(unhex(k.hex)); got != want {
				t.Errorf("%s: %d bytes, want %d", k.name, got, want)
			}
		}
	}
	if found != len(lengths) {
		t.Errorf("%d lengths checked, want %d", found, len(lengths))
	}
}

// WIRE-005: each strict prefix of the version, routes, and type is refused, and m keeps nothing of it.
func TestKnownAnswerPrefixes(t *testing.T) {
	checked := 0
	for _, k := range knownAnswers() {
		if k.dialect.Bare {
			continue // no header
		}
		encoded := unhex(k.hex)
		header := len(encoded) - len(k.want.Body)
		if k.dialect.Untagged {
			header-- // without type byte what is left is an empty body
		}
		for n := range header {
			var m wire.Message
			err := m.Parse(k.dialect, encoded[:n])
			var e *wire.Error
			if !errors.Is(err, wire.ErrTruncated) || !errors.As(err, &e) || e.Requirement != "WIRE-005" || e.Offset > n {
				t.Errorf("%s: first %d bytes: %v, want truncated at or before the end", k.name, n, err)
			}
			if !m.Equal(&wire.Message{}) {
				t.Errorf("%s: first %d bytes left %v", k.name, n, &m)
			}
			checked++
		}
	}
	if checked < 500 {
		t.Errorf("%d prefixes checked", checked)
	}
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}
