package memorytest

import "math"

func allocateChecks() []Check {
	return []Check{
		{"allocate/length/accepts", []string{"MEM-001"}, lengths},
		{"allocate/apart/accepts", []string{"MEM-001"}, buffersApart},
		{"allocate/again/accepts", []string{"MEM-001"}, zeroAgain},
		{"allocate/negative/refuses", []string{"MEM-002"}, negativeLength},
		{"allocate/huge/refuses", []string{"MEM-002"}, hugeLength},
	}
}

// testedLengths are those of the secrets of a channel, and those around powers of two, up to a whole message.
func testedLengths() []int {
	lengths := []int{0, 1, 15, 16, 17, 31, 32, 33, 48, 65, 96, 97, 200}
	for n := 256; n <= 65536; n *= 2 {
		lengths = append(lengths, n-1, n, n+1)
	}
	return lengths
}

func lengths(s *subject) string {
	for _, n := range testedLengths() {
		b := s.allocate(n)
		s.zero("the first", b)
		fill(b, 0xa5)
		s.holds("the first", b, 0xa5)
		s.Release(b)
	}
	return ""
}

// buffersApart fills many buffers, each with its own content, and finds all of it again.
func buffersApart(s *subject) string {
	var all [][]byte
	for i := range 60 {
		all = append(all, s.allocate(i*i))
		fill(all[i], byte(i+1))
	}
	for i, b := range all {
		s.holds("beside others", b, byte(i+1))
		s.Release(b)
		for j, other := range all[i+1:] {
			if !filled(other, byte(i+j+2)) {
				s.Fatalf("releasing %d bytes changed a buffer of %d bytes", len(b), len(other))
			}
		}
	}
	return ""
}

// zeroAgain allocates what others used before.
func zeroAgain(s *subject) string {
	for _, n := range testedLengths() {
		for range 4 {
			pair := [][]byte{s.allocate(n), s.allocate(n)}
			for _, b := range pair {
				s.zero("again", b)
				fill(b, 0xff)
			}
			s.Release(pair[0])
			s.Release(pair[1])
		}
	}
	return ""
}

func negativeLength(s *subject) string {
	for _, n := range []int{-1, -8, -4096, math.MinInt} {
		s.refuses("a negative length", n)
	}
	s.Release(s.allocate(32))
	return ""
}

func hugeLength(s *subject) string {
	for _, n := range []int{math.MaxInt, math.MaxInt - 1, math.MaxInt - 4096, math.MaxInt - 1<<17, math.MaxInt / 2} {
		s.refuses("no memory is as long", n)
	}
	s.Release(s.allocate(32))
	return ""
}
