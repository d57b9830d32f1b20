package play_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/conformance/adversary/adversarytest"
	"ockamtest/conformance/adversary/peers"
	"ockamtest/fuzz/term"
	"ockamtest/fuzz/term/play"
	"ockamtest/ref/profile"
)

// A fixture is a trace of testdata, with what its comments say of it.
type fixture struct {
	name, text                string
	title, class, requirement string
	runs, distinguishes       []string
	assumes                   []string // what not every lawful peer does
	lawful                    bool     // the kit does nothing wrong in it
	trace                     term.Trace
}

// fixtures reads all traces.
func fixtures(t *testing.T) []fixture {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("..", "testdata", "traces", "*.trace"))
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) < 75 {
		t.Fatalf("%d traces, want 75 or more", len(paths))
	}
	var all []fixture
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f := fixture{name: strings.TrimSuffix(filepath.Base(path), ".trace")}
		for line := range strings.Lines(string(b)) {
			if !strings.HasPrefix(line, "# ") {
				f.text += line
				continue
			}
			key, value, _ := strings.Cut(strings.TrimSpace(line[2:]), ":")
			value = strings.TrimSpace(value)
			switch key {
			case "title":
				f.title = value
			case "class":
				f.class = value
			case "requirement":
				f.requirement = value
			case "runs":
				f.runs = strings.Fields(value)
			case "assumes":
				f.assumes = strings.Fields(value)
			case "lawful":
				f.lawful = value == "yes"
			case "distinguishes":
				f.distinguishes = strings.Fields(value)
			default:
				t.Errorf("%s: unknown key %q", path, key)
			}
		}
		if f.trace, err = term.Parse(string(b)); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		all = append(all, f)
	}
	return all
}

// worldOf is a world for one of a fixture's runs, "profile/transport", with this peer in it; false if the peer does not do that.
func worldOf(t *testing.T, f fixture, program conformance.Program, run string) (*adversarytest.World, bool) {
	t.Helper()
	name, transport, _ := strings.Cut(run, "/")
	p, ok := profile.Lookup(name)
	role, on := conformance.Responder, conformance.Mem
	if f.trace.Peer == term.Initiator {
		role = conformance.Initiator
	}
	if transport == "udp" {
		on = conformance.UDP
	}
	if !ok || transport != "tcp" && transport != "udp" {
		t.Fatalf("%s: run %q", f.name, run)
	}
	if !slices.Contains(program.Speaks(on), name) || !slices.Contains(program.Roles, role) {
		return nil, false
	}
	return adversarytest.New(adversarytest.Config{Program: program, Role: role, Profile: p, Transport: on, Seed: 5}), true
}

// Every trace is a real one: the correct peer does what it expects, in every run that it names.
func TestCorrectPeer(t *testing.T) {
	ran := 0
	for _, f := range fixtures(t) {
		for _, run := range f.runs {
			world, ok := worldOf(t, f, peers.Correct(), run)
			if !ok {
				t.Errorf("%s: the correct peer has no run %s", f.name, run)
				continue
			}
			seen, err := play.Run(t.Context(), world, f.trace)
			if err != nil || len(seen) == 0 {
				t.Errorf("%s on %s: %v, after %d observations", f.name, run, err, len(seen))
			}
			ran++
		}
	}
	if ran < 120 {
		t.Errorf("%d runs, want 120 or more", ran)
	}
}

// A broken peer that a trace names is told from the correct one by it, in a run in which it completes a handshake and echoes: but for the
// traces in which the kit does everything rightly, the fault shows where the trace does what it is about.
func TestBrokenPeers(t *testing.T) {
	broken := map[string]adversary.Fault{}
	for _, b := range peers.Broken() {
		broken[b.Name] = b
	}
	told := map[string]bool{}
	for _, f := range fixtures(t) {
		if len(f.distinguishes) == 0 {
			t.Errorf("%s distinguishes no broken peer", f.name)
		}
		for _, name := range f.distinguishes {
			b, ok := broken[name]
			if !ok {
				t.Errorf("%s: there is no broken peer %s", f.name, name)
				continue
			}
			if !distinguished(t, f, b) {
				t.Errorf("%s does not distinguish %s", f.name, name)
			}
			told[name] = true
		}
	}
	if len(told) < 90 {
		t.Errorf("%d broken peers are distinguished, want 90 or more", len(told))
	}
}

// distinguished tells whether some run of a trace tells a broken peer, which echoes in that run, from the correct one.
func distinguished(t *testing.T, f fixture, broken adversary.Fault) bool {
	t.Helper()
	for _, run := range f.runs {
		world, ok := worldOf(t, f, broken.Program, run)
		if !ok {
			continue
		}
		_, err := play.Run(t.Context(), world, f.trace)
		var m *play.MismatchError
		if err != nil && !errors.As(err, &m) {
			t.Errorf("%s against %s on %s: %v", f.name, broken.Name, run, err)
		}
		if m != nil && (f.lawful || echoes(t, f, broken, run)) {
			return true
		}
	}
	return false
}

// echoes tells whether a broken peer completes a handshake and echoes.
func echoes(t *testing.T, f fixture, broken adversary.Fault, run string) bool {
	t.Helper()
	control := f
	text := responderControl
	if f.trace.Peer == term.Initiator {
		text = initiatorControl
	}
	var err error
	if control.trace, err = term.Parse(text); err != nil {
		t.Fatal(err)
	}
	world, _ := worldOf(t, control, broken.Program, run)
	_, err = play.Run(t.Context(), world, control.trace)
	return err == nil
}

// Every lawful variant does what every trace expects: whatever latitude it uses, no trace accuses it. With -short it is one run in eight.
func TestLawfulPeers(t *testing.T) {
	ran, runs, part := 0, 0, 1
	if testing.Short() {
		part = 8
	}
	for _, f := range fixtures(t) {
		for _, p := range peers.Lawful() {
			for _, run := range f.runs {
				world, ok := worldOf(t, f, p, run)
				if !ok || forgoes(p, f) {
					continue
				}
				if runs++; runs%part != 0 {
					continue
				}
				ran++
				if _, err := play.Run(t.Context(), world, f.trace); err != nil {
					t.Errorf("%s against %s on %s: %v", f.name, p.Name, run, err)
				}
			}
		}
	}
	if ran < 1000/part {
		t.Errorf("%d runs, want %d or more", ran, 1000/part)
	}
}

// forgoes tells whether a trace is about a SHOULD that a variant does not meet, or assumes what it does not do.
func forgoes(p conformance.Program, f fixture) bool {
	excused := slices.Contains(p.Forgoes, f.requirement)
	for _, a := range f.assumes {
		switch a {
		case "stream": // the channel is on a stream: it gives no local address (CHAN-011)
			excused = excused || strings.HasPrefix(p.Name, "local-address")
		case "connections": // two at once
			excused = excused || p.Name == "one-connection"
		case "node": // that answers pings
			excused = excused || p.Name == "no-node" || p.Name == "no-pong"
		case "sources": // that a channel's records may come from anywhere
			excused = excused || p.Name == "one-source"
		case "lossless": // nothing is lost
			excused = excused || p.Name == "first-message-dropped"
		}
	}
	return excused
}

const (
	responderControl = `peer responder
open 0
send 0 frame(message(0, 3, m1(0, ephemeral(0), 0x)))
expect 0 m2
send 0 frame(message(0, 5, m3(0, static, 0x)))
send 0 frame(message(0, 2, record(0, inner(0, "hello"))))
echo 0 "hello"
`
	initiatorControl = `peer initiator
open 0
expect 0 m1
send 0 frame(message(0, 4, m2(0, ephemeral(0), static, 0x)))
expect 0 m3
expect 0 record
send 0 frame(message(0, 2, record(0, inner(0, "hello"))))
echo 0 "hello"
`
)

// What the comments of a trace say is there, and cites a requirement of the catalogue; its lines are canonical.
func TestFixtures(t *testing.T) {
	known := conformance.CatalogueByID()
	classes := map[string]bool{}
	for _, f := range fixtures(t) {
		if _, ok := known[f.requirement]; !ok || f.title == "" || f.class == "" || len(f.runs) == 0 {
			t.Errorf("%s: title %q, class %q, requirement %q, runs %v", f.name, f.title, f.class, f.requirement, f.runs)
		}
		if got := term.Format(f.trace); got != f.text {
			t.Errorf("%s is not canonical: got\n%s", f.name, got)
		}
		classes[f.class] = true
	}
	if len(classes) < 40 {
		t.Errorf("%d classes of fault, want 40 or more", len(classes))
	}
}
