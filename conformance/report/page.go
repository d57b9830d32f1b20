package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"ockamtest/conformance"
)

func (p *page) line(s string) {
	p.WriteString(strings.TrimRight(s, " "))
	p.WriteByte('\n')
}

// wrapped writes a text in lines that all begin with indent.
func (p *page) wrapped(indent, text string) {
	p.wrappedAfter(indent, len(indent), indent, text)
}

// wrappedAfter writes before, which takes columns, and behind it a text that goes on in lines that begin with indent. Line breaks in
// the text stay; a word that is too long for a line has one of its own.
func (p *page) wrappedAfter(before string, columns int, indent, text string) {
	for i, paragraph := range strings.Split(text, "\n") {
		if i > 0 {
			before, columns = indent, utf8.RuneCountInString(indent)
		}
		var words []word
		for w := range strings.FieldsSeq(clean(paragraph)) {
			words = append(words, word{w, utf8.RuneCountInString(w)})
		}
		p.flow(before, columns, indent, words)
	}
}

// A word is what is not broken.
type word struct {
	text    string
	columns int
}

// flow writes words behind before, in as many lines as they take.
func (p *page) flow(before string, columns int, indent string, words []word) {
	line, used := before, columns
	for i, w := range words {
		if i > 0 && used+1+w.columns > p.width {
			p.line(line)
			line, used = indent, utf8.RuneCountInString(indent)
		} else if i > 0 {
			line, used = line+" ", used+1
		}
		line, used = line+w.text, used+w.columns
	}
	p.line(line)
}

// counts are words such as "2 fail,", painted if paint, of the outcomes that have a count, or of all.
func (p *page) counts(count map[conformance.Outcome]int, all, paint bool, end string) []word {
	var words []word
	for _, outcome := range conformance.Outcomes() {
		n := count[outcome]
		if n == 0 && !all {
			continue
		}
		plain := fmt.Sprintf("%d %s", n, outcome)
		shown := plain
		if paint {
			shown = p.paint(outcome, plain)
		}
		words = append(words, word{shown + ",", utf8.RuneCountInString(plain) + 1})
	}
	if len(words) > 0 {
		last := &words[len(words)-1]
		last.text = strings.TrimSuffix(last.text, ",") + end
	}
	return words
}

// clean replaces what a terminal could obey or that would hide text: a peer may have written it.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp):
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(s, string(unicode.ReplacementChar)))
}

// ANSI codes.
const (
	reset  = "\x1b[0m"
	bold   = "\x1b[1m"
	dim    = "\x1b[2m"
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	cyan   = "\x1b[36m"
)

func (p *page) paint(o conformance.Outcome, s string) string {
	switch o {
	case conformance.Pass:
		return p.code(green, s)
	case conformance.Fail, conformance.Error, conformance.UnexpectedPass:
		return p.code(red, s)
	case conformance.Warn, conformance.KnownFail, conformance.NotRun:
		return p.code(yellow, s)
	case conformance.Unsupported, conformance.Skipped:
	}
	return p.code(cyan, s)
}

func (p *page) bold(s string) string { return p.code(bold, s) }
func (p *page) dim(s string) string  { return p.code(dim, s) }

func (p *page) code(code, s string) string {
	if !p.color {
		return s
	}
	return code + s + reset
}
