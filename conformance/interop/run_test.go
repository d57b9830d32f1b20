package interop

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/conformance/adversary/peers"
	"ockamtest/conformance/attach"
	"ockamtest/ref/wire"
)

// inProcess are peers made of programs.
func inProcess(t *testing.T, programs ...conformance.Program) (all []Peer) {
	t.Helper()
	for _, p := range programs {
		peer, err := ParsePeer("in-process:"+p.Name, programs)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, peer)
	}
	return all
}

func matrixOf(t *testing.T, cfg Config) *Matrix {
	t.Helper()
	m, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// green requires that so many cells passed, and no other.
func green(t *testing.T, m *Matrix, cells int) {
	t.Helper()
	for _, c := range m.Cells {
		if c.Outcome != Pass {
			t.Errorf("%s -> %s, %s over %s: %s: %s", c.Initiator, c.Responder, c.Profile, c.Transport, c.Outcome, c.Reason)
		}
	}
	if len(m.Cells) != cells || m.Summary[Pass] != cells || m.ExitCode() != conformance.ExitConformant {
		t.Errorf("%d cells, %d green, exit code %d; want %d, all green", len(m.Cells), m.Summary[Pass], m.ExitCode(), cells)
	}
}

// The reference and the second opinion understand each other in all that they speak, and what the relay has counted shows it.
func TestCorrect(t *testing.T) {
	t.Parallel()
	m := matrixOf(t, Config{Peers: inProcess(t, attach.Reference(), attach.Flynn()), Seed: 7})
	green(t, m, 4+1+4+1+1+1)
	for _, c := range m.Cells {
		opened, records := 0, [2]int{}
		for _, s := range c.Sessions {
			if s.Open {
				opened++
			}
			if s.M1 < 1 || s.Open && (s.M2 < 1 || s.M3 < 1 || s.RecordSize < 20) {
				t.Errorf("%s -> %s, %s over %s: %+v", c.Initiator, c.Responder, c.Profile, c.Transport, s)
			}
			records[0] += s.Records[conformance.Initiator]
			records[1] += s.Records[conformance.Responder]
		}
		if opened < 1 || records[0] < defaultRecords || records[1] < defaultRecords {
			t.Errorf("%s -> %s, %s over %s: %d open, records %v", c.Initiator, c.Responder, c.Profile, c.Transport, opened, records)
		}
	}
}

// The relay accuses no lawful variant, in either role.
func TestLawful(t *testing.T) {
	t.Parallel()
	programs := append([]conformance.Program{attach.Reference()}, peers.Lawful()...)
	if testing.Short() {
		programs = programs[:8]
	}
	roles := map[conformance.Role]int{}
	for _, role := range []conformance.Role{conformance.Initiator, conformance.Responder} {
		cfg := Config{Peers: inProcess(t, programs...), Profiles: profilesNamed(t, "v1"), Jobs: 8}
		if role == conformance.Initiator {
			cfg.Responders = []string{"reference"}
		} else {
			cfg.Initiators = []string{"reference"}
		}
		m := matrixOf(t, cfg)
		green(t, m, len(m.Cells))
		roles[role] = len(m.Cells)
	}
	if want := len(programs); roles[conformance.Initiator] < want/2 || roles[conformance.Responder] < want/2 {
		t.Errorf("%v cells of %d programs", roles, want)
	}
}

// The dead score no green cell, in either role, and not with each other.
func TestDead(t *testing.T) {
	t.Parallel()
	dead := peers.Dead()
	cfg := Config{
		Peers: inProcess(t, append([]conformance.Program{attach.Reference()}, dead...)...), Initiators: []string{"reference"},
		Profiles: profilesNamed(t, "v1"), Timeout: 300 * time.Millisecond, Jobs: 8,
	}
	for _, p := range dead {
		cfg.Responders = append(cfg.Responders, p.Name)
	}
	m := matrixOf(t, cfg)
	if failed := m.Summary[Fail]; failed != len(m.Cells) || failed < len(dead) || m.ExitCode() != conformance.ExitNotConformant {
		t.Errorf("%d red cells of %d, exit code %d", failed, len(m.Cells), m.ExitCode())
	}
	m = matrixOf(t, Config{
		Peers: inProcess(t, dead[:1]...), Profiles: profilesNamed(t, "v1"), Transports: []conformance.Transport{conformance.TCP}, Timeout: 300 * time.Millisecond,
	})
	if len(m.Cells) != 1 || m.Summary[Fail] != 1 {
		t.Errorf("a dead pair: %v", m.Summary)
	}
}

// Broken peers of the kit whose faults show to whoever stands between.
func TestBroken(t *testing.T) {
	t.Parallel()
	wrong := map[string][]string{ // requirements of which one is found
		"prologue-not-mixed":           {"CHAN-001"}, // the other one ends the session
		"payload-in-handshake":         {"NOISE-002"},
		"split-as-in-noise":            {"CHAN-005"},
		"split-one-key":                {"REC-003", "CHAN-005"},
		"header-delivered":             {"CHAN-005"},
		"payload-delivered-twice":      {""},
		"version-written-0":            {"WIRE-001"},
		"handshake-type-written-wrong": {"CHAN-001", "CHAN-002"},
		"own-address-of-other-type":    {"CHAN-010"},
		"destination-by-name":          {"ROUT-004"},
	}
	programs := []conformance.Program{attach.Reference()}
	for _, f := range peers.Broken() {
		if wrong[f.Name] != nil {
			programs = append(programs, f.Program)
		}
	}
	if len(programs) != len(wrong)+1 {
		t.Fatalf("%d programs, want %d", len(programs), len(wrong)+1)
	}
	m := matrixOf(t, Config{
		Peers: inProcess(t, programs...), Initiators: []string{"reference"}, Profiles: profilesNamed(t, "v1"),
		Transports: []conformance.Transport{conformance.TCP}, Jobs: 8,
	})
	if m.Summary[Fail] != len(wrong) || m.Summary[Pass] != 1 {
		t.Errorf("got %v, want %d red and one green", m.Summary, len(wrong))
	}
	for _, c := range m.Cells {
		switch {
		case c.Responder == "reference":
		case c.Fault == nil || !slices.Contains(wrong[c.Responder], c.Fault.Requirement):
			t.Errorf("%s: got %q, want a fault of %q", c.Responder, c.Reason, wrong[c.Responder])
		case c.Rerun == "" || len(c.Trace) == 0:
			t.Errorf("%s: no line to run it again (%q), or no messages (%d)", c.Responder, c.Rerun, len(c.Trace))
		}
	}
}

// What is wrong between two that agree on it, only the relay finds.
func TestToys(t *testing.T) {
	t.Parallel()
	clear := adversary.Message{Type: wire.Payload, Body: []byte("how are you")}.Bytes()
	same := random(30)
	for _, tt := range []struct {
		name        string
		toy         toy
		transport   conformance.Transport
		by          conformance.Role
		requirement string
		impairment  Impairment
	}{
		{name: "nothing that shows"},
		{name: "nothing that shows, on datagrams", transport: conformance.UDP},
		{name: "plaintext", toy: toy{record: func(int) []byte { return append(bytes.Clone(clear), random(16)...) }}, by: "initiator", requirement: "REC-001"},
		{name: "greeting in clear", toy: toy{record: func(int) []byte { return append(random(20), "hello"...) }}, by: "initiator", requirement: "REC-001"},
		{name: "a counter that stands", toy: toy{record: func(int) []byte { return same }}, by: "responder", requirement: "REC-003"},
		{name: "a counter that wraps", toy: toy{record: func(n int) []byte {
			b := bytes.Repeat([]byte{byte(n % 8)}, 30)
			copy(b[20:], random(10))
			return b
		}}, by: "responder", requirement: "REC-003"},
		{name: "longer each time", toy: toy{record: func(n int) []byte { return random(30 + n) }}, by: "initiator", requirement: "CHAN-005"},
		{name: "short records", toy: toy{record: func(int) []byte { return random(19) }}, by: "initiator", requirement: "REC-006"},
		{name: "long m1", toy: toy{m1: 1}, by: "initiator", requirement: "NOISE-002"},
		{name: "short m2", toy: toy{m2: -1}, by: "responder", requirement: "NOISE-002"},
		{name: "long m3", toy: toy{m3: 16}, by: "initiator", requirement: "NOISE-002"},
		{name: "one ephemeral key", toy: toy{ephemeral: random(32)}, by: "responder", requirement: "NOISE-008"},
		{name: "payload before open", toy: toy{early: true}, by: "initiator", requirement: "CHAN-002"},
		{name: "echoes the first only", toy: toy{answers: func(n int) int { return max(0, 2-n) }}, by: "initiator", requirement: "CHAN-005"},
		{name: "echoes twice", toy: toy{answers: func(n int) int { return max(1, 3-n) }}, by: "responder"},
		{name: "never says m2", toy: toy{mute: map[kind]bool{m2: true}}, by: "responder", requirement: "CHAN-001"},
		{name: "never says m3", toy: toy{mute: map[kind]bool{m3: true, record: true}}, by: "initiator", requirement: "CHAN-001"},
		{name: "never says a payload", toy: toy{mute: map[kind]bool{record: true}}, by: "initiator"},
		{name: "closes instead of m3", toy: toy{closes: m3}, by: "initiator", requirement: "CHAN-001"},
		{name: "version 2", toy: toy{envelope: func(m *adversary.Message) { m.Version = []byte{2} }}, by: "initiator", requirement: "WIRE-001"},
		{name: "another type", toy: toy{envelope: func(m *adversary.Message) {
			if m.Type == wire.M3 {
				m.Type = wire.M2
			}
		}}, by: "initiator", requirement: "CHAN-001"},
		{name: "a strange first address", toy: toy{envelope: func(m *adversary.Message) { m.Onward[0] = adversary.LocalAddress("x") }},
			by: "initiator", requirement: "ROUT-004"},
		{name: "a route that nobody gave", toy: toy{envelope: func(m *adversary.Message) {
			if m.Type != wire.M1 {
				m.Onward = append(m.Onward, adversary.LocalAddress("x"))
			}
		}}, by: "responder", requirement: "ROUT-008"},
		{name: "silent on datagrams", toy: toy{mute: map[kind]bool{m2: true}}, transport: conformance.UDP, by: "responder", requirement: "CHAN-001"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			over := tt.transport
			if over == "" {
				over = conformance.TCP
			}
			m := matrixOf(t, Config{
				Peers: inProcess(t, tt.toy.program("toy")), Transports: []conformance.Transport{over}, Timeout: patient(tt.by),
				Impairment: tt.impairment,
			})
			if len(m.Cells) != 1 {
				t.Fatalf("%d cells, want 1", len(m.Cells))
			}
			c := m.Cells[0]
			switch {
			case tt.by == "":
				green(t, m, 1)
			case c.Outcome != Fail || c.Fault == nil || c.Fault.By != tt.by || c.Fault.Requirement != tt.requirement:
				t.Errorf("got %s, %q, want a fault of the %s, requirement %q", c.Outcome, c.Reason, tt.by, tt.requirement)
			}
		})
	}
}

// patient is the default, or shorter where something is to be missing.
func patient(by conformance.Role) time.Duration {
	if by == "" {
		return 0
	}
	return 3 * time.Second
}

// The JSON has the cells in order, and an empty matrix is no green one.
func TestMatrix(t *testing.T) {
	t.Parallel()
	m := matrixOf(t, Config{Peers: inProcess(t, toy{}.program("b"), toy{}.program("a")), Records: 1})
	var b bytes.Buffer
	if err := m.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var read Matrix
	d := json.NewDecoder(&b)
	d.DisallowUnknownFields()
	if err := d.Decode(&read); err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, c := range read.Cells {
		order = append(order, string(c.Transport)+" "+c.Initiator+c.Responder)
	}
	want := []string{"tcp bb", "tcp ba", "tcp ab", "tcp aa", "udp bb", "udp ba", "udp ab", "udp aa"}
	if read.Schema != Schema || !slices.Equal(order, want) {
		t.Errorf("schema %q, cells %v, want %v", read.Schema, order, want)
	}
	empty := matrixOf(t, Config{Peers: inProcess(t, toy{}.program("a")), Profiles: profilesNamed(t, "c09")})
	if got := empty.ExitCode(); got != conformance.ExitNothingRan {
		t.Errorf("exit code %d of an empty matrix, want %d", got, conformance.ExitNothingRan)
	}
}

// A run that is interrupted is no green one.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	m, err := Run(ctx, Config{
		Peers: inProcess(t, toy{}.program("a"), toy{}.program("b")), Jobs: 1,
		Progress: func(done, _ int, _ *Cell) {
			if done == 3 {
				cancel()
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if m.ExitCode() != conformance.ExitInterrupted || m.Summary[NotRun] < 4 || m.Summary[Pass] != 3 {
		t.Errorf("exit code %d, %v", m.ExitCode(), m.Summary)
	}
	var b strings.Builder
	if err := m.WriteText(&b); err != nil || !strings.Contains(b.String(), "Interrupted") || !strings.Contains(b.String(), "not run") {
		t.Errorf("%v: %s", err, &b)
	}
}
