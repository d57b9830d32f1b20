package peers

import "bytes"

// kindFaults are those of a peer that takes what carries its messages for something else.
func kindFaults() []fault {
	return []fault{{
		name: "own-address-of-other-type", title: "names itself by an address of the other transport in transport messages", class: "wrong address type",
		profiles: v1(), datagrams: routedProfiles(), breaks: ids("TRAN-024"),
		alter: func(s *script) {
			s.header = func(c *conn, kind byte) message {
				m := header(c, kind)
				if kind < kindM1 && len(m.back) > 0 { // in others it would not be reached again (ROUT-003)
					m.back[0] = bytes.Clone(m.back[0])
					m.back[0][0] = addressTCP + addressUDP - m.back[0][0]
				}
				return m
			}
		},
	}}
}
