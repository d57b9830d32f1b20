package cases

import (
	"errors"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// ROUT-004: "leaves the destination first in the onward route, as a numeric address ... There is one connection per TCP remote address, kept,
// reused in order, and used both ways".
func hopsConnections() []conformance.Case {
	return []conformance.Case{hopStreams(conformance.Case{
		ID:           "rout/one-connection",
		Title:        "The router connects to a next hop once, sends it all messages over that connection, and takes messages from it.",
		Requirements: []string{"ROUT-004"},
		Run:          around(oneConnection),
	}), hopStreams(conformance.Case{
		ID:           "rout/in-order",
		Title:        "Messages that arrive in one segment, and others behind them, leave one by one and in their order.",
		Requirements: []string{"ROUT-004", "TRAN-003"},
		Run:          around(inOrder),
	}), hop(conformance.Case{
		ID:           "rout/numeric-destination",
		Title:        "A message whose next hop is the name localhost arrives there, if at all, with a numeric address.",
		Requirements: []string{"ROUT-004"},
		Run:          around(numericDestination),
	})}
}

func oneConnection(r *ring) error {
	c, err := r.next(conformance.End{})
	if err != nil {
		return err
	}
	for i := range 4 {
		from := []*adversary.EndPoint{r.a, r.b}[i%2]
		m, err := r.pass(from, c)
		if err != nil {
			return onSecond(r, c, i, err)
		}
		if err := r.reply(c, from, m); err != nil {
			return err
		}
	}
	return r.rest("ROUT-004", "messages over one connection", c)
}

// onSecond looks for a message that did not come over the first connection.
func onSecond(r *ring, c *adversary.EndPoint, sent int, err error) error {
	var f *conformance.Failure
	if !errors.As(err, &f) || sent == 0 {
		return err
	}
	another, acceptErr := c.Another(r.env.Quiet())
	if acceptErr != nil {
		return acceptErr
	}
	if another {
		return adversary.Fail("ROUT-004", "another message over the connection that the router has made", "another connection")
	}
	return err
}

func inOrder(r *ring) error {
	const several = 6
	var sent []adversary.Message
	r.a.Hold()
	for range several {
		m, err := r.message(r.a, r.b)
		if err != nil {
			return err
		}
		if err := r.a.Send(m); err != nil {
			return err
		}
		sent = append(sent, m)
	}
	if err := r.a.Release(); err != nil {
		return err
	}
	last, err := r.message(r.a, r.b)
	if err != nil {
		return err
	}
	if err := r.a.Send(last); err != nil {
		return err
	}
	return r.ordered(append(sent, last))
}

// ordered requires that messages from a arrive at b, all of them and in order.
func (r *ring) ordered(sent []adversary.Message) error {
	var frames [][]byte
	for range sent {
		frame, err := r.b.Next(r.env.Patience())
		if err != nil {
			return blameMissing("TRAN-003", "every message of a segment", r.missing(err))
		}
		frames = append(frames, frame)
	}
	for i, m := range sent {
		if !carries(frames[i], m) {
			return adversary.Fail("ROUT-004", "the messages in the order in which they were sent", "another message than the next one")
		}
		if _, err := forwarded(r.b, m, hopped(r.a, m), frames[i]); err != nil {
			return err
		}
	}
	return r.rest("ROUT-005", "messages in one segment")
}

func numericDestination(r *ring) error {
	c, err := r.next(conformance.End{})
	if err != nil {
		return err
	}
	m, err := r.message(r.a, c)
	if err != nil {
		return err
	}
	m.Onward[1] = localhost(c)
	if err := r.a.Send(m); err != nil {
		return err
	}
	frame, err := c.Next(r.env.Quiet())
	if adversary.Absent(err) {
		frame, err = c.Next(r.env.Patience()) // it takes a look at the name first
	}
	switch {
	case adversary.Absent(err):
		if err := r.harmless("ROUT-006", "a message for a name"); err != nil {
			return err
		}
		return &conformance.Inapplicable{Reason: "the router does not send to localhost"}
	case err != nil:
		return err
	}
	want := hopped(r.a, m)
	want.Onward[0] = c.Own
	_, err = forwarded(c, m, want, frame)
	return err
}

// localhost is the name and port of an end.
func localhost(e *adversary.EndPoint) adversary.Address {
	return adversary.Address([]byte{byte(e.Kind())}) + "\x02\x09localhost" + e.Own[len(e.Own)-2:]
}
