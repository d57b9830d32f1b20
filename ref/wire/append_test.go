package wire_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"ockamtest/ref/wire"
)

func TestAppendMessageRefuses(t *testing.T) {
	good, empty := wire.LocalAddress([]byte{0xaa}), wire.Address{}
	mapped := wire.TCPAddress6([16]byte{10: 0xff, 11: 0xff, 15: 1}, 80)
	payload := func(onward, ret wire.Route) wire.Message {
		return wire.Message{Onward: onward, Return: ret, Type: wire.Payload}
	}
	body := func(t wire.Type, b ...byte) wire.Message { return wire.Message{Type: t, Body: b} }
	for _, tc := range []struct {
		name    string
		dialect wire.Dialect
		m       wire.Message
		want    wire.Error
	}{
		{"256 onward", wire.Dialect{}, payload(slices.Repeat(wire.Route{good}, 256), nil),
			wire.Error{"WIRE-008", onward, -1, "count", 1, wire.ErrTooMany}},
		{"256 return", wire.Dialect{}, payload(nil, slices.Repeat(wire.Route{good}, 256)),
			wire.Error{"WIRE-008", back, -1, "count", 2, wire.ErrTooMany}},
		{"c09 onward", noRoutes, payload(wire.Route{good}, nil), wire.Error{"WIRE-008", onward, -1, "count", 1, wire.ErrTooMany}},
		{"c09 return", noRoutes, payload(nil, wire.Route{good}), wire.Error{"WIRE-008", back, -1, "count", 2, wire.ErrTooMany}},
		{"c010 six onward", fewer, payload(slices.Repeat(wire.Route{good}, 6), nil),
			wire.Error{"WIRE-008", onward, -1, "count", 1, wire.ErrTooMany}},
		{"bare with a route", bare, payload(nil, wire.Route{good}), wire.Error{"WIRE-008", "", -1, "count", 0, wire.ErrTooMany}},
		{"empty local", wire.Dialect{}, payload(wire.Route{good, empty}, nil), wire.Error{"WIRE-012", onward, 1, "length", 5, wire.ErrLength}},
		{"mapped", wire.Dialect{}, payload(nil, wire.Route{good, mapped}), wire.Error{"WIRE-013", back, 1, "host", 6, wire.ErrForm}},
		{"type 6", wire.Dialect{}, body(6), wire.Error{"WIRE-006", "", -1, "type", 3, wire.ErrUnknownType}},
		{"untyped in v1", wire.Dialect{}, body(wire.Untyped), wire.Error{"WIRE-006", "", -1, "type", 3, wire.ErrUnknownType}},
		{"bare m1", bare, body(wire.M1, 7), wire.Error{"WIRE-006", "", -1, "type", 0, wire.ErrUnknownType}},
		{"bare ping", bare, body(wire.Ping), wire.Error{"WIRE-006", "", -1, "type", 0, wire.ErrUnknownType}},
		{"ping with a body", wire.Dialect{}, body(wire.Ping, 0), wire.Error{"WIRE-009", "", -1, "body", 3, wire.ErrBody}},
		{"pong with a body", untagged, body(wire.Pong, 9), wire.Error{"WIRE-009", "", -1, "body", 3, wire.ErrBody}},
		{"e09 body 03", untagged, body(wire.M1, 3, 9), wire.Error{"WIRE-011", "", -1, "body", 3, wire.ErrBody}},
		{"e09 body 04", untagged, body(wire.Payload, 4), wire.Error{"WIRE-011", "", -1, "body", 3, wire.ErrBody}},
		{"e09 body 05", untagged, body(wire.Untyped, 5, 5), wire.Error{"WIRE-011", "", -1, "body", 3, wire.ErrBody}},
		{"e09 body is 00", untagged, body(wire.Payload, 0), wire.Error{"WIRE-011", "", -1, "body", 3, wire.ErrBody}},
		{"e09 body is 01", untagged, body(wire.Payload, 1), wire.Error{"WIRE-011", "", -1, "body", 3, wire.ErrBody}},
		{"too long", wire.Dialect{}, body(wire.Payload, make([]byte, wire.MaxMessage-3)...),
			wire.Error{"REC-010", "", -1, "body", 4, wire.ErrTooLong}},
		{"bare and too long", bare, body(wire.Payload, make([]byte, wire.MaxMessage+1)...),
			wire.Error{"REC-010", "", -1, "body", 0, wire.ErrTooLong}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := wire.AppendMessage([]byte("before"), tc.dialect, &tc.m)
			assertError(t, err, tc.want)
			if string(got) != "before" {
				t.Errorf("a refused message left %x", got)
			}
		})
	}
}

// Messages at the limits, and types that a dialect does not write.
func TestAppendMessage(t *testing.T) {
	for _, tc := range []struct {
		name    string
		dialect wire.Dialect
		m       wire.Message
		want    string // hex
	}{
		{"255 addresses", wire.Dialect{}, wire.Message{Onward: slices.Repeat(wire.Route{wire.LocalAddress([]byte{0xaa})}, 255), Type: wire.Ping},
			"01 ff" + strings.Repeat("0001aa", 255) + "00 00"},
		{"longest", wire.Dialect{}, wire.Message{Type: wire.Payload, Body: make([]byte, wire.MaxMessage-4)},
			"01 00 00 02" + strings.Repeat("00", wire.MaxMessage-4)},
		{"e09 m1", untagged, wire.Message{Type: wire.M1, Body: []byte{0xaa}}, "01 00 00 aa"},
		{"e09 payload", untagged, wire.Message{Type: wire.Payload, Body: []byte{0, 3}}, "01 00 00 00 03"},
		{"e09 untyped", untagged, wire.Message{Type: wire.Untyped, Body: []byte{2}}, "01 00 00 02"},
		{"bare payload", bare, wire.Message{Type: wire.Payload, Body: []byte{3}}, "03"},
		{"a name", wire.Dialect{}, wire.Message{Onward: wire.Route{wire.UDPAddressDNS("x-1.example", 9)}, Type: wire.Pong},
			"01 01 02020b 782d312e6578616d706c65 0900 00 01"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := wire.AppendMessage(nil, tc.dialect, &tc.m)
			if want := unhex(tc.want); err != nil || !bytes.Equal(got, want) {
				t.Errorf("AppendMessage = %x, %v, want %x", got, err, want)
			}
		})
	}
}

// AppendRoute and ParseRoute stand on their own: offsets count from what they append or are given.
func TestRoute(t *testing.T) {
	route := wire.Route{locI(), udpI(), tcpR()}
	encoded, err := wire.AppendRoute([]byte("before"), wire.Dialect{}, route)
	if want := "before" + string(unhex("03 00040a0b0c0d 02000a000001a10f 01007f000001a00f")); err != nil || string(encoded) != want {
		t.Fatalf("AppendRoute = %x, %v, want %x", encoded, err, want)
	}
	encoded = encoded[len("before"):]
	into := make(wire.Route, 2, 8)
	got, n, err := wire.ParseRoute(wire.Dialect{}, into, append(encoded, 0xff))
	if err != nil || n != len(encoded) || !slices.Equal(got, route) {
		t.Errorf("ParseRoute = %v, %d, %v, want %v, %d", got, n, err, route, len(encoded))
	}
	if &got[0] != &into[0] {
		t.Error("ParseRoute did not use the capacity it was given")
	}
	for n := range encoded {
		if _, _, err := wire.ParseRoute(wire.Dialect{}, nil, encoded[:n]); err == nil {
			t.Errorf("the first %d bytes were accepted", n)
		}
	}
	out, err := wire.AppendRoute([]byte("before"), wire.Dialect{}, wire.Route{locI(), {}})
	assertError(t, err, wire.Error{Requirement: "WIRE-012", Index: 1, Field: "length", Offset: 7, Err: wire.ErrLength})
	if string(out) != "before" {
		t.Errorf("a refused route left %x", out)
	}
}
