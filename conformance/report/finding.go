package report

import (
	"fmt"
	"strings"

	"ockamtest/conformance"
)

// finding writes one result as a bug report: the requirement in the specification's words, what was expected and seen, the exchange,
// and how to see it again.
func (p *page) finding(r *conformance.Result) {
	const indent = "    "
	p.line(p.paint(r.Outcome, strings.ToUpper(string(r.Outcome))) + " " + p.bold(clean(r.Case)) + ", " + place(r) + with(r))
	p.wrapped(indent, r.Title)
	p.line("")
	if requirement, ok := p.requirement(r.Requirement); ok {
		p.line(indent + p.bold(requirement.ID) + clean(fmt.Sprintf(" %s (section %s)", requirement.Level, requirement.Section)))
		p.wrapped(indent+"| ", requirement.Text)
		p.line("")
	}
	if r.Expected != "" || r.Actual != "" {
		p.wrappedAfter(indent+"Expected: ", len(indent)+10, indent+"          ", r.Expected)
		p.wrappedAfter(indent+"  Actual: ", len(indent)+10, indent+"          ", r.Actual)
	}
	if r.Reason != "" && r.Reason != r.Actual {
		p.wrappedAfter(indent+"  Reason: ", len(indent)+10, indent+"          ", r.Reason)
	}
	p.line("")
	if len(r.Transcript) > 0 {
		p.ladder(indent, r.Transcript)
		p.line("")
	}
	p.line(indent + fmt.Sprintf("Seed %d. To run it again:", p.results.Seed))
	p.line(indent + clean(r.Rerun)) // not wrapped: it is copied
	p.line("")
}

// with are the parameters of a result that are not the usual ones.
func with(r *conformance.Result) string {
	if r.Parameters == nil {
		return ""
	}
	text := ""
	for i, name := range r.Parameters.Varied() {
		text += []string{" with ", " and "}[min(i, 1)] + name + "=" + r.Parameters.Value(name)
	}
	return clean(text)
}

func (p *page) requirement(id string) (conformance.RequirementResult, bool) {
	for _, r := range p.results.Requirements {
		if r.ID == id {
			return r, true
		}
	}
	return conformance.RequirementResult{}, false
}

// A transcript longer than ladderHead + ladderTail entries is cut in the middle.
const (
	ladderHead = 24
	ladderTail = 12
)

// ladder draws the exchange: time in milliseconds, link, direction, and what it was; below that, the bytes.
func (p *page) ladder(indent string, entries []conformance.Entry) {
	links := 0
	for _, e := range entries {
		links = max(links, e.Link)
	}
	p.line(indent + "       ms        kit --> peer")
	for i, e := range entries {
		if left := len(entries) - ladderHead - ladderTail; left > 0 && i >= ladderHead && i < ladderHead+left {
			if i == ladderHead {
				p.line(fmt.Sprintf("%s          %d more entries, see the JSON report", indent, left))
			}
			continue
		}
		p.rung(indent, e, links)
	}
}

func (p *page) rung(indent string, e conformance.Entry, links int) {
	link := "    "
	if links > 1 && e.Link > 0 {
		link = fmt.Sprintf("[%d] ", e.Link)
	}
	arrow, text := "  . ", e.Text
	switch e.Direction {
	case conformance.DirSend:
		arrow = "--> "
	case conformance.DirReceive:
		arrow = "<-- "
	}
	if e.Direction != conformance.DirEvent {
		text = bytesOf(e.Length)
		if e.Text != "" {
			text += ": " + e.Text
		}
	}
	before := fmt.Sprintf("%s%9.3f  %s%s", indent, float64(e.AtMicros)/1000, link, arrow)
	rest := strings.Repeat(" ", len(before))
	p.wrappedAfter(before, len(before), rest, text)
	for _, line := range hexLines(e.Hex, p.width-len(rest)) {
		p.line(rest + p.dim(clean(line)))
	}
}

func bytesOf(n int) string {
	if n == 1 {
		return "1 byte"
	}
	return fmt.Sprintf("%d bytes", n)
}

// hexLines breaks hex digits into at most four lines of at most width columns, with an ellipsis in the middle if they are more: a
// handshake message is shown whole.
func hexLines(digits string, width int) []string {
	const most, tail = 4, 16 // lines, digits
	width = max(width&^1, 2*tail)
	runes := []rune(digits)
	if len(runes) > most*width {
		head := (most*width - tail - 1) &^ 1
		runes = append(append(append([]rune{}, runes[:head]...), []rune(conformance.Ellipsis)...), runes[len(runes)-tail:]...)
	}
	var lines []string
	for len(runes) > width {
		lines = append(lines, string(runes[:width]))
		runes = runes[width:]
	}
	if len(runes) > 0 {
		lines = append(lines, string(runes))
	}
	return lines
}
