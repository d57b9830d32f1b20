package runner

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ockamtest/conformance"
	"ockamtest/ref/profile"
)

// workersOf gives cfg so many peers of its own and returns them all.
func workersOf(cfg *Config, n int) []*fakePeer {
	peers := []*fakePeer{cfg.Peer.(*fakePeer)}
	for len(peers) < n {
		peer := newFakePeer()
		peer.info = peers[0].info
		peers = append(peers, peer)
		cfg.Others = append(cfg.Others, peer)
	}
	return peers
}

// manyCases are n cases that pass, except every seventh.
func manyCases(n int) (cases []conformance.Case) {
	for i := range n {
		run := roundTrip
		if i%7 == 3 {
			run = returning(&conformance.Failure{Expected: "this", Actual: "that"})
		}
		cases = append(cases, newCase(fmt.Sprintf("noise/case-%d", i), run))
	}
	return cases
}

// Whoever runs the cases, the results are the same, in the same order, and reproduced by the same lines.
func TestJobsDoNotChangeResults(t *testing.T) {
	type line struct {
		text    string
		outcome conformance.Outcome
	}
	lines := func(r *conformance.Results) (all []line) {
		for i := range r.Results {
			result := &r.Results[i]
			all = append(all, line{result.Rerun + result.Actual + result.Reason, result.Outcome})
		}
		return all
	}
	var want []line
	for _, jobs := range []int{1, 2, 3, 16} {
		peer := newFakePeer()
		peer.info.Roles = []conformance.Role{conformance.Responder, conformance.Initiator}
		cfg := newConfig(peer, manyCases(40)...)
		cfg.Profiles = []profile.Profile{v1(), c09()}
		workersOf(&cfg, jobs)
		r, err := Run(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := checkHonest(cfg, r); err != nil {
			t.Error(err)
		}
		got := lines(r)
		if jobs == 1 {
			want = got
		}
		if len(got) != 4*41 || !slices.Equal(got, want) {
			t.Errorf("%d jobs: got %d results\n%v\nwant %d\n%v", jobs, len(got), got, len(want), want)
		}
		if r.Jobs != jobs || r.Summary[conformance.Fail] != 4*6 {
			t.Errorf("got %d jobs and %v, want %d jobs and 24 failures", r.Jobs, r.Summary, jobs)
		}
	}
}

// Workers work at the same time, each with a peer of its own, and the control precedes and follows what each of them does. No two
// attempts are made of the same bytes.
func TestJobsRunAtTheSameTime(t *testing.T) {
	const jobs = 3
	var meeting sync.WaitGroup // of the first case of each worker
	meeting.Add(jobs)
	var met atomic.Int32
	cases := make([]conformance.Case, 6*worthwhile)
	for i := range cases {
		cases[i] = newCase(fmt.Sprintf("noise/case-%d", i), func(ctx context.Context, env conformance.Env) error {
			if met.Add(1) <= jobs {
				meeting.Done()
				meeting.Wait() // for ever, if one worker ran them all
			}
			return roundTrip(ctx, env)
		})
	}
	cfg := newConfig(newFakePeer(), cases...)
	peers := workersOf(&cfg, jobs)
	var mu sync.Mutex
	seen := map[string]bool{}
	sent := make([]int, jobs)
	for i, peer := range peers {
		peer.answer = func(p []byte) ([]byte, error) {
			mu.Lock()
			defer mu.Unlock()
			if seen[string(p)] {
				t.Errorf("%x was sent before", p)
			}
			seen[string(p)] = true
			sent[i]++
			return bytes.Clone(p), nil
		}
	}
	r, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := r.Summary[conformance.Pass], len(cases)+1; got != want {
		t.Errorf("%d passed, want %d", got, want)
	}
	total := 0
	for i, n := range sent {
		total += n
		if n < 3 || n%2 != 1 { // a control, and a case and a control each
			t.Errorf("peer %d was sent %d messages, want a control and pairs of a case and a control", i, n)
		}
	}
	if want := 2*len(cases) + jobs; total != want {
		t.Errorf("%d messages, want %d", total, want)
	}
}

// A peer that does not work where another one does takes one case, which tells of it, and leaves the others to that one.
func TestJobsWithADeadPeer(t *testing.T) {
	cfg := newConfig(newFakePeer(), manyCases(40)...).withDefaults()
	groups, err := plan(cfg)
	if err != nil {
		t.Fatal(err)
	}
	q := newQueue(cfg, groups)
	workers := make([]*run, 3)
	for i := range workers {
		own := cfg
		peer := newFakePeer()
		if own.Peer = peer; i == 1 {
			peer.open = func(conformance.Need) error { return conformance.ErrUnreachable }
		}
		workers[i] = &run{cfg: own, info: peer.info, levels: levels(), queue: q}
	}
	s, first := q.enter()
	_, second := q.enter()
	if first != 0 || second != 1 {
		t.Fatalf("entered as %d and %d, want 0 and 1", first, second)
	}
	q.opened(s, attempt{verdict: passed}) // of the first worker, which is slow
	q.sit()                               // one after the other
	if workers[1].runGroup(t.Context(), s, second) {
		t.Error("the worker of the dead peer goes on")
	}
	if s.next != 1 || q.results[1].Outcome != conformance.NotRun || q.trouble() == "" {
		t.Errorf("it has taken %d cases, the first is %s, trouble %q; want one that was not run, and trouble", s.next, q.results[1].Outcome, q.trouble())
	}
	if !workers[0].runGroup(t.Context(), s, first) {
		t.Error("the worker of the peer that works does not go on")
	}
	q.rise()
	workers[2].work(t.Context())
	r := workers[0].report(0)
	if q.done != 41 || r.Summary[conformance.NotRun] != 1 || r.Summary[conformance.Pass] != 34 || conformance.ExitCode(r, nil) != conformance.ExitTrouble {
		t.Errorf("got %d results, %v, exit code %d", q.done, r.Summary, conformance.ExitCode(r, nil))
	}
	if got := len(workers[2].cfg.Peer.(*fakePeer).opened); got != 0 {
		t.Errorf("a worker that came when all was done made %d sessions", got)
	}
}

// Where all are dead none passes, and the run does not try for ever.
func TestJobsDead(t *testing.T) {
	cfg := newConfig(newFakePeer(), manyCases(40)...)
	peers := workersOf(&cfg, 4)
	var opened atomic.Int32
	for _, peer := range peers {
		peer.open = func(conformance.Need) error { opened.Add(1); return conformance.ErrUnreachable }
	}
	r, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if r.Summary[conformance.NotRun] != len(r.Results) || len(r.Results) != 41 {
		t.Errorf("got %v, want 41 that were not run", r.Summary)
	}
	if got := opened.Load(); got < 2 || got > 8 {
		t.Errorf("%d sessions were tried, want 2 for each job at most", got)
	}
}

// The first failure stops all workers: no case begins after it was told.
func TestJobsFailFast(t *testing.T) {
	told := make(chan struct{}) // the failure
	cases := []conformance.Case{newCase("noise/failing", returning(&conformance.Failure{Expected: "this", Actual: "that"}))}
	for _, c := range manyCases(60) {
		c.Run = func(ctx context.Context, env conformance.Env) error {
			<-told
			return roundTrip(ctx, env)
		}
		cases = append(cases, c)
	}
	cfg := newConfig(newFakePeer(), cases...)
	cfg.FailFast = true
	workersOf(&cfg, 3)
	failed, late := false, 0
	cfg.Progress = func(e Event) {
		if e.Outcome == conformance.Fail {
			failed = true
			close(told)
		}
		if failed && e.Outcome == "" {
			late++
		}
	}
	r, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Partial || r.Stopped != conformance.StoppedFailFast || r.Summary[conformance.Fail] != 1 || r.Summary[conformance.NotRun] < 56 {
		t.Errorf("got %v, stopped %q; want one failure, and at least 56 that were not run", r.Summary, r.Stopped)
	}
	if late > 4 { // a control or a case of each of the others that was about to begin
		t.Errorf("%d cases began after the failure", late)
	}
}

// An interruption ends all workers, and every case has a result.
func TestJobsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var n atomic.Int32
	cases := manyCases(60)
	for i := range cases {
		cases[i].Run = func(ctx context.Context, env conformance.Env) error {
			if n.Add(1) == 5 {
				cancel()
			}
			return roundTrip(ctx, env)
		}
	}
	cfg := newConfig(newFakePeer(), cases...)
	workersOf(&cfg, 3)
	done := 0
	cfg.Progress = func(e Event) { // with the race detector: never twice at once
		if e.Done < done || e.Total != 61 {
			t.Errorf("after %d results %d of %d", done, e.Done, e.Total)
		}
		done = e.Done
	}
	r, err := Run(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if done != 61 || len(r.Results) != 61 || r.Stopped != conformance.StoppedInterrupted || r.Summary[conformance.NotRun] == 0 {
		t.Errorf("got %d results, %d told, %v, stopped %q", len(r.Results), done, r.Summary, r.Stopped)
	}
	if conformance.ExitCode(r, nil) != conformance.ExitInterrupted {
		t.Errorf("exit code %d", conformance.ExitCode(r, nil))
	}
}

func TestJobsRefuseNoPeer(t *testing.T) {
	cfg := newConfig(newFakePeer(), manyCases(1)...)
	cfg.Others = []conformance.Peer{nil}
	if _, err := Run(t.Context(), cfg); !errors.Is(err, conformance.ErrUsage) {
		t.Errorf("got %v, want a usage error", err)
	}
}

// While a case waits for its peer others are at work, never more than may be; and no more are told as jobs.
func TestBusy(t *testing.T) {
	const busy, peers = 2, 6
	var waiting sync.WaitGroup // one case with each peer
	waiting.Add(peers)
	var met, working, most atomic.Int32
	work := func(n int32) {
		runtime.Gosched()
		if now := working.Add(n); now > most.Load() {
			most.Store(now)
		}
		runtime.Gosched()
	}
	cases := make([]conformance.Case, 2*peers*worthwhile)
	for i := range cases {
		cases[i] = newCase(fmt.Sprintf("noise/case-%d", i), func(ctx context.Context, env conformance.Env) error {
			link, err := env.Open(ctx)
			if err != nil {
				return err
			}
			work(1)
			work(-1)
			_, err = link.Receive(env.Patience())
			work(1)
			defer work(-1)
			if !errors.Is(err, conformance.ErrQuiet) {
				return fmt.Errorf("receive: %w", err)
			}
			return nil
		})
	}
	cfg := newConfig(newFakePeer(), cases...)
	cfg.Busy = busy
	for _, peer := range workersOf(&cfg, peers) {
		peer.hang = func(time.Duration) { // where the silence of a case is waited for
			if met.Add(1) <= peers {
				waiting.Done()
				waiting.Wait() // for ever, if no more than two could wait
			}
		}
	}
	r, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if r.Summary[conformance.Pass] != len(cases)+1 || r.Jobs != busy {
		t.Errorf("got %v with %d jobs, want all passed, %d", r.Summary, r.Jobs, busy)
	}
	if n := most.Load(); n < 1 || n > busy {
		t.Errorf("%d were at work at once, want at most %d", n, busy)
	}
	for _, wrong := range []int{-1, peers + 1} {
		cfg.Busy = wrong
		if _, err := Run(t.Context(), cfg); !errors.Is(err, conformance.ErrUsage) {
			t.Errorf("%d of %d at work: got %v, want a usage error", wrong, peers, err)
		}
	}
}
