package attach

import (
	"context"
	"errors"
	"time"

	"ockamtest/conformance"
)

// dyingGrace is how long, times Scale, a process that does not answer is waited for to end by itself: one that writes a report of its crash
// takes its time, and its end says more than that the kit has ended it.
const dyingGrace = 2 * time.Second

// maxEndings is how many ends of processes are kept to be told.
const maxEndings = 8

// Ended tells of processes that have ended, with their status and their last words, except of those that Death tells of.
func (p *execPeer) Ended(settle time.Duration) []string {
	if r := p.run; r != nil && !r.process.byHand && r.links == 0 && r.sessions > 0 && p.need.Role == conformance.Initiator {
		r.endsWithin(context.Background(), settle)
	}
	if p.run != nil && p.run.process.ended() {
		p.collect()
	}
	endings := p.endings
	p.endings = nil
	return endings
}

// ending keeps how a process has ended.
func (p *execPeer) ending(last *process) {
	if len(p.endings) == maxEndings {
		p.endings = p.endings[1:]
	}
	p.endings = append(p.endings, "the peer's process has ended: "+last.exit.text+indent(last.journal.tail()))
}

// Revive ends a process that does not answer, unless it is dying anyhow.
func (p *execPeer) Revive(ctx context.Context) string {
	r := p.run
	if r == nil || r.process.byHand {
		return ""
	}
	if r.endsWithin(ctx, p.cfg.scaled(dyingGrace)) {
		p.collect()
		return "its process has ended: " + r.process.exit.text
	}
	found := hungText + indent(r.process.journal.tail())
	p.stop()
	return found
}

// hungText is what Revive says of a process that lives on.
const hungText = "its process lives, and does not answer; it was ended"

// Ended tells nothing: the end of an adapter is its death.
func (p *adapterPeer) Ended(time.Duration) []string { return nil }

// Revive ends an adapter behind which nothing answers, unless it is dying anyhow.
func (p *adapterPeer) Revive(ctx context.Context) string {
	if p.adapter == nil || p.adapter.process.byHand {
		return ""
	}
	if stopped(ctx, p.cfg.scaled(dyingGrace), p.adapter.Done()) && p.adapter.Exit() != "" {
		exit := p.adapter.Exit()
		p.collect()
		return "its process has ended: " + exit
	}
	found := hungText + indent(p.adapter.Log())
	p.release()
	if err := p.adapter.Close(); errors.As(err, new(*CrashError)) {
		found += "\n\t" + err.Error()
	}
	p.adapter = nil
	return found
}
