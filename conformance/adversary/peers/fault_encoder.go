package peers

// encoderFaults are those of what is sent.
func encoderFaults() []fault {
	return []fault{
		{
			name: "version-written-overlong", title: "writes the version in two bytes", class: "non-canonical version",
			breaks: ids("WIRE-002"),
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
			profiles: v1(), datagrams: routedProfiles(), breaks: ids("WIRE-007"),
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
