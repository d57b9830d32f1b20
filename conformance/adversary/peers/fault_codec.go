package peers

import "slices"

// codecFaults are those of the wire message, and of what an end point does with its routes.
func codecFaults() []fault {
	return slices.Concat(versionFaults(), countFaults(), addressFaults(), typeFaults(), pingFaults(), encoderFaults(), routingFaults())
}

func versionFaults() []fault {
	return []fault{
		{
			name: "version-ignored", title: "takes any version", class: "wrong version",
			datagrams: everyProfile(), breaks: ids("WIRE-001"), entails: ids("REC-009"),
			alter: parsing(func(p *parser) { p.version = anyVersion }),
		},
		{
			name: "version-crash", title: "looks up a table of versions that has two", class: "wrong version crash",
			breaks: ids("WIRE-001"), entails: ids("WIRE-003", "WIRE-004", "WIRE-005", "TRAN-006", "CHAN-002", "CHAN-008", "REC-009", "IO-004"),
			alter: parsing(func(p *parser) {
				p.version = func(b []byte) ([]byte, bool) {
					_ = [2]bool{false, true}[b[0]]
					return readVersion(b)
				}
			}),
		},
		{
			name: "version-high-byte-ignored", title: "looks at the first byte of a version of two", class: "non-canonical version",
			datagrams: everyProfile(), onlyDatagrams: true, breaks: ids("WIRE-001"), entails: ids("WIRE-003", "WIRE-004", "REC-009"),
			alter: parsing(func(p *parser) {
				p.version = func(b []byte) ([]byte, bool) {
					if len(b) >= 2 && b[0] == 0x81 {
						return b[2:], true
					}
					return readVersion(b)
				}
			}),
		},
		{
			name: "version-overlong-accepted", title: "takes version 1 written in two bytes", class: "non-canonical version",
			datagrams: everyProfile(), breaks: ids("WIRE-004"),
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
			datagrams: everyProfile(), breaks: ids("WIRE-003"), entails: ids("REC-009"),
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
