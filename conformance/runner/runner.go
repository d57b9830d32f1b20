// Package runner runs conformance cases against a peer and finds out what became of each. It sees only Case and Peer: not how the
// peer is attached, nor what the cases do.
//
// A run is honest before it is anything else. The cases of one role, transport, and profile are a group. A group begins with the
// positive control, a case that a peer passes only if it does the protocol's whole work once; if it fails, no other case of the
// group is run. After every case the control is run again: it proves that the peer lives, and it is the next case's control. So a
// peer that is dead, or that a case kills, scores no pass.
//
// Each peer of a Config has a worker, a goroutine on which it and its cases are called: Config.Peer that of the caller. They take the cases one by
// one, each after a positive control of its own, and the results stand in the order of the plan whoever found them. A Config may be used again
// after Run has returned.
package runner

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"ockamtest/conformance"
)

// Run runs the selected cases and returns their results: exactly one for each selected case, role, transport, and profile to which
// it applies, and one for the control of each group.
//
// The error wraps conformance.ErrUsage if what is asked for does not exist or fit, conformance.ErrNothingSelected if no case is left,
// and conformance.ErrBadCase if the catalogue of cases is defective; nothing has been run then. When ctx is cancelled, what is left
// is not-run, and the results say that they are partial. The peer is not closed.
func Run(ctx context.Context, cfg Config) (*conformance.Results, error) {
	cfg = cfg.withDefaults()
	groups, err := plan(cfg)
	if err != nil {
		return nil, err
	}
	groups, shard := divide(cfg.Shard, groups)
	q := newQueue(cfg, groups)
	all := levels()
	var workers []*run
	for _, peer := range append([]conformance.Peer{cfg.Peer}, cfg.Others...) {
		own := cfg
		own.Peer = peer
		workers = append(workers, &run{cfg: own, info: peer.Info(), levels: all, queue: q})
	}
	began := cfg.Clock()
	var others sync.WaitGroup
	for _, w := range workers[1:] {
		others.Go(func() { w.work(ctx) })
	}
	workers[0].work(ctx)
	others.Wait()
	if got, want := q.done, len(q.results); got != want {
		return nil, fmt.Errorf("runner: %d results of %d selected cases", got, want)
	}
	results := workers[0].report(cfg.Clock().Sub(began))
	results.Shard = shard
	return results, nil
}

// A run is the state of one worker.
type run struct {
	cfg    Config // with defaults, and the worker's peer
	info   conformance.PeerInfo
	levels map[string]conformance.Level // of each requirement, not changed
	queue  *queue                       // of all workers

	controls uint64 // the next attempt at the control
	stopped  string // why the run is partial, as far as the worker knows
	unreset  bool   // a reset has failed, and no result tells of it
}

// work runs cases as long as there are any, and the worker's peer works where others do.
func (r *run) work(ctx context.Context) {
	r.queue.sit()
	defer r.queue.rise()
	for s, entry := r.queue.enter(); s != nil; s, entry = r.queue.enter() {
		works := r.runGroup(ctx, s, entry)
		if r.halted(); !works {
			return
		}
	}
}

// halted says why the run is partial, and tells the others what this worker has seen.
func (r *run) halted() string {
	r.stopped = r.queue.halt(r.stopped)
	return r.stopped
}

func levels() map[string]conformance.Level {
	all := make(map[string]conformance.Level)
	for _, r := range conformance.Catalogue() {
		all[r.ID] = r.Level
	}
	return all
}

func (r *run) report(took time.Duration) *conformance.Results {
	q := r.queue
	names := make([]string, len(r.cfg.Profiles))
	for i, p := range r.cfg.Profiles {
		names[i] = p.Name
	}
	return &conformance.Results{
		Schema:       conformance.ResultsSchema,
		Tool:         r.cfg.Tool,
		Peer:         conformance.ResultPeer{Name: r.info.Name, Attachment: r.info.Attachment},
		Profile:      strings.Join(names, ","),
		Seed:         r.cfg.Seed,
		Jobs:         r.cfg.jobs(),
		Partial:      q.stopped != "",
		Stopped:      q.stopped,
		Trouble:      q.trouble(),
		DurationMS:   took.Milliseconds(),
		Summary:      conformance.Summarize(q.results),
		Coverage:     conformance.CoverageOf(r.cfg.Cases),
		Results:      q.results,
		Requirements: conformance.RequirementResults(r.cfg.Cases, q.results),
		Catalogue:    r.cfg.Catalogue,
	}
}
