package peers

import (
	"encoding/binary"
	"slices"
)

// streamFaults are those of frames.
func streamFaults() []fault {
	return slices.Concat(frameLengthFaults(), segmentFaults(), endFaults(), emptyFrameFaults(), longFrameFaults())
}

// frameLengthFaults are those of the two bytes of length.
func frameLengthFaults() []fault {
	return []fault{
		{
			name: "length-written-little-endian", title: "writes the length little-endian", class: "length byte order",
			breaks: ids("TRAN-001"),
			alter: func(s *script) {
				s.frame = func(m []byte) []byte { return append(binary.LittleEndian.AppendUint16(nil, uint16(len(m))), m...) }
			},
		},
		{
			name: "length-written-with-itself", title: "counts the length's own two bytes when it writes them", class: "length byte order",
			breaks: ids("TRAN-001"),
			alter: func(s *script) {
				s.frame = func(m []byte) []byte { return append(binary.BigEndian.AppendUint16(nil, uint16(len(m)+2)), m...) }
			},
		},
		{
			name: "length-signed", title: "ends the connection at a length of 32,768 and above", class: "payload at and around each limit",
			profiles: v1(), breaks: ids("TRAN-001"), entails: ids("CHAN-005", "REC-010"),
			alter: func(s *script) { s.deframe = deframe(32767) },
		},
		{
			name: "length-low-byte-signed", title: "reads the second byte of the length as a signed one", class: "length byte order",
			breaks: ids("TRAN-001"), entails: ids("ROUT-002", "WIRE-008", "CHAN-005", "REC-010", "ROUT-010", "WIRE-011", "WIRE-015"),
			alter: func(s *script) {
				s.deframe = func(c *conn) ([]byte, bool) {
					if len(c.in) < 2 {
						return nil, false
					}
					n := int(c.in[0])<<8 + int(int8(c.in[1]))
					if n < 0 {
						c.fail(c)
						return nil, false
					}
					return c.take(n)
				}
			},
		},
	}
}

// segmentFaults are those of frames and segments.
func segmentFaults() []fault {
	return []fault{
		{
			name: "length-split-lost", title: "loses a length byte that arrives alone", class: "split length prefix",
			breaks: ids("TRAN-002"),
			alter: func(s *script) {
				s.receive = func(c *conn, p []byte) {
					if len(c.in) > 0 || len(p) > 1 {
						receive(c, p)
					}
				}
			},
		},
		{
			name: "frame-in-segments-lost", title: "takes a segment for a whole number of frames", class: "frame across segments",
			breaks: ids("TRAN-002"),
			alter: func(s *script) {
				s.receive = func(c *conn, p []byte) {
					receive(c, p)
					c.in = nil
				}
			},
		},
		{
			name: "second-frame-lost", title: "reads one frame of a segment", class: "frame across segments",
			breaks: ids("TRAN-003"), entails: ids("TRAN-002", "IO-001"),
			alter: func(s *script) {
				s.arrived = func(c *conn, f []byte) {
					c.in = nil
					arrived(c, f)
				}
			},
		},
		{
			name: "frames-reversed", title: "takes the frames of a segment last in, first out", class: "frame across segments",
			breaks: ids("TRAN-003"), entails: ids("IO-001"),
			alter: func(s *script) {
				s.receive = func(c *conn, p []byte) {
					var frames [][]byte
					c.in = append(c.in, p...)
					for f, ok := c.deframe(c); ok; f, ok = c.deframe(c) {
						frames = append(frames, f)
					}
					for _, f := range slices.Backward(frames) {
						c.arrived(c, f)
					}
				}
			},
		},
	}
}

// endFaults are those of the end of a stream inside a frame.
func endFaults() []fault {
	return []fault{
		{
			name: "close-in-frame-crash", title: "reads the rest of a frame that does not come", class: "close inside a frame",
			breaks: ids("TRAN-004"),
			alter: func(s *script) {
				s.ended = func(c *conn, orderly bool) {
					if len(c.in) >= 2 {
						_ = c.in[1+int(binary.BigEndian.Uint16(c.in))]
					}
					ended(c, orderly)
				}
			},
		},
		{
			name: "close-in-length-crash", title: "reads the second byte of a length that has one", class: "close inside a frame",
			breaks: ids("TRAN-004"),
			alter: func(s *script) {
				s.ended = func(c *conn, orderly bool) {
					if len(c.in) > 0 {
						_ = c.in[1]
					}
					ended(c, orderly)
				}
			},
		},
		{
			name: "close-in-frame-delivered", title: "takes what is there of a frame for the whole one at the end of the stream",
			class:  "close inside a frame",
			breaks: ids("TRAN-004"),
			alter: func(s *script) {
				s.ended = func(c *conn, orderly bool) {
					if len(c.in) > 2 {
						c.arrived(c, c.in[2:])
					}
					ended(c, orderly)
				}
			},
		},
	}
}

// emptyFrameFaults are those of frames of length zero.
func emptyFrameFaults() []fault {
	return []fault{
		{
			name: "zero-frame-skipped", title: "skips a frame of length zero", class: "zero-length frame",
			profiles: c09(), breaks: ids("TRAN-006"),
			alter: func(s *script) {
				s.arrived = func(c *conn, f []byte) {
					if len(f) > 0 {
						arrived(c, f)
					}
				}
			},
		},
		{
			name: "zero-frame-delivered", title: "delivers a frame of length zero as an empty payload", class: "zero-length frame",
			breaks: ids("TRAN-006"), entails: ids("REC-006"),
			alter: func(s *script) {
				s.arrived = func(c *conn, f []byte) {
					if len(f) == 0 && c.state == isOpen {
						c.deliver(c, message{})
						return
					}
					arrived(c, f)
				}
			},
		},
		{
			name: "zero-frame-crash", title: "reads the first byte of a frame that has none", class: "zero-length frame",
			breaks: ids("TRAN-006"), entails: ids("REC-006"),
			alter: func(s *script) {
				s.arrived = func(c *conn, f []byte) {
					_ = f[0]
					arrived(c, f)
				}
			},
		},
	}
}

// longFrameFaults are those of frames above the limit.
func longFrameFaults() []fault {
	return []fault{
		{
			name: "long-frame-resynchronised", title: "skips the length of a frame that is too long and reads on behind it",
			class:    "frames above the limit resynchronised",
			profiles: c09(), breaks: ids("TRAN-008"),
			alter: func(s *script) {
				limited := s.deframe
				s.deframe = func(c *conn) ([]byte, bool) {
					for len(c.in) >= 2 && int(binary.BigEndian.Uint16(c.in)) > frameLimit(c.node.profile) {
						c.in = c.in[2:]
					}
					return limited(c)
				}
			},
		},
		{
			name: "long-frame-end-read", title: "skips what it has no room for of a frame that is too long, and reads on where that ends with a whole frame",
			class:    "frames above the limit resynchronised",
			profiles: c09(), breaks: ids("TRAN-008"),
			alter: reading(func(c *conn, long []byte) {
				for _, room := range []int{1024, 1028, 1040, 1042, 1044, 1046, 2048, 4096} {
					if room+2 < len(long) && int(binary.BigEndian.Uint16(long[room:])) == len(long)-room-2 {
						c.arrived(c, long[room+2:])
					}
				}
			}),
		},
		{
			name: "longest-frame-end-read", title: "reads on behind 4,096 bytes of a frame where that ends with a whole one",
			class:    "frames above the limit resynchronised",
			profiles: v1(), breaks: ids("TRAN-008"),
			alter: func(s *script) {
				s.arrived = func(c *conn, f []byte) {
					if room := 4096; c.state == isOpen && len(f) > room+2 && int(binary.BigEndian.Uint16(f[room:])) == len(f)-room-2 {
						f = f[room+2:]
					}
					arrived(c, f)
				}
			},
		},
		{
			name: "long-frame-cut", title: "takes the head of a frame that is too long and reads the rest as new frames",
			class:  "frames above the limit resynchronised",
			breaks: ids("TRAN-008"), entails: ids("TRAN-001", "CHAN-005", "REC-010"),
			alter: func(s *script) {
				s.deframe = deframeCut
				s.badRecord = func(*conn, []byte) {} // else the head would fail the channel
			},
		},
	}
}

// deframeCut takes at most as much of a frame as fits a buffer.
func deframeCut(c *conn) ([]byte, bool) {
	if len(c.in) < 2 {
		return nil, false
	}
	return c.take(min(int(binary.BigEndian.Uint16(c.in)), 8192, frameLimit(c.node.profile)))
}

// reading is given a frame that is too long, which is consumed whole then.
func reading(long func(c *conn, frame []byte)) change {
	return func(s *script) {
		limited := s.deframe
		s.deframe = func(c *conn) ([]byte, bool) {
			for len(c.in) >= 2 {
				n := int(binary.BigEndian.Uint16(c.in))
				if n <= frameLimit(c.node.profile) {
					break
				}
				if len(c.in) < n+2 {
					return nil, false
				}
				frame := c.in[2 : n+2]
				c.in = c.in[n+2:]
				long(c, frame)
			}
			return limited(c)
		}
	}
}
