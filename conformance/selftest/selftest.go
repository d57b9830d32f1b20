// Package selftest proves that the kit cannot be fooled: it runs every case against peers of which it is known what they do, and
// compares (section 13 of the specification, and what DESIGN says of honest results).
//
// A broken peer has to be killed by a requirement that it breaks, and accused of nothing else; a lawful or correct one has to be
// accused of nothing; a dead one may pass nothing; and each case has to fail some broken peer. It judges the kit, not implementations:
// everything runs in process and in virtual time. The result is a Matrix, plain data.
//
// Run uses goroutines of its own, which have ended when it returns; it may be called by many goroutines at once.
package selftest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/conformance/adversary/peers"
	"ockamtest/conformance/adversary/routers"
	"ockamtest/conformance/attach"
	"ockamtest/conformance/cases"
	"ockamtest/conformance/runner"
	"ockamtest/ref/profile"
)

// What callers branch on.
var (
	// ErrVacuous: there is nothing to prove, or nothing to prove it with.
	ErrVacuous = errors.New("selftest: nothing to test")
)

// A Config says what is tested. The zero Config tests the whole kit with every peer that it has.
type Config struct {
	Seed    uint64 // of everything random
	Workers int    // peers that are run at once; 0: as many as there are processors

	Cases   []conformance.Case    // nil: cases.All()
	Control conformance.Case      // without Run: cases.Control()
	Forward conformance.Case      // without Run: cases.Forward()
	Correct []conformance.Program // nil: every correct program that the kit has
	Broken  []adversary.Fault     // nil: every one that the kit has, end points and routers; so the other two
	Lawful  []conformance.Program
	Dead    []conformance.Program

	// Progress is called when a peer has been run in one role, transport, and profile, by one goroutine at a time.
	Progress func(done, total int)
}

func (c Config) withDefaults() Config {
	if c.Cases == nil {
		c.Cases = cases.All()
	}
	if c.Control.Run == nil {
		c.Control = cases.Control()
	}
	if c.Forward.Run == nil {
		c.Forward = cases.Forward()
	}
	if c.Correct == nil {
		c.Correct = slices.Concat([]conformance.Program{peers.Correct(), routers.Correct()}, attach.Programs(), attach.Routers())
	}
	if c.Broken == nil {
		c.Broken = slices.Concat(peers.Broken(), routers.Broken())
	}
	if c.Lawful == nil {
		c.Lawful = slices.Concat(peers.Lawful(), routers.Lawful())
	}
	if c.Dead == nil {
		c.Dead = slices.Concat(peers.Dead(), routers.Dead())
	}
	return c
}

// check refuses to prove anything with nothing.
func (c Config) check() error {
	for _, list := range []struct {
		name string
		n    int
	}{
		{"cases", len(c.Cases)},
		{string(Correct), len(c.Correct)},
		{string(Broken), len(c.Broken)},
		{string(Lawful), len(c.Lawful)},
		{string(Dead), len(c.Dead)},
	} {
		if list.n == 0 {
			return fmt.Errorf("%w: no %s", ErrVacuous, list.name)
		}
	}
	return nil
}

// Run runs all cases against all peers, in each role, transport, and profile that a peer has, and in a tunnel if it knows those. The error is ErrVacuous, that of a cancelled ctx, or
// the kit's own trouble; what the kit does wrong is in the Matrix.
func Run(ctx context.Context, cfg Config) (*Matrix, error) {
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	m := newMatrix(cfg)
	jobs := m.jobs()
	if err := work(ctx, cfg, jobs); err != nil {
		return nil, err
	}
	m.conclude(cfg.Cases)
	return m, nil
}

// do runs all cases against the peer of one job.
func (j job) do(ctx context.Context, cfg Config) error {
	p, ok := profile.Lookup(j.cell.Profile)
	if !ok {
		return fmt.Errorf("%w: %s lists profile %s, which does not exist", ErrVacuous, j.row.Peer, j.cell.Profile)
	}
	peer := attach.NewInProcess(j.row.program, cfg.Seed)
	results, err := runner.Run(ctx, runner.Config{
		Peer:       peer,
		Cases:      cfg.Cases,
		Control:    cfg.Control,
		Forward:    cfg.Forward,
		Profiles:   []profile.Profile{p},
		Roles:      []conformance.Role{j.cell.Role},
		Transports: []conformance.Transport{j.cell.Transport},
		Depths:     []int{max(1, j.cell.Depth)},
		Select:     runner.Selection{Cases: j.row.selection(cfg.Cases)},
		Seed:       cfg.Seed,
		Clock:      func() time.Time { return time.Time{} }, // all that takes time here is virtual
	})
	err = errors.Join(err, peer.Close())
	if err != nil {
		return fmt.Errorf("selftest: %s %s: %w", j.row.Peer, place(j.cell.Role, j.cell.Transport, j.cell.Profile, j.cell.Depth), err)
	}
	j.row.judge(j.cell, results.Results)
	return ctx.Err()
}

// selection is all cases but the long ones, or those that look where the peer is broken. Those are run, by name, where they matter: against broken peers that break what they are
// about, and against the first correct one.
func (r *Row) selection(all []conformance.Case) []string {
	globs := []string{"**"}
	if r.needs != "" {
		globs = nil
	}
	for _, c := range all {
		if r.needs != "" && c.Needs == r.needs {
			globs = append(globs, c.ID)
		}
		meant := slices.ContainsFunc(c.Requirements, func(id string) bool { return slices.Contains(r.Breaks, id) })
		if c.Long() && (meant || r.exemplary) {
			globs = append(globs, c.ID)
		}
	}
	return globs
}
