package attach

import (
	"bytes"
	"testing"

	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// A session over UDP begins with an m1, whatever else is as long (section 11).
func TestIsM1(t *testing.T) {
	listener, channel := wire.LocalAddress([]byte("listener")), wire.LocalAddress([]byte{1, 2, 3, 4})
	tests := []struct {
		name    string
		profile profile.Profile
		to      wire.Address
		kind    wire.Type
		size    int
		want    bool
	}{
		{"v1, m1", profile.V1(), channel, wire.M1, 32, true},
		{"v1, m1 that is too long", profile.V1(), channel, wire.M1, 33, false},
		{"v1, payload of its length", profile.V1(), channel, wire.Payload, 32, false},
		{"e09, m1", profile.E09(), listener, wire.Untyped, 32, true},
		{"e09, record of its length", profile.E09(), channel, wire.Untyped, 32, false},
		{"e09, m3", profile.E09(), channel, wire.Untyped, 64, false},
		{"c010, m1", profile.C010(), channel, wire.M1, 65, true},
		{"c010, m1 of another suite", profile.C010(), channel, wire.M1, 32, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			datagram := func(to wire.Address, kind wire.Type, size int) []byte {
				m := wire.Message{
					Onward: wire.Route{wire.UDPAddress4([4]byte{127, 0, 0, 1}, 4000), to}, Type: kind, Body: bytes.Repeat([]byte{9}, size),
				}
				b, err := wire.AppendMessage(nil, wire.Dialect(test.profile.HandshakeEnvelope()), &m)
				if err != nil {
					t.Fatal(err)
				}
				return b
			}
			kind := wire.M1
			if !test.profile.HandshakeTypeByte {
				kind = wire.Untyped
			}
			first := datagram(listener, kind, test.profile.Suite.PublicKeySize)
			if got := isM1(test.profile, datagram(test.to, test.kind, test.size), first); got != test.want {
				t.Errorf("got %t, want %t", got, test.want)
			}
		})
	}
}
