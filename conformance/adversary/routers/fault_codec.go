package routers

import (
	"slices"

	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// codecFaults are those of what a router parses.
func codecFaults() []fault {
	return slices.Concat(versionFaults(), countFaults(), shortFaults(), typeFaults())
}

func versionFaults() []fault {
	return []fault{
		{
			name: "hop-version-ignored", title: "takes any version", class: "wrong version", breaks: ids("WIRE-001"),
			entails: ids("WIRE-003", "WIRE-004"),
			alter: func(s *script) {
				s.outer.version = func(b []byte) ([]byte, bool) {
					if len(b) == 0 {
						return nil, false
					}
					if b[0] >= 0x80 && len(b) > 1 {
						return b[2:], true
					}
					return b[1:], true
				}
			},
		},
		{
			name: "hop-version-crash", title: "looks up a table of versions that has two", class: "wrong version crash", breaks: ids("WIRE-001"),
			entails: ids("WIRE-003", "WIRE-004", "WIRE-005", "TRAN-013"),
			alter: func(s *script) {
				s.outer.version = func(b []byte) ([]byte, bool) {
					if len(b) > 0 {
						_ = [2]bool{}[b[0]]
					}
					return readVersion(b)
				}
			},
		},
		{
			name: "hop-version-overlong-accepted", title: "takes version 1 written in two bytes", class: "non-canonical version", breaks: ids("WIRE-004"),
			alter: func(s *script) { s.outer.version = versionOr(0x81, 0) },
		},
		{
			name: "hop-version-high-bit-ignored", title: "ignores the high bit of a second version byte", class: "non-canonical version",
			breaks: ids("WIRE-003"),
			alter:  func(s *script) { s.outer.version = versionOr(0x81, 0x80) },
		},
	}
}

func versionOr(v, w byte) func([]byte) ([]byte, bool) {
	return func(b []byte) ([]byte, bool) {
		if len(b) >= 2 && b[0] == v && b[1] == w {
			return b[2:], true
		}
		return readVersion(b)
	}
}

func countFaults() []fault {
	return []fault{
		{
			name: "hop-count-lie-accepted", title: "ends a route where no address follows", class: "count and length lies", breaks: ids("WIRE-005"),
			entails: ids("WIRE-006", "WIRE-013"),
			alter: func(s *script) {
				s.outer.count = func(b []byte) (int, []byte, bool) {
					n, rest, ok := readCount(wire.MaxAddresses)(b)
					for i, b := 0, rest; i < n; i++ {
						size, ok := addressSize(b)
						if !ok {
							return i, rest, true
						}
						b = b[size:]
					}
					return n, rest, ok
				}
			},
		},
		{
			name: "hop-count-lie-crash", title: "believes the count of a route", class: "count and length lies", breaks: ids("WIRE-005"),
			alter: func(s *script) {
				s.outer.address = func(b []byte) (int, bool) {
					_ = b[0]
					return addressSize(b)
				}
			},
		},
		{
			name: "hop-length-lie-crash", title: "believes the length of an address", class: "count and length lies", breaks: ids("WIRE-005"),
			alter: func(s *script) {
				s.outer.address = func(b []byte) (int, bool) {
					size, ok := addressSize(b)
					if size > len(b) {
						_ = b[size-1]
					}
					return size, ok
				}
			},
		},
	}
}

// shortFaults are those of what is too short.
func shortFaults() []fault {
	return []fault{
		{
			name: "hop-no-type-as-ping", title: "takes a message that ends before its type for a ping", class: "count and length lies",
			breaks: ids("WIRE-005"),
			alter: func(s *script) {
				s.outer.kind = func(b []byte) (wire.Type, []byte, bool) {
					if len(b) == 0 {
						return wire.Ping, nil, true
					}
					return readKind(b)
				}
			},
		},
		{
			name: "hop-empty-local-address-accepted", title: "takes a local address of length 0", class: "count and length lies", breaks: ids("WIRE-012"),
			alter: func(s *script) {
				s.outer.address = func(b []byte) (int, bool) {
					if len(b) > 1 && b[0] == byte(wire.Local) && b[1] == 0 {
						return 2, true
					}
					return addressSize(b)
				}
			},
		},
		{
			name: "hop-dns-length-unchecked", title: "takes DNS names of length 0 and above 253", class: "count and length lies", breaks: ids("WIRE-013"),
			alter: func(s *script) {
				s.outer.address = func(b []byte) (int, bool) {
					if len(b) > 2 && b[0] != byte(wire.Local) && b[1] == byte(wire.DNS) {
						size := 5 + int(b[2])
						return size, size <= len(b)
					}
					return addressSize(b)
				}
				s.form = func(a adversary.Address) (adversary.Address, bool) {
					if written, ok := form(a); ok {
						return written, true
					}
					return a, a.Type() != wire.Local && wire.HostType(a[1]) == wire.DNS && (a[2] == 0 || a[2] > wire.MaxDNSName)
				}
			},
		},
	}
}

func typeFaults() []fault {
	return []fault{
		{
			name: "hop-unknown-type-forwarded", title: "forwards messages of any type", class: "unknown types", breaks: ids("WIRE-006"),
			alter: func(s *script) {
				s.outer.kind = func(b []byte) (wire.Type, []byte, bool) {
					if len(b) > 0 && wire.Type(b[0]) > wire.M3 {
						return wire.Type(b[0]), b[1:], true
					}
					return readKind(b)
				}
			},
		},
		{
			name: "hop-unknown-address-type-accepted", title: "takes an unknown address type for a local address", class: "unknown types",
			breaks: ids("WIRE-006"),
			alter: func(s *script) {
				s.outer.address = func(b []byte) (int, bool) {
					if len(b) > 0 && b[0] > byte(wire.UDP) {
						b = slices.Concat([]byte{byte(wire.Local)}, b[1:])
					}
					return addressSize(b)
				}
				s.form = anyForm
			},
		},
		{
			name: "hop-unknown-host-type-accepted", title: "takes an unknown host type for IPv4", class: "unknown types", breaks: ids("WIRE-006"),
			alter: func(s *script) {
				s.outer.address = func(b []byte) (int, bool) {
					if len(b) > 1 && b[0] != byte(wire.Local) && b[1] > byte(wire.DNS) {
						return 8, b[0] <= byte(wire.UDP) && len(b) >= 8
					}
					return addressSize(b)
				}
			},
		},
		{
			name: "hop-ping-body-forwarded", title: "forwards pings and pongs with a body", class: "trailing bytes", breaks: ids("WIRE-009"),
			alter: func(s *script) {
				s.outer.kind = func(b []byte) (wire.Type, []byte, bool) {
					if len(b) > 0 && wire.Type(b[0]) <= wire.Pong {
						return wire.Type(b[0]), b[1:], true
					}
					return readKind(b)
				}
			},
		},
	}
}

// anyForm is form for an address of unknown type too.
func anyForm(a adversary.Address) (adversary.Address, bool) {
	if a.Type() > wire.UDP {
		return a, true
	}
	return form(a)
}
