package memorytest

import (
	"fmt"
	"runtime"
	"sync"
)

func concurrencyChecks() []Check {
	return []Check{
		{"concurrency/use/accepts", []string{"MEM-001", "MEM-002"}, usedAtOnce},
	}
}

// usedAtOnce has goroutines that each find their own bytes in their own buffers.
func usedAtOnce(s *subject) string {
	const workers, rounds, held = 8, 200, 4
	failures := make(chan string, workers)
	var group sync.WaitGroup
	for worker := range workers {
		group.Go(func() {
			if failure := s.work(byte(worker+1), rounds, held); failure != "" {
				failures <- failure
			}
		})
	}
	group.Wait()
	close(failures)
	for failure := range failures {
		s.Errorf("at once: %s", failure)
	}
	s.asserted++
	return ""
}

// work is what one goroutine does. It uses no T.
func (s *subject) work(x byte, rounds, held int) string {
	for round := range rounds {
		var own [][]byte
		for i := range held {
			b, err := s.Allocate(17 * (i + 1 + round%40))
			if err != nil {
				return fmt.Sprintf("Allocate: %v", err)
			}
			if !filled(b, 0) {
				return fmt.Sprintf("a new buffer of %d bytes is not zero", len(b))
			}
			fill(b, x)
			own = append(own, b)
		}
		runtime.Gosched()
		for _, b := range own {
			if !filled(b, x) {
				return fmt.Sprintf("a buffer of %d bytes has another's content", len(b))
			}
			s.Release(b)
		}
	}
	return ""
}
