package memorytest

import (
	"errors"

	"ockamtest/ref/memory"
)

// testedLimit is the most bytes up to which an allocator is filled.
const testedLimit = 4 << 20

func limitChecks() []Check {
	return []Check{
		{"limit/full/refuses", []string{"MEM-002"}, runsOut},
		{"limit/refill/accepts", []string{"MEM-001", "MEM-002"}, refills},
	}
}

// fillUp allocates buffers of n bytes until the allocator refuses, and fills them.
func (s *subject) fillUp(n int) (all [][]byte, refused bool) {
	s.Helper()
	for range testedLimit / n {
		b, err := s.Allocate(n)
		if err != nil {
			s.asserted++
			if !errors.Is(err, memory.ErrOutOfMemory) || b != nil {
				s.Errorf("full: Allocate(%d) gave %d bytes and error %v, want none and %v", n, len(b), err, memory.ErrOutOfMemory)
			}
			return all, true
		}
		s.zero("filling up", b)
		fill(b, 0xa5)
		all = append(all, b)
	}
	return all, false
}

func (s *subject) releaseAll(all [][]byte) {
	for _, b := range all {
		s.Release(b)
	}
}

const unbounded = "the allocator is not bounded, or too large to fill"

// runsOut fills the allocator: what is allocated stays as it is, and one release makes room for one more.
func runsOut(s *subject) string {
	const n = 1000
	all, refused := s.fillUp(n)
	defer func() { s.releaseAll(all) }()
	if !refused {
		return unbounded
	}
	if len(all)*n < Room/2 {
		s.Fatalf("refused after %d buffers of %d bytes", len(all), n)
	}
	for range 3 {
		s.refuses("full", n)
	}
	for _, b := range all {
		s.holds("after a refusal", b, 0xa5)
	}
	for _, i := range []int{0, len(all) / 2, len(all) - 1} {
		s.Release(all[i])
		all[i] = s.allocate(n)
		s.zero("after a release", all[i])
	}
	return ""
}

// refills fills the allocator again and again, with buffers of other lengths too: nothing is lost.
func refills(s *subject) string {
	for _, n := range []int{1000, 100, 5000, 1000} {
		first := 0
		for round := range 3 {
			all, refused := s.fillUp(n)
			s.releaseAll(all)
			if !refused {
				return unbounded
			}
			if round == 0 {
				first = len(all)
			}
			s.asserted++
			if len(all) != first {
				s.Errorf("holds %d buffers of %d bytes, and then %d", first, n, len(all))
			}
		}
	}
	return ""
}
