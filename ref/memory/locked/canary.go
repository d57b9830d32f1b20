package locked

// canarySize is the length of the canaries beside each buffer in bytes, and the alignment of buffers.
const canarySize = 16

// A canary is a random pattern that nobody writes by mistake.
type canary [canarySize]byte

// write fills b with the pattern.
func (c *canary) write(b []byte) {
	for len(b) > 0 {
		b = b[copy(b, c[:]):]
	}
}

// intact reports whether b is as write left it.
func (c *canary) intact(b []byte) bool {
	for i, x := range b {
		if x != c[i%canarySize] {
			return false
		}
	}
	return true
}
