package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ockamtest/conformance"
)

// The peers under conformance/peers, which make peers builds. To run them takes long: in all that they speak, and in all attachments, only
// with everything, for make foreign.

// everything is the variable that asks for all of them.
const everything = "OCKAMTEST_EVERYTHING"

// built is the path of a program that make peers builds.
func built(t *testing.T, path ...string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("it takes long: make whole runs it")
	}
	program, err := filepath.Abs(filepath.Join(append([]string{"..", "..", "conformance", "peers"}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(program); err != nil {
		t.Fatalf("make peers builds it: %v", err)
	}
	return program
}

// spoken are the profiles that a peer speaks, each over a transport.
func spoken(profiles ...string) (all [][2]string) {
	for _, p := range profiles {
		name, transports, _ := strings.Cut(p, ":")
		for transport := range strings.SplitSeq(transports, ",") {
			all = append(all, [2]string{name, transport})
		}
	}
	return all
}

// The peer in C, in both builds: by command in v1.
func TestCPeer(t *testing.T) {
	for _, build := range []string{"ockam-peer", "ockam-peer-san"} {
		peer := foreignPeer{
			words:   []string{built(t, "c", "build", build)},
			options: "--timeout {timeout} --key {key} --depth {depth}", again: []string{"--again"},
		}
		for _, in := range spoken("v1:tcp,udp", "c09:tcp,udp", "c010:udp") {
			t.Run(build+"/"+in[0]+"/"+in[1], func(t *testing.T) { peer.in(in[0], in[1]).testSome(t, in[0] == "v1") })
		}
	}
	for _, build := range []string{"ockam-adapter", "ockam-adapter-san"} {
		t.Run(build, func(t *testing.T) {
			t.Parallel()
			adapted(t, built(t, "c", "build", build), 5)
		})
	}
}

// testSome is test without command where that is not asked for.
func (p foreignPeer) testSome(t *testing.T, command bool) {
	t.Parallel()
	if command || os.Getenv(everything) != "" {
		t.Run("exec", p.testExec)
	}
	t.Run("address", p.testAddress)
	t.Run("accept", p.testAccept)
}

// adapted runs the vectors and the kit against an adapter, which speaks so many pairs of a profile and a transport.
func adapted(t *testing.T, adapter string, pairs int) {
	t.Helper()
	peer := "adapter:" + shellWord(adapter)
	code, out, errs := typed(t, "vectors", "run", "--peer", peer)
	if code != exitConformant {
		t.Errorf("vectors: exit code %d: %s%s", code, out, errs)
	}
	if os.Getenv(everything) == "" { // the rest is what the peer passes without an adapter
		return
	}
	results := conformant(t, "--peer", peer)
	var seen []string
	for _, r := range results.Results {
		if pair := r.Profile + "/" + string(r.Transport); !slices.Contains(seen, pair) {
			seen = append(seen, pair)
		}
	}
	if len(seen) != pairs {
		t.Errorf("run in %v, want %d", seen, pairs)
	}
	for _, role := range []conformance.Role{conformance.Responder, conformance.Initiator} {
		checkPasses(t, results, role, pairs*minPasses)
	}
}

// The peer in Elixir, which starts slowly.
func TestElixirPeer(t *testing.T) {
	program := built(t, "elixir", "ockam-peer")
	if _, err := exec.LookPath("elixir"); err != nil {
		t.Skip("no Elixir on this machine")
	}
	peer := foreignPeer{words: []string{program}, options: "--timeout {timeout} --key {key} --depth {depth}", again: []string{"--again"}}
	for _, in := range spoken("v1:tcp,udp", "c09:tcp,udp", "e09:udp") {
		t.Run(in[0]+"/"+in[1], func(t *testing.T) { peer.in(in[0], in[1]).testSome(t, false) })
	}
	t.Run("adapter", func(t *testing.T) {
		t.Parallel()
		adapted(t, built(t, "elixir", "ockam-adapter"), 5)
	})
	t.Run("router", func(t *testing.T) {
		t.Parallel()
		results := conformant(t, "--role", "router", "--peer", "exec:"+shellWord(program)+" {role} {transport} {addr}")
		checkPasses(t, results, conformance.Router, 2*minPasses)
	})
}
