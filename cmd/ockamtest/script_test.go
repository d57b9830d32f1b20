package main

import (
	"flag"
	"os"
	"runtime"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// patient is how many tests run at once for each processor, unless -parallel says otherwise: most of them wait for a peer's clock.
const patient = 3

// The test binary is the command, for the scripts and for whoever re-executes it.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", strconv.Itoa(patient*runtime.GOMAXPROCS(0))); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){"ockamtest": main, "crashing-adapter": crashingAdapter, "wrong-adapter": wrongAdapter})
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
