package subject

import (
	"errors"

	"ockamtest/conformance/harness"
	"ockamtest/vectors"
)

// Channel implements vectors.Subject. A channel of an adapter starts its handshake when it is opened.
func (a *Adapter) Channel(in vectors.ChannelInput) (out vectors.ChannelOutput, err error) {
	if err := a.has(harness.VerbOpen, harness.VerbFeed); err != nil {
		return out, err
	}
	steps := in.Steps
	m, err := opening(in)
	if err != nil {
		return out, err
	}
	starts := len(steps) > 0 && steps[0].Do == "start"
	if m.Role == harness.Initiator && !starts {
		return out, unsupported("an initiator that has not started")
	}
	kinds := []harness.Over{harness.Message, harness.Stream}
	if in.Local != nil {
		kinds = []harness.Over{harness.Datagram}
	}
	e, step, err := a.open(m, kinds...)
	if err != nil {
		return out, err
	}
	t := transcript{end: e, state: "start", service: in.Service, out: &out}
	if starts {
		if err := t.note(step, nil); err != nil {
			return out, err
		}
		steps = steps[1:]
	}
	for _, action := range steps {
		if err := t.note(t.do(action)); err != nil {
			return out, err
		}
	}
	return out, nil
}

// Forward implements vectors.Subject: the adapter protocol has no verb for hops.
func (a *Adapter) Forward(vectors.ForwardInput) (out vectors.ForwardOutput, err error) {
	return out, unsupported("hops")
}

func opening(in vectors.ChannelInput) (m harness.Open, err error) {
	m = harness.Open{Channel: handshakeChannel, Role: harness.Role(in.Role), Profile: in.Profile, Static: in.Static, Ephemeral: in.Ephemeral, Peer: in.PeerKey}
	var errs [2]error
	if in.Own != nil {
		m.Local, errs[0] = asked(*in.Own)
	}
	if in.Peer != nil {
		m.Remote, errs[1] = asked(*in.Peer)
	}
	if in.Local != nil {
		m.Address = harness.Address{Kind: harness.Local, Value: in.Local}
	}
	if in.Listener != nil {
		listener := harness.Address{Kind: harness.Local, Value: in.Listener}
		switch {
		case m.Role == harness.Responder && listener.String() == m.Address.String(): // its own: e09
		case m.Role == harness.Responder:
			m.Listener = listener
		default:
			m.Route = harness.Route{m.Remote, listener}
		}
	}
	return m, errors.Join(errs[:]...)
}

// A transcript is what came of a channel so far.
type transcript struct {
	end   *end
	state string
	// service is the inner onward route of what is written, nil for none.
	service []byte
	out     *vectors.ChannelOutput
}

func (t *transcript) do(action vectors.Action) (harness.Step, error) {
	switch action.Do {
	case "receive":
		return t.end.feed(action.Data)
	case "write":
		m := harness.Write{Data: given(action.Data)}
		if t.service != nil {
			m.Onward = harness.Route{{Kind: harness.Local, Value: t.service}}
		}
		return t.end.write(m)
	}
	return harness.Step{}, unsupported("a channel cannot " + action.Do + " now")
}

// note adds a step, and returns the refusal that ends the transcript. A message that is rejected while the channel goes on ends nothing.
func (t *transcript) note(s harness.Step, err error) error {
	var refused refusal
	if err != nil && !errors.As(err, &refused) {
		return err
	}
	var step vectors.ChannelStep
	for _, b := range s.Out() {
		step.Send = append(step.Send, b)
	}
	for _, b := range s.Got() {
		step.Deliver = append(step.Deliver, b)
	}
	_, opened := s.Opened()
	switch {
	case s.Closed:
		t.state = "failed"
		err = errors.Join(err, refuses(s.Class))
	case opened:
		t.state = "open"
	case t.state == "start" && len(step.Send) > 0 && t.claims() != harness.Start:
		t.state = "sent"
	}
	step.State = t.state
	t.out.Steps = append(t.out.Steps, step)
	return err
}

// claims asks for the state: what is sent before the handshake may be a pong. It is empty if the adapter does not tell.
func (t *transcript) claims() harness.State {
	if !t.end.a.declared.Has(harness.VerbClaims) {
		return ""
	}
	c, err := t.end.a.caller.Claims(t.end.a.ctx, t.end.channel)
	if err != nil {
		return ""
	}
	return c.State
}
