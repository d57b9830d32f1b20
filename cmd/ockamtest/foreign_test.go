package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/report"
	"ockamtest/ref/profile"
)

// minPasses is how many cases a correct peer passes at least in one role and profile, so that a run which tests next to nothing
// does not pass for a good one.
const minPasses = 20

// A foreignPeer is a program that shares nothing with ref: it was written from the specification alone. Its arguments are role, transport,
// address, and profile.
type foreignPeer struct {
	words              []string // of its command, before the arguments
	options            string   // behind them, where the kit starts it, with placeholders
	again              []string // behind them, for an initiator that dials again and again; nil: it is started again and again
	profile, transport string
}

// in is the peer in a profile over a transport.
func (p foreignPeer) in(profile, transport string) foreignPeer {
	p.profile, p.transport = profile, transport
	return p
}

// test runs the kit against it in all attachments without an adapter. The kit must not accuse it.
func (p foreignPeer) test(t *testing.T) {
	t.Parallel()
	t.Run("exec", p.testExec)
	t.Run("address", p.testAddress)
	t.Run("accept", p.testAccept)
}

func (p foreignPeer) testExec(t *testing.T) {
	t.Parallel()
	command := "exec:" + shellWords(p.words) + " {role} {transport} {addr} {profile} " + p.options
	results := conformant(t, "--profile", p.profile, "--transport", p.transport, "--peer", command)
	for _, role := range []conformance.Role{conformance.Responder, conformance.Initiator} {
		checkPasses(t, results, role, minPasses)
	}
}

func (p foreignPeer) testAddress(t *testing.T) {
	t.Parallel()
	address := startPeer(t, append(slices.Clone(p.words), "responder", p.transport, "127.0.0.1:0", p.profile))
	results := conformant(t, "--profile", p.profile, "--peer", p.transport+"://"+address)
	checkPasses(t, results, conformance.Responder, minPasses)
}

func (p foreignPeer) testAccept(t *testing.T) {
	t.Parallel()
	checkPasses(t, p.accept(t), conformance.Initiator, minPasses)
}

// The peer under testdata/peers/python: with -short in one profile over one transport.
func TestPythonPeer(t *testing.T) {
	python, script := pythonPeer(t)
	peer := foreignPeer{words: []string{python, script}, options: "{timeout}", again: []string{}}
	combinations := 0
	for _, p := range profile.All() {
		for _, transport := range transportNames(p) {
			if combinations++; testing.Short() && combinations > 1 { // make whole runs them
				continue
			}
			t.Run(p.Name+"/"+transport, peer.in(p.Name, transport).test)
		}
	}
	if combinations != 6 {
		t.Errorf("%d combinations of profile and transport, want 6", combinations)
	}
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

// startPeer starts a responder, to be stopped when the test ends, and returns the address that it prints.
func startPeer(t *testing.T, words []string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), words[0], words[1:]...)
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
		dialled <- p.dial(peer, address)
	}()
	args := []string{"run", "--report", "json", "--profile", p.profile, "--peer", "accept:" + p.transport + "://127.0.0.1:0"}
	var out bytes.Buffer
	a := &app{in: strings.NewReader(""), out: &out, err: kitErr, width: defaultWidth}
	code := a.execute(ctx, args)
	kitErr.Close()
	told := p.transport == string(conformance.TCP) && p.again != nil
	if !told { // nothing tells the peer that nobody listens any more
		stopPeer()
	}
	if err := <-dialled; err != nil && told {
		t.Errorf("the peer ended with %v", err)
	}
	stopPeer()
	return readResults(t, code, out.Bytes())
}

// dial lets the peer dial until ctx ends, or until it fails.
func (p foreignPeer) dial(ctx context.Context, address string) error {
	words := append(slices.Clone(p.words), "initiator", p.transport, address, p.profile)
	for {
		command := exec.CommandContext(ctx, words[0], append(words[1:], p.again...)...)
		command.WaitDelay = time.Second // what it has started may hold its output
		err := command.Run()
		if p.again != nil || ctx.Err() != nil {
			return err
		}
	}
}

// shellWords are words for a shell.
func shellWords(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = shellWord(word)
	}
	return strings.Join(quoted, " ")
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
