package selftest

import (
	"fmt"
	"strings"

	"ockamtest/conformance"
)

// textWidth is the width of the text, and columnWidth that of a column of the table.
const (
	textWidth   = 130
	columnWidth = 10
)

// column is a role, a transport, a profile, and a depth of the table.
type column struct {
	role      conformance.Role
	transport conformance.Transport
	profile   string
	depth     int
}

// String is the head of the column; a depth shows in a tunnel alone.
func (k column) String() string {
	text := fmt.Sprintf("%.1s %s %s", k.role, k.transport, k.profile)
	if k.depth > 1 {
		text += fmt.Sprintf(" %d", k.depth)
	}
	return text
}

// place says where a peer was run.
func place(role conformance.Role, transport conformance.Transport, profile string, depth int) string {
	text := fmt.Sprintf("as %s over %s in %s", role, transport, profile)
	if depth > 1 {
		text += fmt.Sprintf(" at depth %d", depth)
	}
	return text
}

// Text renders the matrix for a terminal: a row for each peer with its verdicts and the cases that killed it, what went wrong, the
// peers that each requirement catches, and a line that counts.
func (m *Matrix) Text() string {
	var b strings.Builder
	for _, kind := range []Kind{Correct, Lawful, Dead, Broken} {
		m.table(&b, kind, m.columns(kind))
	}
	m.requirements(&b)
	m.problems(&b)
	b.WriteString(m.Line() + "\n")
	return b.String()
}

// columns are the roles, transports, profiles, and depths that some peer of a kind has, in the order in which they come up.
func (m *Matrix) columns(kind Kind) (all []column) {
	seen := map[column]bool{}
	for _, r := range m.Peers {
		for _, c := range r.Cells {
			if k := (column{c.Role, c.Transport, c.Profile, c.Depth}); r.Kind == kind && !seen[k] {
				seen[k] = true
				all = append(all, k)
			}
		}
	}
	return all
}

func (m *Matrix) table(b *strings.Builder, kind Kind, columns []column) {
	fmt.Fprintf(b, "%-38s", strings.ToUpper(string(kind)))
	for _, k := range columns {
		fmt.Fprintf(b, " %-*s", columnWidth, k)
	}
	if kind == Broken {
		b.WriteString(" breaks and killers")
	}
	b.WriteString("\n")
	for _, r := range m.Peers {
		if r.Kind != kind {
			continue
		}
		fmt.Fprintf(b, "%-38s", r.Peer)
		for _, k := range columns {
			fmt.Fprintf(b, " %-*s", columnWidth, r.verdictOf(k))
		}
		if kind == Broken {
			b.WriteString(" " + strings.Join(r.Breaks, " ") + ": " + shorten(r.Killers, 2))
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
}

// verdictOf is the verdict in one column, "-" if the peer has no such role, transport, or profile.
func (r *Row) verdictOf(k column) string {
	for _, c := range r.Cells {
		if (column{c.Role, c.Transport, c.Profile, c.Depth}) == k {
			return string(c.Verdict)
		}
	}
	return "-"
}

// oneLine is the first line of a text, not longer than fits.
func oneLine(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	if len(text) > textWidth {
		text = text[:textWidth] + "…"
	}
	return text
}

func shorten(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, " ")
	}
	return fmt.Sprintf("%s +%d", strings.Join(names[:most], " "), len(names)-most)
}

func (m *Matrix) requirements(b *strings.Builder) {
	b.WriteString("REQUIREMENT  broken peers that fail it\n")
	for _, c := range m.Requirements {
		line := fmt.Sprintf("%-12s %2d", c.Requirement, len(c.Peers))
		for _, p := range c.Peers {
			if len(line)+1+len(p) > textWidth {
				b.WriteString(line + "\n")
				line = strings.Repeat(" ", 15)
			}
			line += " " + p
		}
		b.WriteString(line + "\n")
	}
	b.WriteString("\n")
}

func (m *Matrix) problems(b *strings.Builder) {
	for _, r := range m.Problems() {
		for _, c := range r.Cells {
			if c.Verdict.Good() {
				continue
			}
			fmt.Fprintf(b, "%s %s: %s\n", r.Peer, place(c.Role, c.Transport, c.Profile, c.Depth), c.Verdict)
			for _, f := range c.Findings {
				fmt.Fprintf(b, "    %s %s %s: %s\n", f.Outcome, f.Case, f.Requirement, oneLine("expected "+f.Expected+"; got "+f.Actual))
			}
		}
	}
	for _, h := range m.Holes {
		fmt.Fprintf(b, "no broken peer fails %s %s\n", h.Case, place(h.Role, h.Transport, h.Profile, h.Depth))
	}
}

// Line counts in one line.
func (m *Matrix) Line() string {
	s := m.Summary
	accused := 0
	for _, r := range m.Problems() {
		if r.Kind == Correct || r.Kind == Lawful {
			accused++
		}
	}
	result := "ok"
	if !s.OK {
		result = "NOT OK"
	}
	return fmt.Sprintf("%s: %d of %d broken peers killed, %d of %d correct and lawful peers accused, %d of %d dead peers at zero; %d cases, %d holes, %d results",
		result, s.Verdicts[Killed], s.Peers[Broken], accused, s.Peers[Correct]+s.Peers[Lawful], s.Verdicts[Zero], s.Peers[Dead],
		s.Cases, s.Holes, s.Results)
}
