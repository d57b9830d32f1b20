package routers

import (
	"slices"

	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// formFaults are those of WIRE-015, and of names.
func formFaults() []fault {
	return []fault{
		{
			name: "hop-addresses-as-received", title: "writes addresses as it received them", class: "non-canonical addresses", breaks: ids("WIRE-015"),
			entails: ids("ROUT-005"),
			alter:   func(s *script) { s.form = func(a adversary.Address) (adversary.Address, bool) { return a, true } },
		},
		{
			name: "hop-mapped-as-received", title: "writes IPv4-mapped IPv6 addresses as it received them", class: "non-canonical addresses",
			breaks: ids("WIRE-015"), entails: ids("ROUT-005"),
			alter: func(s *script) {
				s.form = func(a adversary.Address) (adversary.Address, bool) {
					if a.Type() != wire.Local && wire.HostType(a[1]) == wire.IPv6 {
						return a, true
					}
					return form(a)
				}
			},
		},
		{
			name: "hop-names-as-received", title: "writes names as it received them", class: "non-canonical addresses", breaks: ids("WIRE-015"),
			alter: func(s *script) {
				s.form = func(a adversary.Address) (adversary.Address, bool) {
					written, ok := form(a)
					if ok && wire.HostType(a[1]) == wire.DNS && a.Type() != wire.Local {
						return a, true
					}
					return written, ok
				}
			},
		},
		{
			name: "hop-noncanonical-dropped", title: "drops messages with addresses in another spelling", class: "non-canonical addresses",
			breaks: ids("WIRE-015"),
			alter: func(s *script) {
				s.form = func(a adversary.Address) (adversary.Address, bool) {
					written, ok := form(a)
					return written, ok && written == a
				}
			},
		},
	}
}

// nameFaults are those of names.
func nameFaults() []fault {
	return []fault{
		{
			name: "hop-no-form-forwarded", title: "writes names of any characters, in lower case", class: "non-canonical addresses", breaks: ids("WIRE-015"),
			alter: func(s *script) {
				s.form = func(a adversary.Address) (adversary.Address, bool) {
					if written, ok := form(a); ok {
						return written, true
					}
					return a, true
				}
			},
		},
		{
			name: "hop-literal-name-forwarded", title: "writes a name that is an IP address as a name", class: "non-canonical addresses", breaks: ids("WIRE-015"),
			alter: func(s *script) {
				s.form = func(a adversary.Address) (adversary.Address, bool) {
					if written, ok := form(a); ok {
						return written, true
					}
					_, isIP := literal(a)
					return a, isIP
				}
			},
		},
		{
			name: "hop-pong-as-received", title: "writes the addresses of a pong as it received them with the ping", class: "non-canonical addresses",
			breaks: ids("WIRE-015"),
			alter: func(s *script) {
				s.ping = func(n *node, from origin, m adversary.Message) {
					n.answer(from, adversary.Message{Onward: m.Return, Type: wire.Pong})
				}
			},
		},
		{
			name: "hop-names-resolved-on-receipt", title: "resolves every name in a message that it can", class: "names", breaks: ids("WIRE-014"),
			alter: func(s *script) {
				s.form = func(a adversary.Address) (adversary.Address, bool) {
					written, ok := form(a)
					if ok && written.Type() != wire.Local {
						if numeric, known := resolve(nil, written); known {
							return numeric, true
						}
					}
					return written, ok
				}
			},
		},
	}
}

// orderFaults are those of the order of bytes.
func orderFaults() []fault {
	return []fault{
		{
			name: "hop-ports-written-big-endian", title: "reads ports little-endian and writes them big-endian, but for the next hop's", class: "IPv6 and port byte order",
			breaks: ids("WIRE-007"), entails: ids("ROUT-002", "ROUT-003", "WIRE-015"),
			alter: departing(func(_ *node, _ adversary.Address, m adversary.Message) adversary.Message {
				m.Onward = append(slices.Clone(m.Onward[:1]), each(m.Onward[1:], portReversed)...)
				m.Return = append(slices.Clone(m.Return[:min(2, len(m.Return))]), each(m.Return[min(2, len(m.Return)):], portReversed)...)
				return m
			}),
		},
		{
			name: "hop-ipv6-in-groups", title: "writes IPv6 addresses as little-endian groups of 16 bits", class: "IPv6 and port byte order",
			breaks: ids("WIRE-007"),
			alter: departing(func(_ *node, _ adversary.Address, m adversary.Message) adversary.Message {
				m.Onward, m.Return = each(m.Onward, grouped), each(m.Return, grouped)
				return m
			}),
		},
	}
}

// literal is the IPv4 address that a name is.
func literal(a adversary.Address) (adversary.Address, bool) {
	if a.Type() == wire.Local || wire.HostType(a[1]) != wire.DNS {
		return "", false
	}
	written, err := adversary.TransportAddress(a.Type(), string(a[3:len(a)-2])+":1")
	if err != nil {
		return "", false
	}
	return written[:len(written)-2] + a[len(a)-2:], true
}

// each is a route with its transport addresses altered.
func each(r adversary.Route, f func(adversary.Address) adversary.Address) (out adversary.Route) {
	for _, a := range r {
		if a.Type() != wire.Local {
			a = f(a)
		}
		out = append(out, a)
	}
	return out
}

func grouped(a adversary.Address) adversary.Address {
	if wire.HostType(a[1]) != wire.IPv6 {
		return a
	}
	b := []byte(a)
	for i := 2; i < 18; i += 2 {
		b[i], b[i+1] = b[i+1], b[i]
	}
	return adversary.Address(b)
}
