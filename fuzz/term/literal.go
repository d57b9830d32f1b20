package term

import (
	"encoding/hex"
	"strconv"
	"strings"
)

// literalAhead tells whether bytes come next.
func (p *parser) literalAhead() bool {
	rest := p.line[p.at:]
	return strings.HasPrefix(rest, "0x") || strings.HasPrefix(rest, `"`)
}

// literal reads 0x and digits, or a string with Go's escapes; one of them comes next.
func (p *parser) literal(b *string, _ int) {
	from := p.at
	if p.line[p.at] == '"' {
		quoted, err := strconv.QuotedPrefix(p.line[p.at:])
		if err != nil {
			p.fail("a string that does not end, or has an unknown escape")
			return
		}
		text, err := strconv.Unquote(quoted)
		if err != nil {
			p.fail("a string with an unknown escape")
			return
		}
		p.at += len(quoted)
		*b = text
	} else {
		p.at += len("0x")
		digits := p.at
		for p.at < len(p.line) && isHexByte(p.line[p.at]) {
			p.at++
		}
		decoded, err := hex.DecodeString(p.line[digits:p.at])
		if err != nil {
			p.fail("an odd number of hexadecimal digits")
			return
		}
		*b = string(decoded)
	}
	if p.budget.literals -= len(*b); p.budget.literals < 0 {
		p.at = from
		p.fail("more than %d bytes in one trace", MaxLiterals)
	}
}

func isHexByte(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func (p *parser) digits() (digits string, from int) {
	from = p.at
	for p.at < len(p.line) && '0' <= p.line[p.at] && p.line[p.at] <= '9' {
		p.at++
	}
	return p.line[from:p.at], from
}

func (p *parser) number(n *uint64, limit uint64) {
	p.separate()
	if p.err != nil {
		return
	}
	digits, from := p.digits()
	value, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || value > limit {
		p.at = from
		p.fail("a number from 0 to %d should come here", limit)
		return
	}
	*n = value
}

func (p *parser) offset(n *int64) {
	p.separate()
	if p.err != nil {
		return
	}
	start := p.at
	negative := p.take('-')
	digits, _ := p.digits()
	value, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || value > MaxOffset {
		p.at = start
		p.fail("a number from %d to %d should come here", -MaxOffset, MaxOffset)
		return
	}
	if negative {
		value = -value
	}
	*n = value
}
