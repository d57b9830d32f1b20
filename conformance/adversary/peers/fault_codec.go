package peers

import "slices"

// codecFaults are those of the wire message.
func codecFaults() []fault {
	return slices.Concat(versionFaults(), routeFaults(), typeFaults(), encoderFaults())
}

func versionFaults() []fault {
	return []fault{
		{
			name: "version-ignored", title: "takes any version", class: "wrong version",
			breaks: ids("WIRE-001"), entails: ids("REC-009"),
			alter: parsing(func(p *parser) { p.version = anyVersion }),
		},
		{
			name: "version-crash", title: "looks up a table of versions that has two", class: "wrong version crash",
			breaks: ids("WIRE-001"), entails: ids("WIRE-003", "WIRE-004", "WIRE-005", "TRAN-006", "CHAN-002", "CHAN-010", "REC-009"),
			alter: parsing(func(p *parser) {
				p.version = func(b []byte) ([]byte, bool) {
					_ = [2]bool{false, true}[b[0]]
					return readVersion(b)
				}
			}),
		},
		{
			name: "version-overlong-accepted", title: "takes version 1 written in two bytes", class: "non-canonical version",
			breaks: ids("WIRE-004"),
			alter: parsing(func(p *parser) {
				p.version = func(b []byte) ([]byte, bool) {
					if len(b) >= 2 && b[0] == 0x81 && b[1] == 0 {
						return b[2:], true
					}
					return readVersion(b)
				}
			}),
		},
		{
			name: "version-high-bit-ignored", title: "ignores the high bit of a second version byte", class: "non-canonical version",
			breaks: ids("WIRE-003"), entails: ids("REC-009"),
			alter: parsing(func(p *parser) {
				p.version = func(b []byte) ([]byte, bool) {
					if len(b) >= 2 && b[0] == 0x81 && b[1] == 0x80 {
						return b[2:], true
					}
					return readVersion(b)
				}
			}),
		},
	}
}

func routeFaults() []fault {
	return []fault{
		{
			name: "length-lie-crash", title: "believes the length of an address", class: "count and length lies",
			profiles: v1(), breaks: ids("WIRE-005"), entails: ids("REC-009"),
			alter: parsing(func(p *parser) {
				p.address = func(b []byte) (int, bool) {
					size, ok := addressSize(b)
					if size > len(b) {
						_ = b[size-1]
					}
					return size, ok
				}
			}),
		},
		{
			name: "count-lie-crash", title: "believes the count of a route", class: "count and length lies",
			profiles: v1(), breaks: ids("WIRE-005"), entails: ids("REC-009"),
			alter: parsing(func(p *parser) {
				p.address = func(b []byte) (int, bool) {
					_ = b[0]
					return addressSize(b)
				}
			}),
		},
		{
			name: "count-lie-accepted", title: "ends a route where no address follows", class: "count and length lies",
			breaks: ids("WIRE-005"), entails: ids("REC-009"),
			alter: parsing(func(p *parser) {
				p.count = func(b []byte) (int, []byte, bool) {
					n, rest, ok := readCount(255)(b)
					for i, b := 0, rest; i < n; i++ {
						size, ok := addressSize(b)
						if !ok {
							return i, rest, true
						}
						b = b[size:]
					}
					return n, rest, ok
				}
			}),
		},
		{
			name: "no-type-crash", title: "reads the type of a message that ends before it", class: "count and length lies",
			breaks: ids("WIRE-005"), entails: ids("REC-009"),
			alter: parsing(func(p *parser) {
				p.kind = func(b []byte) (byte, []byte, bool) {
					_ = b[0]
					return readKind(b)
				}
			}),
		},
		{
			name: "many-addresses-crash", title: "keeps 8 addresses and writes the ninth behind them", class: "more addresses than supported",
			profiles: v1(), breaks: ids("WIRE-008"), entails: ids("WIRE-005", "REC-009"),
			alter: parsing(func(p *parser) {
				p.count = func(b []byte) (int, []byte, bool) {
					n, rest, ok := readCount(255)(b)
					_ = make([]route, 8)[:n]
					return n, rest, ok
				}
			}),
		},
		{
			name: "eight-addresses-refused", title: "takes at most 5 addresses in a route", class: "more addresses than supported",
			profiles: v1(), breaks: ids("WIRE-008"),
			alter: parsing(func(p *parser) { p.count = readCount(5) }),
		},
		{
			name: "unknown-address-type-accepted", title: "takes an unknown address type for a local address", class: "unknown types",
			profiles: v1(), breaks: ids("WIRE-006"), entails: ids("REC-009"),
			alter: parsing(func(p *parser) {
				p.address = func(b []byte) (int, bool) {
					if len(b) > 0 && b[0] > addressUDP {
						b = slices.Concat([]byte{addressLocal}, b[1:])
					}
					return addressSize(b)
				}
			}),
		},
		{
			name: "unknown-host-type-accepted", title: "takes an unknown host type for IPv4", class: "unknown types",
			profiles: v1(), breaks: ids("WIRE-006"), entails: ids("REC-009"),
			alter: parsing(func(p *parser) {
				p.address = func(b []byte) (int, bool) {
					if len(b) > 1 && b[0] != addressLocal && b[1] > hostDNS {
						return 8, len(b) >= 8
					}
					return addressSize(b)
				}
			}),
		},
		{
			name: "empty-local-address-accepted", title: "takes a local address of length 0", class: "count and length lies",
			profiles: v1(), breaks: ids("WIRE-012"), entails: ids("REC-009"),
			alter: parsing(func(p *parser) {
				p.address = func(b []byte) (int, bool) {
					if len(b) > 1 && b[0] == addressLocal && b[1] == 0 {
						return 2, true
					}
					return addressSize(b)
				}
			}),
		},
		{
			name: "dns-length-unchecked", title: "takes DNS names of length 0 and above 253", class: "count and length lies",
			profiles: v1(), breaks: ids("WIRE-013"), entails: ids("REC-009"),
			alter: parsing(func(p *parser) {
				p.address = func(b []byte) (int, bool) {
					if len(b) > 2 && b[0] != addressLocal && b[1] == hostDNS {
						size := 5 + int(b[2])
						return size, size <= len(b)
					}
					return addressSize(b)
				}
			}),
		},
	}
}

func typeFaults() []fault {
	return []fault{
		{
			name: "unknown-type-accepted", title: "takes an unknown type for the one that it waits for", class: "unknown types",
			breaks: ids("WIRE-006"), entails: ids("REC-009"),
			alter: func(s *script) {
				s.outer.kind = func(b []byte) (byte, []byte, bool) {
					if len(b) > 0 && b[0] > kindM3 {
						return b[0], b[1:], true
					}
					return readKind(b)
				}
				s.next = func(c *conn, kind byte) func(*conn, message) {
					switch {
					case kind <= kindM3:
						return next(c, kind)
					case c.state == isOpen:
						return (*conn).takeRecord
					}
					return next(c, expected(c, kind))
				}
			},
		},
		{
			name: "type-high-bits-ignored", title: "looks at the low 3 bits of the type", class: "unknown types",
			breaks: ids("WIRE-006"), entails: ids("REC-009"),
			alter: parsing(func(p *parser) {
				p.kind = func(b []byte) (byte, []byte, bool) {
					if len(b) > 0 {
						b = slices.Concat([]byte{b[0] & 7}, b[1:])
					}
					return readKind(b)
				}
			}),
		},
		{
			name: "unknown-type-crash", title: "jumps through a table of six types", class: "unknown types",
			breaks: ids("WIRE-006"), entails: ids("REC-009"),
			alter: parsing(func(p *parser) {
				p.kind = func(b []byte) (byte, []byte, bool) {
					if len(b) > 0 {
						_ = [6]bool{}[b[0]]
					}
					return readKind(b)
				}
			}),
		},
		{
			name: "ping-with-body-answered", title: "answers a ping that has a body", class: "trailing bytes",
			profiles: v1(), breaks: ids("WIRE-009"),
			alter: func(s *script) {
				s.outer.kind = func(b []byte) (byte, []byte, bool) {
					if len(b) > 0 && b[0] == kindPing {
						return b[0], b[1:], true
					}
					return readKind(b)
				}
			},
		},
		{
			name: "pong-answered", title: "answers a pong with a pong", class: "self-loop",
			profiles: v1(), breaks: ids("WIRE-010"),
			alter: func(s *script) {
				s.routed = func(c *conn, m message) (message, bool) {
					if m.kind == kindPong {
						m.kind = kindPing
					}
					return routed(c, m)
				}
			},
		},
	}
}

func encoderFaults() []fault {
	return []fault{
		{
			name: "version-written-overlong", title: "writes the version in two bytes", class: "non-canonical version",
			breaks: ids("WIRE-002"), entails: ids("WIRE-001"),
			alter: func(s *script) {
				s.encode = func(m message) []byte { return append([]byte{0x81, 0}, m.encode()[1:]...) }
			},
		},
		{
			name: "version-written-0", title: "writes version 0", class: "wrong version",
			breaks: ids("WIRE-001"),
			alter: func(s *script) {
				s.encode = func(m message) []byte { return append([]byte{0}, m.encode()[1:]...) }
			},
		},
		{
			name: "port-written-big-endian", title: "writes the port of its own address big-endian", class: "IPv6 and port byte order",
			profiles: v1(), breaks: ids("WIRE-007"),
			alter: func(s *script) {
				s.header = func(c *conn, kind byte) message {
					m := header(c, kind)
					m.back = m.back.each(portBigEndian)
					return m
				}
			},
		},
		{
			name: "handshake-type-written-wrong", title: "writes the type of a payload before its handshake messages",
			class:  "unknown types",
			breaks: ids("CHAN-001"),
			alter: func(s *script) {
				s.encode = func(m message) []byte {
					m.kind = min(m.kind, kindPayload)
					return m.encode()
				}
			},
		},
	}
}

// parsing alters the parser of outer and inner messages.
func parsing(f func(p *parser)) change {
	return func(s *script) {
		f(&s.outer)
		f(&s.inner)
	}
}

// anyVersion reads a version that may be any.
func anyVersion(b []byte) ([]byte, bool) {
	if len(b) == 0 {
		return nil, false
	}
	return b[1:], true
}
