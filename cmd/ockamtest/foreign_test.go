package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ockamtest/conformance"
	"ockamtest/conformance/report"
	"ockamtest/ref/profile"
)

// minPasses is how many cases a correct peer passes at least in one role and profile, so that a run which tests next to nothing
// does not pass for a good one.
const minPasses = 20

// A foreignPeer is the peer under testdata/peers/python, which was written from the specification alone and shares nothing with ref.
type foreignPeer struct{ python, script, profile, transport string }

// The kit must not accuse it, however it is attached: with -short in one profile over one transport.
func TestPythonPeer(t *testing.T) {
	python, script := pythonPeer(t)
	combinations := 0
	for _, p := range profile.All() {
		for _, transport := range transportNames(p) {
			combinations++
			if testing.Short() && combinations > 1 { // make whole runs them
				continue
			}
			peer := foreignPeer{python, script, p.Name, transport}
			t.Run(p.Name+"/"+transport+"/exec", peer.testExec)
			t.Run(p.Name+"/"+transport+"/address", peer.testAddress)
			t.Run(p.Name+"/"+transport+"/accept", peer.testAccept)
		}
	}
	if combinations != 6 {
		t.Errorf("%d combinations of profile and transport, want 6", combinations)
	}
}

func (p foreignPeer) testExec(t *testing.T) {
	t.Parallel()
	command := "exec:" + p.python + " " + p.script + " {role} {transport} {addr} {profile} {timeout}"
	results := conformant(t, "--profile", p.profile, "--transport", p.transport, "--peer", command)
	for _, role := range []conformance.Role{conformance.Responder, conformance.Initiator} {
		checkPasses(t, results, role, minPasses)
	}
}

func (p foreignPeer) testAddress(t *testing.T) {
	t.Parallel()
	address := startPython(t, p.python, p.script, "responder", p.transport, "127.0.0.1:0", p.profile)
	results := conformant(t, "--profile", p.profile, "--peer", p.transport+"://"+address)
	checkPasses(t, results, conformance.Responder, minPasses)
}

func (p foreignPeer) testAccept(t *testing.T) {
	t.Parallel()
	checkPasses(t, p.accept(t), conformance.Initiator, minPasses)
}

// pythonPeer finds a Python that has the cryptography package, and the peer.
func pythonPeer(t *testing.T) (python, script string) {
	t.Helper()
	script, err := filepath.Abs(filepath.Join("..", "..", "testdata", "peers", "python", "ockam_peer.py"))
	if err != nil {
		t.Fatal(err)
	}
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.CommandContext(t.Context(), python, "-c", "import cryptography").Run() == nil {
			return python, script
		}
	}
	t.Fatal("this test needs python3 with its cryptography package: make deps installs it")
	return "", ""
}

// startPython starts a responder, to be stopped when the test ends, and returns the address that it prints.
func startPython(t *testing.T, python string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), python, args...)
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait() // killed: its status says nothing
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	address, ok := strings.CutPrefix(strings.TrimSpace(line), "listening ")
	if !ok {
		t.Fatalf("the peer printed %q: %v", line, err)
	}
	return address
}

// accept lets the kit listen and the peer dial.
func (p foreignPeer) accept(t *testing.T) *conformance.Results {
	t.Helper()
	stderr, kitErr := io.Pipe()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	peer, stopPeer := context.WithCancel(ctx)
	dialled := make(chan error, 1)
	go func() {
		r := bufio.NewReader(stderr)
		line, err := r.ReadString('\n')
		address, ok := strings.CutPrefix(strings.TrimSpace(line), "listening ")
		if !ok {
			stop() // the kit said something else: the run cannot go on
			dialled <- err
			return
		}
		go func() { _, _ = io.Copy(io.Discard, r) }()
		dialled <- exec.CommandContext(peer, p.python, p.script, "initiator", p.transport, address, p.profile).Run()
	}()
	args := []string{"run", "--report", "json", "--profile", p.profile, "--peer", "accept:" + p.transport + "://127.0.0.1:0"}
	var out bytes.Buffer
	a := &app{in: strings.NewReader(""), out: &out, err: kitErr, width: defaultWidth}
	code := a.execute(ctx, args)
	kitErr.Close()
	udp := p.transport == string(conformance.UDP)
	if udp { // nothing tells the peer that nobody listens any more
		stopPeer()
	}
	if err := <-dialled; err != nil && !udp {
		t.Errorf("the peer ended with %v", err)
	}
	stopPeer()
	return readResults(t, code, out.Bytes())
}

// conformant runs the command and requires exit code 0.
func conformant(t *testing.T, args ...string) *conformance.Results {
	t.Helper()
	var out, errs bytes.Buffer
	a := &app{in: strings.NewReader(""), out: &out, err: &errs, width: defaultWidth}
	code := a.execute(t.Context(), append([]string{"run", "--report", "json"}, args...))
	if errs.Len() > 0 {
		t.Errorf("standard error: %s", errs.String())
	}
	return readResults(t, code, out.Bytes())
}

func readResults(t *testing.T, code int, data []byte) *conformance.Results {
	t.Helper()
	results, err := report.ReadJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("exit code %d, and no results: %v", code, err)
	}
	if code != exitConformant {
		var text bytes.Buffer
		_ = report.WriteText(&text, results, report.TextConfig{Width: defaultWidth})
		t.Fatalf("exit code %d, want 0:\n%s", code, text.String())
	}
	return results
}

// checkPasses requires enough passes in a role, and nothing there that is worse than a skipped case.
func checkPasses(t *testing.T, results *conformance.Results, role conformance.Role, want int) {
	t.Helper()
	passes := 0
	for _, r := range results.Results {
		switch {
		case r.Role != role:
		case r.Outcome == conformance.Pass:
			passes++
		case r.Outcome != conformance.Skipped && r.Outcome != conformance.Unsupported && r.Outcome != conformance.KnownFail:
			t.Errorf("%s as %s: %s: expected %s, got %s %s", r.Case, r.Role, r.Outcome, r.Expected, r.Actual, r.Reason)
		}
	}
	if passes < want {
		t.Errorf("%d cases passed as %s, want at least %d", passes, role, want)
	}
}
