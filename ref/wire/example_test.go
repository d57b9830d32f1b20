package wire_test

import (
	"encoding/hex"
	"errors"
	"fmt"

	"ockamtest/ref/wire"
)

// A ping to a node at the end of a route of one hop.
func ExampleAppendMessage() {
	ping := wire.Message{
		Onward: wire.Route{wire.UDPAddress4([4]byte{10, 0, 0, 2}, 4002), wire.UDPAddress4([4]byte{10, 0, 0, 3}, 4003)},
		Return: wire.Route{wire.UDPAddress4([4]byte{10, 0, 0, 1}, 4001)},
		Type:   wire.Ping,
	}
	b, err := wire.AppendMessage(nil, wire.Dialect{}, &ping)
	fmt.Println(hex.EncodeToString(b), err)
	// Output: 010202000a000002a20f02000a000003a30f0102000a000001a10f00 <nil>
}

// An error tells what is wrong, where, and which requirement that breaks.
func ExampleParse() {
	_, err := wire.Parse(wire.Dialect{}, []byte{1, 1, 3})
	fmt.Println(err)
	var e *wire.Error
	if errors.As(err, &e) {
		fmt.Println(e.Requirement, e.Offset, errors.Is(err, wire.ErrUnknownType))
	}
	// Output:
	// wire: onward route, address 0, address type at byte 2: unknown type (WIRE-006)
	// WIRE-006 2 true
}

// What people write becomes the address that encoders write.
func ExampleParseAddressString() {
	texts := []string{"tcp://127.0.0.1:4000", "udp://[2001:DB8::1]:9", "tcp://Example.COM.:80", "local:0a0b0c0d", "tcp://127.1:80"}
	for _, text := range texts {
		a, err := wire.ParseAddressString(text)
		fmt.Println(a, err)
	}
	// Output:
	// tcp://127.0.0.1:4000 <nil>
	// udp://[2001:db8::1]:9 <nil>
	// tcp://example.com:80 <nil>
	// local:0a0b0c0d <nil>
	// local: wire: value at byte 0: not in canonical form (WIRE-013)
}
