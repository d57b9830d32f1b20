package cases

import (
	"bytes"
	"errors"
	"io"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// A drop is what a router has to drop: it is neither forwarded nor answered, and the messages behind it pass.
type drop struct {
	requirement string
	words       string
	bytes       []byte
	// harm is the requirement that is broken when other messages suffer, if it is another one.
	harm string
	// from is the end that sends it, nil: a.
	from *adversary.EndPoint
	// rejected says that the router may also close the connection that it came over (section 6).
	rejected bool
}

// wellFormed is a drop that is a well-formed message.
func wellFormed(requirement, words string, m adversary.Message) drop {
	return drop{requirement: requirement, words: words, bytes: m.Bytes()}
}

// refused is a drop that is a well-formed message of which the specification does not say that it is dropped, but that it is refused, or
// never forwarded: so the router may reject it.
func refused(requirement, words string, m adversary.Message) drop {
	return drop{requirement: requirement, words: words, bytes: m.Bytes(), rejected: true}
}

// dropped sends each drop from a and requires that it is dropped.
func (r *ring) dropped(all ...drop) error {
	if len(all) == 0 {
		return errors.New("cases: nothing to drop")
	}
	for _, x := range all {
		if err := r.drops(x); err != nil {
			return err
		}
	}
	last := all[len(all)-1]
	return r.rest(last.requirement, last.words)
}

// drops sends a drop and a genuine message behind it. The genuine one has to arrive, and so has its answer, before anything else.
func (r *ring) drops(x drop) error {
	from := x.from
	if from == nil {
		from = r.a
	}
	if err := from.SendFrame(x.bytes); err != nil {
		return err
	}
	genuine, err := r.message(r.a, r.b)
	if err != nil {
		return err
	}
	if err := r.a.Send(genuine); err != nil {
		return err
	}
	frame, err := r.b.Next(r.env.Quiet())
	if adversary.Absent(err) {
		frame, err = r.late(x, genuine)
	}
	if err != nil {
		return x.harmed(err)
	}
	if !carries(frame, genuine) {
		return adversary.Fail(x.requirement, "nothing forwarded of "+x.words, inWords(frame))
	}
	arrived, err := forwarded(r.b, genuine, hopped(r.a, genuine), frame)
	if err != nil {
		return x.harmed(err)
	}
	return r.unanswered(x, arrived)
}

// late waits for the genuine message. Where the router has closed a's connection, as it may, another one takes its place.
func (r *ring) late(x drop, genuine adversary.Message) ([]byte, error) {
	if x.rejected && !r.packets() {
		frame, err := r.a.Next(r.env.Quiet())
		switch {
		case err == nil:
			return nil, adversary.Fail(x.requirement, "no answer to "+x.words, inWords(frame))
		case errors.Is(err, io.EOF), errors.Is(err, conformance.ErrReset):
			if err := r.a.Shut(); err != nil {
				return nil, err
			}
			if r.a, err = r.open(conformance.End{}); err != nil {
				return nil, err
			}
			again := genuine
			again.Onward, again.Return = adversary.Route{r.a.Hop, r.b.Own}, adversary.Route{r.a.Own}
			if err := r.a.Send(again); err != nil {
				return nil, err
			}
		case !adversary.Absent(err):
			return nil, err
		}
	}
	frame, err := r.b.Next(r.env.Patience())
	if err != nil {
		return nil, r.missing(err)
	}
	return frame, nil
}

// unanswered answers the genuine message: a has to hear of that first.
func (r *ring) unanswered(x drop, arrived adversary.Message) error {
	body, err := r.random(hopSize)
	if err != nil {
		return err
	}
	m := adversary.Message{Onward: arrived.Return, Return: adversary.Route{r.b.Own}, Type: wire.Payload, Body: body}
	if err := r.b.Send(m); err != nil {
		return err
	}
	frame, err := r.a.Next(r.env.Patience())
	if err != nil {
		return x.harmed(r.missing(err))
	}
	if !carries(frame, m) {
		return adversary.Fail(x.requirement, "no answer to "+x.words, inWords(frame))
	}
	_, err = forwarded(r.a, m, hopped(r.b, m), frame)
	return x.harmed(err)
}

// harmed blames what goes wrong with genuine messages on the drop.
func (x drop) harmed(err error) error {
	var f *conformance.Failure
	if !errors.As(err, &f) || f.Requirement == x.requirement {
		return err
	}
	requirement := x.harm
	if requirement == "" {
		requirement = x.requirement
	}
	return blame(requirement, "after "+x.words+" messages that pass as before", err)
}

// carries tells whether a message that arrived has the body of one that was sent.
func carries(frame []byte, m adversary.Message) bool { return bytes.HasSuffix(frame, m.Body) }
