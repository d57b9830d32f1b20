package cases

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// hopSize is the length in bytes of the bodies that a router is sent.
const hopSize = 32

// A ring is the kit around a router, with a and b, two ends of it between which everything has to go on.
type ring struct {
	ctx context.Context
	env conformance.RouterEnv
	a   *adversary.EndPoint
	b   *adversary.EndPoint

	sent [][]byte // bodies of messages, to know one again that arrives where, or when, it must not
}

// around is what a case about a router is: a ring of two ends over the transport of the run.
func around(check func(*ring) error) func(context.Context, conformance.Env) error {
	return func(ctx context.Context, env conformance.Env) error {
		r, err := newRing(ctx, env)
		if err != nil {
			return err
		}
		return check(r)
	}
}

func newRing(ctx context.Context, env conformance.Env) (*ring, error) {
	routerEnv, ok := env.(conformance.RouterEnv)
	if !ok {
		return nil, fmt.Errorf("cases: ends around a router: %w", errors.ErrUnsupported)
	}
	r := &ring{ctx: ctx, env: routerEnv}
	var err error
	if r.a, err = r.open(conformance.End{}); err != nil {
		return nil, err
	}
	r.b, err = r.open(conformance.End{})
	return r, err
}

// open makes a link with the router.
func (r *ring) open(end conformance.End) (*adversary.EndPoint, error) {
	return adversary.OpenEnd(r.ctx, r.env, end)
}

// next makes an end of the kind that a router may have to connect to: a listener, or, on datagrams, a socket.
func (r *ring) next(end conformance.End) (*adversary.EndPoint, error) {
	if end.Transport == conformance.UDP || end.Transport == "" && r.packets() {
		return r.open(end)
	}
	return adversary.Listen(r.ctx, r.env, end)
}

// packets says whether the run is on datagrams.
func (r *ring) packets() bool { return r.env.Transport() == conformance.UDP }

// other is the transport that the run is not over.
func (r *ring) other() conformance.Transport {
	if r.packets() {
		return conformance.TCP
	}
	return conformance.UDP
}

func (r *ring) random(n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := r.env.Random().Read(b); err != nil {
		return nil, fmt.Errorf("cases: random: %w", err)
	}
	return b, nil
}

// message is one with a random body from one end to another: over the router, and then along rest.
func (r *ring) message(from, to *adversary.EndPoint, rest ...adversary.Address) (adversary.Message, error) {
	body, err := r.random(hopSize)
	onward := append(adversary.Route{from.Hop, to.Own}, rest...)
	return adversary.Message{Onward: onward, Return: adversary.Route{from.Own}, Type: wire.Payload, Body: body}, err
}

// pass sends a message from one end to another and requires that it arrives.
func (r *ring) pass(from, to *adversary.EndPoint) (adversary.Message, error) {
	m, err := r.message(from, to)
	if err != nil {
		return m, err
	}
	return r.carry(from, to, m)
}

// carry sends m and requires that it arrives as the rules have it. It returns what the other end makes of it: without its own address, and
// with the router in front of the return route.
func (r *ring) carry(from, to *adversary.EndPoint, m adversary.Message) (adversary.Message, error) {
	if len(m.Body) >= hopSize {
		r.sent = append(r.sent, m.Body)
	}
	if err := from.Send(m); err != nil {
		return m, err
	}
	return r.arrives(from, to, m)
}

// arrives requires that m, which was sent, arrives.
func (r *ring) arrives(from, to *adversary.EndPoint, m adversary.Message) (adversary.Message, error) {
	frame, err := to.Next(r.env.Patience())
	if err != nil {
		return m, r.missing(err)
	}
	if err := r.stale(frame, m); err != nil {
		return m, err
	}
	return forwarded(to, m, hopped(from, m), frame)
}

// stale finds a message that was sent before, in place of m.
func (r *ring) stale(frame []byte, m adversary.Message) error {
	for _, body := range r.sent {
		if bytes.HasSuffix(frame, body) && !bytes.Equal(body, m.Body) {
			return adversary.Fail("ROUT-005", "each message once, at the end that it is for", "one that was sent before, again or somewhere else")
		}
	}
	return nil
}

// missing turns the absence of a forwarded message into a Failure.
func (r *ring) missing(err error) error {
	if !adversary.Absent(err) {
		return err
	}
	return adversary.Fail("ROUT-010", "the message that was sent to the router for another end of the kit's", r.nothing())
}

// nothing says in words that a message has not arrived.
func (r *ring) nothing() string {
	return fmt.Sprintf("nothing in %v, or the end of the link", r.env.Patience())
}

// reply answers a message that arrived, along its return route, and requires that the answer arrives where the message came from.
func (r *ring) reply(from, to *adversary.EndPoint, arrived adversary.Message) error {
	body, err := r.random(hopSize)
	if err != nil {
		return err
	}
	m := adversary.Message{Onward: arrived.Return, Return: adversary.Route{from.Own}, Type: wire.Payload, Body: body}
	_, err = r.carry(from, to, m)
	return blameMissing("ROUT-004", "the answer over the connection, or to the source, that the message came from", err)
}

// both is a message from one end to another, and the answer.
func (r *ring) both(from, to *adversary.EndPoint) error {
	m, err := r.pass(from, to)
	if err != nil {
		return err
	}
	return r.reply(to, from, m)
}

// blameMissing is blame for a message that did not arrive.
func blameMissing(requirement, expected string, err error) error {
	var f *conformance.Failure
	if !errors.As(err, &f) || !isMissing(err) {
		return err
	}
	return adversary.Fail(requirement, expected, f.Actual)
}

// isMissing tells whether an error is that of missing.
func isMissing(err error) bool {
	var f *conformance.Failure
	return errors.As(err, &f) && f.Requirement == "ROUT-010"
}

// harmless requires that messages pass between a and b as before, whatever was done.
func (r *ring) harmless(requirement, after string) error {
	for _, way := range [][2]*adversary.EndPoint{{r.a, r.b}, {r.b, r.a}} {
		if _, err := r.pass(way[0], way[1]); err != nil {
			return blame(requirement, "after "+after+" messages that pass as before", err)
		}
	}
	return nil
}

// rest requires that nothing more arrives anywhere.
func (r *ring) rest(requirement, after string, ends ...*adversary.EndPoint) error {
	wait := r.env.Quiet()
	for _, e := range append([]*adversary.EndPoint{r.a, r.b}, ends...) {
		frame, err := e.Next(wait)
		if err == nil {
			return adversary.Fail(requirement, "nothing more after "+after, inWords(frame))
		}
		if !adversary.Absent(err) {
			return err
		}
		wait = time.Millisecond // it has passed for all of them
	}
	return nil
}

// inWords says what a message is.
func inWords(frame []byte) string {
	m, err := adversary.ParseMessage(frame)
	if err != nil {
		return fmt.Sprintf("a message of %d bytes that does not parse", len(frame))
	}
	return fmt.Sprintf("a message of type %d, %s, with %d onward and %d return addresses and a body of %d bytes",
		m.Type, adversary.TypeName(m.Type), len(m.Onward), len(m.Return), len(m.Body))
}
