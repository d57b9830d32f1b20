package router_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"ockamtest/ref/profile"
	"ockamtest/ref/router"
	"ockamtest/ref/wire"
)

// The addresses of section 12.
func udpI() wire.Address { return udp(1, 4001) }
func udpH() wire.Address { return udp(2, 4002) }
func udpR() wire.Address { return udp(3, 4003) }
func locI() wire.Address { return wire.LocalAddress([]byte{0x0a, 0x0b, 0x0c, 0x0d}) }
func locR() wire.Address { return wire.LocalAddress([]byte{0x01, 0x02, 0x03, 0x04}) }

func udp(last byte, port uint16) wire.Address { return wire.UDPAddress4([4]byte{10, 0, 0, last}, port) }
func tcp(last byte, port uint16) wire.Address { return wire.TCPAddress4([4]byte{10, 0, 0, last}, port) }

// anyone is the rule of an open relay.
func anyone(wire.Address, wire.Address) bool { return true }

// newRouter makes a router, of profile v1 if the config names none.
func newRouter(t testing.TB, cfg router.Config) *router.Router {
	t.Helper()
	if cfg.Profile.Name == "" {
		cfg.Profile = profile.V1()
	}
	r, err := router.New(cfg)
	must(t, err)
	return r
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// unhex decodes a message of the specification: hex with spaces.
func unhex(t testing.TB, parts ...string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(strings.Join(parts, ""), " ", ""))
	must(t, err)
	return b
}
