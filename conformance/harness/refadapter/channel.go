package refadapter

import (
	"errors"
	"io"

	"ockamtest/conformance/harness"
	"ockamtest/ref/channel"
	"ockamtest/ref/profile"
	"ockamtest/ref/transport"
	"ockamtest/ref/vault"
	"ockamtest/ref/wire"
)

// A maker makes channels without sockets.
type maker struct{ vault vault.Vault }

// Open implements harness.Channels.
func (m maker) Open(o harness.Open) (harness.Channel, harness.Step, error) {
	p, ok := profile.Lookup(o.Profile)
	if !ok {
		return nil, harness.Step{}, harness.ErrUnsupported
	}
	a, err := agreement(m.vault, p, o.Static, o.Ephemeral, o.Peer)
	if err != nil {
		return nil, harness.Step{}, err
	}
	cfg := channel.Config{
		Profile: p, Agreement: a, Stream: o.Over != harness.Datagram,
		Local: ToAddress(o.Local), Remote: ToAddress(o.Remote), Route: ToRoute(o.Route), Address: ToAddress(o.Address),
		Listener: ToAddress(o.Listener), Window: o.Window, MessageLimit: o.Limit, Deadline: milliseconds(o.Deadline),
	}
	if o.Role == harness.Responder {
		cfg.Role = channel.Responder
	}
	c, err := channel.New(cfg)
	if err != nil {
		return nil, harness.Step{}, errors.Join(&harness.Refusal{Class: harness.ClassArgument}, a.Close())
	}
	v := &virtual{channel: c, agreement: a, remote: cfg.Remote, local: cfg.Local}
	if o.Over == harness.Stream {
		v.frames = transport.NewDeframer(p.MessageLimit)
	}
	out, err := c.Start(0, nil)
	if err != nil {
		return nil, harness.Step{}, errors.Join(refusal(err), c.Close())
	}
	var s harness.Step
	v.leave(&s, out, wire.Link{})
	return v, v.then(s), nil
}

func milliseconds(ms int) channel.Instant { return channel.Instant(ms) * 1e6 }

// A virtual is a channel without sockets, in time of its own.
type virtual struct {
	channel       *channel.Channel
	agreement     *counted
	frames        *transport.Deframer // nil if messages come without frames
	local, remote wire.Address
	now           channel.Instant
}

// Feed implements harness.Channel.
func (v *virtual) Feed(m harness.Feed) (harness.Step, error) {
	var s harness.Step
	if v.over() { // it has ended: whatever arrives does nothing
		return v.then(s), nil
	}
	link := wire.Link{Local: v.local, Remote: v.remote}
	if !m.From.IsZero() {
		link.Remote = ToAddress(m.From)
	}
	switch {
	case m.Data == nil:
	case v.frames == nil:
		v.handle(&s, link, m.Data)
	default:
		v.stream(&s, link, m.Data)
	}
	if m.End != harness.NoEnd && !v.over() {
		v.end(m.End)
	}
	return v.then(s), nil
}

// stream cuts frames.
func (v *virtual) stream(s *harness.Step, link wire.Link, data []byte) {
	v.frames.Push(data)
	for !v.over() {
		msg, ok, err := v.frames.Next()
		if err != nil { // TRAN-008
			v.channel.Cancel(err)
		}
		if !ok {
			return
		}
		v.handle(s, link, msg)
	}
}

// handle gives the channel one message.
func (v *virtual) handle(s *harness.Step, link wire.Link, msg []byte) {
	out, event, err := v.channel.HandleFrom(v.now, link, nil, msg)
	v.leave(s, out, event.Link)
	switch {
	case err != nil && v.channel.State() != channel.Failed:
		s.Events = append(s.Events, harness.Event{Kind: harness.Rejected, Class: classOf(err)})
	case event.Kind == channel.Opened:
		s.Events = append(s.Events, harness.Event{Kind: harness.Opened, Data: v.channel.PeerStatic()})
	case event.Kind == channel.Delivered:
		s.Events = append(s.Events, harness.Event{
			Kind: harness.Got, Data: append([]byte{}, event.Payload...), Onward: FromRoute(event.Onward), Return: FromRoute(event.Return),
		})
	}
}

// end tells the channel that its stream has ended: inside a frame that is an error (TRAN-004).
func (v *virtual) end(how harness.End) {
	err := io.EOF
	if v.frames != nil && v.frames.End() != nil {
		err = transport.ErrTruncated
	}
	if v.channel.State() == channel.Open && how == harness.FIN && errors.Is(err, io.EOF) {
		_ = v.Close() // CHAN-013: an orderly end; a software vault destroys what it has made
		return
	}
	v.channel.Cancel(err)
}

// leave adds a message that leaves, framed where frames are. To which address is told if it is not the remote one.
func (v *virtual) leave(s *harness.Step, out []byte, link wire.Link) {
	if len(out) == 0 {
		return
	}
	e := harness.Event{Kind: harness.Out, Data: out}
	if v.frames != nil {
		e.Data, _ = transport.AppendFrame(nil, out) // a channel keeps to the limit
	}
	if !link.IsZero() && link.Remote != v.remote {
		e.To = FromAddress(link.Remote)
	}
	s.Events = append(s.Events, e)
}

// over reports whether the channel has ended.
func (v *virtual) over() bool {
	return v.channel.State() == channel.Closed || v.channel.State() == channel.Failed
}

// then ends a step.
func (v *virtual) then(s harness.Step) harness.Step {
	s.Closed = v.over()
	if failure := v.channel.Err(); failure != nil && s.Closed {
		s.Class = classOf(errors.Unwrap(failure))
	}
	return s
}

// Write implements harness.Channel.
func (v *virtual) Write(m harness.Write) (harness.Step, error) {
	out, err := v.channel.WriteRouted(nil, m.Data, ToRoute(m.Onward), ToRoute(m.Return))
	if err != nil {
		return harness.Step{}, refusal(err)
	}
	var s harness.Step
	v.leave(&s, out, v.channel.Link())
	return v.then(s), nil
}

// Tick implements harness.Channel.
func (v *virtual) Tick(m harness.Tick) (harness.Step, error) {
	v.now += milliseconds(m.Milliseconds)
	var s harness.Step
	out, err := v.channel.Tick(v.now, nil)
	if err == nil {
		v.leave(&s, out, v.channel.Link())
	}
	return v.then(s), nil // an error is the channel's end
}

// Claims implements harness.Channel.
func (v *virtual) Claims() (harness.Claims, error) {
	states := map[channel.State]harness.State{
		channel.Start: harness.Start, channel.SentM1: harness.SentM1, channel.SentM2: harness.SentM2,
		channel.Open: harness.IsOpen, channel.Closed: harness.Closed, channel.Failed: harness.Failed,
	}
	return harness.Claims{
		State: states[v.channel.State()], H: v.channel.ChannelBinding(), Peer: v.channel.PeerStatic(),
		Counters: true, Sent: v.agreement.sent, Received: v.agreement.received, Limit: v.channel.Limit(),
	}, nil
}

// Close implements harness.Channel.
func (v *virtual) Close() error {
	if err := v.channel.Close(); err != nil {
		return refusal(err)
	}
	return nil
}
