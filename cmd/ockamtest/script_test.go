package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The test binary is the command, for the scripts and for whoever re-executes it.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"ockamtest": main})
}

// minScripts guards against a pattern that finds nothing.
const minScripts = 6

func TestScripts(t *testing.T) {
	const dir = "testdata/script"
	scripts, err := os.ReadDir(dir)
	if err != nil || len(scripts) < minScripts {
		t.Fatalf("%d scripts in %s, want at least %d: %v", len(scripts), dir, minScripts, err)
	}
	testscript.Run(t, testscript.Params{Dir: dir, RequireExplicitExec: true})
}
