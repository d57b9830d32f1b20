package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/report"
)

// How many runs there are in which the peer is killed at random moments: with everything, in make whole, and with -short.
const (
	killedRuns      = 100
	killedWhole     = 5
	killedShort     = 2
	killedEndless   = 10 * time.Minute // a run that takes longer hangs
	killedMostPause = 400 * time.Millisecond
	killedResults   = 10 // of a run, at least
)

// A killedRun is a run during which the peer's processes are killed, one after the other, at moments that follow from its seed.
type killedRun struct {
	seed    uint64
	program string   // of the peer, without which a process is not killed
	args    []string // beside the peer
	list    string   // file with the numbers of its processes
	kills   int
}

// The peer is killed at random moments: the run ends all the same, with a report that is whole and an exit code that follows from it, and leaves
// no process behind.
func TestKilledAtRandom(t *testing.T) {
	runs := killedWhole
	switch {
	case testing.Short():
		runs = killedShort
	case os.Getenv(everything) != "":
		runs = killedRuns
	}
	kills, blamed := 0, 0
	var mu sync.Mutex
	t.Run("runs", func(t *testing.T) {
		for seed := range uint64(runs) {
			t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
				t.Parallel()
				r := newKilledRun(t, seed)
				n := r.run(t)
				mu.Lock()
				defer mu.Unlock()
				kills, blamed = kills+r.kills, blamed+n
			})
		}
	})
	if kills < runs || blamed == 0 {
		t.Errorf("%d processes were killed in %d runs, and %d results tell of it: too few", kills, runs, blamed)
	}
}

// newKilledRun chooses a peer and what to run against it. With -short it is the reference, which needs no compiler.
func newKilledRun(t *testing.T, seed uint64) *killedRun {
	t.Helper()
	r := &killedRun{seed: seed, list: filepath.Join(t.TempDir(), "processes")}
	random := rand.New(rand.NewPCG(seed, 1))
	role := []string{"responder", "initiator"}[random.IntN(2)]
	transport := []string{"tcp", "udp"}[random.IntN(2)]
	area := []string{"noise/*", "rec/*", "chan/*", "tran/*"}[random.IntN(4)]
	var words string
	if testing.Short() || seed%5 == 4 {
		path, err := exec.LookPath("ockamtest")
		if err != nil {
			t.Fatal(err)
		}
		address := map[string]string{"responder": "--listen", "initiator": "--connect"}[role]
		r.program, words = path, shellWord(path)+" peer serve --role {role} --transport {transport} --profile {profile} "+address+" {addr}"
	} else {
		r.program = built(t, "c", "build", "ockam-peer")
		words = shellWord(r.program) + " {role} {transport} {addr} {profile} --timeout {timeout} --key {key}"
	}
	started := shellWord(`echo $$ >>"$0"; exec "$@"`)
	r.args = []string{
		"run", "--report", "json", "--role", role, "--transport", transport, "--case", area, "--seed", strconv.FormatUint(seed, 10),
		"--peer", "exec:sh -c " + started + " " + shellWord(r.list) + " " + words,
	}
	return r
}

// run returns how many results tell of a process that was killed.
func (r *killedRun) run(t *testing.T) (blamed int) {
	ctx, cancel := context.WithTimeout(t.Context(), killedEndless)
	defer cancel()
	killing, stop := context.WithCancel(ctx)
	killed := make(chan struct{})
	go func() {
		defer close(killed)
		r.kill(killing)
	}()
	var out, errs bytes.Buffer
	a := &app{in: strings.NewReader(""), out: &out, err: &errs, width: defaultWidth}
	code := a.execute(ctx, r.args)
	stop()
	<-killed
	if ctx.Err() != nil {
		t.Fatalf("%q: not done in %v", r.args, killedEndless)
	}
	results, err := report.ReadJSON(bytes.NewReader(out.Bytes()))
	if err != nil {
		t.Fatalf("%q: exit code %d, and no results: %v; %s", r.args, code, err, errs.String())
	}
	if blamed, err = checkKilled(results, code); err != nil {
		var text bytes.Buffer
		_ = report.WriteText(&text, results, report.TextConfig{Width: defaultWidth})
		t.Errorf("%q: %v\n%s", r.args, err, text.String())
	}
	for _, pid := range r.processes() {
		if r.runs(pid) {
			t.Errorf("%q: process %d is left", r.args, pid)
		}
	}
	return blamed
}

// kill kills the process of the peer that runs, again and again, until ctx ends.
func (r *killedRun) kill(ctx context.Context) {
	random := rand.New(rand.NewPCG(r.seed, 2))
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Duration(random.Int64N(int64(killedMostPause)))):
		}
		if all := r.processes(); len(all) > 0 && r.runs(all[len(all)-1]) && syscall.Kill(all[len(all)-1], syscall.SIGKILL) == nil {
			r.kills++
		}
	}
}

// processes are the numbers of all processes that were started so far.
func (r *killedRun) processes() (all []int) {
	data, _ := os.ReadFile(r.list) // there are none yet
	for line := range strings.Lines(string(data)) {
		if pid, err := strconv.Atoi(strings.TrimSuffix(line, "\n")); err == nil && strings.HasSuffix(line, "\n") {
			all = append(all, pid)
		}
	}
	return all
}

// runs tells whether a process runs and is the peer: its child, with its program.
func (r *killedRun) runs(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	words, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)) // empty once it has ended
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	return len(fields) > 1 && fields[0] != "Z" && fields[1] == strconv.Itoa(os.Getpid()) && strings.Contains(string(words), r.program)
}

// checkKilled checks that a report is whole, and counts the results that tell of a process that was killed.
func checkKilled(results *conformance.Results, code int) (blamed int, err error) {
	if want := conformance.ExitCode(results, nil); code != want || code != exitConformant && code != exitNotConformant && code != exitTrouble {
		return 0, fmt.Errorf("exit code %d, the report says %d", code, want)
	}
	if results.Partial || len(results.Results) < killedResults {
		return 0, fmt.Errorf("partial %t, %d results", results.Partial, len(results.Results))
	}
	total := 0
	for _, n := range results.Summary {
		total += n
	}
	count := conformance.Summarize(results.Results)
	if fmt.Sprint(count) != fmt.Sprint(results.Summary) || total != len(results.Results) {
		return 0, fmt.Errorf("%d results, %v, and a summary of %v", len(results.Results), count, results.Summary)
	}
	seen := make(map[string]bool)
	for i := range results.Results {
		x := &results.Results[i]
		place := fmt.Sprint(x.Case, x.Role, x.Transport, x.Profile, x.Depth)
		switch died := strings.Contains(x.Reason, "signal: killed"); {
		case seen[place] && x.Parameters == nil || x.Case == "" || x.Rerun == "":
			return 0, fmt.Errorf("%s: twice, or not whole: %+v", place, x)
		case x.Outcome != conformance.Pass && x.Reason == "" && x.Actual == "":
			return 0, fmt.Errorf("%s: %s, and no reason", place, x.Outcome)
		case died && x.Outcome != conformance.Fail && x.Outcome != conformance.NotRun && x.Outcome != conformance.Error:
			return 0, fmt.Errorf("%s: %s of a peer that was killed: %s", place, x.Outcome, x.Reason)
		case died:
			blamed++
		}
		seen[place] = true
	}
	return blamed, nil
}
