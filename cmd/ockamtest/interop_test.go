package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"ockamtest/conformance"
	"ockamtest/conformance/interop"
)

// interopPeers are all peers of the project: the reference, the second opinion, and those of other hands, with what they speak.
func interopPeers(t *testing.T) []string {
	t.Helper()
	c := built(t, "c", "build", "ockam-peer")
	python, script := pythonPeer(t)
	const options = " {role} {transport} {addr} {profile} "
	args := []string{
		"--peer", "in-process:reference", "--peer", "in-process:flynn",
		"--peer", "c=exec:" + shellWord(c) + options + "--timeout {timeout}", "--speaks", "c=v1,c09,c010",
		"--peer", "python=exec:" + shellWords([]string{python, script}) + options + "{timeout}", "--speaks", "python=v1,c09,e09,c010",
	}
	if elixirPeer(t) {
		args = append(args, "--peer", "elixir=exec:"+shellWord(built(t, "elixir", "ockam-peer"))+options+"--timeout {timeout}", "--speaks", "elixir=v1,c09,e09")
	}
	return args
}

// elixirPeer tells whether there is Elixir on this machine.
func elixirPeer(t *testing.T) bool {
	t.Helper()
	_, err := exec.LookPath("elixir")
	return err == nil
}

// interopMatrix runs the command and requires an exit code.
func interopMatrix(t *testing.T, want int, args ...string) *interop.Matrix {
	t.Helper()
	var out, errs bytes.Buffer
	a := &app{in: strings.NewReader(""), out: &out, err: &errs, width: defaultWidth}
	const patience = "2" // where much else runs, a peer may take more than 10 s to start
	code := a.execute(t.Context(), append([]string{"interop", "--report", "json", "--timeout-scale", patience}, args...))
	var m interop.Matrix
	if err := json.Unmarshal(out.Bytes(), &m); err != nil {
		t.Fatalf("exit code %d, and no matrix: %v\n%s", code, err, &errs)
	}
	if errs.Len() > 0 {
		t.Errorf("standard error: %s", &errs)
	}
	if code != want {
		var text bytes.Buffer
		_ = m.WriteText(&text)
		t.Fatalf("exit code %d, want %d:\n%s", code, want, &text)
	}
	return &m
}

// cellsIn counts the cells of a matrix by profile and transport.
func cellsIn(m *interop.Matrix) map[string]int {
	n := map[string]int{}
	for _, c := range m.Cells {
		n[c.Profile+"/"+string(c.Transport)]++
	}
	return n
}

// All peers of the project understand each other, in both roles, in all that they speak.
func TestInteropWhole(t *testing.T) {
	args := interopPeers(t)
	t.Parallel()
	m := interopMatrix(t, exitConformant, args...)
	want := map[string]int{"v1/tcp": 25, "v1/udp": 16, "c09/tcp": 25, "c09/udp": 16, "e09/udp": 9, "c010/udp": 9}
	if !elixirPeer(t) {
		want = map[string]int{"v1/tcp": 16, "v1/udp": 9, "c09/tcp": 16, "c09/udp": 9, "e09/udp": 4, "c010/udp": 9}
	}
	got, all := cellsIn(m), 0
	for place, n := range want {
		if got[place] != n {
			t.Errorf("%s: %d cells, want %d", place, got[place], n)
		}
		all += n
	}
	if len(m.Cells) != all || m.Summary[interop.Pass] != all {
		t.Errorf("%d cells, %d green, want %d", len(m.Cells), m.Summary[interop.Pass], all)
	}
	for _, c := range m.Cells {
		if c.Transport == conformance.TCP && c.Initiator == "c" && c.Exit != "exit status 0" {
			t.Errorf("%s -> %s: the initiator's end was %q, want exit status 0", c.Initiator, c.Responder, c.Exit)
		}
	}
}

// The same over a network that loses 5 % of the datagrams, and over one that does all sorts of things.
func TestInteropLossy(t *testing.T) {
	args := interopPeers(t)
	if os.Getenv(everything) == "" {
		t.Skip("it takes long: make foreign runs it")
	}
	t.Parallel()
	for _, impairment := range [][]string{{"--loss", "5%"}, {"--loss", "10%", "--duplicate", "10%", "--reorder", "10%", "--delay", "2ms"}} {
		t.Run(strings.Join(impairment, " "), func(t *testing.T) {
			m := interopMatrix(t, exitConformant, slices.Concat(args, impairment)...)
			lost, opened := 0, 0
			for _, c := range m.Cells {
				for _, s := range c.Sessions {
					lost += s.Lost
					if s.Open {
						opened++
					}
				}
			}
			if cells := cellsIn(m); lost < len(m.Cells) || opened < 5*len(m.Cells) || cells["v1/udp"] < 9 || cells["v1/tcp"] != 0 {
				t.Errorf("%d messages lost, %d sessions open, cells %v", lost, opened, cells)
			}
		})
	}
}

// Peers that can be told which static key to accept refuse another one; one that does not listen is found (NOISE-011).
func TestInteropPinned(t *testing.T) {
	c := shellWord(built(t, "c", "build", "ockam-peer-san"))
	t.Parallel()
	const options = " {role} {transport} {addr} {profile} --timeout {timeout} --key {key}"
	adapter := "adapter:" + shellWord(built(t, "c", "build", "ockam-adapter"))
	m := interopMatrix(t, exitConformant, "--profile", "v1", "--peer", "c=exec:"+c+options+" --peerkey {peerkey}", "--peer", "adapter="+adapter)
	if len(m.Cells) != 8 {
		t.Errorf("%d cells, want 8", len(m.Cells))
	}
	for _, cell := range m.Cells {
		if len(cell.Refused) != 2 {
			t.Errorf("%s -> %s over %s: refused by %v, want by both", cell.Initiator, cell.Responder, cell.Transport, cell.Refused)
		}
	}

	deaf := "deaf=exec:sh -c 'exec " + c + " $1 $2 $3 $4 --timeout $5 --key $6' sh {role} {transport} {addr} {profile} {timeout} {key} {peerkey}"
	m = interopMatrix(t, exitNotConformant, "--profile", "v1", "--transport", "tcp", "--peer", deaf, "--peer", "adapter="+adapter)
	checkFaults(t, m, "deaf", 3, "NOISE-011")
}

// checkFaults requires that just the cells of a peer are red, so many of them, for a requirement.
func checkFaults(t *testing.T, m *interop.Matrix, peer string, want int, requirement string) {
	t.Helper()
	for _, c := range m.Cells {
		of := c.Initiator == peer || c.Responder == peer
		if c.Outcome == interop.Fail != of || of && (c.Fault == nil || c.Fault.Requirement != requirement) {
			t.Errorf("%s -> %s: %s, %q", c.Initiator, c.Responder, c.Outcome, c.Reason)
		}
	}
	if got := m.Summary[interop.Fail]; got != want {
		t.Errorf("%d red cells, want %d", got, want)
	}
}

// How an initiator's process ends counts, and a crash does, in whichever role.
func TestInteropEnds(t *testing.T) {
	c := shellWord(built(t, "c", "build", "ockam-peer"))
	t.Parallel()
	const options = " sh {role} {transport} {addr} {profile}"
	bad := "bad=exec:sh -c '" + c + " $1 $2 $3 $4; exit 3'" + options
	m := interopMatrix(t, exitNotConformant, "--profile", "v1", "--transport", "tcp", "--peer", "in-process:reference", "--peer", bad,
		"--initiator", "bad", "--responder", "reference")
	checkFaults(t, m, "bad", 1, "")
	if cell := m.Cells[0]; !strings.Contains(cell.Reason, "exit status 3") || cell.Fault.By != conformance.Initiator {
		t.Errorf("got %q, want exit status 3 of the initiator", cell.Reason)
	}

	sanitized := "sanitized=exec:sh -c 'echo ==1==ERROR: AddressSanitizer: nothing >&2; exec " + c + " $1 $2 $3 $4'" + options
	m = interopMatrix(t, exitNotConformant, "--profile", "v1", "--peer", "in-process:reference", "--peer", sanitized)
	checkFaults(t, m, "sanitized", 6, "")
	for _, cell := range m.Cells {
		if cell.Outcome == interop.Fail && !strings.Contains(cell.Reason, "AddressSanitizer") {
			t.Errorf("%s -> %s: got %q, want the sanitizer's report", cell.Initiator, cell.Responder, cell.Reason)
		}
	}

	dies := "dies=exec:sh -c '[ $1 = responder ] && echo listening 127.0.0.1:9; kill -SEGV $$'" + options
	for _, transport := range []string{"tcp", "udp"} {
		m = interopMatrix(t, exitNotConformant, "--profile", "v1", "--transport", transport, "--peer", "in-process:reference", "--peer", dies,
			"--initiator", "dies", "--responder", "reference")
		checkFaults(t, m, "dies", 1, "")
	}
}
