package selftest

import (
	"slices"
	"testing"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary/peers"
	"ockamtest/conformance/adversary/routers"
	"ockamtest/conformance/attach"
)

// The gate: all broken peers are killed by what they break, lawful and correct ones are accused of nothing, dead ones pass nothing, and
// each case fails some broken peer in each role and profile in which it applies.
func TestKit(t *testing.T) {
	if testing.Short() {
		t.Skip("minutes under the race detector: TestKitSample takes its place, and make selftest runs it")
	}
	m, err := Run(t.Context(), Config{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if !m.OK() {
		t.Errorf("the kit is wrong about some peers:\n%s", m.Text())
	}
	counts(t, m)
	declarations(t, m)
	t.Log(m.Line())
}

// counts asserts that the self-test was not of next to nothing.
func counts(t *testing.T, m *Matrix) {
	t.Helper()
	s := m.Summary
	for _, count := range []struct {
		name       string
		got, least int
	}{
		{"correct peers", s.Peers[Correct], 5},
		{"broken peers", s.Peers[Broken], 405},
		{"lawful variants", s.Peers[Lawful], 55},
		{"dead peers", s.Peers[Dead], 20},
		{"cases", s.Cases, 270},
		{"requirements", len(m.Requirements), 106},
		{"cells", s.Cells, 1100},
		{"cells in a tunnel", inTunnels(m), 250},
		{"results", s.Results, 100000},
		{"passes", passes(m), 70000},
		{"killed peers", s.Verdicts[Killed], s.Peers[Broken]},
		{"clean peers", s.Verdicts[Clean], s.Peers[Correct] + s.Peers[Lawful]},
		{"peers at zero", s.Verdicts[Zero], s.Peers[Dead]},
	} {
		if count.got < count.least {
			t.Errorf("%s: %d, want at least %d", count.name, count.got, count.least)
		}
	}
}

// declarations asserts that broken peers declare no more than happens, and that each requirement with a case catches one.
func declarations(t *testing.T, m *Matrix) {
	t.Helper()
	for _, r := range m.Peers {
		for _, id := range slices.Concat(r.Breaks, r.Entails, r.program.Forgoes) {
			if !accusedOf(r, id) {
				t.Errorf("%s is declared to fail %s, and never does", r.Peer, id)
			}
		}
	}
	for _, c := range m.Requirements {
		if len(c.Peers) == 0 {
			t.Errorf("no broken peer fails %s, which a case cites", c.Requirement)
		}
	}
}

// sampled is how many broken peers stand between two of the sample.
const sampled = 48

// A sample of the matrix, for the race detector: every verdict has to be right; that each case fails some peer is for TestKit.
func TestKitSample(t *testing.T) {
	all := slices.Concat(peers.Broken(), routers.Broken())
	cfg := Config{
		Seed: 1, Correct: []conformance.Program{attach.Reference(), attach.ReferenceRouter()},
		Lawful: slices.Concat(peers.Lawful()[:1], routers.Lawful()[:1]), Dead: slices.Concat(peers.Dead()[:2], routers.Dead()[:2]),
	}
	for i := 0; i < len(all); i += sampled {
		cfg.Broken = append(cfg.Broken, all[i])
	}
	m, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range m.Problems() {
		t.Errorf("the kit is wrong about %s", r.Peer)
	}
	if got, want := m.Summary.Verdicts[Killed], len(cfg.Broken); got != want || want < 5 {
		t.Errorf("%d broken peers killed, want %d and at least 5", got, want)
	}
	if got := m.Summary.Verdicts[Clean]; got != 4 {
		t.Errorf("%d peers clean, want 4", got)
	}
	if got := m.Summary.Verdicts[Zero]; got != 4 {
		t.Errorf("%d peers at zero, want 4", got)
	}
}

// inTunnels counts the cells at more than one channel's depth.
func inTunnels(m *Matrix) (n int) {
	for _, r := range m.Peers {
		for _, c := range r.Cells {
			if c.Depth > 1 {
				n++
			}
		}
	}
	return n
}

func passes(m *Matrix) (n int) {
	for _, r := range m.Peers {
		for _, c := range r.Cells {
			n += c.Summary[conformance.Pass]
		}
	}
	return n
}

func accusedOf(r *Row, id string) bool {
	return slices.ContainsFunc(r.Cells, func(c *Cell) bool {
		return slices.ContainsFunc(c.Findings, func(f Finding) bool { return f.Requirement == id })
	})
}
