package mutants_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ockamtest/vectors"
	"ockamtest/vectors/mutants"
)

func load(t *testing.T) []*vectors.File {
	t.Helper()
	files, err := vectors.Load(vectors.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestNotes(t *testing.T) {
	spec, err := os.ReadFile(filepath.Join("..", "..", "conformance", "spec", "ockam-v1.md"))
	if err != nil {
		t.Fatal(err)
	}
	flags := map[string]bool{}
	for _, m := range mutants.All() {
		if flags[m.Flag] {
			t.Errorf("two mutants of %s", m.Flag)
		}
		flags[m.Flag] = true
		if m.BugType == "" || !strings.HasSuffix(m.Description, ".") || len(m.Requirements) == 0 || len(m.Kinds) == 0 {
			t.Errorf("%s: the note is not complete", m.Flag)
		}
		for _, id := range m.Requirements {
			if !strings.Contains(string(spec), "- **"+id+" ") {
				t.Errorf("%s: no requirement %s in the specification", m.Flag, id)
			}
		}
	}
	if len(flags) < 200 {
		t.Errorf("%d mutants", len(flags))
	}
}

// TestEachMutantIsKilled: each flag is on vectors, and each mutant has one. That these are the vectors that it fails is a part of what the
// generator's test compares.
func TestEachMutantIsKilled(t *testing.T) {
	vectorsWith := map[string]int{}
	for _, f := range load(t) {
		for _, v := range f.All() {
			for _, flag := range v.Common().Flags {
				vectorsWith[flag]++
			}
		}
	}
	for _, m := range mutants.All() {
		if vectorsWith[m.Flag] == 0 {
			t.Errorf("no vector kills %s: %s", m.Flag, m.Description)
		}
		delete(vectorsWith, m.Flag)
	}
	for flag := range vectorsWith {
		t.Errorf("flag %s has no mutant", flag)
	}
}

// TestNothingElseKills: vectors of the kinds that a mutant does not name do not fail it. Handshakes and channels, which are slow, are
// left to those that name them, in -short all but a few mutants.
func TestNothingElseKills(t *testing.T) {
	files, checked := load(t), 0
	for i, m := range mutants.All() {
		if testing.Short() && i%20 != 0 {
			continue
		}
		all := m
		all.Kinds = []vectors.Kind{vectors.KindCodec, vectors.KindFrames, vectors.KindECDH, vectors.KindAEAD, vectors.KindHKDF, vectors.KindHash, vectors.KindRecord,
			vectors.KindForward}
		for _, f := range files {
			for _, v := range mutants.Killed(all, f) {
				checked++
				if !slices.Contains(v.Common().Flags, m.Flag) {
					t.Errorf("%s, tcId %d kills %s and does not have the flag", f.Name, v.Common().TcID, m.Flag)
					break
				}
			}
		}
	}
	if checked < 100 {
		t.Errorf("%d kills", checked)
	}
}
