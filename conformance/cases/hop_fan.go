package cases

import (
	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// ROUT-004: "There is one connection per TCP remote address, kept, reused in order, and used both ways; so a reply to a TCP source goes over
// the connection that it came from." ROUT-003: "the source ... the first return address". ROUT-005: "No message causes more than one message
// from a hop". TRAN-012: "Each UDP source is served apart".
func hopsFan() []conformance.Case {
	return []conformance.Case{hop(conformance.Case{
		ID:           "rout/fan-out",
		Title:        "Messages from one end to eight others, over either transport, all at once, reach the end that each is for, and no other.",
		Requirements: []string{"ROUT-005", "ROUT-010"},
		Run:          around(fanOut),
	}), hop(conformance.Case{
		ID:           "rout/fan-in",
		Title:        "Messages from eight ends to one, over either transport, all at once, come with their sources, and the answers go back to these.",
		Requirements: []string{"ROUT-003", "ROUT-004", "TRAN-012"},
		Run:          around(fanIn),
	}), hopStreams(conformance.Case{
		ID:           "rout/crossing",
		Title:        "Messages that cross each other on the same two connections all arrive, each direction in its order.",
		Requirements: []string{"ROUT-004"},
		Run:          around(crossing),
	}), hopStreams(conformance.Case{
		ID:           "rout/connects-again",
		Title:        "A next hop that has reset the connection to it is connected to again.",
		Requirements: []string{"ROUT-004", "ROUT-006"},
		Run:          around(connectsAgain),
	}), hop(conformance.Case{
		ID:           "rout/end-leaves",
		Title:        "That one of many ends leaves, in order or not, keeps no messages of the others from passing.",
		Requirements: []string{"ROUT-006"},
		Run:          around(endLeaves),
	})}
}

// manyEnds is how many ends a router has to do with at once.
const manyEnds = 8

// many makes ends by turns over one and the other transport, or over one where the router does not have the other.
func (r *ring) many() (ends []*adversary.EndPoint, err error) {
	for i := range manyEnds {
		end := conformance.End{}
		if i%2 == 1 {
			end.Transport = r.other()
		}
		e, err := r.open(end)
		if err != nil {
			return nil, err
		}
		ends = append(ends, e)
	}
	return ends, nil
}

// fanOut has one message on its way to each end at a time: datagrams may overtake each other.
func fanOut(r *ring) error {
	ends, err := r.many()
	if err != nil {
		return err
	}
	for range 3 {
		sent := make([]adversary.Message, len(ends))
		for i, e := range ends {
			if sent[i], err = r.message(r.a, e); err != nil {
				return err
			}
			r.sent = append(r.sent, sent[i].Body)
			if err := r.a.Send(sent[i]); err != nil {
				return err
			}
		}
		for i, e := range ends {
			if _, err := r.arrives(r.a, e, sent[i]); err != nil {
				return err
			}
		}
	}
	return r.rest("ROUT-005", "messages to many ends", ends...)
}

func fanIn(r *ring) error {
	ends, err := r.many()
	if err != nil {
		return err
	}
	sent := make([]adversary.Message, len(ends))
	for i, e := range ends {
		if sent[i], err = r.message(e, r.b); err != nil {
			return err
		}
		r.sent = append(r.sent, sent[i].Body)
		if err := e.Send(sent[i]); err != nil {
			return err
		}
	}
	arrived := make([]*adversary.Message, len(ends))
	for range ends {
		frame, err := r.b.Next(r.env.Patience())
		if err != nil {
			return r.missing(err)
		}
		for i, m := range sent {
			if arrived[i] != nil || !carries(frame, m) {
				continue
			}
			got, err := forwarded(r.b, m, hopped(ends[i], m), frame)
			if err != nil {
				return err
			}
			arrived[i] = &got
		}
	}
	for i, e := range ends {
		if arrived[i] == nil {
			return adversary.Fail("ROUT-010", "the message of each of many ends", "none of one of them, or one of another twice")
		}
		if err := r.reply(r.b, e, *arrived[i]); err != nil {
			return err
		}
	}
	return r.rest("ROUT-005", "messages from many ends", ends...)
}

func crossing(r *ring) error {
	const several = 16
	var forth, back []adversary.Message
	for range several {
		for _, way := range []struct {
			from, to *adversary.EndPoint
			sent     *[]adversary.Message
		}{{r.a, r.b, &forth}, {r.b, r.a, &back}} {
			m, err := r.message(way.from, way.to)
			if err != nil {
				return err
			}
			if err := way.from.Send(m); err != nil {
				return err
			}
			*way.sent = append(*way.sent, m)
		}
	}
	for i := range several {
		if err := r.inTurn(r.a, r.b, forth[i]); err != nil {
			return err
		}
		if err := r.inTurn(r.b, r.a, back[i]); err != nil {
			return err
		}
	}
	return r.rest("ROUT-005", "messages that cross each other")
}

// inTurn requires that m is the next message that arrives.
func (r *ring) inTurn(from, to *adversary.EndPoint, m adversary.Message) error {
	frame, err := to.Next(r.env.Patience())
	if err != nil {
		return blameMissing("ROUT-004", "every message that crosses another", r.missing(err))
	}
	if !carries(frame, m) {
		return adversary.Fail("ROUT-004", "the messages of a direction in the order in which they were sent", "another message than the next one")
	}
	_, err = forwarded(to, m, hopped(from, m), frame)
	return err
}

// connectsAgain lets messages be lost as long as the router may not have seen the end. One that is orderly ends one direction alone.
func connectsAgain(r *ring) error {
	c, err := r.next(conformance.End{})
	if err != nil {
		return err
	}
	if _, err := r.pass(r.a, c); err != nil {
		return err
	}
	if err := c.HangUp(); err != nil {
		return err
	}
	for range 3 {
		if err := r.harmless("ROUT-006", "the reset of a connection to a next hop"); err != nil {
			return err
		}
		m, err := r.message(r.a, c)
		if err != nil {
			return err
		}
		if err := r.a.Send(m); err != nil {
			return err
		}
		frame, err := c.Next(r.env.Patience() / 4)
		switch {
		case adversary.Absent(err):
			continue
		case err != nil:
			return err
		}
		_, err = forwarded(c, m, hopped(r.a, m), frame)
		return err
	}
	return adversary.Fail("ROUT-004", "a message for a next hop that has reset the connection, over another one", "none of three")
}

func endLeaves(r *ring) error {
	ends, err := r.many()
	if err != nil {
		return err
	}
	for i, e := range ends {
		if err := r.both(r.a, e); err != nil {
			return err
		}
		leave := e.Close
		if i%4 >= 2 {
			leave = e.Link.Reset
		}
		if err := leave(); err != nil {
			return err
		}
		m, err := r.message(r.b, e)
		if err != nil {
			return err
		}
		if err := r.dropped(drop{requirement: "ROUT-006", words: "a message for an end that has left", bytes: m.Bytes(), from: r.b}); err != nil {
			return err
		}
	}
	return nil
}
