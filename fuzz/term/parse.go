package term

import (
	"fmt"
	"slices"
	"strings"
)

// A SyntaxError is the error of Parse and ParseTerm: where the text is wrong, counted from 1, and how.
type SyntaxError struct {
	Line, Column int // Column in bytes
	Problem      string
}

// Error is the place and the problem in one line.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("term: line %d, column %d: %s", e.Line, e.Column, e.Problem)
}

// Parse reads the text of a trace, canonical or not: spaces and tabs between words, empty lines, lines that begin with # and what follows
// # behind a step, "text" for bytes, and upper-case hexadecimal digits are taken too. The error is a *SyntaxError. The trace is valid.
func Parse(text string) (Trace, error) {
	var t Trace
	b := newBudget()
	headed := false
	number := 0
	for line := range strings.Lines(text) {
		number++
		p := newParser(strings.TrimRight(line, "\r\n"), number, b)
		p.blank()
		switch {
		case p.done():
			continue
		case !headed:
			headed = true
			p.expectWord("peer")
			p.word((*uint8)(&t.Peer), roleWords())
		default:
			t.Steps = append(t.Steps, p.step(len(t.Steps)))
		}
		p.blank()
		if !p.done() {
			p.fail("the line should end here")
		}
		if p.err != nil {
			return Trace{}, p.err
		}
	}
	if !headed {
		return Trace{}, &SyntaxError{Line: number + 1, Column: 1, Problem: "a trace begins with the line: peer responder, or: peer initiator"}
	}
	return t, nil
}

// ParseTerm reads the text of one term, as Parse does.
func ParseTerm(text string) (Term, error) {
	p := newParser(text, 1, newBudget())
	var t Term
	p.term(&t)
	p.blank()
	if p.err == nil && p.at < len(p.line) {
		p.fail("the term should end here")
	}
	if p.err != nil {
		return nil, p.err
	}
	return t, nil
}

// A parser reads one line. After the first error it reads nothing more, and what it returns is not used.
type parser struct {
	line       string
	lineNumber int
	at         int
	budget     *budget
	inCall     bool // fields have commas between them
	first      bool // the next field is the first one
	err        *SyntaxError
}

func newParser(line string, number int, b *budget) *parser {
	return &parser{line: line, lineNumber: number, budget: b, first: true}
}

func (p *parser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = &SyntaxError{Line: p.lineNumber, Column: p.at + 1, Problem: fmt.Sprintf(format, args...)}
	}
}

func (p *parser) blank() {
	for p.at < len(p.line) && (p.line[p.at] == ' ' || p.line[p.at] == '\t') {
		p.at++
	}
}

// done tells whether the line ends here, or has a comment.
func (p *parser) done() bool { return p.at == len(p.line) || p.line[p.at] == '#' }

// take takes a character if it comes next.
func (p *parser) take(c byte) bool {
	p.blank()
	if p.err != nil || p.at == len(p.line) || p.line[p.at] != c {
		return false
	}
	p.at++
	return true
}

// separate goes to the next field.
func (p *parser) separate() {
	if p.inCall && !p.first && !p.take(',') {
		p.fail("a comma and one more argument should come here")
	}
	p.first = false
	p.blank()
}

// name takes a name: letters, digits, and hyphens.
func (p *parser) name() (name string, from int) {
	from = p.at
	for p.at < len(p.line) && isNameByte(p.line[p.at]) {
		p.at++
	}
	return p.line[from:p.at], from
}

func isNameByte(c byte) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' }

func (p *parser) expectWord(want string) {
	if got, from := p.name(); got != want {
		p.at = from
		p.fail("the word %s should come here", want)
	}
}

func (p *parser) step(before int) Step {
	name, from := p.name()
	s := newStep(name)
	if s == nil {
		p.at = from
		p.fail("a step should come here: %s", strings.Join(stepNames(), ", "))
		return nil
	}
	if before >= MaxSteps {
		p.at = from
		p.fail("more than %d steps", MaxSteps)
		return nil
	}
	s.fields(p)
	return s
}

// arguments reads the arguments of a call.
func (p *parser) arguments(n node) {
	counter := &fieldCounter{}
	n.fields(counter)
	if counter.fields == 0 {
		return
	}
	if !p.take('(') {
		p.fail("the arguments of %s should come here, in parentheses", n.symbol())
		return
	}
	inCall, first := p.inCall, p.first
	p.inCall, p.first = true, true
	n.fields(p)
	p.inCall, p.first = inCall, first
	if p.err == nil && !p.take(')') {
		p.fail("%s should end here, with a parenthesis", n.symbol())
	}
}

func (p *parser) term(t *Term) {
	p.separate()
	if p.err != nil {
		return
	}
	from := p.at
	if p.literalAhead() {
		b := &Bytes{}
		b.fields(p)
		p.spend(from, isFree(b))
		*t = b
		return
	}
	name, _ := p.name()
	n := newTerm(name)
	if n == nil || name == "bytes" {
		p.at = from
		p.fail("a term should come here")
		return
	}
	if !p.spend(from, false) {
		return
	}
	p.budget.depth++
	p.arguments(n)
	p.budget.depth--
	*t = n
}

func (p *parser) key(k *Key) {
	p.separate()
	if p.err != nil {
		return
	}
	from := p.at
	name, _ := p.name()
	n := newKey(name)
	if n == nil {
		p.at = from
		p.fail("a key should come here: %s", strings.Join(keyNames(), ", "))
		return
	}
	if !p.spend(from, isFreeKey(n)) {
		return
	}
	p.budget.depth++
	p.arguments(n)
	p.budget.depth--
	*k = n
}

// spend takes one term off the budget; it fails if there is none, or if it is too deep.
func (p *parser) spend(from int, free bool) bool {
	if problem := p.budget.spend(free); problem != "" {
		p.at = from
		p.fail("%s", problem)
		return false
	}
	return true
}

func (p *parser) terms(list *[]Term) {
	for p.err == nil && !p.closing() {
		if len(*list) == MaxList {
			p.fail("more than %d terms in a list", MaxList)
			return
		}
		var t Term
		p.term(&t)
		*list = append(*list, t)
	}
}

// closing tells whether a parenthesis ends the list here.
func (p *parser) closing() bool {
	p.blank()
	return p.at < len(p.line) && p.line[p.at] == ')'
}

func (p *parser) word(w *uint8, words []string) {
	p.separate()
	name, from := p.name()
	i := slices.Index(words, name)
	if i < 0 {
		p.at = from
		p.fail("one of these should come here: %s", strings.Join(words, ", "))
		return
	}
	*w = uint8(i)
}
