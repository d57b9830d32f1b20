package attach

import (
	"bytes"
	"time"

	"ockamtest/ref/channel"
	"ockamtest/ref/wire"
)

// A referenceLayer is a channel of the reference inside another one (CHAN-008), and what is inside that, down to the application.
type referenceLayer struct {
	node    *referenceNode
	channel *channel.Channel // nil until the one below is open
	inside  *referenceLayer  // nil of the innermost
}

// newLayers makes what is inside a channel on the transport, nil for depth 1.
func (n *referenceNode) newLayers() (outermost *referenceLayer) {
	for range max(1, n.depth) - 1 {
		outermost = &referenceLayer{node: n, inside: outermost}
	}
	return outermost
}

// start begins the handshake in a channel that has just become open, and returns payloads for it.
func (l *referenceLayer) start(now channel.Instant, below *channel.Channel) [][]byte {
	l.channel = must(channel.New(channel.Config{
		Role: l.node.role, Profile: l.node.profile, Agreement: l.node.agreement(), Stream: below.Stream(), MessageLimit: below.Limit(),
		Deadline: l.node.deadline,
	}))
	out, _ := l.channel.Start(now, nil) // the state tells what an error means
	return appendMessage(nil, out)
}

// receive takes a payload of the channel below and returns others for it.
func (l *referenceLayer) receive(now channel.Instant, message []byte) [][]byte {
	if l.channel == nil {
		return nil
	}
	out, event, _ := l.channel.Handle(now, nil, bytes.Clone(message))
	all := appendMessage(nil, out)
	var payloads [][]byte
	var onward wire.Route
	switch {
	case event.Kind == channel.Opened && l.inside != nil:
		payloads = l.inside.start(now, l.channel)
	case event.Kind == channel.Opened && l.node.role == channel.Initiator:
		payloads = [][]byte{greeting()}
	case event.Kind == channel.Delivered && l.inside != nil:
		payloads = l.inside.receive(now, event.Payload)
	case event.Kind == channel.Delivered:
		payloads, onward = [][]byte{bytes.Clone(event.Payload)}, event.Return
	}
	return append(all, l.write(payloads, onward)...)
}

// write encrypts payloads. What is refused is not sent (REC-003, REC-010).
func (l *referenceLayer) write(payloads [][]byte, onward wire.Route) (all [][]byte) {
	for _, p := range payloads {
		out, _ := l.channel.WriteRouted(nil, p, onward, nil)
		all = appendMessage(all, out)
	}
	return all
}

func appendMessage(all [][]byte, message []byte) [][]byte {
	if len(message) == 0 {
		return all
	}
	return append(all, message)
}

// failed tells whether a handshake has failed, or a channel on a stream.
func (l *referenceLayer) failed() bool {
	for ; l != nil; l = l.inside {
		if l.channel != nil && l.channel.State() == channel.Failed {
			return true
		}
	}
	return false
}

// wake is when something is due first.
func (l *referenceLayer) wake() (earliest channel.Instant, ok bool) {
	for ; l != nil; l = l.inside {
		if l.channel == nil {
			continue
		}
		if at, waits := l.channel.Wake(); waits && (!ok || at < earliest) {
			earliest, ok = at, true
		}
	}
	return earliest, ok
}

// tick does what is due, and returns payloads for the channel below.
func (l *referenceLayer) tick(now channel.Instant) [][]byte {
	if l == nil || l.channel == nil {
		return nil
	}
	out, _ := l.channel.Tick(now, nil)
	return append(appendMessage(nil, out), l.write(l.inside.tick(now), nil)...)
}

// close releases the keys.
func (l *referenceLayer) close() {
	for ; l != nil; l = l.inside {
		if l.channel != nil {
			_ = l.channel.Close() // a software vault destroys what it has made
		}
	}
}

// earlier is the first of two times, of which either may be none.
func earlier(a time.Duration, okA bool, b channel.Instant, okB bool) (time.Duration, bool) {
	if okB && (!okA || time.Duration(b) < a) {
		return time.Duration(b), true
	}
	return a, okA
}
