package main

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// elixirSeededDir has faults for the peer in Elixir, as patches of its sources.
const elixirSeededDir = "../../testdata/peers/elixir-seeded"

const (
	minElixirSeeded   = 20 // faults in the table
	elixirSeededShort = 3  // of which so many are run without everything

	// Each run starts a runtime, some of them several: not many at once, and with time for that.
	elixirSeededParallel = 4
	elixirSeededScale    = 3
)

// Each fault in the peer in Elixir is found without an adapter and blamed on a requirement that it breaks, and on no other than follows from it;
// without a fault it is not accused of anything by the same cases. All patches fit the peer as it is now, whichever are run.
func TestElixirPeerSeededFaults(t *testing.T) {
	built(t, "elixir", "ockam-peer")
	if _, err := exec.LookPath("elixir"); err != nil {
		t.Skip("no Elixir on this machine")
	}
	faults := seededFaults(t, elixirSeededDir)
	dir := compileElixirSeeded(t, faults)
	if os.Getenv(everything) == "" {
		faults = slices.DeleteFunc(faults, func(f seededFault) bool { return !f.Short })
		if len(faults) != elixirSeededShort {
			t.Fatalf("%d faults without everything, want %d", len(faults), elixirSeededShort)
		}
	}
	script, err := filepath.Abs(filepath.Join(elixirSeededDir, "ockam-peer"))
	if err != nil {
		t.Fatal(err)
	}
	runs := append(soundRuns(faults), faultRuns(faults)...)
	for _, r := range runs {
		// With --again an initiator is one process.
		r.program = shellWords([]string{"env", "BUILD=" + dir, "FAULT=" + strings.TrimPrefix(r.program, "peer-"), script, "--again"})
	}
	runSeeded(t, runs, elixirSeededParallel, elixirSeededScale)
}

// The table has the faults for which there is a patch, each once, in the words of the specification.
func TestElixirPeerSeededTable(t *testing.T) {
	patches, err := filepath.Glob(filepath.Join(elixirSeededDir, "faults", "*.patch"))
	if err != nil {
		t.Fatal(err)
	}
	var declared []string
	for _, p := range patches {
		declared = append(declared, strings.TrimSuffix(filepath.Base(p), ".patch"))
	}
	checkSeededTable(t, seededFaults(t, elixirSeededDir), declared, "runtime: ", minElixirSeeded)
}

// compileElixirSeeded compiles the peer with each fault into a directory of its own. What is without a fault is the peer itself, and a fault is in the
// modules of the files that its patch changes, and in no others.
func compileElixirSeeded(t *testing.T, faults []seededFault) string {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), filepath.Join(elixirSeededDir, "compile"), dir).CombinedOutput(); err != nil {
		t.Fatalf("the patches of %s do not fit the peer: %v\n%s", elixirSeededDir, err, out)
	}
	peer := beams(t, filepath.Join("..", "..", "conformance", "peers", "elixir", "_build", "prod", "lib", "ockam", "ebin"))
	if changed := changedBeams(peer, beams(t, filepath.Join(dir, "none"))); len(changed) > 0 || len(peer) == 0 {
		t.Errorf("without a fault %v are not the peer's, of %d modules", changed, len(peer))
	}
	for _, f := range faults {
		patch, err := os.ReadFile(filepath.Join(elixirSeededDir, "faults", f.Name+".patch"))
		if err != nil {
			t.Fatal(err)
		}
		var patched []string
		for _, m := range regexp.MustCompile(`(?m)^\+\+\+ b/lib/ockam/(\w+)\.ex$`).FindAllSubmatch(patch, -1) {
			patched = append(patched, "elixir.ockam."+string(m[1])+".beam")
		}
		slices.Sort(patched)
		if changed := changedBeams(peer, beams(t, filepath.Join(dir, f.Name))); !slices.Equal(changed, patched) || len(changed) == 0 {
			t.Errorf("%s: %v differ from the peer's modules, want %v", f.Name, changed, patched)
		}
	}
	return dir
}

// beams are the compiled modules in a directory, by name in small letters.
func beams(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.beam"))
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string][]byte)
	for _, file := range files {
		if all[strings.ToLower(filepath.Base(file))], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// changedBeams are the modules that two directories do not have alike.
func changedBeams(a, b map[string][]byte) []string {
	both := maps.Clone(a)
	maps.Copy(both, b)
	return slices.Sorted(func(yield func(string) bool) {
		for name := range both {
			if !bytes.Equal(a[name], b[name]) && !yield(name) {
				return
			}
		}
	})
}
