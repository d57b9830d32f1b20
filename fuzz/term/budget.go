package term

import "fmt"

// A budget is what is left of the limits of a trace.
type budget struct {
	terms    int
	literals int
	depth    int // terms around the next one
}

func newBudget() *budget { return &budget{terms: MaxTerms, literals: MaxLiterals} }

// fits tells whether one more term may stand here.
func (b *budget) fits() bool { return b.terms > 0 && b.depth < MaxDepth }

// spend takes a term off. It returns what is wrong, nothing if it may stand here.
func (b *budget) spend(free bool) (problem string) {
	switch {
	case free:
		return ""
	case b.depth >= MaxDepth:
		return fmt.Sprintf("more than %d terms inside each other", MaxDepth)
	case b.terms == 0:
		return fmt.Sprintf("more than %d terms in one trace", MaxTerms)
	}
	b.terms--
	return ""
}

// A fieldCounter counts fields.
type fieldCounter struct{ fields int }

func (c *fieldCounter) term(*Term)             { c.fields++ }
func (c *fieldCounter) key(*Key)               { c.fields++ }
func (c *fieldCounter) terms(*[]Term)          { c.fields++ }
func (c *fieldCounter) number(*uint64, uint64) { c.fields++ }
func (c *fieldCounter) offset(*int64)          { c.fields++ }
func (c *fieldCounter) word(*uint8, []string)  { c.fields++ }
func (c *fieldCounter) literal(*string, int)   { c.fields++ }
