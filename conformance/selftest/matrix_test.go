package selftest

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary/peers"
	"ockamtest/conformance/cases"
)

// small is a self-test of few peers: the control against the correct peer, a broken one whose control fails, one whose control passes, a
// lawful, and a dead one.
func small(t *testing.T) Config {
	t.Helper()
	broken := fault(t, "split-as-in-noise")
	broken.Transports = peers.Correct().Transports
	broken.Datagrams = peers.Correct().Profiles
	correct := peers.Correct()
	correct.Depths = 1
	return Config{
		Cases:   []conformance.Case{shallow()},
		Correct: []conformance.Program{correct},
		Broken:  []peers.Fault{broken},
		Lawful:  peers.Lawful()[:1],
		Dead:    peers.Dead()[:1],
	}
}

func fault(t *testing.T, name string) peers.Fault {
	t.Helper()
	for _, f := range peers.Broken() {
		if f.Name == name {
			return f
		}
	}
	t.Fatalf("no broken peer is named %q", name)
	return peers.Fault{}
}

// shallow is the control on the transport alone: small has no peer that is broken in a tunnel.
func shallow() conformance.Case {
	c := cases.Control()
	c.Depths = conformance.OnTransport
	return c
}

// always is a case that opens a link and returns err.
func always(err error) conformance.Case {
	c := shallow()
	c.ID = "test/always"
	c.Run = func(ctx context.Context, env conformance.Env) error {
		if _, err := env.Open(ctx); err != nil {
			return err
		}
		return err
	}
	return c
}

func TestVerdicts(t *testing.T) {
	const places = 12 // 2 roles, in 2 profiles in memory and 4 over UDP
	accusation := &conformance.Failure{Requirement: "TRAN-001", Expected: "nothing", Actual: "something"}
	tests := []struct {
		name  string
		alter func(t *testing.T, c *Config)
		peer  string
		want  Verdict
		holes int
		ok    bool
	}{
		{name: "correct", peer: "correct", want: Clean, ok: true},
		{name: "killed", peer: "split-as-in-noise", want: Killed, ok: true},
		{name: "dead", peer: "close", want: Zero, ok: true},
		{
			name: "survived", peer: "split-as-in-noise", want: Survived, holes: places,
			alter: func(_ *testing.T, c *Config) { c.Broken[0].Program.Start = peers.Correct().Start },
		},
		{
			name: "killed for another reason", peer: "split-as-in-noise", want: Accused,
			alter: func(_ *testing.T, c *Config) { c.Broken[0].Breaks = []string{"REC-003"} },
		},
		{
			name: "killed for what it entails alone", peer: "split-as-in-noise", want: Survived,
			alter: func(_ *testing.T, c *Config) {
				c.Broken[0].Breaks, c.Broken[0].Entails = []string{"REC-003"}, []string{"NOISE-010"}
			},
		},
		{
			name: "a case that accuses a correct peer", peer: "correct", want: Accused, holes: places,
			alter: func(_ *testing.T, c *Config) { c.Cases = append(c.Cases, always(accusation)) },
		},
		{
			name: "a case that accuses a lawful peer", peer: peers.Lawful()[0].Name, want: Accused, holes: places,
			alter: func(_ *testing.T, c *Config) { c.Cases = append(c.Cases, always(accusation)) },
		},
		{
			name: "a case that has trouble", peer: "correct", want: Trouble, holes: places,
			alter: func(_ *testing.T, c *Config) { c.Cases = append(c.Cases, always(errors.New("trouble"))) },
		},
		{
			name: "a case that nobody fails", peer: "correct", want: Clean, holes: places,
			alter: func(_ *testing.T, c *Config) { c.Cases = append(c.Cases, always(nil)) },
		},
		{
			name: "a control that a dead peer passes", peer: "close", want: Scored, holes: places,
			alter: func(_ *testing.T, c *Config) {
				c.Control = always(nil)
				c.Cases = []conformance.Case{c.Control}
			},
		},
		{
			name: "a peer without a role", peer: "correct", want: Trouble,
			alter: func(_ *testing.T, c *Config) { c.Correct[0].Roles = nil },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := small(t)
			if tt.alter != nil {
				tt.alter(t, &cfg)
			}
			m, err := Run(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			if got := verdictOf(m, tt.peer); got != tt.want {
				t.Errorf("%s: got %s, want %s\n%s", tt.peer, got, tt.want, m.Text())
			}
			if got := len(m.Holes); got != tt.holes {
				t.Errorf("got %d holes, want %d: %v", got, tt.holes, m.Holes)
			}
			if m.OK() != tt.ok {
				t.Errorf("OK: got %v, want %v\n%s", m.OK(), tt.ok, m.Text())
			}
		})
	}
}

func verdictOf(m *Matrix, peer string) Verdict {
	for _, r := range m.Peers {
		if r.Peer == peer {
			return r.Verdict
		}
	}
	return ""
}

// A lawful peer may be warned about a SHOULD that it forgoes, and about no other.
func TestForgone(t *testing.T) {
	run := func(forgoes []string) Verdict {
		cfg := small(t)
		for _, c := range cases.All() {
			if c.ID == "tran/m1-repeated" {
				cfg.Cases = append(cfg.Cases, c)
			}
		}
		for _, p := range peers.Lawful() {
			if p.Name == "never-repeats" {
				p.Forgoes, p.Depths = forgoes, 1
				cfg.Lawful = []conformance.Program{p}
			}
		}
		m, err := Run(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		return verdictOf(m, "never-repeats")
	}
	if got := run([]string{"TRAN-014"}); got != Clean {
		t.Errorf("with what it forgoes: got %s, want %s", got, Clean)
	}
	if got := run([]string{"REC-008"}); got != Accused {
		t.Errorf("with something else: got %s, want %s", got, Accused)
	}
}

// A self-test of nothing proves nothing.
func TestVacuous(t *testing.T) {
	tests := []struct {
		name  string
		alter func(c *Config)
	}{
		{"no cases", func(c *Config) { c.Cases = []conformance.Case{} }},
		{"no correct peer", func(c *Config) { c.Correct = []conformance.Program{} }},
		{"no broken peer", func(c *Config) { c.Broken = []peers.Fault{} }},
		{"no lawful peer", func(c *Config) { c.Lawful = []conformance.Program{} }},
		{"no dead peer", func(c *Config) { c.Dead = []conformance.Program{} }},
		{"no such profile", func(c *Config) { c.Dead[0].Profiles = []string{"v9"} }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := small(t)
			tt.alter(&cfg)
			m, err := Run(t.Context(), cfg)
			if !errors.Is(err, ErrVacuous) || m != nil {
				t.Errorf("got %v, %v, want ErrVacuous", m, err)
			}
		})
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if m, err := Run(ctx, small(t)); !errors.Is(err, context.Canceled) || m != nil {
		t.Errorf("got %v, %v, want context.Canceled", m, err)
	}
}

// A seed determines the matrix, whatever the number of workers.
func TestDeterministic(t *testing.T) {
	text := func(workers int) string {
		cfg := small(t)
		cfg.Workers = workers
		m, err := Run(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	one := text(1)
	if !strings.Contains(one, `"schema":"ockamtest/selftest/v1"`) {
		t.Errorf("no schema in %.200s", one)
	}
	if other := text(4); other != one {
		t.Errorf("with 4 workers\n%s\nwith 1\n%s", other, one)
	}
}

func TestProgress(t *testing.T) {
	cfg := small(t)
	var calls, last int
	cfg.Progress = func(done, total int) {
		calls++
		if last = done; total != 40 {
			t.Errorf("total %d, want 3 peers in 2 roles and 6 places, and one in 2 roles and 2 places", total)
		}
	}
	m, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if calls != m.Summary.Cells || last != calls || calls == 0 {
		t.Errorf("%d calls, the last for %d, of %d cells", calls, last, m.Summary.Cells)
	}
}
