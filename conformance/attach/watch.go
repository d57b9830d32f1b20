package attach

import (
	"context"
	"fmt"
	"time"

	"ockamtest/conformance"
)

// What a peer's process may take, unless Config says otherwise.
const (
	// defaultGrowth is generous: a sanitizer keeps 256 MiB that were released, and heaps that are collected grow before they are.
	defaultGrowth = 512 << 20
	defaultSpin   = 3 * time.Second
)

// How a process that may spin is watched.
const (
	firstLook = 10 * time.Millisecond // doubles with each further one
	lastLook  = 200 * time.Millisecond
	// suspicious is the part of the time since the attempt before, one in so many, that a process has computed which is looked at, and constant
	// the part of a look that one has which does not pause.
	suspicious = 4
	constant   = 2
	// patientLooks is how many times as long as its limit of computing time a process is watched: others may have the processor.
	patientLooks = 100
)

// A usage is what the processes of a peer take at a moment.
type usage struct {
	resident  int64         // bytes
	computing time.Duration // of all threads since their start
	waiting   time.Duration // for a processor, up to when it got one
	runnable  bool          // a thread computes, or would if it had a processor
}

// A watch looks after each attempt at what the process of a peer takes, and compares it with what it took after the first attempt in the same
// role, transport, and profile, which is the positive control. The zero watch is ready.
type watch struct {
	base    int64 // resident after the first attempt, 0 before
	calm    bool  // it has paused then; one that computed even then is not accused of it
	process *process
	last    usage // of the process, after the attempt before
	at      time.Time
	told    bool // of what is not watched
}

// renew begins anew: the process is another one in another role.
func (w *watch) renew() { *w = watch{told: w.told} }

// notice says once what is not watched.
func (w *watch) notice(cfg Config, text string) {
	if !w.told && cfg.Notice != nil {
		cfg.Notice(text)
	}
	w.told = true
}

// check returns why a process has to be ended, "" if it need not. idle tells that no link is open, so that it has nothing to do.
func (w *watch) check(cfg Config, p *process, idle bool) string {
	if !watchable {
		w.notice(cfg, "how much memory and computing time the peer takes is not watched on this system")
		return ""
	}
	now, ok := measure(p.pid())
	if !ok {
		return ""
	}
	first, fresh, before := w.base == 0, w.process != p, w.last
	if first {
		w.base = now.resident
	}
	if fresh {
		before, w.process = usage{resident: w.base}, p
	}
	since := w.at
	w.last, w.at = now, time.Now()
	if grown := w.grown(cfg, p, before, now); grown != "" {
		return grown
	}
	limit := cfg.spin()
	if limit < 0 || !idle || !w.calm && !first || !fresh && !now.busy(before, w.at.Sub(since), suspicious) {
		return ""
	}
	spins, paused := w.spins(p, limit)
	w.calm = w.calm || first && paused
	switch {
	case first && !paused:
		w.notice(cfg, "the peer computes all the time: whether it does so after a case is not looked at")
		return ""
	case spins < limit:
		return ""
	}
	return fmt.Sprintf("it has computed for %v without a pause while no link was open (--max-spin %v)", spins.Round(time.Millisecond), limit)
}

// grown tells that the process has grown too much.
func (w *watch) grown(cfg Config, p *process, before, now usage) string {
	limit := cfg.growth()
	if limit < 0 || now.resident-w.base <= limit {
		return ""
	}
	if shared, ok := proportional(p.pid()); ok && shared-w.base <= limit {
		return ""
	}
	return fmt.Sprintf("its memory has grown by %s to %s since the first control, by %s of that with the last attempt (--max-growth %s)",
		mebibytes(now.resident-w.base), mebibytes(now.resident), mebibytes(now.resident-before.resident), mebibytes(limit))
}

// spins watches a process that has nothing to do, until it pauses or has computed for limit, and returns for how long it has.
func (w *watch) spins(p *process, limit time.Duration) (took time.Duration, paused bool) {
	began, until := w.last, w.at.Add(patientLooks*limit)
	for look := firstLook; w.at.Before(until); look = min(2*look, lastLook) {
		stopped(context.Background(), look, p.done)
		now, ok := measure(p.pid())
		if !ok || p.ended() {
			return 0, true
		}
		pauses := !now.busy(w.last, time.Since(w.at), constant)
		w.last, w.at = now, time.Now()
		if pauses {
			return 0, true
		}
		if took = now.computing - began.computing; took >= limit {
			return took, false
		}
	}
	return took, false
}

// busy tells whether a process has computed since an earlier moment, or has wanted to while others had the processors. A process that sleeps
// mostly waits for a processor now and then, too, but computes next to nothing.
func (u usage) busy(before usage, passed, part time.Duration) bool {
	computing := u.computing - before.computing
	return u.runnable || computing >= passed/50 && computing+u.waiting-before.waiting >= passed/part
}

// mebibytes is a size for people.
func mebibytes(bytes int64) string { return fmt.Sprintf("%d MiB", bytes>>20) }

func (c Config) growth() int64 {
	if c.MaxGrowth == 0 {
		return defaultGrowth
	}
	return c.MaxGrowth
}

func (c Config) spin() time.Duration {
	if c.MaxSpin == 0 {
		return defaultSpin
	}
	return c.MaxSpin
}

// overrun looks at what the process takes, and ends it if that is too much: then Death tells.
func (p *execPeer) overrun() {
	r := p.run
	if r == nil || r.process.byHand || r.process.ended() {
		return
	}
	if reason := p.watch.check(p.cfg, r.process, r.links == 0); reason != "" {
		p.deaths = append(p.deaths, &CrashError{Peer: p.cfg.Spec.Text, Reason: reason, Log: r.process.journal.tail(), Err: conformance.ErrExhausting})
		p.stop()
	}
}

// overrun looks at what the adapter's process takes, and ends it if that is too much: then Death tells.
func (p *adapterPeer) overrun() {
	if p.adapter == nil || p.adapter.process.byHand || p.adapter.process.ended() {
		return
	}
	if reason := p.watch.check(p.cfg, p.adapter.process, p.run == nil || p.run.links == 0); reason != "" {
		p.deaths = append(p.deaths, &CrashError{Peer: p.adapter.name, Reason: reason, Log: p.adapter.Log(), Err: conformance.ErrExhausting})
		p.drop()
	}
}
