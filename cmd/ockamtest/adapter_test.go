package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"ockamtest/conformance"
	"ockamtest/conformance/harness"
	"ockamtest/conformance/harness/refadapter"
	"ockamtest/conformance/report"
	"ockamtest/ref/profile"
)

// The reference as an adapter passes the whole catalogue, in each profile and over each transport that it declares, in both roles.
func TestReferenceAdapter(t *testing.T) {
	t.Parallel()
	combinations := 0
	for _, p := range profile.All() {
		for _, transport := range transportNames(p) {
			combinations++
			t.Run(p.Name+"/"+transport, func(t *testing.T) {
				t.Parallel()
				results := conformant(t, "--profile", p.Name, "--transport", transport, "--peer", "adapter:ockamtest peer adapter")
				for _, role := range []conformance.Role{conformance.Responder, conformance.Initiator} {
					checkPasses(t, results, role, minPasses)
				}
			})
		}
	}
	if combinations != 6 {
		t.Errorf("%d combinations of profile and transport, want 6", combinations)
	}
}

// The peer under testdata/peers/python is behind an adapter that peer init has begun. It keeps to the protocol, and the kit does not accuse it: with
// -short in the cases about m1, m2, and m3.
func TestPythonAdapter(t *testing.T) {
	t.Parallel()
	python, script := pythonPeer(t)
	dir := t.TempDir()
	if code, _, errs := typed(t, "peer", "init", "--lang", "python", "--out", dir); code != exitConformant {
		t.Fatalf("peer init: exit code %d: %s", code, errs)
	}
	peer := "adapter:" + shellWords([]string{"env", "PYTHONPATH=" + dir, python, filepath.Join(filepath.Dir(script), "ockam_adapter.py")})
	if code, out, errs := typed(t, "peer", "check", peer); code != exitConformant {
		t.Errorf("peer check: exit code %d: %s%s", code, out, errs)
	}
	args, passes := []string{"--peer", peer}, 6*minPasses
	if testing.Short() {
		args, passes = append(args, "--case", "noise/m*"), 6*12
	}
	results := conformant(t, args...)
	for _, role := range []conformance.Role{conformance.Responder, conformance.Initiator} {
		checkPasses(t, results, role, passes)
	}
}

// deathFile is the variable that names the file which tells that crashingAdapter has died.
const deathFile = "OCKAMTEST_TEST_DEATH"

// An adapter that dies in a case costs that case, with its status and its last words; it is started again, and the rest is run.
func TestAdapterThatDies(t *testing.T) {
	t.Setenv(deathFile, filepath.Join(t.TempDir(), "dead"))
	code, out, errs := typed(t, "run", "--report", "json", "--peer", "adapter:crashing-adapter", "--profile", "v1", "--transport", "tcp",
		"--role", "responder", "--case", "noise/m3-payload-tag", "--case", "noise/m3-static-tag", "--case", "rec/replay")
	results, err := report.ReadJSON(strings.NewReader(out))
	if err != nil || code != exitNotConformant {
		t.Fatalf("exit code %d, want %d: %v %s", code, exitNotConformant, err, errs)
	}
	passes, deaths := 0, 0
	for _, r := range results.Results {
		switch {
		case r.Outcome == conformance.Pass:
			passes++
		case r.Outcome == conformance.Fail && strings.Contains(r.Reason, "the peer died: crashing-adapter died: exit status 7\n\tlast words"):
			deaths++
		default:
			t.Errorf("%s: %s %s", r.Case, r.Outcome, r.Reason)
		}
	}
	if passes != 3 || deaths != 1 {
		t.Errorf("%d passes and %d deaths, want 3 with the control, and 1", passes, deaths)
	}
}

// crashingAdapter is a command: the reference as an adapter, which dies once, in its second handshake.
func crashingAdapter() {
	conn, err := harness.DialControl(context.Background(), os.Getenv(harness.ControlVariable))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	a, closed, err := refadapter.New(&fatalRandom{})
	if err = errors.Join(err, harness.Serve(context.Background(), conn, a), closed()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A fatalRandom ends the process when it is asked for a second ephemeral key, if that was not done before.
type fatalRandom struct{ n atomic.Int32 }

func (r *fatalRandom) Read(b []byte) (int, error) {
	if r.n.Add(1) == 2 {
		f, err := os.OpenFile(os.Getenv(deathFile), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err == nil {
			_ = f.Close()
			fmt.Fprintln(os.Stderr, "last words")
			os.Exit(7)
		}
	}
	return rand.Read(b)
}
