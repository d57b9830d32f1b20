package attach

import (
	"context"
	"errors"

	"ockamtest/conformance"
)

// A life is how long a responder's process lives. Which one it is shows in the first sessions.
type life int

// The zero life is unknownLife.
const (
	unknownLife  life = iota
	oneSession        // it ends with its session; the kit starts it again
	manySessions      // it serves until it is stopped
)

// Death tells of crashes of the process since the last call, and of sanitizer reports. A crash is an end by a signal, with a panic or a
// sanitizer's report, or with a status that stands for one. Another status than 0 is a crash of a responder that would have served on:
// it takes its listener down. A process that serves one session, as most initiators do, may tell with its status how that went; but a
// responder that says nothing at all in its first session, which is a good one, has not come so far.
func (p *execPeer) Death() error {
	if r := p.run; r != nil {
		// A link that the peer has ended may be the first that is seen of a crash; a report is followed by its end.
		if r.suspect || r.process.journal.hasReport() {
			r.endsWithin(context.Background(), p.cfg.scaled(crashSettle))
			r.suspect = false
		}
		if r.process.ended() {
			p.collect()
		} else if report := r.process.journal.takeReport(); report != "" {
			r.reported = true
			p.mourn(r, report)
		}
	}
	p.overrun()
	err := errors.Join(p.deaths...)
	p.deaths = nil
	return err
}

func (p *execPeer) mourn(r *run, reason string) {
	p.deaths = append(p.deaths, &CrashError{Peer: p.cfg.Spec.Text, Reason: reason, Log: r.process.journal.tail()})
}

// collect takes leave of a process that has ended by itself: it learns from its end, and keeps a crash for Death.
func (p *execPeer) collect() {
	r := p.run
	p.run = nil
	r.release()
	exit, report, initiator := r.process.exit, r.process.journal.takeReport(), p.need.Role == conformance.Initiator
	plain := !exit.crashed && report == "" && !r.reported
	if p.outlived(r) {
		p.life = manySessions
	}
	before := len(p.deaths)
	switch {
	case report != "":
		p.mourn(r, report)
	case r.reported:
	case exit.crashed && (!initiator || !exit.pipe): // an initiator that wrote to a closed connection ends as Unix tools do
		p.mourn(r, exit.text)
	case !exit.clean && !initiator && r.sessions > 0 && (p.life == manySessions || p.life == unknownLife && r.served == 0):
		p.mourn(r, exit.text)
	}
	if len(p.deaths) == before && !r.reported {
		p.ending(r.process)
	}
	switch {
	case initiator || r.sessions == 0 || r.served > 1:
	case plain && p.life == manySessions && exit.clean:
		p.life = unknownLife // the next session's process tells
	case plain && p.life == unknownLife:
		p.life = oneSession
	}
}

// outlived tells whether a process has shown that it does not end with its first session: it has served a second one, or it was there for a
// second one over UDP, where a responder that serves one session is started for each.
func (p *execPeer) outlived(r *run) bool {
	return p.need.Role != conformance.Initiator && (r.served > 1 || p.need.Transport == conformance.UDP && r.sessions > 1)
}

// stop ends the process, if one runs. How it ends then is the kit's doing.
func (p *execPeer) stop() {
	if p.run == nil {
		return
	}
	r := p.run
	if r.process.ended() {
		p.collect()
		return
	}
	p.run = nil
	if report := r.process.journal.takeReport(); report != "" {
		p.mourn(r, report)
	}
	r.process.stop()
	r.release()
}
