package adversary

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"ockamtest/ref/wire"
)

// routed is a message with every form of address.
func routed() Message {
	return Message{
		Onward: Route{"\x01\x00\x7f\x00\x00\x01\xa0\x0f", LocalAddress("app")},
		Return: Route{
			"\x02\x01\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x28\x23",
			"\x01\x02\x0bexample.com\x50\x00",
			LocalAddress(strings.Repeat("x", 255)),
		},
		Type: wire.Payload,
		Body: []byte("body"),
	}
}

func TestParseRoundTrip(t *testing.T) {
	for _, m := range []Message{routed(), {Type: wire.Ping}, {Type: wire.M1, Body: make([]byte, 32)}} {
		got, err := ParseMessage(m.Bytes())
		if err != nil {
			t.Errorf("%s: %v", TypeName(m.Type), err)
			continue
		}
		same := got.Type == m.Type && len(got.Onward) == len(m.Onward) && len(got.Return) == len(m.Return)
		if !same || !bytes.Equal(got.Bytes(), m.Bytes()) {
			t.Errorf("%s: parsed and encoded again it is another message", TypeName(m.Type))
		}
	}
}

func TestParsePrefixes(t *testing.T) {
	header := routed().Header()
	for n := range header {
		var malformed *MalformedError
		if _, err := ParseMessage(header[:n]); !errors.As(err, &malformed) || malformed.Requirement != "WIRE-005" {
			t.Errorf("the first %d bytes: got %v, want a MalformedError of WIRE-005", n, err)
		}
	}
}

func TestParseMalformed(t *testing.T) {
	with := func(a Address) []byte { return Message{Return: Route{a}, Type: wire.Payload}.Bytes() }
	tests := []struct {
		name        string
		message     []byte
		requirement string
	}{
		{"version 0", []byte{0, 0, 0, 2}, "WIRE-001"},
		{"version 2", []byte{2, 0, 0, 2}, "WIRE-001"},
		{"version 129", []byte{0x81, 1, 0, 0, 2}, "WIRE-001"},
		{"version 1 in two bytes", []byte{0x81, 0, 0, 0, 2}, "WIRE-002"},
		{"high bit of the second byte", []byte{0x81, 0x80, 0, 0, 2}, "WIRE-003"},
		{"type 6", []byte{1, 0, 0, 6}, "WIRE-006"},
		{"ping with a body", []byte{1, 0, 0, 0, 1}, "WIRE-009"},
		{"pong with a body", []byte{1, 0, 0, 1, 1}, "WIRE-009"},
		{"address type 3", with("\x03\x01a"), "WIRE-006"},
		{"host type 3", with("\x01\x03\x01\x02\x03\x04\x01\x01"), "WIRE-006"},
		{"local address of length 0", with(LocalAddress("")), "WIRE-012"},
		{"IPv4-mapped IPv6", with("\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\x7f\x00\x00\x01\xa0\x0f"), "WIRE-013"},
		{"DNS name of length 0", with("\x01\x02\x00\xa0\x0f"), "WIRE-013"},
		{"DNS name of 254 bytes", with("\x01\x02\xfe" + Address(strings.Repeat("a", 254)) + "\xa0\x0f"), "WIRE-013"},
		{"DNS name in capitals", with("\x01\x02\x03ABC\xa0\x0f"), "WIRE-013"},
		{"DNS name with a final dot", with("\x01\x02\x04abc.\xa0\x0f"), "WIRE-013"},
		{"DNS name that is an IP literal", with("\x01\x02\x07" + "1.2.3.4" + "\xa0\x0f"), "WIRE-013"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseMessage(tt.message)
			var malformed *MalformedError
			if !errors.As(err, &malformed) || malformed.Requirement != tt.requirement {
				t.Errorf("got %v, want a MalformedError of %s", err, tt.requirement)
			}
		})
	}
}

func TestU2LE(t *testing.T) {
	for value, want := range map[int][]byte{0: {0}, 1: {1}, 127: {127}, 128: {0x80, 1}, 129: {0x81, 1}, 16383: {0xff, 0x7f}} {
		if got := U2LE(value); !bytes.Equal(got, want) {
			t.Errorf("U2LE(%d): got %x, want %x", value, got, want)
		}
	}
}

func TestTransportAddress(t *testing.T) {
	tests := []struct {
		socket string
		want   Address
	}{
		{"127.0.0.1:4000", "\x01\x00\x7f\x00\x00\x01\xa0\x0f"},
		{"[::ffff:127.0.0.1]:4000", "\x01\x00\x7f\x00\x00\x01\xa0\x0f"},
		{"[2001:db8::1]:9000", "\x01\x01\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x28\x23"},
	}
	for _, tt := range tests {
		if got, err := TransportAddress(wire.TCP, tt.socket); err != nil || got != tt.want {
			t.Errorf("%s: got %x, %v, want %x", tt.socket, string(got), err, string(tt.want))
		}
	}
	if _, err := TransportAddress(wire.TCP, "localhost:4000"); err == nil {
		t.Error("a name was taken for an address")
	}
}

func TestLearn(t *testing.T) {
	const source, other, udp = Address("\x01\x00\x01\x01\x01\x01\x01\x01"), Address("\x01\x00\x02\x02\x02\x02\x02\x02"),
		Address("\x02\x00\x02\x02\x02\x02\x02\x02")
	local := LocalAddress("a")
	tests := []struct {
		name        string
		route, want Route
	}{
		{"empty", nil, Route{source}},
		{"the source", Route{source}, Route{source}},
		{"another of its kind", Route{other, local}, Route{source, local}},
		{"another kind", Route{udp}, Route{source, udp}},
		{"local", Route{local}, Route{source, local}},
		{"two of its kind", Route{other, other}, Route{source, other}},
	}
	for _, tt := range tests {
		if got := tt.route.Learn(source); !bytes.Equal(got.Append(nil), tt.want.Append(nil)) {
			t.Errorf("%s: got %x, want %x", tt.name, got.Append(nil), tt.want.Append(nil))
		}
	}
}

// FuzzParseMessage: what parses is canonical, and nothing panics.
func FuzzParseMessage(f *testing.F) {
	f.Add(routed().Bytes())
	f.Add([]byte{1, 0, 0, 0})
	f.Add([]byte{0x81, 0x80, 0, 0, 2})
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ParseMessage(b)
		if err == nil && !bytes.Equal(m.Bytes(), b) {
			t.Errorf("%d bytes parse, but are not what the encoder writes", len(b))
		}
	})
}
