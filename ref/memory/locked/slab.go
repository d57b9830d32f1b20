package locked

import (
	"bytes"
	"fmt"

	"ockamtest/ref/memory"
)

// A slab is pages in slots of one size. A slot holds one buffer, and canaries up to the next slot. Free slots are zero.
type slab struct {
	class   *class
	chunk   *chunk
	page    int    // the first in the chunk
	memory  []byte // its pages
	free    []int  // slots, the next one to be used last
	lengths []int  // of the buffers in the slots; 0: free
	open    int    // where it is in class.open, if there is a free slot
}

func (a *Arena) newSlab(class *class) (*slab, error) {
	c, page, err := a.findPages(class.pages)
	if err != nil {
		return nil, err
	}
	s := &slab{class: class, chunk: c, page: page, memory: a.bytesOf(c, page, class.pages)}
	a.checkFree(s.memory)
	n := slots(len(s.memory), class.size)
	s.lengths, s.free = make([]int, n), make([]int, n)
	a.canary.write(s.before(0))
	for i := range n {
		s.free[n-1-i] = i
		_, after := s.slot(i)
		a.canary.write(after)
	}
	a.setPages(c, page, class.pages, s)
	class.add(s)
	return s, nil
}

// freeSlab takes an empty slab apart.
func (a *Arena) freeSlab(s *slab) {
	for i := range s.lengths {
		data, _ := s.slot(i)
		a.checkFree(data)
	}
	s.class.remove(s)
	memory.Wipe(s.memory) // the canaries
	a.setPages(s.chunk, s.page, s.class.pages, nil)
	a.dropEmpty(s.chunk)
}

// slot returns the bytes of slot i and the canary after it.
func (s *slab) slot(i int) (data, after []byte) {
	begin := canarySize + i*(s.class.size+canarySize)
	end := begin + s.class.size
	return s.memory[begin:end:end], s.memory[end : end+canarySize]
}

// before returns the canary in front of slot i.
func (s *slab) before(i int) []byte {
	begin := i * (s.class.size + canarySize)
	return s.memory[begin : begin+canarySize]
}

// index returns the slot that begins at an address in the slab.
func (s *slab) index(at uintptr) (i int, ok bool) {
	offset, stride := int(at-address(s.memory)), s.class.size+canarySize
	return offset / stride, offset%stride == canarySize && offset/stride < len(s.lengths)
}

func (a *Arena) allocateSmall(c *class, n int) ([]byte, error) {
	if len(c.open) == 0 {
		if _, err := a.newSlab(c); err != nil {
			return nil, err
		}
	}
	s := c.open[len(c.open)-1]
	i := s.free[len(s.free)-1]
	s.free = s.free[:len(s.free)-1]
	if len(s.free) == 0 {
		c.remove(s)
	}
	data, _ := s.slot(i)
	a.checkFree(data)
	s.lengths[i] = n
	a.canary.write(data[n:])
	return data[:n:n], nil
}

// releaseSmall frees the slot that begins at an address and returns the length of its buffer.
func (a *Arena) releaseSmall(s *slab, at uintptr) (n int, ok bool) {
	i, ok := s.index(at)
	if !ok || s.lengths[i] == 0 {
		return 0, false
	}
	a.checkSlot(s, i)
	n = s.lengths[i]
	data, _ := s.slot(i)
	memory.Wipe(data)
	s.lengths[i] = 0
	if len(s.free) == 0 {
		s.class.add(s)
	}
	s.free = append(s.free, i)
	if len(s.free) == len(s.lengths) {
		a.freeSlab(s)
	}
	return n, true
}

// checkSlot reports what was written beside a buffer, and mends it, so that the next buffer is not accused as well.
func (a *Arena) checkSlot(s *slab, i int) {
	data, after := s.slot(i)
	for _, c := range [][]byte{s.before(i), data[s.lengths[i]:], after} {
		if !a.canary.intact(c) {
			a.report(fmt.Errorf("beside %d bytes: %w", s.lengths[i], memory.ErrOverrun))
			a.canary.write(c)
		}
	}
}

// checkFree reports and wipes what somebody wrote to free memory.
func (a *Arena) checkFree(b []byte) {
	if bytes.Count(b, []byte{0}) != len(b) {
		a.report(fmt.Errorf("in %d bytes: %w", len(b), memory.ErrLateWrite))
		memory.Wipe(b)
	}
}

// checkAll checks every buffer and all free memory.
func (a *Arena) checkAll() {
	for _, l := range a.large {
		a.checkLarge(l)
	}
	for _, c := range a.chunks {
		for page, s := range c.slabs {
			switch {
			case s == nil:
				a.checkFree(a.bytesOf(c, page, 1))
			case page == s.page:
				a.checkSlab(s)
			}
		}
	}
}

func (a *Arena) checkSlab(s *slab) {
	for i, n := range s.lengths {
		if data, _ := s.slot(i); n == 0 {
			a.checkFree(data)
		} else {
			a.checkSlot(s, i)
		}
	}
}
