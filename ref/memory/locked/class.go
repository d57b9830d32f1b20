package locked

const (
	smallest = 32   // bytes, the size of the first class
	small    = 4096 // bytes, the size of the last; longer buffers have regions of their own

	maxSlabPages = 8
)

// A class is the slabs whose slots have one size.
type class struct {
	size  int     // bytes
	pages int     // of each slab
	open  []*slab // those with a free slot
}

// newClasses returns the classes in order of size. A slab has as many pages as it takes to leave less than an eighth unused, if
// maxSlabPages do.
func newClasses(pageSize int) (classes []class) {
	for size := smallest; size <= small; size *= 2 {
		pages := 1
		for pages < min(maxSlabPages, chunkPages(pageSize)) && unused(pages*pageSize, size) > pages*pageSize/8 {
			pages++
		}
		classes = append(classes, class{size: size, pages: pages})
	}
	return classes
}

// slots returns how many slots a slab of n bytes has: a canary stands in front of the first and after each.
func slots(n, size int) int { return (n - canarySize) / (size + canarySize) }

func unused(n, size int) int { return n - slots(n, size)*(size+canarySize) }

// add makes a slab one of the open ones.
func (c *class) add(s *slab) {
	s.open = len(c.open)
	c.open = append(c.open, s)
}

// remove takes a slab out of the open ones.
func (c *class) remove(s *slab) {
	last := len(c.open) - 1
	c.open[s.open] = c.open[last]
	c.open[s.open].open = s.open
	c.open[last] = nil
	c.open = c.open[:last]
}
