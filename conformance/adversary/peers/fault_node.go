package peers

import "ockamtest/conformance"

// nodeFaults are those in which one connection harms others.
func nodeFaults() []fault {
	return []fault{
		{
			name: "idle-connection-blocks", title: "serves the next connection when the one before is closed by the other end, and not earlier",
			class:  "idle connection blocks others",
			breaks: ids("TRAN-023"),
			build: func(need conformance.Need, seed uint64) conformance.Node {
				return &gate{node: newNode(need, seed, nil), frees: func(conformance.Output) bool { return false }}
			},
		},
		{
			name: "close-in-frame-hangs", title: "waits for ever for the rest of a frame, and serves nobody else", class: "close inside a frame",
			breaks: ids("TRAN-004"),
			build: alteredTogether(func() change {
				hung := false
				return func(s *script) {
					s.began = func(c *conn) {
						if !hung {
							began(c)
						}
					}
					s.receive = func(c *conn, p []byte) {
						if !hung {
							receive(c, p)
						}
					}
					s.ended = func(c *conn, orderly bool) {
						hung = hung || len(c.in) > 0
						if !hung {
							ended(c, orderly)
						}
					}
				}
			}),
		},
		{
			name: "bad-handshake-blocks-node", title: "serves nobody after a handshake that failed", class: "one failing channel disturbs the others",
			breaks: ids("NOISE-005", "NOISE-006", "NOISE-007", "CHAN-001", "CHAN-010"),
			build: alteredTogether(func() change {
				hung := false
				return func(s *script) {
					s.receive = func(c *conn, p []byte) {
						if !hung {
							receive(c, p)
						}
					}
					s.fail = func(c *conn) {
						hung = hung || c.state != isOpen
						fail(c)
					}
				}
			}),
		},
	}
}
