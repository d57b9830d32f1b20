package peers

import "slices"

// typeFaults are those of message types.
func typeFaults() []fault {
	return []fault{
		{
			name: "unknown-type-accepted", title: "takes an unknown type for the one that it waits for", class: "unknown types",
			datagrams: typedProfiles(), breaks: ids("WIRE-006"), entails: ids("TRAN-013"),
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
	}
}
