package interop

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/attach"
	"ockamtest/ref/profile"
)

// Run fills the matrix. A responder is started once for all initiators of a profile and transport, so that what one session does to it shows in the
// next; after a cell that fails it is started anew. An initiator is started for each cell, and ended with it. The error is about the Config; what
// goes wrong with peers stands in the matrix, which is marked if ctx has ended before it was full.
func Run(ctx context.Context, cfg Config) (*Matrix, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	r := &run{cfg: &cfg, matrix: &Matrix{
		Schema: Schema, Tool: cfg.Tool, Seed: cfg.Seed, Records: cfg.Records, Sessions: cfg.Sessions, Impairment: impairmentInfo(cfg.Impairment),
	}}
	for _, p := range cfg.Peers {
		t, err := meet(ctx, &cfg, p)
		if err != nil {
			return nil, fmt.Errorf("peer %s: %w", p.Name, err)
		}
		r.talkers = append(r.talkers, t)
		r.matrix.Peers = append(r.matrix.Peers, PeerInfo{p.Name, p.Spec.Text, string(p.Spec.Kind)})
	}
	r.run(ctx, r.rows())
	r.closeDoors()
	r.matrix.count()
	r.matrix.Interrupted = ctx.Err() != nil
	r.matrix.DurationMS = time.Since(began).Milliseconds()
	return r.matrix, nil
}

// A run is one call of Run.
type run struct {
	cfg     *Config
	talkers []*talker
	matrix  *Matrix
	keys    ephemerals

	mu    sync.Mutex // guards what follows, and Progress
	done  int
	doors map[string]*door
	seeds uint64
}

// A row is all cells of a responder in a profile over a transport.
type row struct {
	profile   profile.Profile
	transport conformance.Transport
	responder *talker
	cells     []*cell
}

// rows plans the matrix.
func (r *run) rows() []*row {
	profiles := r.cfg.Profiles
	if profiles == nil {
		profiles = profile.All()
	}
	var all []*row
	for _, p := range profiles {
		for _, over := range r.cfg.Transports {
			var rows []*row
			for _, t := range r.talkers {
				if r.takesPart(t, conformance.Responder, r.cfg.Responders, p, over) {
					rows = append(rows, &row{profile: p, transport: over, responder: t})
				}
			}
			for _, t := range r.talkers { // initiator by initiator: so the cells stand in the matrix
				for _, w := range rows {
					if r.takesPart(t, conformance.Initiator, r.cfg.Initiators, p, over) {
						w.cells = append(w.cells, r.newCell(t, w))
					}
				}
			}
			all = append(all, rows...)
		}
	}
	return all
}

func (r *run) takesPart(t *talker, role conformance.Role, chosen []string, p profile.Profile, over conformance.Transport) bool {
	return (len(chosen) == 0 || slices.Contains(chosen, t.Name)) && t.takes(role) && t.speaks(p, over, r.cfg.Profiles)
}

// newCell makes a cell, with its line to run it again.
func (r *run) newCell(t *talker, w *row) *cell {
	c := &cell{run: r, row: w, initiator: t, Cell: &Cell{
		Profile: w.profile.Name, Transport: w.transport, Initiator: t.Name, Responder: w.responder.Name, Outcome: NotRun, Reason: "interrupted",
	}}
	c.Rerun = r.rerun(c.Cell)
	h := fnv.New64a()
	fmt.Fprintf(h, "%s %s %s %s", c.Profile, c.Transport, c.Initiator, c.Responder)
	c.random = rand.New(rand.NewPCG(r.cfg.Seed, h.Sum64()))
	r.matrix.Cells = append(r.matrix.Cells, c.Cell)
	return c
}

// run runs rows, some of them at once.
func (r *run) run(ctx context.Context, rows []*row) {
	queue := make(chan *row)
	var workers sync.WaitGroup
	for range r.cfg.Jobs {
		workers.Go(func() {
			for w := range queue {
				r.runRow(ctx, w)
			}
		})
	}
	for _, w := range rows {
		queue <- w
	}
	close(queue)
	workers.Wait()
}

// runRow runs the cells of a row.
func (r *run) runRow(ctx context.Context, w *row) {
	desk := &desk{run: r, row: w}
	for i, c := range w.cells {
		if ctx.Err() != nil {
			break
		}
		began := time.Now()
		c.Outcome, c.Reason = Pass, ""
		err := c.run1(ctx, desk)
		if c.judge(ctx, err); c.Outcome != Pass || i == len(w.cells)-1 {
			if err := desk.close(); err != nil && c.Outcome == Pass {
				c.judge(ctx, c.died(responder, err))
			}
		}
		c.DurationMS = time.Since(began).Milliseconds()
		r.mu.Lock()
		r.done++
		if r.cfg.Progress != nil {
			r.cfg.Progress(r.done, len(r.matrix.Cells), c.Cell)
		}
		r.mu.Unlock()
	}
}

// seed is one that nobody has had: two programs in process that began with one would have the same keys.
func (r *run) seed() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seeds++
	return r.cfg.Seed<<20 + r.seeds
}

// A door is where an initiator that is not the kit's to start turns itself to. It is open as long as the matrix takes.
type door struct {
	mu    sync.Mutex // held while a cell uses it
	place *place
}

// doorOf is the door of a peer in a transport.
func (r *run) doorOf(t *talker) *door {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.doors == nil {
		r.doors = map[string]*door{}
	}
	if r.doors[t.Name] == nil {
		r.doors[t.Name] = &door{}
	}
	return r.doors[t.Name]
}

func (r *run) closeDoors() {
	for _, d := range r.doors {
		if d.place != nil {
			_ = d.place.Close() // a listener that does not close says nothing about the peers
		}
	}
}

// A desk keeps the responder of a row for the next cell: one that was told which key to accept, and one that was not.
type desk struct {
	run    *run
	row    *row
	places [2]*place
}

// responder is the place of the row's responder.
func (d *desk) responder(ctx context.Context, keys pin) (*place, error) {
	i := 0
	if keys.accepts != nil {
		i = 1
	}
	if d.places[i] == nil {
		p, err := d.row.responder.open(ctx, d.run.cfg, d.row.need(responder), keys, d.run.seed())
		if err != nil {
			return nil, err
		}
		d.places[i] = p
	}
	return d.places[i], nil
}

// close ends what it keeps. The error tells of a death.
func (d *desk) close() error {
	var errs []error
	for i, p := range d.places {
		if p != nil {
			errs = append(errs, p.Close())
			d.places[i] = nil
		}
	}
	return errors.Join(errs...)
}

func (w *row) need(s side) conformance.Need {
	return conformance.Need{Role: s.role(), Transport: w.transport, Profile: w.profile.Name}
}

// isAccept tells whether the initiator is started by somebody else.
func (t *talker) isAccept() bool { return t.Spec.Kind == attach.Accept }
