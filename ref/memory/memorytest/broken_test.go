package memorytest_test

import (
	"errors"
	"runtime"
	"sync"
	"testing"

	"ockamtest/ref/memory"
	"ockamtest/ref/memory/memorytest"
)

// A broken allocator is a correct one with one thing wrong.
type broken struct {
	name   string
	breaks string // the check that has to fail
	patch  func(p *patched)
}

// patched is an allocator with methods replaced. Replacements call the real ones through Allocator.
type patched struct {
	memory.Allocator
	allocate func(n int) ([]byte, error)
	release  func(b []byte)
}

func (p *patched) Allocate(n int) ([]byte, error) {
	if p.allocate != nil {
		return p.allocate(n)
	}
	return p.Allocator.Allocate(n)
}

func (p *patched) Release(b []byte) {
	if p.release != nil {
		p.release(b)
		return
	}
	p.Allocator.Release(b)
}

func (b broken) allocator() memory.Allocator {
	p := &patched{Allocator: memory.NewBounded(memorytest.Room * 2)}
	if b.patch != nil {
		b.patch(p)
	}
	return p
}

// A recycler hands released buffers out again, as they are unless wipe says otherwise.
func recycler(wipe func(b []byte)) func(p *patched) {
	return func(p *patched) {
		var mu sync.Mutex
		free := make(map[int][][]byte)
		p.allocate = func(n int) ([]byte, error) {
			mu.Lock()
			defer mu.Unlock()
			if l := len(free[n]); n > 0 && l > 0 {
				b := free[n][l-1]
				free[n] = free[n][:l-1]
				return b, nil
			}
			return memory.Heap{}.Allocate(n)
		}
		p.release = func(b []byte) {
			mu.Lock()
			defer mu.Unlock()
			wipe(b)
			free[cap(b)] = append(free[cap(b)], b[:cap(b)])
		}
	}
}

func brokenAllocators() []broken {
	return []broken{
		{"gives room beyond the length", "allocate/length/accepts", func(p *patched) {
			p.allocate = func(n int) ([]byte, error) {
				b, err := p.Allocator.Allocate(max(n, 0) + 8)
				return b[:max(n, 0)], err
			}
		}},
		{"gives nil for an empty buffer", "allocate/length/accepts", func(p *patched) {
			p.allocate = func(n int) ([]byte, error) {
				if n == 0 {
					return nil, nil
				}
				return p.Allocator.Allocate(n)
			}
		}},
		{"hands one buffer to two", "allocate/apart/accepts", func(p *patched) {
			shared := make([]byte, 4096)
			p.allocate = func(n int) ([]byte, error) {
				if n <= 0 || n > len(shared) {
					return p.Allocator.Allocate(n)
				}
				clear(shared)
				return shared[:n:n], nil
			}
			p.release = func([]byte) {}
		}},
		{"wipes its neighbour", "allocate/apart/accepts", func(p *patched) {
			var last []byte
			p.allocate = func(n int) ([]byte, error) {
				b, err := p.Allocator.Allocate(n)
				last = b
				return b, err
			}
			p.release = func(b []byte) {
				clear(last)
				p.Allocator.Release(b)
			}
		}},
		{"does not wipe", "allocate/again/accepts", recycler(func([]byte) {})},
		{"wipes when it allocates", "release/wipe/accepts", func(p *patched) {
			p.release = func([]byte) {}
		}},
		{"wipes up to the length", "release/resliced/accepts", recycler(func(b []byte) { clear(b) })},
		{"releases by length", "release/resliced/accepts", func(p *patched) {
			p.release = func(b []byte) {
				if len(b) > 0 {
					p.Allocator.Release(b)
				}
			}
		}},
		{"takes any length", "allocate/negative/refuses", func(p *patched) {
			p.allocate = func(n int) ([]byte, error) { return p.Allocator.Allocate(max(n, 0)) }
		}},
		{"panics at a negative length", "allocate/negative/refuses", func(p *patched) {
			p.allocate = func(n int) ([]byte, error) { return make([]byte, n), nil }
		}},
		{"rounds up to zero", "allocate/huge/refuses", func(p *patched) {
			p.allocate = func(n int) ([]byte, error) {
				if (n+7)/8*8 < 0 {
					return []byte{}, nil
				}
				return p.Allocator.Allocate(n)
			}
		}},
		{"has an error of its own", "limit/full/refuses", func(p *patched) {
			p.allocate = func(n int) ([]byte, error) {
				b, err := p.Allocator.Allocate(n)
				if err != nil {
					return nil, errors.New("no memory")
				}
				return b, nil
			}
		}},
		{"never recovers from a refusal", "limit/full/refuses", func(p *patched) {
			refused := false
			p.allocate = func(n int) ([]byte, error) {
				if refused {
					return nil, memory.ErrOutOfMemory
				}
				b, err := p.Allocator.Allocate(n)
				refused = err != nil
				return b, err
			}
		}},
		{"makes room by force", "limit/full/refuses", func(p *patched) {
			var all [][]byte
			p.allocate = func(n int) ([]byte, error) {
				b, err := p.Allocator.Allocate(n)
				if err != nil {
					for _, b := range all {
						clear(b)
					}
					return nil, err
				}
				all = append(all, b)
				return b, nil
			}
		}},
		{"loses one buffer in ten", "limit/refill/accepts", func(p *patched) {
			released := 0
			p.release = func(b []byte) {
				if released++; released%10 == 0 {
					clear(b[:cap(b)])
					return
				}
				p.Allocator.Release(b)
			}
		}},
		{"releases nothing badly", "release/nothing/accepts", func(p *patched) {
			p.release = func(b []byte) {
				_ = b[:1:1]
				p.Allocator.Release(b)
			}
		}},
		{"loses room by and by", "release/order/accepts", func(p *patched) {
			p.release = func(b []byte) { clear(b[:cap(b)]) }
		}},
		{"is for one goroutine", "concurrency/use/accepts", func(p *patched) {
			var mu sync.Mutex // so that the race detector does not see what the check has to see
			last := make([]byte, 0)
			p.allocate = func(n int) ([]byte, error) {
				mu.Lock()
				mine := last
				mu.Unlock()
				runtime.Gosched()
				if n > 0 && len(mine) >= n {
					return mine[:n:n], nil
				}
				return memory.Heap{}.Allocate(n)
			}
			p.release = func(b []byte) {
				clear(b[:cap(b)])
				mu.Lock()
				last = b[:cap(b)]
				mu.Unlock()
			}
		}},
	}
}

// The suite is not vacuous: every broken allocator fails the check that it names, and every check is named by one of them.
func TestBrokenAllocatorsFail(t *testing.T) {
	checks := make(map[string]memorytest.Check)
	for _, c := range memorytest.Checks() {
		checks[c.Name] = c
	}
	broke := make(map[string]bool)
	for _, b := range brokenAllocators() {
		c, known := checks[b.breaks]
		if !known {
			t.Errorf("%s: no check %s", b.name, b.breaks)
			continue
		}
		failures, _ := c.Failures(b.allocator())
		if len(failures) == 0 {
			t.Errorf("%s: %s passes", b.name, c.Name)
			continue
		}
		broke[c.Name] = true
		t.Logf("%s: %s: %s", b.name, c.Name, failures[0])
	}
	for name := range checks {
		if !broke[name] {
			t.Errorf("no broken allocator fails %s", name)
		}
	}
}

// An allocator that leaks fails by its Close.
func TestLeakFails(t *testing.T) {
	var leaking leaker
	failures, _ := memorytest.Checks()[0].Failures(&leaking)
	if len(failures) != 1 {
		t.Errorf("failures %q, want one", failures)
	}
}

// A leaker is never asked for its last buffer back.
type leaker struct{ memory.Heap }

func (*leaker) Close() error { return memory.ErrLeak }

// The same machinery finds nothing wrong with the allocator that is patched nowhere.
func TestUnbrokenAllocatorPasses(t *testing.T) {
	for _, c := range memorytest.Checks() {
		failures, skipped := c.Failures(broken{}.allocator())
		for _, failure := range failures {
			t.Errorf("%s: %s", c.Name, failure)
		}
		if skipped != "" {
			t.Errorf("%s: skipped: %s", c.Name, skipped)
		}
	}
}

func TestChecksAreNamed(t *testing.T) {
	seen := make(map[string]bool)
	for _, c := range memorytest.Checks() {
		if seen[c.Name] || len(c.Requirements) == 0 {
			t.Errorf("check %q has the name of another, or no requirement", c.Name)
		}
		seen[c.Name] = true
	}
	if len(seen) < 12 {
		t.Errorf("%d checks", len(seen))
	}
}

func TestContract(t *testing.T) {
	memorytest.Run(t, func(*testing.T) memory.Allocator { return new(memorytest.Counting) })
}
