package term

import (
	"errors"
	"fmt"
)

// ErrInvalid says that a trace is beyond the limits, or has nil where a step, a term, or a key has to be.
var ErrInvalid = errors.New("term: invalid trace")

// Valid checks a trace that was made by hand. Parse, Decode, and Clone of a valid trace give valid ones. Errors wrap ErrInvalid and name the
// step, counted from 1.
func Valid(t Trace) error {
	c := &checker{budget: newBudget()}
	if int(t.Peer) >= len(roleWords()) {
		c.fail("no role of a peer")
	}
	if len(t.Steps) > MaxSteps {
		c.fail(fmt.Sprintf("more than %d steps", MaxSteps))
	}
	for i, s := range t.Steps {
		if s == nil {
			c.fail("no step")
		} else if c.problem == "" {
			s.fields(c)
		}
		if c.problem != "" {
			return fmt.Errorf("%w: step %d: %s", ErrInvalid, i+1, c.problem)
		}
	}
	if c.problem != "" {
		return fmt.Errorf("%w: %s", ErrInvalid, c.problem)
	}
	return nil
}

// A checker is a visitor that checks what it sees.
type checker struct {
	budget  *budget
	problem string // the first one
}

func (c *checker) fail(problem string) {
	if c.problem == "" {
		c.problem = problem
	}
}

func (c *checker) term(t *Term) {
	if *t == nil {
		c.fail("no term")
		return
	}
	c.node(*t, isFree(*t))
}

func (c *checker) key(k *Key) {
	if *k == nil {
		c.fail("no key")
		return
	}
	c.node(*k, isFreeKey(*k))
}

func (c *checker) node(n node, free bool) {
	if problem := c.budget.spend(free); problem != "" || c.problem != "" {
		c.fail(problem)
		return
	}
	c.budget.depth++
	n.fields(c)
	c.budget.depth--
}

func (c *checker) terms(list *[]Term) {
	if len(*list) > MaxList {
		c.fail(fmt.Sprintf("more than %d terms in a list", MaxList))
		return
	}
	for i := range *list {
		c.term(&(*list)[i])
	}
}

func (c *checker) number(n *uint64, limit uint64) {
	if *n > limit {
		c.fail(fmt.Sprintf("a number above %d", limit))
	}
}

func (c *checker) offset(n *int64) {
	if *n > MaxOffset || *n < -MaxOffset {
		c.fail(fmt.Sprintf("an offset beyond %d", MaxOffset))
	}
}

func (c *checker) word(w *uint8, words []string) {
	if int(*w) >= len(words) {
		c.fail("a word that there is not")
	}
}

func (c *checker) literal(b *string, _ int) {
	if c.budget.literals -= len(*b); c.budget.literals < 0 {
		c.fail(fmt.Sprintf("more than %d bytes in one trace", MaxLiterals))
	}
}

// Clone returns a copy of a valid trace that shares nothing with it.
func Clone(t Trace) Trace { return Decode(Append(nil, t)) }

// Slots returns where the terms and keys of a valid trace stand, each before those inside it, in the order of the text. Whoever assigns to a
// slot replaces what stands there, and makes the slots inside it useless.
func Slots(t Trace) (terms []*Term, keys []*Key) {
	c := &collector{}
	for _, s := range t.Steps {
		s.fields(c)
	}
	return c.found, c.keys
}

// A collector is a visitor that keeps the places that it sees.
type collector struct {
	fieldCounter
	found []*Term
	keys  []*Key
}

func (c *collector) term(t *Term) {
	c.found = append(c.found, t)
	(*t).fields(c)
}

func (c *collector) key(k *Key) {
	c.keys = append(c.keys, k)
	(*k).fields(c)
}

func (c *collector) terms(list *[]Term) {
	for i := range *list {
		c.term(&(*list)[i])
	}
}
