// Package play plays traces of fuzz/term against a peer: it opens links, sends what the terms say, and compares what comes with what the trace
// expects (sections 3 to 7 of the specification, as the trace has it). It judges nothing else: what a difference means is for whoever wrote the
// trace. The cryptography is that of conformance/adversary, so that the kit has it once.
//
// A run is for one goroutine, as the conformance.Env that it is given; it waits as that says, and starts no goroutine.
package play

import (
	"context"
	"fmt"

	"ockamtest/conformance"
	"ockamtest/fuzz/term"
)

// A MismatchError is the error of Run when a peer does not do what the trace expects of it.
type MismatchError struct {
	Step    int    // counted from 1
	Session uint64 // of the step
	Want    term.Kind
	Got     term.Kind
	// Compared says that two terms were to be the same, or were not to be, and the other is the case.
	Compared bool
	// Payload says that a record came as it should, with other bytes inside.
	Payload bool
	// WantBytes and GotBytes are the numbers of bytes that were compared.
	WantBytes, GotBytes int
}

// Error is the difference in one line, without the peer's bytes.
func (m *MismatchError) Error() string {
	if m.Compared {
		return fmt.Sprintf("play: step %d: terms of %d and %d bytes are the same where they have to differ, or differ where they have to be the same",
			m.Step, m.WantBytes, m.GotBytes)
	}
	if m.Payload {
		return fmt.Sprintf("play: step %d, session %d: an echo of %d bytes was expected, other %d bytes came", m.Step, m.Session,
			m.WantBytes, m.GotBytes)
	}
	return fmt.Sprintf("play: step %d, session %d: %v was expected, %v came", m.Step, m.Session, m.Want, m.Got)
}

// An Observation is one thing that the kit has seen of the peer.
type Observation struct {
	Step    int // counted from 1
	Session uint64
	Kind    term.Kind // one of a message, IsQuiet, or IsEnd
	Size    int       // of a message, in bytes, without a frame's length
}

// Run plays a valid trace against the peer of env, in a new Evaluator whose seed is the next 32 bytes of env.Random. It returns what it has seen,
// also with an error: a *MismatchError if the peer differs from the trace, then nothing more was played; else what env, the link, or the evaluation
// of a term (a *term.EvalError) said. All links are closed. The trace has to be for the role that the peer of env has, and env for one channel.
func Run(ctx context.Context, env conformance.Env, t term.Trace) ([]Observation, error) {
	if err := term.Valid(t); err != nil {
		return nil, err
	}
	if role := roleOf(env.Role()); role != t.Peer || env.Depth() > 1 {
		return nil, fmt.Errorf("%w: the trace is for a peer that is %v, on the transport", term.ErrInvalid, t.Peer)
	}
	p, err := newPlayer(env)
	if err != nil {
		return nil, err
	}
	defer p.closeAll()
	for i, s := range t.Steps {
		p.number = i + 1
		p.say(s)
		if err := p.step(ctx, s); err != nil {
			return p.seen, err
		}
	}
	return p.seen, nil
}

// say puts a step into the transcript.
func (p *player) say(s term.Step) {
	const shown = 200
	text := term.FormatStep(s)
	if len(text) > shown {
		text = text[:shown] + "…"
	}
	p.env.Note(fmt.Sprintf("step %d: %s", p.number, text))
}

func roleOf(r conformance.Role) term.Role {
	if r == conformance.Initiator {
		return term.Initiator
	}
	return term.Responder
}
