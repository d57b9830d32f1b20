package peers

import (
	"time"

	"ockamtest/conformance"
)

// readingFaults are right as long as their applications read as they like.
func readingFaults() []Fault {
	var all []Fault
	for _, f := range []struct {
		name, title, class string
		breaks             []string
		streams            bool // it shows on streams alone
		alter              func(how conformance.Reading) change
	}{
		{
			name: "short-read-loses-rest", title: "drops what does not fit the buffer of the application", class: "bytes lost",
			breaks: ids("IO-002"),
			alter: func(how conformance.Reading) change {
				return inParts(how, func(c *conn, m message, parts [][]byte) {
					m.body = parts[0]
					deliver(c, m)
				})
			},
		},
		{
			name: "short-read-divides", title: "takes what fits the buffer of the application for a message of its own", class: "boundaries lost",
			breaks: ids("IO-002"),
			alter: func(how conformance.Reading) change {
				return inParts(how, func(c *conn, m message, parts [][]byte) {
					for _, part := range parts {
						m.body = part
						deliver(c, m)
					}
				})
			},
		},
		{
			name: "given-up-read-takes-message", title: "hands the next message to a read that was given up", class: "bytes lost",
			breaks: ids("IO-006"),
			alter: func(how conformance.Reading) change {
				return func(s *script) {
					var last time.Duration
					s.deliver = func(c *conn, m message) {
						late := how.GiveUp > 0 && c.now-last > how.GiveUp
						if last = c.now; !late {
							deliver(c, m)
						}
					}
				}
			},
		},
		{
			name: "given-up-read-takes-part", title: "forgets the part of a frame that had arrived when a read was given up", class: "bytes lost",
			breaks: ids("IO-006"), streams: true,
			alter: func(how conformance.Reading) change {
				return func(s *script) {
					var last time.Duration
					s.receive = func(c *conn, p []byte) {
						if how.GiveUp > 0 && c.now-last > how.GiveUp {
							c.in = nil
						}
						last = c.now
						receive(c, p)
					}
				}
			},
		},
	} {
		p := Correct()
		p.Name, p.Title, p.Depths = f.name, f.title, 1
		if f.streams {
			p.Transports = []conformance.Transport{conformance.Mem}
		}
		p.Start = func(need conformance.Need, seed uint64) conformance.Node {
			return newNode(need, seed, f.alter(need.Reading))
		}
		all = append(all, Fault{Program: p, Needs: conformance.NeedsReading, Class: f.class, Breaks: f.breaks})
	}
	return all
}

// inParts hands payloads over in the parts that fit a buffer, the last of which may be empty.
func inParts(how conformance.Reading, hand func(c *conn, m message, parts [][]byte)) change {
	return func(s *script) {
		s.deliver = func(c *conn, m message) {
			var parts [][]byte
			rest := m.body
			for how.Buffer > 0 && len(rest) > how.Buffer {
				parts = append(parts, rest[:how.Buffer])
				rest = rest[how.Buffer:]
			}
			hand(c, m, append(parts, rest))
		}
	}
}
