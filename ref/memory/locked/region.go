package locked

import (
	"errors"
	"fmt"

	"ockamtest/ref/memory"
)

// A region is memory of the system between two guard pages.
type region struct {
	mapping []byte // guard page, body, guard page
	body    []byte
	locked  bool
}

// newRegion takes n bytes, rounded up to pages, from the system. On failure nothing is left.
func (a *Arena) newRegion(n int) (region, error) {
	n = (n + a.pageSize - 1) / a.pageSize * a.pageSize
	if a.config.Limit > 0 && n > a.config.Limit-a.stats.Mapped {
		return region{}, fmt.Errorf("%d bytes over the configured limit of %d: %w", n, a.config.Limit, memory.ErrOutOfMemory)
	}
	mapping, err := a.system.allocate(n + 2*a.pageSize)
	if err != nil {
		return region{}, fmt.Errorf("map %d bytes: %w: %w", n, memory.ErrOutOfMemory, err)
	}
	r := region{mapping: mapping, body: mapping[a.pageSize : a.pageSize+n : a.pageSize+n]}
	if err := a.guard(&r); err != nil {
		return region{}, errors.Join(err, a.system.free(mapping))
	}
	a.stats.Mapped += n
	if !r.locked {
		a.unlocked = true
		a.stats.Unlocked += n
	}
	return r, nil
}

// guard forbids the pages around the body and locks the body.
func (a *Arena) guard(r *region) error {
	for _, page := range [][]byte{r.mapping[:a.pageSize], r.mapping[a.pageSize+len(r.body):]} {
		if err := a.system.forbid(page); err != nil {
			return fmt.Errorf("protect a guard page: %w: %w", memory.ErrOutOfMemory, err)
		}
	}
	err := a.system.lock(r.body)
	r.locked = err == nil
	if err != nil && !a.config.AllowUnlocked {
		return fmt.Errorf("%d bytes beside %d%s: %w: %w: %w", len(r.body), a.stats.Mapped, lockLimit(), ErrNotLocked,
			memory.ErrOutOfMemory, err)
	}
	return nil
}

// free gives a region back to the system, which wipes it.
func (a *Arena) free(r region) {
	a.stats.Mapped -= len(r.body)
	if !r.locked {
		a.stats.Unlocked -= len(r.body)
	}
	memory.Wipe(r.body) // also when the system then fails
	if err := a.system.free(r.mapping); err != nil {
		a.report(fmt.Errorf("release %d bytes to the system: %w", len(r.body), err))
	}
}

// A large is a buffer with a region of its own.
type large struct {
	region
	start, length int // in the body
}

// allocateLarge makes a region for one buffer, at its end: what writes beyond the buffer meets the guard page, after at most
// canarySize bytes.
func (a *Arena) allocateLarge(n int) ([]byte, error) {
	r, err := a.newRegion(n + 2*canarySize)
	if err != nil {
		return nil, err
	}
	start := (len(r.body) - n) / canarySize * canarySize
	a.canary.write(r.body[start-canarySize : start])
	a.canary.write(r.body[start+n:])
	b := r.body[start : start+n : start+n]
	a.large[address(b)] = large{r, start, n}
	return b, nil
}

func (a *Arena) releaseLarge(at uintptr, l large) {
	a.checkLarge(l)
	delete(a.large, at)
	a.free(l.region)
}

func (a *Arena) checkLarge(l large) {
	if !a.canary.intact(l.body[l.start-canarySize:l.start]) || !a.canary.intact(l.body[l.start+l.length:]) {
		a.report(fmt.Errorf("around %d bytes: %w", l.length, memory.ErrOverrun))
	}
}
