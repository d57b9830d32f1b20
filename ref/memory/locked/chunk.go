package locked

import "slices"

// chunkSize is the length of a chunk in bytes, if that is a page or more: what many systems let a process lock.
const chunkSize = 64 << 10

// A chunk is a region from which slabs take their pages. Free pages are zero.
type chunk struct {
	region
	slabs []*slab // of each page; nil: the page is free
	used  int     // pages
}

func chunkPages(pageSize int) int { return max(1, chunkSize/pageSize) }

func (a *Arena) newChunk() (*chunk, error) {
	pages := chunkPages(a.pageSize)
	r, err := a.newRegion(pages * a.pageSize)
	if err != nil {
		return nil, err
	}
	c := &chunk{region: r, slabs: make([]*slab, pages)}
	a.chunks = append(a.chunks, c)
	return c, nil
}

// findPages returns a chunk with so many free pages side by side, and the first of them.
func (a *Arena) findPages(pages int) (*chunk, int, error) {
	for _, c := range a.chunks {
		run := 0
		for page, s := range c.slabs {
			if run++; s != nil {
				run = 0
			}
			if run == pages {
				return c, page + 1 - pages, nil
			}
		}
	}
	c, err := a.newChunk()
	return c, 0, err
}

// bytesOf returns the memory of pages.
func (a *Arena) bytesOf(c *chunk, page, pages int) []byte {
	begin, end := page*a.pageSize, (page+pages)*a.pageSize
	return c.body[begin:end:end]
}

// setPages notes whose pages these are; nil frees them.
func (a *Arena) setPages(c *chunk, page, pages int, s *slab) {
	first := address(c.body) / uintptr(a.pageSize)
	for p := page; p < page+pages; p++ {
		c.slabs[p] = s
		if s == nil {
			delete(a.slabs, first+uintptr(p))
		} else {
			a.slabs[first+uintptr(p)] = s
		}
	}
	if s != nil {
		c.used += pages
	} else {
		c.used -= pages
	}
}

// dropEmpty gives a chunk without slabs back to the system, unless it is the last one.
func (a *Arena) dropEmpty(c *chunk) {
	if c.used > 0 || len(a.chunks) == 1 {
		return
	}
	a.checkFree(c.body)
	a.chunks = slices.DeleteFunc(a.chunks, func(other *chunk) bool { return other == c })
	a.free(c.region)
}
