package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"ockamtest/conformance"
)

// A TextConfig says how WriteText writes. The zero value is for a file: no colours, 100 columns.
type TextConfig struct {
	Color bool // ANSI colours
	Width int  // columns; 0: 100; at least 40
}

const (
	defaultWidth = 100
	minWidth     = 40
)

// WriteText writes results for a person at a terminal: the groups, whatever did not pass, each failure as a bug report, and the summary
// last. What a peer wrote, such as the tail of its log, is stripped of control characters.
func WriteText(w io.Writer, r *conformance.Results, o TextConfig) error {
	if o.Width == 0 {
		o.Width = defaultWidth
	}
	p := &page{results: r, color: o.Color, width: max(o.Width, minWidth)}
	p.head()
	p.groups()
	p.findings()
	p.remarks()
	p.stale()
	p.summary()
	if _, err := w.Write(p.Bytes()); err != nil {
		return fmt.Errorf("report: write text: %w", err)
	}
	return nil
}

// A page is a text in the making.
type page struct {
	bytes.Buffer
	results *conformance.Results
	color   bool
	width   int
}

func (p *page) head() {
	r := p.results
	p.wrapped("", fmt.Sprintf("%s %s: %s, profile %s, seed %d", r.Tool.Name, r.Tool.Version, r.Peer.Name, strings.ReplaceAll(r.Profile, ",", ", "), r.Seed)+
		part(r))
	p.line("")
}

// part tells what part of the catalogue was run, if not all of it could be.
func part(r *conformance.Results) string {
	text := ""
	if r.Catalogue != conformance.CatalogueVersion {
		text += ", catalogue " + r.Catalogue
	}
	if r.Shard != nil {
		text += fmt.Sprintf(", shard %d of %d", r.Shard.Index, r.Shard.Of)
	}
	return text
}

// groups writes one line for each role, transport, depth, and profile.
func (p *page) groups() {
	var order []string
	counts := map[string]map[conformance.Outcome]int{}
	for i := range p.results.Results {
		result := &p.results.Results[i]
		where := place(result)
		if counts[where] == nil {
			order = append(order, where)
			counts[where] = map[conformance.Outcome]int{}
		}
		counts[where][result.Outcome]++
	}
	for _, where := range order {
		before := "  " + where + ": "
		p.flow(before, utf8.RuneCountInString(before), "    ", p.counts(counts[where], false, true, ""))
	}
	p.line("")
}

// findings writes whatever is a bug report: of the peer, or of the kit.
func (p *page) findings() {
	for i := range p.results.Results {
		result := &p.results.Results[i]
		switch result.Outcome {
		case conformance.Fail, conformance.Warn, conformance.Error, conformance.UnexpectedPass:
			p.finding(result)
		default:
		}
	}
}

func (p *page) summary() {
	r := p.results
	took := (time.Duration(r.DurationMS) * time.Millisecond).Round(10 * time.Millisecond)
	before := fmt.Sprintf("%d results in %v: ", len(r.Results), took)
	p.flow(before, len(before), "", p.counts(r.Summary, true, false, "."))
	c := r.Coverage
	p.wrapped("", fmt.Sprintf("%d requirements: %d with a case, %d with a written reason why not, %d planned.",
		c.Requirements, c.WithCase, c.WithReason, c.Planned))
	outcome, verdict := p.verdict()
	p.wrappedAfter(p.paint(outcome, verdict[0])+" ", len(verdict[0])+1, "", verdict[1])
}

// verdict is the meaning of the exit code.
func (p *page) verdict() (conformance.Outcome, [2]string) {
	r := p.results
	switch conformance.ExitCode(r, nil) {
	case conformance.ExitInterrupted:
		return conformance.Warn, [2]string{"Interrupted:", "this report is partial."}
	case conformance.ExitNothingRan:
		return conformance.Fail, [2]string{"Nothing ran:", "no case that was selected says anything about this peer."}
	case conformance.ExitTrouble:
		if r.Trouble != "" {
			return conformance.Fail, [2]string{"The peer could not be reached:", r.Trouble}
		}
		return conformance.Fail, [2]string{"Trouble:", "the kit could not judge everything, see the errors above."}
	case conformance.ExitNotConformant:
		if r.Partial {
			return conformance.Fail, [2]string{"Not conformant;", "the run ended at the first failure, this report is partial."}
		}
		return conformance.Fail, [2]string{"Not conformant.", ""}
	case conformance.ExitStale:
		return conformance.Fail, [2]string{"Stale expectations:", "what was expected to fail does not, or not so; see above."}
	}
	if r.Shard != nil && r.Shard.Cases == 0 {
		return conformance.Pass, [2]string{"Nothing to do:", fmt.Sprintf("there are more shards than cases: all %d are in others.", r.Shard.All)}
	}
	met := 0
	for _, requirement := range r.Requirements {
		if requirement.Status == string(conformance.Pass) {
			met++
		}
	}
	return conformance.Pass, [2]string{"Conformant", fmt.Sprintf("in the %d of %d requirements that passed.", met, len(r.Requirements))}
}

// place is where a case was run.
func place(r *conformance.Result) string {
	depth := ""
	if r.Depth > 1 {
		depth = fmt.Sprintf(" at depth %d", r.Depth)
	}
	return clean(fmt.Sprintf("%s over %s%s, profile %s", r.Role, r.Transport, depth, r.Profile))
}
