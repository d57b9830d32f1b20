package cases

import (
	"fmt"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// A spoilt message is one that could be forwarded but for one thing.
type spoilt struct {
	words string
	bytes func(m adversary.Message) []byte
}

// notForwarded sends each as a message to b. None is forwarded: a node parses what it relays as strictly as what is for itself.
func notForwarded(requirement string, all ...spoilt) func(r *ring) error {
	return func(r *ring) error {
		var drops []drop
		for _, x := range all {
			m, err := r.message(r.a, r.b)
			if err != nil {
				return err
			}
			drops = append(drops, drop{requirement: requirement, words: x.words, bytes: x.bytes(m), rejected: true})
		}
		return r.dropped(drops...)
	}
}

// WIRE-001, WIRE-003 to WIRE-006, WIRE-009, WIRE-012, WIRE-013 as a node that forwards shows them.
func hopsMalformed() []conformance.Case {
	var all []conformance.Case
	for _, c := range []struct {
		slug, title, requirement string
		messages                 []spoilt
	}{
		{"version", "Messages of other versions than 1 are not forwarded.", "WIRE-001", hopVersions([]byte{0}, []byte{2}, adversary.U2LE(128),
			adversary.U2LE(129), adversary.U2LE(257), adversary.U2LE(16383))},
		{"version-high-bit", "Messages whose version's second byte has its high bit set are not forwarded.", "WIRE-003", hopVersions(
			[]byte{0x81, 0x80}, []byte{0x81, 0x80, 0})},
		{"version-overlong", "Messages whose version 1 takes two bytes are not forwarded.", "WIRE-004", hopVersions([]byte{0x81, 0})},
		{"lengths", "Messages whose counts and lengths lie, or that end early, are not forwarded.", "WIRE-005", hopLengths()},
		{"types", "Messages of unknown types, or with addresses or hosts of unknown types, are not forwarded.", "WIRE-006", hopTypes()},
		{"ping-body", "Pings and pongs with a body are not forwarded.", "WIRE-009", []spoilt{typedWithBody(wire.Ping), typedWithBody(wire.Pong)}},
		{"local-length", "Messages with a local address of length 0 are not forwarded.", "WIRE-012", withAddresses("a local address of length 0",
			adversary.LocalAddress(""))},
		{"dns-length", "Messages with a DNS name of 0, 254, or 255 bytes are not forwarded.", "WIRE-013", withAddresses("a DNS name of a bad length",
			dnsAddress(0), dnsAddress(254), dnsAddress(255))},
	} {
		all = append(all, hop(conformance.Case{
			ID: "wire/hop-" + c.slug, Title: c.title, Requirements: []string{c.requirement}, Run: around(notForwarded(c.requirement, c.messages...)),
		}))
	}
	return all
}

func hopVersions(versions ...[]byte) (all []spoilt) {
	for _, v := range versions {
		all = append(all, spoilt{fmt.Sprintf("a message whose version is written %x", v), func(m adversary.Message) []byte {
			m.Version = v
			return m.Bytes()
		}})
	}
	return all
}

func hopLengths() []spoilt {
	bytewise := func(words string, alter func(m adversary.Message, b []byte) []byte) spoilt {
		return spoilt{words, func(m adversary.Message) []byte { return alter(m, m.Bytes()) }}
	}
	returnCount := func(m adversary.Message) int { return 1 + len(m.Onward.Append(nil)) }
	set := func(at func(m adversary.Message) int, to int) func(adversary.Message, []byte) []byte {
		return func(m adversary.Message, b []byte) []byte {
			b[at(m)] = byte(to)
			return b
		}
	}
	onwardCount := func(adversary.Message) int { return 1 }
	all := []spoilt{
		bytewise("an onward route that counts 3 addresses of 2", set(onwardCount, 3)),
		bytewise("an onward route that counts 255 addresses", set(onwardCount, 255)),
		bytewise("a return route that counts 2 addresses of 1", set(returnCount, 2)),
		bytewise("a return route that counts 255 addresses", set(returnCount, 255)),
		bytewise("no more than its version", func(_ adversary.Message, b []byte) []byte { return b[:1] }),
		bytewise("half a version", func(adversary.Message, []byte) []byte { return []byte{0x81} }),
	}
	for _, back := range []int{1, 2, 5, 8, 9, 10} { // from the type back into the routes
		all = append(all, bytewise(fmt.Sprintf("a header without its last %d bytes", back), func(m adversary.Message, b []byte) []byte {
			return b[:len(m.Header())-back]
		}))
	}
	for _, a := range []adversary.Address{"\x00\xffabcd", "\x01\x02\xfdabcd", "\x02\x01\x20\x01", "\x01\x00\x7f"} {
		all = append(all, spoilt{"an address that is longer than the rest of the message", func(m adversary.Message) []byte {
			m.Return, m.Type, m.Body = append(m.Return, a), wire.Ping, nil
			b := m.Bytes()
			return b[:len(b)-1]
		}})
	}
	return all
}

func hopTypes() []spoilt {
	var all []spoilt
	for _, t := range []wire.Type{6, 7, 0x40, 0x82, 0xff} {
		all = append(all, spoilt{fmt.Sprintf("a message of type %d", t), func(m adversary.Message) []byte {
			m.Type = t
			return m.Bytes()
		}})
	}
	all = append(all, withAddresses("an address of unknown type", "\x03\x04abcd", "\x03\x00\x7f\x00\x00\x01\xa0\x0f", "\x80\x04abcd", "\xff")...)
	return append(all, withAddresses("a host of unknown type",
		"\x01\x03\x7f\x00\x00\x01\xa0\x0f", "\x02\x80\x7f\x00\x00\x01\xa0\x0f", "\x01\xff\x04abcd\xa0\x0f")...)
}

// withAddresses puts each address last into either route.
func withAddresses(words string, addresses ...adversary.Address) (all []spoilt) {
	for _, a := range addresses {
		all = append(all,
			spoilt{"a message with " + words + " in its onward route", func(m adversary.Message) []byte {
				m.Onward = append(m.Onward, a)
				return m.Bytes()
			}},
			spoilt{"a message with " + words + " in its return route", func(m adversary.Message) []byte {
				m.Return = append(m.Return, a)
				return m.Bytes()
			}})
	}
	return all
}

func typedWithBody(t wire.Type) spoilt {
	return spoilt{"a " + adversary.TypeName(t) + " with a body", func(m adversary.Message) []byte {
		m.Type = t
		return m.Bytes()
	}}
}
