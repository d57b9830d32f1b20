package adversary

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"ockamtest/conformance"
	"ockamtest/ref/wire"
)

// An EndPoint is one of the kit's ends around a router: a link with it, or a listener to which it may connect.
type EndPoint struct {
	Stream
	// Own is where the router reaches this end: a next hop.
	Own Address
	// Hop is the router's end of the link, empty as long as there is none.
	Hop Address

	kind     wire.AddressType
	listener conformance.Listener // nil of a link
	pings    int                  // sent, and not answered
	greeting bool                 // one of them is the greeting
}

// OpenEnd makes a link with the router. A connection is a next hop as soon as the router has accepted it, which a ping finds out: a pong
// shows it, and where none comes some time has passed.
func OpenEnd(ctx context.Context, env conformance.RouterEnv, end conformance.End) (*EndPoint, error) {
	link, err := env.OpenEnd(ctx, end)
	if err != nil {
		return nil, err
	}
	e := &EndPoint{kind: endKind(env, end)}
	e.Packets = e.kind == wire.UDP
	if err := e.use(link); err != nil {
		return nil, err
	}
	if e.Own, err = TransportAddress(e.kind, link.LocalAddress()); err != nil || e.Packets {
		return e, err
	}
	return e, e.greet(greetings * env.Quiet())
}

// greetings is how many times silence is waited for the pong to a greeting.
const greetings = 4

// greet pings the router. That the pong comes late, or not at all, is no fault here.
func (e *EndPoint) greet(wait time.Duration) error {
	if err := e.Send(Message{Onward: Route{e.Hop}, Return: Route{e.Own}, Type: wire.Ping}); err != nil {
		return err
	}
	frame, err := e.ReceiveFrame(wait)
	switch {
	case errors.Is(err, conformance.ErrQuiet):
		e.greeting = true
	case Absent(err): // whoever wants to receive hears of it
	case err != nil:
		return err
	case !isPong(frame):
		return noPong(frame)
	default:
		e.pings--
	}
	return nil
}

// noPong says what is wrong with a message that came instead of a pong.
func noPong(frame []byte) error {
	var malformed *MalformedError
	if _, err := ParseMessage(frame); errors.As(err, &malformed) {
		return failure(malformed.Requirement, "a well-formed pong in answer to a ping", malformed.Words)
	}
	return failure("WIRE-010", "a pong in answer to a ping", "something else")
}

func isPong(frame []byte) bool {
	m, err := ParseMessage(frame)
	return err == nil && m.Type == wire.Pong
}

// Listen makes a listener to which the router may connect, over TCP. It has a link as soon as something was received.
func Listen(ctx context.Context, env conformance.RouterEnv, end conformance.End) (*EndPoint, error) {
	l, err := env.Listen(ctx, end)
	if err != nil {
		return nil, err
	}
	e := &EndPoint{kind: wire.TCP, listener: l}
	e.Own, err = TransportAddress(e.kind, l.Address())
	return e, err
}

func endKind(env conformance.Env, end conformance.End) wire.AddressType {
	if end.Transport == "" {
		return kind(env.Transport())
	}
	return kind(end.Transport)
}

// use makes link the one of this end.
func (e *EndPoint) use(link conformance.Link) (err error) {
	e.Stream = Stream{Link: link, Packets: e.Packets}
	if e.Hop, err = TransportAddress(e.kind, link.RemoteAddress()); err != nil {
		return fmt.Errorf("adversary: the link's remote address: %w", err)
	}
	return nil
}

// Kind is the type of the end's addresses.
func (e *EndPoint) Kind() wire.AddressType { return e.kind }

// Send sends a message to the router.
func (e *EndPoint) Send(m Message) error {
	if m.Type == wire.Ping {
		e.pings++
	}
	return e.SendFrame(m.Bytes())
}

// Next returns the next message, as ReceiveFrame does. A pong that answers no ping of this end's is a *conformance.Failure (WIRE-010). A
// listener waits for a connection first, also when the one before has ended.
func (e *EndPoint) Next(wait time.Duration) ([]byte, error) {
	for {
		frame, err := e.next(wait)
		switch {
		case err != nil || !isPong(frame):
			return frame, err
		case e.pings == 0:
			return nil, failure("WIRE-010", "one pong for each ping", "another pong")
		}
		if e.pings--; !e.greeting {
			return frame, nil
		}
		e.greeting = false
	}
}

func (e *EndPoint) next(wait time.Duration) ([]byte, error) {
	if e.listener == nil {
		return e.ReceiveFrame(wait)
	}
	for e.Link != nil {
		frame, err := e.ReceiveFrame(wait)
		if !errors.Is(err, io.EOF) && !errors.Is(err, conformance.ErrReset) {
			return frame, err
		}
		e.Link = nil
	}
	link, err := e.listener.Accept(wait)
	if err != nil {
		return nil, err
	}
	if err := e.use(link); err != nil {
		return nil, err
	}
	return e.ReceiveFrame(wait)
}

// Another tells whether the router makes one more connection to the end's listener within wait.
func (e *EndPoint) Another(wait time.Duration) (bool, error) {
	switch _, err := e.listener.Accept(wait); {
	case err == nil:
		return true, nil
	case errors.Is(err, conformance.ErrQuiet):
		return false, nil
	default:
		return false, err
	}
}

// HangUp resets the link of a listener, which waits for another one then.
func (e *EndPoint) HangUp() error {
	err := e.Link.Reset()
	e.Link = nil
	return err
}

// Shut closes the listener and the link.
func (e *EndPoint) Shut() error {
	var err error
	if e.listener != nil {
		err = e.listener.Close()
	}
	if e.Link != nil {
		err = errors.Join(err, e.Close())
	}
	return err
}
