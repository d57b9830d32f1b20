package interop

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"ockamtest/conformance"
)

// Schema names the version of the matrix's JSON.
const Schema = "ockamtest/interop/v1"

// An Outcome is what became of a cell.
type Outcome string

// The outcomes. All but Pass carry a reason.
const (
	Pass         Outcome = "pass"
	Fail         Outcome = "fail"
	Inconclusive Outcome = "inconclusive" // the relay has lost so much that too little was seen
	Unsupported  Outcome = "unsupported"  // the two cannot be told what they would have to be
	Error        Outcome = "error"        // the kit's own trouble
	NotRun       Outcome = "not-run"      // interrupted
)

// Outcomes returns all outcomes in the order in which summaries list them.
func Outcomes() []Outcome { return []Outcome{Pass, Fail, Inconclusive, Unsupported, Error, NotRun} }

// A Matrix is what Run has found. Its JSON is the one source of every other form.
type Matrix struct {
	Schema      string               `json:"schema"` // Schema
	Tool        conformance.ToolInfo `json:"tool"`
	Seed        uint64               `json:"seed"`
	Records     int                  `json:"records"`  // each way in each cell
	Sessions    int                  `json:"sessions"` // that have to open in each cell
	Impairment  *ImpairmentInfo      `json:"impairment,omitempty"`
	Interrupted bool                 `json:"interrupted,omitempty"`
	DurationMS  int64                `json:"duration_ms"`
	Peers       []PeerInfo           `json:"peers"`
	Summary     map[Outcome]int      `json:"summary"` // every outcome, zero included
	Cells       []*Cell              `json:"cells"`   // by profile, transport, initiator, responder
}

// An ImpairmentInfo is an Impairment in a Matrix.
type ImpairmentInfo struct {
	Loss      float64 `json:"loss"`
	Duplicate float64 `json:"duplicate"`
	Reorder   float64 `json:"reorder"`
	DelayMS   float64 `json:"delay_ms"`
}

// A PeerInfo is a Peer in a Matrix.
type PeerInfo struct {
	Name       string `json:"name"`
	Peer       string `json:"peer"` // as given
	Attachment string `json:"attachment"`
}

// A Cell is a pair of peers in a profile over a transport.
type Cell struct {
	Profile    string                        `json:"profile"`
	Transport  conformance.Transport         `json:"transport"`
	Initiator  string                        `json:"initiator"`
	Responder  string                        `json:"responder"`
	Outcome    Outcome                       `json:"outcome"`
	Reason     string                        `json:"reason,omitempty"`
	Fault      *Fault                        `json:"fault,omitempty"`    // of a failure
	Sessions   []Session                     `json:"sessions,omitempty"` // those of refused keys not among them
	Refused    []conformance.Role            `json:"refused,omitempty"`  // who was shown to refuse another static key (NOISE-011)
	Exit       string                        `json:"initiator_exit,omitempty"`
	Trace      []Entry                       `json:"trace,omitempty"` // the last messages of the session that failed
	Logs       map[conformance.Role][]string `json:"logs,omitempty"`  // the last lines of a cell that did not pass
	Rerun      string                        `json:"rerun"`
	DurationMS int64                         `json:"duration_ms"`
}

// A Session is what the relay has counted in one session.
type Session struct {
	Open       bool                     `json:"open"` // a record of the responder has answered one of the initiator
	M1         int                      `json:"m1"`   // sent, repeats included
	M2         int                      `json:"m2"`
	M3         int                      `json:"m3"`
	Records    map[conformance.Role]int `json:"records"`     // sent
	RecordSize int                      `json:"record_size"` // bytes of the last one, without its envelope
	Lost       int                      `json:"lost,omitempty"`
	Duplicated int                      `json:"duplicated,omitempty"`
	Held       int                      `json:"held,omitempty"`
	End        string                   `json:"end"`
}

// count fills in the summary.
func (m *Matrix) count() {
	m.Summary = map[Outcome]int{}
	for _, o := range Outcomes() {
		m.Summary[o] = 0
	}
	for _, c := range m.Cells {
		m.Summary[c.Outcome]++
	}
}

// ExitCode is the exit code of the command: 0 if all cells are green, and at least one is.
func (m *Matrix) ExitCode() int {
	switch {
	case m.Interrupted:
		return conformance.ExitInterrupted
	case len(m.Cells) == m.Summary[Unsupported]:
		return conformance.ExitNothingRan
	case m.Summary[Error]+m.Summary[Inconclusive]+m.Summary[NotRun] > 0:
		return conformance.ExitTrouble
	case m.Summary[Fail] > 0:
		return conformance.ExitNotConformant
	}
	return conformance.ExitConformant
}

// WriteJSON writes the matrix.
func (m *Matrix) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(m); err != nil {
		return fmt.Errorf("interop: write JSON: %w", err)
	}
	return nil
}

func impairmentInfo(i Impairment) *ImpairmentInfo {
	if !i.any() {
		return nil
	}
	return &ImpairmentInfo{i.Loss, i.Duplicate, i.Reorder, float64(i.Delay) / float64(time.Millisecond)}
}
