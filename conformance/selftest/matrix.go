package selftest

import (
	"slices"

	"ockamtest/conformance"
	"ockamtest/conformance/runner"
	"ockamtest/ref/profile"
)

// Schema names the version of the matrix's JSON.
const Schema = "ockamtest/selftest/v1"

// A Matrix is what became of every peer, and of every case.
type Matrix struct {
	Schema       string      `json:"schema"` // Schema
	Catalogue    string      `json:"catalogue"`
	Seed         uint64      `json:"seed"`
	Peers        []*Row      `json:"peers"`
	Requirements []Catch     `json:"requirements"` // those that a case cites
	Cases        []CaseTally `json:"cases"`
	Holes        []Hole      `json:"holes"`
	Summary      Summary     `json:"summary"`
}

// A Kind is what is known of a peer.
type Kind string

// The kinds.
const (
	Correct Kind = "correct"
	Broken  Kind = "broken"
	Lawful  Kind = "lawful"
	Dead    Kind = "dead"
)

// A Verdict is what became of a peer.
type Verdict string

// The verdicts, the good ones first.
const (
	Clean    Verdict = "clean"    // a correct or lawful peer that was accused of nothing
	Killed   Verdict = "killed"   // a broken peer that failed on what it breaks, and on nothing else
	Zero     Verdict = "zero"     // a dead peer that passed nothing
	Survived Verdict = "survived" // a broken peer that did not fail on what it breaks
	Accused  Verdict = "accused"  // a peer that failed on what it does not break
	Scored   Verdict = "scored"   // a dead peer that passed something
	Trouble  Verdict = "trouble"  // the kit could not judge it
)

// Good reports whether the kit did right.
func (v Verdict) Good() bool { return v == Clean || v == Killed || v == Zero }

// A Row is one peer.
type Row struct {
	Peer    string   `json:"peer"`
	Title   string   `json:"title"`
	Kind    Kind     `json:"kind"`
	Class   string   `json:"class,omitempty"`
	Breaks  []string `json:"breaks,omitempty"`
	Entails []string `json:"entails,omitempty"`
	Verdict Verdict  `json:"verdict"`           // the worst of the cells
	Killers []string `json:"killers,omitempty"` // cases that failed a broken peer on what it breaks
	Cells   []*Cell  `json:"cells"`

	program   conformance.Program
	needs     conformance.Needs // only cases with these are run, if set
	exemplary bool              // the first correct peer, which has to pass long cases too
}

// A Cell is one peer in one role, transport, and profile, at one depth.
type Cell struct {
	Role      conformance.Role            `json:"role"`
	Transport conformance.Transport       `json:"transport"`
	Profile   string                      `json:"profile"`
	Depth     int                         `json:"depth,omitempty"` // 2 or more, of channels inside each other
	Verdict   Verdict                     `json:"verdict"`
	Summary   map[conformance.Outcome]int `json:"summary"`
	// Findings are the results that accuse the peer. For a dead peer they are the passes, for others also what hides trouble.
	Findings []Finding `json:"findings,omitempty"`
}

// A Finding is one result.
type Finding struct {
	Case        string              `json:"case"`
	Requirement string              `json:"requirement,omitempty"`
	Outcome     conformance.Outcome `json:"outcome"`
	Expected    string              `json:"expected,omitempty"`
	Actual      string              `json:"actual,omitempty"` // or the reason
}

// A Catch is a requirement and the broken peers that failed on it.
type Catch struct {
	Requirement string   `json:"requirement"`
	Peers       []string `json:"peers"`
}

// A CaseTally counts what a case did to broken peers.
type CaseTally struct {
	Case   string `json:"case"`
	Failed int    `json:"failed"` // broken peers that it failed, somewhere
}

// A Hole is a case that no broken peer fails in a role, transport, and profile in which it applies, on the transport and in a tunnel of
// deepDepth channels (in deepProfile alone).
type Hole struct {
	Case      string                `json:"case"`
	Role      conformance.Role      `json:"role"`
	Transport conformance.Transport `json:"transport"`
	Profile   string                `json:"profile"`
	Depth     int                   `json:"depth,omitempty"`
}

// A Summary counts.
type Summary struct {
	Peers    map[Kind]int    `json:"peers"`
	Verdicts map[Verdict]int `json:"verdicts"`
	Cells    int             `json:"cells"`
	Cases    int             `json:"cases"`
	Results  int             `json:"results"`
	Holes    int             `json:"holes"`
	OK       bool            `json:"ok"`
}

func newMatrix(cfg Config) *Matrix {
	m := &Matrix{
		Schema: Schema, Catalogue: conformance.CatalogueVersion, Seed: cfg.Seed,
		Peers: []*Row{}, Requirements: []Catch{}, Cases: []CaseTally{}, Holes: []Hole{},
	}
	for i, p := range cfg.Correct {
		r := newRow(p, Correct)
		r.exemplary = i == 0
		m.Peers = append(m.Peers, r)
	}
	for _, f := range cfg.Broken {
		r := newRow(f.Program, Broken)
		if f.InTunnel {
			r.Cells = slices.DeleteFunc(r.Cells, func(c *Cell) bool { return c.Depth == 0 })
		}
		r.Class, r.Breaks, r.Entails, r.needs = f.Class, f.Breaks, f.Entails, f.Needs
		m.Peers = append(m.Peers, r)
	}
	for _, p := range cfg.Lawful {
		m.Peers = append(m.Peers, newRow(p, Lawful))
	}
	for _, p := range cfg.Dead {
		m.Peers = append(m.Peers, newRow(p, Dead))
	}
	return m
}

func newRow(p conformance.Program, kind Kind) *Row {
	r := &Row{Peer: p.Name, Title: p.Title, Kind: kind, program: p}
	for _, role := range p.Roles {
		for _, t := range []conformance.Transport{conformance.Mem, conformance.UDP} {
			for _, name := range fitting(t, p.Speaks(t)) {
				r.Cells = append(r.Cells, &Cell{Role: role, Transport: t, Profile: name})
				if r.deep(name) {
					r.Cells = append(r.Cells, &Cell{Role: role, Transport: t, Profile: name, Depth: deepDepth})
				}
			}
		}
	}
	return r
}

// In a tunnel, peers that know tunnels are run at one depth: broken ones in one profile, as what is wrong with them is the same in all, others
// in every profile that has tunnels.
const (
	deepDepth   = 2
	deepProfile = "v1"
)

// deep tells whether the peer is run in a tunnel, too.
func (r *Row) deep(name string) bool {
	p, ok := profile.Lookup(name)
	return r.program.Depths >= deepDepth && ok && conformance.HasTunnels(p) && (r.Kind != Broken || name == deepProfile)
}

// fitting are the profiles that run over a transport. One that nobody knows fits everywhere: running it tells.
func fitting(t conformance.Transport, names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		p, ok := profile.Lookup(name)
		return ok && !runner.Has(p, t)
	})
}

func (m *Matrix) jobs() []job {
	var jobs []job
	for _, r := range m.Peers {
		for _, c := range r.Cells {
			jobs = append(jobs, job{r, c})
		}
	}
	return jobs
}

// OK reports whether the kit did right by every peer and every case has a broken peer that it fails.
func (m *Matrix) OK() bool { return m.Summary.OK }

// Problems are the rows that the kit did not do right by.
func (m *Matrix) Problems() []*Row {
	return slices.DeleteFunc(slices.Clone(m.Peers), func(r *Row) bool { return r.Verdict.Good() })
}
