package memorytest

import "math/rand/v2"

func releaseChecks() []Check {
	return []Check{
		{"release/wipe/accepts", []string{"MEM-001"}, releaseWipes},
		{"release/resliced/accepts", []string{"MEM-001"}, resliced},
		{"release/nothing/accepts", []string{"MEM-001"}, releaseNothing},
		{"release/order/accepts", []string{"MEM-001", "MEM-002"}, anyOrder},
	}
}

func releaseWipes(s *subject) string {
	for _, n := range testedLengths() {
		neighbour := s.allocate(n) // so that the released one is not the last of its page
		b := s.allocate(n)
		fill(b, 0xa5)
		s.Release(b)
		s.gone("released", b)
		s.Release(neighbour)
	}
	return ""
}

// resliced releases buffers of which the caller has only the front: the rest is wiped too, and can be used again.
func resliced(s *subject) string {
	for _, n := range []int{32, 200, 4096, 16384} {
		for _, keep := range []int{0, 1, n / 2, n} {
			neighbour := s.allocate(n)
			b := s.allocate(n)
			fill(b, 0xa5)
			s.Release(b[:keep])
			s.gone("released by its front", b)
			s.Release(neighbour)
		}
	}
	return ""
}

func releaseNothing(s *subject) string {
	b := s.allocate(32)
	fill(b, 7)
	s.Release(nil)
	s.Release(s.allocate(0))
	s.holds("beside nothing", b, 7)
	s.Release(b)
	s.Release(nil)
	return ""
}

// anyOrder allocates and releases in an order that repeats itself in no pattern, and never runs out.
func anyOrder(s *subject) string {
	const rounds, most, longest = 5000, 48, Room / 64
	type buffer struct {
		b []byte
		x byte
	}
	random := rand.New(rand.NewPCG(1, 2))
	var live []buffer
	for round := range rounds {
		if len(live) == most || len(live) > 0 && random.IntN(2) == 0 {
			i := random.IntN(len(live))
			s.holds("in any order", live[i].b, live[i].x)
			s.Release(live[i].b)
			live[i] = live[len(live)-1]
			live = live[:len(live)-1]
			continue
		}
		b := s.allocate(random.IntN(1 + random.IntN(longest)))
		s.zero("in any order", b)
		x := byte(round)
		fill(b, x)
		live = append(live, buffer{b, x})
	}
	for _, l := range live {
		s.holds("at the end", l.b, l.x)
		s.Release(l.b)
	}
	return ""
}
