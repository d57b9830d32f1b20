package main

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
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
			adapterPeer{words: shellWord(built(t, "c", "build", build)), pairs: 5, lacks: []string{"profile e09"}, vectors: 2400}.test(t)
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

// An adapterPeer is a peer with an adapter.
type adapterPeer struct {
	words   string   // of its command
	pairs   int      // of a profile and a transport that it speaks
	lacks   []string // reasons for which vectors are unsupported, that not all adapters of other hands have
	vectors int      // which pass at least
}

// unheard are reasons for which vectors are unsupported whatever an adapter has.
var unheard = []string{
	"a handshake that is not of version 1", "a number that cannot be said", "a stream that stays open inside a frame",
	"an initiator that has not started", "another outer header, near a limit", "hops", "keys of no known handshake",
}

// inside are the cases about what no wire shows: those of all profiles and transports, and those of v1 and c09 over TCP.
var inside, insideStreams = []string{
	"vault/ecdh", "vault/hkdf", "vault/aead", "vault/invalid-secret", "vault/not-exportable", "vault/set-type", "vault/contract",
	"vault/restart", "vault/not-supported", "vault/closed", "io/short-buffer", "io/read-given-up",
}, []string{"noise/own-ephemeral-key", "chan/own-error"}

// test runs the check of adapters, the vectors, and the kit against an adapter: of the cases without everything those that need an adapter.
func (p adapterPeer) test(t *testing.T) {
	t.Parallel()
	peer := "adapter:" + p.words
	if code, out, errs := typed(t, "peer", "check", peer); code != exitConformant {
		t.Errorf("peer check: exit code %d: %s%s", code, out, errs)
	}
	p.checkVectors(t, peer)
	t.Run("inside", func(t *testing.T) { p.checkInside(t, peer) })
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
	if len(seen) != p.pairs {
		t.Errorf("run in %v, want %d", seen, p.pairs)
	}
	for _, role := range []conformance.Role{conformance.Responder, conformance.Initiator} {
		checkPasses(t, results, role, p.pairs*minPasses)
	}
}

// checkVectors requires that all vectors pass but those that are listed as unsupported, for reasons that are known.
func (p adapterPeer) checkVectors(t *testing.T, peer string) {
	t.Helper()
	code, out, errs := typed(t, "vectors", "run", "--peer", peer)
	if code != exitConformant {
		t.Errorf("vectors: exit code %d: %s%s", code, out, errs)
	}
	total := regexp.MustCompile(`(?m)^ +in all +(\d+) pass +0 fail +0 not-run +0 error +(\d+) unsupported$`).FindStringSubmatch(out)
	if total == nil {
		t.Fatalf("no total without a failure: %s", out)
	}
	_, listed, _ := strings.Cut(out, "Unsupported:\n")
	listed, _, _ = strings.Cut(listed, "\n\n")
	var reasons []string
	unsupported := 0
	for _, m := range regexp.MustCompile(`(?m)^ +(\d+)  (.+)$`).FindAllStringSubmatch(listed, -1) {
		unsupported += number(t, m[1])
		reasons = append(reasons, m[2])
	}
	if want := slices.Sorted(slices.Values(slices.Concat(unheard, p.lacks))); !slices.Equal(slices.Sorted(slices.Values(reasons)), want) {
		t.Errorf("vectors are unsupported for %q, want %q", reasons, want)
	}
	if pass := number(t, total[1]); pass < p.vectors || unsupported != number(t, total[2]) {
		t.Errorf("%d vectors pass and %d are listed as unsupported, want %d at least and %s", pass, unsupported, p.vectors, total[2])
	}
}

func number(t *testing.T, digits string) int {
	t.Helper()
	n, err := strconv.Atoi(digits)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// checkInside requires a pass of each case that needs an adapter, in both roles, in each profile and over each transport to which it applies.
func (p adapterPeer) checkInside(t *testing.T, peer string) {
	t.Helper()
	args, want := []string{"--peer", peer}, make(map[string]int)
	for _, name := range slices.Concat(inside, insideStreams) {
		args = append(args, "--case", name)
		want[name] = 2 * p.pairs
	}
	for _, name := range insideStreams {
		want[name] = 2 * len(spoken("v1:tcp", "c09:tcp"))
	}
	passes := make(map[string]int)
	for _, r := range conformant(t, args...).Results {
		switch {
		case r.Outcome != conformance.Pass:
			t.Errorf("%s as %s in %s over %s: %s %s", r.Case, r.Role, r.Profile, r.Transport, r.Outcome, r.Reason)
		case want[r.Case] > 0: // not the control
			passes[r.Case]++
		}
	}
	if !maps.Equal(passes, want) {
		t.Errorf("got passes %v, want %v", passes, want)
	}
}

// minRouterCases is how many cases a router passes at least, most of them over TCP and over UDP.
const minRouterCases = 40

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
		lacks := []string{"profile c010", "verb p256", "a record that a window may take"}
		adapterPeer{words: shellWord(built(t, "elixir", "ockam-adapter")), pairs: 5, lacks: lacks, vectors: 2150}.test(t)
	})
	t.Run("router", func(t *testing.T) {
		t.Parallel()
		results := conformant(t, "--role", "router", "--peer", "exec:"+shellWord(program)+" {role} {transport} {addr}")
		checkPasses(t, results, conformance.Router, 2*minRouterCases)
		passed := make(map[string]bool)
		for _, r := range results.Results {
			if r.Outcome == conformance.Pass {
				passed[r.Case] = true
			}
		}
		if len(passed) < minRouterCases || !passed["rout/mixed-transports"] || !passed["chan/through-hops-mixed"] {
			t.Errorf("%d cases passed, want %d at least, those from TCP to UDP and back among them: %v", len(passed), minRouterCases, passed)
		}
	})
}
