package interop

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"ockamtest/conformance"
)

// WriteText writes the matrix for a person at a terminal: a table for each profile and transport, whatever is not green as a bug report, and the
// summary last.
func (m *Matrix) WriteText(w io.Writer) error {
	p := &page{matrix: m}
	p.head()
	for cells := m.Cells; len(cells) > 0; {
		n := slices.IndexFunc(cells, func(c *Cell) bool { return c.Profile != cells[0].Profile || c.Transport != cells[0].Transport })
		if n < 0 {
			n = len(cells)
		}
		p.table(cells[:n])
		cells = cells[n:]
	}
	for _, c := range m.Cells {
		p.finding(c)
	}
	p.summary()
	if _, err := w.Write(p.Bytes()); err != nil {
		return fmt.Errorf("interop: write text: %w", err)
	}
	return nil
}

// A page is a text in the making.
type page struct {
	bytes.Buffer
	matrix *Matrix
}

func (p *page) printf(format string, args ...any) { fmt.Fprintf(&p.Buffer, format, args...) }

func (p *page) head() {
	m := p.matrix
	p.printf("%s %s: %d peers, seed %d, %d records each way", m.Tool.Name, m.Tool.Version, len(m.Peers), m.Seed, m.Records)
	if i := m.Impairment; i != nil {
		p.printf(", %d sessions in each cell, loss %g %%, duplicate %g %%, reorder %g %%, delay %g ms",
			m.Sessions, 100*i.Loss, 100*i.Duplicate, 100*i.Reorder, i.DelayMS)
	}
	p.printf("\n")
	for _, peer := range m.Peers {
		p.printf("  %s: %s\n", peer.Name, peer.Peer)
	}
}

// words of the outcomes in a table.
func word(o Outcome) string {
	switch o {
	case Pass:
		return "ok"
	case Fail:
		return "FAIL"
	case Inconclusive:
		return "?"
	case Unsupported:
		return "-"
	case Error:
		return "ERROR"
	case NotRun:
		return "not run"
	}
	return string(o)
}

// table writes the cells of a profile over a transport: a line for each initiator, a column for each responder.
func (p *page) table(cells []*Cell) {
	var initiators, responders []string
	found := map[[2]string]*Cell{}
	first := "initiator \\ responder"
	width := utf8.RuneCountInString(first)
	for _, c := range cells {
		found[[2]string{c.Initiator, c.Responder}] = c
		if !slices.Contains(initiators, c.Initiator) {
			initiators = append(initiators, c.Initiator)
			width = max(width, utf8.RuneCountInString(c.Initiator))
		}
		if !slices.Contains(responders, c.Responder) {
			responders = append(responders, c.Responder)
		}
	}
	p.printf("\n%s over %s\n", cells[0].Profile, cells[0].Transport)
	line := func(head string, text func(responder string) string) {
		s := fmt.Sprintf("  %-*s", width, head)
		for _, r := range responders {
			s += fmt.Sprintf("  %-*s", max(len("not run"), utf8.RuneCountInString(r)), text(r))
		}
		p.printf("%s\n", strings.TrimRight(s, " "))
	}
	line(first, func(r string) string { return r })
	for _, i := range initiators {
		line(i, func(r string) string {
			if c := found[[2]string{i, r}]; c != nil {
				return word(c.Outcome)
			}
			return ""
		})
	}
}

// finding writes what is not green, as a bug report.
func (p *page) finding(c *Cell) {
	if c.Outcome == Pass || c.Outcome == NotRun {
		return
	}
	p.printf("\n%s %s -> %s, %s over %s\n", strings.ToUpper(string(c.Outcome)), c.Initiator, c.Responder, c.Profile, c.Transport)
	p.block("    ", c.Reason)
	if c.Outcome == Unsupported {
		return
	}
	if f := c.Fault; f != nil && f.Requirement != "" {
		if r, ok := conformance.CatalogueByID()[f.Requirement]; ok {
			p.block("    ", fmt.Sprintf("%s %s: %s", r.ID, r.Level, r.Text))
		}
	}
	for n, s := range c.Sessions {
		p.printf("    session %d: m1 %d, m2 %d, m3 %d times; records: %d of the initiator, %d of the responder; lost %d\n",
			n+1, s.M1, s.M2, s.M3, s.Records[conformance.Initiator], s.Records[conformance.Responder], s.Lost)
	}
	for _, e := range c.Trace {
		arrow := "->"
		if e.From == conformance.Responder {
			arrow = "<-"
		}
		p.printf("    %8.3f s  %s  %s, %d bytes  %s\n", float64(e.AtMicros)/1e6, arrow, e.Kind, e.Length, e.Fate)
		p.hex(e.Hex)
	}
	for _, role := range []conformance.Role{conformance.Initiator, conformance.Responder} {
		if log := c.Logs[role]; len(log) > 0 {
			p.printf("    log of the %s:\n", role)
			p.block("      ", strings.Join(log, "\n"))
		}
	}
	p.printf("    again: %s\n", clean(c.Rerun))
}

func (p *page) hex(text string) {
	const columns = 96
	for len(text) > 0 {
		n := min(len(text), columns)
		p.printf("                    %s\n", text[:n])
		text = text[n:]
	}
}

// block writes lines; what a peer wrote is stripped of control characters.
func (p *page) block(indent, text string) {
	for line := range strings.SplitSeq(text, "\n") {
		p.printf("%s%s\n", indent, clean(line))
	}
}

func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r >= 0x7f && r < 0xa0 {
			return '?'
		}
		return r
	}, text)
}

func (p *page) summary() {
	m := p.matrix
	var counts []string
	for _, o := range Outcomes() {
		if n := m.Summary[o]; n > 0 || o == Pass || o == Fail {
			counts = append(counts, fmt.Sprintf("%d %s", n, o))
		}
	}
	sessions, opened, lost, refused := 0, 0, 0, 0
	records := map[conformance.Role]int{}
	for _, c := range m.Cells {
		refused += len(c.Refused)
		for _, s := range c.Sessions {
			sessions++
			lost += s.Lost
			if s.Open {
				opened++
			}
			for role, n := range s.Records {
				records[role] += n
			}
		}
	}
	p.printf("\n%d cells in %v: %s.\n", len(m.Cells), (time.Duration(m.DurationMS) * time.Millisecond).Round(10*time.Millisecond), strings.Join(counts, ", "))
	p.printf("%d of %d sessions opened; %d records of initiators, %d of responders; %d messages lost by the relay; %d refusals of another static key.\n",
		opened, sessions, records[conformance.Initiator], records[conformance.Responder], lost, refused)
	p.printf("%s\n", m.verdict())
}

// verdict is the meaning of the exit code.
func (m *Matrix) verdict() string {
	switch m.ExitCode() {
	case conformance.ExitInterrupted:
		return "Interrupted: this matrix is partial."
	case conformance.ExitNothingRan:
		return "Nothing ran: no two peers have a profile and a transport in common."
	case conformance.ExitTrouble:
		return "Trouble: not everything could be judged, see above."
	case conformance.ExitNotConformant:
		return "Not all of them understand each other."
	}
	return "They understand each other."
}
