package locked

import (
	"errors"
	"os"
	"testing"

	"ockamtest/ref/memory"
)

// failing is the system with faults: its n-th call fails, or all that lock.
type failing struct {
	memcallSystem
	failAt    int
	failLocks bool
	calls     int
	mapped    int
}

var errSystem = errors.New("system fault")

func (f *failing) call() error {
	if f.calls++; f.calls == f.failAt {
		return errSystem
	}
	return nil
}

func (f *failing) allocate(n int) ([]byte, error) {
	if err := f.call(); err != nil {
		return nil, err
	}
	f.mapped += n
	return f.memcallSystem.allocate(n)
}

func (f *failing) lock([]byte) error {
	if f.failLocks {
		return errSystem
	}
	return f.call()
}

func (f *failing) forbid(b []byte) error {
	if err := f.call(); err != nil {
		return err
	}
	return f.memcallSystem.forbid(b)
}

func (f *failing) free(b []byte) error {
	f.mapped -= len(b)
	return errors.Join(f.call(), f.memcallSystem.free(b))
}

// MEM-002: whichever call of the system fails, the operation is out of memory, nothing leaks, and the arena goes on.
func TestSystemFails(t *testing.T) {
	use := func(a *Arena) error {
		var err error
		for _, n := range []int{32, 5000, 4096, 4096, 4096, 4096, 4096, 4096, 4096, 4096, 70000} {
			b, e := a.Allocate(n)
			if e == nil {
				defer a.Release(b)
			}
			err = errors.Join(err, e)
		}
		return err
	}
	failures, k := 0, 1
	for done := false; !done; k++ {
		system := &failing{failAt: k}
		a, err := newArena(Config{}, system, os.Getpagesize())
		if err == nil {
			err = use(a)
			if again := use(a); again != nil && err != nil {
				t.Errorf("call %d: fails again: %v", k, again)
			}
			closeErr := a.Close()
			done = err == nil && closeErr == nil
			if err == nil && closeErr != nil {
				err = nil // a region that was not taken back; reported by Close
				failures++
			}
		}
		if err != nil {
			failures++
			if !errors.Is(err, memory.ErrOutOfMemory) || !errors.Is(err, errSystem) {
				t.Errorf("call %d: got error %v, want %v", k, err, memory.ErrOutOfMemory)
			}
		}
		if system.mapped != 0 {
			t.Errorf("call %d: %d bytes still mapped", k, system.mapped)
		}
	}
	if failures < 15 || failures != k-2 {
		t.Errorf("%d failures of %d", failures, k-2)
	}
}

// Memory that is not locked is refused, unless it was asked for; then the arena says so.
func TestUnlocked(t *testing.T) {
	system := &failing{failLocks: true}
	a, err := newArena(Config{}, system, os.Getpagesize())
	if !errors.Is(err, ErrNotLocked) || !errors.Is(err, memory.ErrOutOfMemory) || a != nil {
		t.Errorf("got %v, %v, want %v", a, err, ErrNotLocked)
	}
	if a, err = newArena(Config{AllowUnlocked: true}, system, os.Getpagesize()); err != nil {
		t.Fatal(err)
	}
	b := mustAllocate(t, a, 5000)
	if s := a.Stats(); a.Locked() || s.Unlocked != s.Mapped {
		t.Errorf("locked %t, stats %+v", a.Locked(), s)
	}
	a.Release(b)
	if s := a.Stats(); s.Unlocked != s.Mapped {
		t.Errorf("stats %+v", s)
	}
	if err := a.Close(); err != nil || a.Locked() {
		t.Errorf("Close: %v, locked %t", err, a.Locked())
	}
	if a := newLockedArena(t, chunkSize); !a.Locked() || a.Stats().Unlocked != 0 {
		t.Errorf("locked %t, stats %+v", a.Locked(), a.Stats())
	}
}

// largePages is the system with pages of another size, a multiple of its own.
type largePages struct {
	memcallSystem
	pageSize int
	whole    map[uintptr][]byte
}

func (l *largePages) allocate(n int) ([]byte, error) {
	whole, err := l.memcallSystem.allocate(n + l.pageSize)
	if err != nil {
		return nil, err
	}
	skip := -int(address(whole)) & (l.pageSize - 1)
	b := whole[skip : skip+n]
	if l.whole == nil {
		l.whole = make(map[uintptr][]byte)
	}
	l.whole[address(b)] = whole
	return b, nil
}

func (l *largePages) free(b []byte) error { return l.memcallSystem.free(l.whole[address(b)]) }
