package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/attach"
	"ockamtest/conformance/report"
)

// TestGreedyPeer is no test: it is the peer of TestGreedy, which is the reference and does something more when it refuses a message. Its
// arguments are what it does, and an address.
func TestGreedyPeer(t *testing.T) {
	if flag.NArg() != 2 {
		t.Skip("it is the peer of another test")
	}
	program := attach.Reference()
	start, does := program.Start, flag.Arg(0)
	program.Start = func(need conformance.Need, seed uint64) conformance.Node {
		return &greedyNode{start(need, seed), does, new(atomic.Bool)}
	}
	err := attach.ServeProgram(t.Context(), program, attach.ServeConfig{
		Role: conformance.Responder, Profile: "v1", Address: flag.Arg(1), Listening: func(address string) { fmt.Println("listening " + address) },
	})
	t.Fatal(err)
}

// A greedyNode makes machines that do something more when they refuse.
type greedyNode struct {
	conformance.Node
	does string
	hung *atomic.Bool
}

func (n *greedyNode) Connect(local, remote string) conformance.Machine {
	return &greedyMachine{n.Node.Connect(local, remote), n}
}

type greedyMachine struct {
	conformance.Machine
	node *greedyNode
}

func (m *greedyMachine) Receive(now time.Duration, p []byte) conformance.Output {
	if m.node.hung.Load() {
		return conformance.Output{}
	}
	out := m.Machine.Receive(now, p)
	if !out.Close && !out.Reset {
		return out
	}
	switch m.node.does {
	case "leak":
		m.take(96)
	case "take once":
		if m.node.hung.CompareAndSwap(false, true) {
			m.take(100)
			m.node.hung.Store(false)
			m.node.does = ""
		}
	case "spin":
		go busy(time.Hour)
	case "pause":
		go busy(50 * time.Millisecond)
	case "hang":
		m.node.hung.Store(true)
	}
	return out
}

// take takes n MiB that are never given back. The system fills them: what a race detector would keep of them does not count.
func (m *greedyMachine) take(n int) {
	const flags = syscall.MAP_ANON | syscall.MAP_PRIVATE | syscall.MAP_POPULATE
	if _, err := syscall.Mmap(-1, 0, n<<20, syscall.PROT_READ|syscall.PROT_WRITE, flags); err != nil {
		panic(err)
	}
}

// busy keeps a processor busy.
func busy(d time.Duration) {
	for until := time.Now().Add(d); time.Now().Before(until); {
	}
}

// What a peer takes, or no longer does, after a forged message is blamed on the case that sent it; the peer is started again, and the others pass.
// What is lawful is not accused.
func TestGreedy(t *testing.T) {
	for _, tt := range []struct {
		does  string
		class conformance.Class // "" if all is well
		says  string
	}{
		{"leak", conformance.Died, "(--max-growth 64 MiB)"},
		{"spin", conformance.Died, "(--max-spin 300ms)"},
		{"hang", conformance.Gone, "its process lives, and does not answer"},
		{"take once", "", ""},
		{"pause", "", ""},
	} {
		t.Run(tt.does, func(t *testing.T) {
			t.Parallel()
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			args := []string{
				"run", "--report", "json", "--role", "responder", "--case", "noise/m3-payload-tag", "--case", "chan/echo-*", "--case", "chan/many*",
				"--max-spin", "300ms",
				"--peer", "exec:" + shellWord(self) + " -test.run=^TestGreedyPeer$ " + shellWord(tt.does) + " {addr}",
			}
			if tt.class != "" {
				args = append(args, "--max-growth", "64")
			}
			var out, errs bytes.Buffer
			a := &app{in: strings.NewReader(""), out: &out, err: &errs, width: defaultWidth}
			code := a.execute(t.Context(), args)
			results, err := report.ReadJSON(&out)
			if err != nil {
				t.Fatalf("exit code %d, and no results: %v; %s", code, err, errs.String())
			}
			failed, passed := 0, 0 // passed after the first failure
			for _, r := range results.Results {
				switch {
				case r.Outcome == conformance.Fail && r.Case == "noise/m3-payload-tag" && r.Requirement == "NOISE-005" && r.Class == tt.class && strings.Contains(r.Reason, tt.says):
					failed++
				case r.Outcome != conformance.Pass:
					t.Errorf("%s: %s of %s, class %q: %s %s", r.Case, r.Outcome, r.Requirement, r.Class, r.Actual, r.Reason)
				case failed > 0 || tt.class == "":
					passed++
				}
			}
			if (failed > 0) != (tt.class != "") || passed < 2 {
				t.Errorf("%d failed, %d passed; exit code %d: %s", failed, passed, code, errs.String())
			}
		})
	}
}
