package profile_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"ockamtest/ref/profile"
)

// A row pins one row of the table in section 11: the words of the specification, and what they are as data.
type row struct {
	name  string
	cells [4]string
	data  func(profile.Profile) any
	want  [4]any
}

func rows() []row {
	type list []any
	const any255 = profile.AnyCount
	x25519, p256 := profile.X25519AES256(), profile.P256AES128()
	return []row{
		{"who", [4]string{"this document; over UDP and IPv4 also the C and Elixir code of Aug-Sep 2020, within the limits below", "C 0.8 and 0.9",
			"Elixir 0.8 and 0.9", "C 0.10"}, func(p profile.Profile) any { return p.Title },
			[4]any{"the specification itself; over UDP and IPv4 also the C and Elixir code of Aug-Sep 2020, within limits",
				"C 0.8 and 0.9", "Elixir 0.8 and 0.9", "C 0.10"}},
		{"transports", [4]string{"TCP, UDP", "TCP, UDP", "UDP", "UDP"}, func(p profile.Profile) any { return p.Transports },
			[4]any{[]profile.Transport{profile.TCP, profile.UDP}, []profile.Transport{profile.TCP, profile.UDP},
				[]profile.Transport{profile.UDP}, []profile.Transport{profile.UDP}}},
		{"routes", [4]string{"yes", "both counts must be 0", "yes", "yes"}, func(p profile.Profile) any { return p.Routes },
			[4]any{true, false, true, true}},
		{"handshake type byte", [4]string{"3, 4, 5", "3, 4, 5", "none: body is the Noise message", "3, 4, 5"},
			func(p profile.Profile) any { return p.HandshakeTypeByte }, [4]any{true, true, false, true}},
		{"outer header on transport messages", [4]string{"yes, type 2", "**none: the frame is the ciphertext**", "yes, no type byte", "yes, type 2"},
			func(p profile.Profile) any { return list{p.TransportHeader, p.TransportTypeByte} },
			[4]any{list{true, true}, list{false, false}, list{true, false}, list{true, true}}},
		{"inner message", [4]string{"header, type 2, bytes", "header with two empty routes, type 2, bytes", "header, routes, bytes (no type)",
			"header, at most one return address, type 2, bytes"},
			func(p profile.Profile) any { return list{p.InnerTypeByte, p.MaxInnerOnward, p.MaxInnerReturn} },
			[4]any{list{true, any255, any255}, list{true, 0, 0}, list{false, any255, any255}, list{true, 0, 1}}},
		{"associated data of transport messages", [4]string{"h", "empty", "h", "h"}, func(p profile.Profile) any { return p.AssociatedData },
			[4]any{profile.HandshakeHash, profile.NoData, profile.HandshakeHash, profile.HandshakeHash}},
		{"DH and AEAD", [4]string{"X25519, AES-256", "X25519, AES-256", "X25519, AES-256",
			"**P-256 (65-byte points, x coordinate), AES-128 (first 16 bytes of each HKDF block), same protocol name**"},
			func(p profile.Profile) any { return p.Suite }, [4]any{x25519, x25519, x25519, p256}},
		{"m1, m2, m3", [4]string{"32, 96, 64", "32, 96, 64", "32, 96, 64", "65, 162, 97"},
			func(p profile.Profile) any { return p.Suite.MessageSizes() },
			[4]any{[3]int{32, 96, 64}, [3]int{32, 96, 64}, [3]int{32, 96, 64}, [3]int{65, 162, 97}}},
		{"IPv6 on the wire", [4]string{"network order", "–", "eight little-endian 16-bit groups", "network order"},
			func(p profile.Profile) any { return p.IPv6LittleEndian }, [4]any{false, false, true, false}},
		{"leading own address on receipt", [4]string{"removed whatever it says", "–", "removed only if equal to the bind address",
			"ignored (end point)"}, func(p profile.Profile) any { return p.LeadingAddress },
			[4]any{profile.RemoveTransport, profile.NoRoutes, profile.RemoveBind, profile.IgnoreLeading}},
		{"payload limit", [4]string{"65,535 less overhead", "send 1,008, receive 1,024", "8,192-byte datagrams", "32,767 less overhead"},
			func(p profile.Profile) any { return list{p.SendLimit, p.ReceiveLimit, p.MessageLimit} },
			[4]any{list{0, 0, 65535}, list{1008, 1024, 0}, list{0, 0, 8192}, list{0, 0, 32767}}},
		{"static key", [4]string{"configured", "new per handshake", "configured", "new per handshake"},
			func(p profile.Profile) any { return p.StaticKey },
			[4]any{profile.Configured, profile.PerHandshake, profile.Configured, profile.PerHandshake}},
		{"m1 is addressed to", [4]string{"node or local address", "–", "the responder channel's local address, always", "node"},
			func(p profile.Profile) any { return p.Listener },
			[4]any{profile.NodeOrLocal, profile.NoListener, profile.ResponderOnly, profile.NodeOnly}},
		{"m1 repeated (TRAN-014)", [4]string{"yes", "no", "no", "no"}, func(p profile.Profile) any { return p.RepeatM1 },
			[4]any{true, false, false, false}},
		{"bodies that cannot travel", [4]string{"–", "–",
			"handshake messages, ciphertexts, and inner payloads that begin with 03, 04, 05; inner payloads 00 and 01", "–"},
			func(p profile.Profile) any {
				return list{string(p.ForbiddenBodies), string(bytes.Join(p.ForbiddenInner, []byte(" ")))}
			},
			[4]any{list{"", ""}, list{"", ""}, list{"\x03\x04\x05", "\x00 \x01"}, list{"", ""}}},
		{"outer return addresses on transport messages", [4]string{"any", "0", "any", "at most one"},
			func(p profile.Profile) any { return p.MaxReturnAddresses }, [4]any{any255, 0, any255, 1}},
		{"addresses per route", [4]string{"8 or more", "0", "255", "at most 5"},
			func(p profile.Profile) any { return list{p.MinAddresses, p.MaxAddresses} },
			[4]any{list{8, any255}, list{0, 0}, list{any255, any255}, list{5, 5}}},
		{"inner routes", [4]string{"as set", "empty", "onward names the application, else dropped",
			"no onward address; a local return address is mis-read"},
			func(p profile.Profile) any {
				return list{p.MaxInnerOnward, p.MaxInnerReturn, p.InnerOnwardNeeded, p.InnerReturnMisread}
			},
			[4]any{list{any255, any255, false, false}, list{0, 0, false, false}, list{any255, any255, true, false}, list{0, 1, false, true}}},
	}
}

// Every cell of the table is pinned, in the specification's words and as data.
func TestTable(t *testing.T) {
	profiles, pinned := profile.All(), rows()
	table := specificationTable(t)
	if got, want := len(pinned), 19; got != want || len(table) != want {
		t.Fatalf("%d rows are pinned of %d in the specification, want %d", got, len(table), want)
	}
	for i, r := range pinned {
		if want := append([]string{r.name}, r.cells[:]...); fmt.Sprint(table[i]) != fmt.Sprint(want) {
			t.Errorf("row %d of the specification is\n%q, want\n%q", i, table[i], want)
		}
		for j, p := range profiles {
			if got, want := fmt.Sprintf("%#v", r.data(p)), fmt.Sprintf("%#v", r.want[j]); got != want {
				t.Errorf("%s of %s = %s, want %s", r.name, p.Name, got, want)
			}
		}
	}
}

// specificationTable returns the rows of the table in section 11, without its heading.
func specificationTable(t *testing.T) [][]string {
	t.Helper()
	text, err := os.ReadFile("../../conformance/spec/ockam-v1.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), "\n## 11. ")
	if !found {
		t.Fatal("the specification has no section 11")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var table [][]string
	for line := range strings.Lines(section) {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| parameter") {
			continue
		}
		var cells []string
		for _, cell := range strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|") {
			cells = append(cells, strings.TrimSpace(cell))
		}
		table = append(table, cells)
	}
	return table
}
