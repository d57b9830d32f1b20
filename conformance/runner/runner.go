// Package runner runs conformance cases against a peer and finds out what became of each. It sees only Case and Peer: not how the
// peer is attached, nor what the cases do.
//
// A run is honest before it is anything else. The cases of one role, transport, and profile are a group. A group begins with the
// positive control, a case that a peer passes only if it does the protocol's whole work once; if it fails, no other case of the
// group is run. After every case the control is run again: it proves that the peer lives, and it is the next case's control. So a
// peer that is dead, or that a case kills, scores no pass.
//
// Run uses one goroutine, the caller's; the peer and the cases are called on it. A Config may be used again after Run has returned.
package runner

import (
	"context"
	"fmt"
	"strings"
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
	r := &run{cfg: cfg, info: cfg.Peer.Info(), levels: levels(), total: count(groups)}
	began := cfg.Clock()
	for _, g := range groups {
		r.runGroup(ctx, g)
	}
	if got, want := len(r.results), r.total; got != want {
		return nil, fmt.Errorf("runner: %d results of %d selected cases", got, want)
	}
	return r.report(cfg.Clock().Sub(began)), nil
}

// A run is the state of one Run.
type run struct {
	cfg     Config // with defaults
	info    conformance.PeerInfo
	levels  map[string]conformance.Level // of each requirement
	total   int                          // results that there will be
	results []conformance.Result

	controls uint64 // attempts at the control so far
	proven   bool   // a control passed
	hopeless bool   // the control of a whole group failed
	trouble  string // why a group could not be reached
	stopped  string // why the run is partial
}

func levels() map[string]conformance.Level {
	all := make(map[string]conformance.Level)
	for _, r := range conformance.Catalogue() {
		all[r.ID] = r.Level
	}
	return all
}

func (r *run) report(took time.Duration) *conformance.Results {
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
		Partial:      r.stopped != "",
		Stopped:      r.stopped,
		Trouble:      r.trouble,
		DurationMS:   took.Milliseconds(),
		Summary:      conformance.Summarize(r.results),
		Coverage:     conformance.CoverageOf(r.cfg.Cases),
		Results:      r.results,
		Requirements: conformance.RequirementResults(r.cfg.Cases, r.results),
		Catalogue:    conformance.CatalogueVersion,
	}
}

// add records a result and tells of it.
func (r *run) add(result conformance.Result) {
	r.results = append(r.results, result)
	r.tell(result.Case, result.Role, result.Transport, result.Profile, result.Outcome)
	if r.cfg.FailFast && result.Outcome == conformance.Fail && r.stopped == "" {
		r.stopped = conformance.StoppedFailFast
	}
}
