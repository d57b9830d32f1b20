package interop

import (
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary/peers"
	"ockamtest/conformance/attach"
)

func TestDraw(t *testing.T) {
	i := Impairment{Loss: 0.2, Duplicate: 0.1, Reorder: 0.3, Delay: time.Millisecond}
	const n = 20000
	count := func(seed uint64, once bool) (lost, twice, held float64, all [][]time.Duration) {
		r := rand.New(rand.NewPCG(seed, 1))
		for range n {
			after := i.draw(r, once)
			all = append(all, after)
			switch {
			case len(after) == 0:
				lost++
			case len(after) == 2:
				twice++
			}
			if len(after) > 0 && after[0] > i.Delay {
				held++
			}
		}
		return lost / n, twice / n, held / n, all
	}
	lost, twice, held, all := count(1, false)
	for name, got := range map[string][2]float64{"lost": {lost, 0.2}, "twice": {twice, 0.08}, "held": {held, 0.24}} {
		if math.Abs(got[0]-got[1]) > 0.02 {
			t.Errorf("%s: %v, want about %v", name, got[0], got[1])
		}
	}
	if _, _, _, again := count(1, false); !reflect.DeepEqual(all, again) {
		t.Error("the same seed gives other choices")
	}
	if lostOnce, twice, _, _ := count(1, true); twice != 0 || lostOnce != lost {
		t.Errorf("what must not come twice: %v twice, %v lost, want %v", twice, lostOnce, lost)
	}
}

func TestImpairmentCheck(t *testing.T) {
	for _, i := range []Impairment{{Loss: 1}, {Loss: -0.1}, {Duplicate: math.NaN()}, {Reorder: 2}, {Delay: -1}, {Delay: time.Second}} {
		if err := i.check(); !errors.Is(err, ErrConfig) {
			t.Errorf("%+v: %v, want %v", i, err, ErrConfig)
		}
	}
	if err := (Impairment{Loss: 0.99, Delay: maxDelay}).check(); err != nil {
		t.Error(err)
	}
}

// With every impairment the reference opens channels with itself, and something was lost.
func TestImpaired(t *testing.T) {
	t.Parallel()
	sessions, profiles := 5, profilesNamed(t, "v1", "c09", "e09", "c010")
	if testing.Short() {
		sessions, profiles = 1, profiles[:2]
	}
	m := matrixOf(t, Config{
		Peers: inProcess(t, attach.Reference()), Profiles: profiles, Sessions: sessions,
		Impairment: Impairment{Loss: 0.1, Duplicate: 0.1, Reorder: 0.1, Delay: time.Millisecond},
	})
	green(t, m, len(profiles))
	lost := 0
	for _, c := range m.Cells {
		opened := 0
		for _, s := range c.Sessions {
			lost += s.Lost
			if s.Open {
				opened++
			}
		}
		if opened < sessions {
			t.Errorf("%s: %d sessions have opened, want %d", c.Profile, opened, sessions)
		}
	}
	if lost == 0 {
		t.Error("nothing was lost")
	}
}

// Who does not repeat, or not as often as asked, is found where one message is lost.
func TestNotRepeated(t *testing.T) {
	t.Parallel()
	programs := append([]conformance.Program{attach.Reference()}, peers.Lawful()...)
	for _, f := range peers.Broken() {
		programs = append(programs, f.Program)
	}
	all := inProcess(t, programs...)
	for i, tt := range []struct {
		initiator, responder string
		loses                kind
		by                   conformance.Role
		requirement          string // "": nobody is at fault
	}{
		{"reference", "reference", m1, "", ""},
		{"reference", "reference", m2, "", ""},
		{"repeats-slowly", "reference", m1, "", ""},
		{"never-repeats", "reference", m1, "initiator", "TRAN-014"},
		{"never-repeats", "reference", m2, "initiator", "TRAN-014"},
		{"one-m3", "reference", m3, "initiator", "TRAN-014"},
		{"m1-repeated-with-another-key", "reference", m1, "initiator", "TRAN-014"},
		{"reference", "m1-repeat-unanswered", m2, "responder", "TRAN-015"},
		{"reference", "m1-repeat-answered-twice", m2, "responder", "TRAN-015"},
	} {
		t.Run(tt.initiator+" "+tt.responder+" "+tt.loses.String(), func(t *testing.T) {
			if t.Parallel(); testing.Short() && i%3 > 0 {
				t.Skip("it waits for repeats: make whole runs it")
			}
			cfg := Config{
				Peers: all, Initiators: []string{tt.initiator}, Responders: []string{tt.responder}, Profiles: profilesNamed(t, "v1"),
				Transports: []conformance.Transport{conformance.UDP}, Timeout: 2 * time.Second,
				lose: func(_ side, k kind, sent int) bool { return k == tt.loses && sent == 1 },
			}
			if tt.by == "" {
				cfg.Timeout = 0
			}
			m := matrixOf(t, cfg)
			if len(m.Cells) != 1 {
				t.Fatalf("%d cells, want 1", len(m.Cells))
			}
			c := m.Cells[0]
			switch {
			case tt.by == "":
				green(t, m, 1)
				if lost := c.Sessions[0].Lost; lost != 1 {
					t.Errorf("%d messages lost, want 1", lost)
				}
			case c.Outcome != Fail || c.Fault == nil || c.Fault.By != tt.by || c.Fault.Requirement != tt.requirement:
				t.Errorf("got %s, %q, want a fault of the %s, requirement %s", c.Outcome, c.Reason, tt.by, tt.requirement)
			}
		})
	}
}

// A handshake that takes as long as its deadline does not count, and accuses nobody: every m2 of the first session is lost.
func TestLate(t *testing.T) {
	t.Parallel()
	lost := 0
	m := matrixOf(t, Config{
		Peers: inProcess(t, attach.Reference()), Profiles: profilesNamed(t, "v1"), Transports: []conformance.Transport{conformance.UDP},
		Timeout: 3 * time.Second,
		lose: func(_ side, k kind, _ int) bool {
			if k == m2 && lost < 3 { // to m1 at once, after 0.5 s, and after 1.5 s
				lost++
				return true
			}
			return false
		},
	})
	green(t, m, 1)
	if s := m.Cells[0].Sessions; len(s) < 2 || s[0].Open || s[0].M1 < 2 || s[0].M2 < 2 || s[0].M3 > 0 {
		t.Errorf("sessions %+v", s)
	}
}

// A relay that loses nearly everything shows nothing, and says so.
func TestInconclusive(t *testing.T) {
	t.Parallel()
	m := matrixOf(t, Config{
		Peers: inProcess(t, attach.Reference()), Profiles: profilesNamed(t, "c09"), Sessions: 1, Impairment: Impairment{Loss: 0.999},
	})
	if m.Summary[Inconclusive] != 1 || m.ExitCode() != conformance.ExitTrouble {
		t.Errorf("got %v, exit code %d", m.Summary, m.ExitCode())
	}
}
