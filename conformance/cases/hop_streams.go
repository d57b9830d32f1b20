package cases

import (
	"encoding/binary"
	"errors"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// TRAN-002: "A receiver reassembles a frame from any fragmentation of the byte stream". TRAN-004: "A connection that ends inside a frame
// (FIN or RST) yields an error, never a short message". TRAN-006: "A zero-length frame is an empty message". TRAN-013: "Junk, empty,
// duplicated, or reordered datagrams never crash, hang, or permanently disable the endpoint." TRAN-023: "One idle, slow, or hostile
// connection does not keep others from being served."
func hopsStreams() []conformance.Case {
	return []conformance.Case{hopStreams(conformance.Case{
		ID:           "tran/hop-fragments",
		Title:        "A frame that comes byte by byte is forwarded whole.",
		Requirements: []string{"TRAN-002"},
		Run:          around(hopFragments),
	}), hopStreams(conformance.Case{
		ID:           "tran/hop-empty-frame",
		Title:        "A zero-length frame is dropped, and the router serves on.",
		Requirements: []string{"TRAN-006"},
		Run: around(func(r *ring) error {
			return r.dropped(drop{requirement: "TRAN-006", words: "a zero-length frame", rejected: true})
		}),
	}), hop(conformance.Case{
		ID:           "tran/hop-junk",
		Title:        "Empty messages and junk are dropped, and the router serves on.",
		Requirements: []string{"TRAN-013"},
		Transports:   []conformance.Transport{conformance.UDP},
		Run:          around(hopJunk),
	}), hopStreams(conformance.Case{
		ID:           "tran/hop-ends",
		Title:        "A frame that ends early with the connection is not forwarded, and the router serves on.",
		Requirements: []string{"TRAN-004"},
		Run:          around(hopEnds),
	}), hopStreams(conformance.Case{
		ID:           "tran/hop-idle",
		Title:        "Connections that say nothing, or half a frame, do not keep messages of others from passing.",
		Requirements: []string{"TRAN-023"},
		Run:          around(hopIdle),
	}), hopStreams(conformance.Case{
		ID:           "tran/hop-slow-reader",
		Title:        "A next hop that reads nothing keeps no messages for others from passing, and gets no part of one.",
		Requirements: []string{"TRAN-023", "TRAN-001"},
		Run:          around(hopSlowReader),
	})}
}

func hopFragments(r *ring) error {
	for _, cut := range []func([]byte) [][]byte{adversary.CutAt(1), adversary.CutAt(2), adversary.Bytewise, acrossSegments} {
		r.a.Cut = cut
		if err := r.both(r.a, r.b); err != nil {
			return blame("TRAN-002", "a frame in several segments forwarded as one that is whole", err)
		}
	}
	return nil
}

func hopJunk(r *ring) error {
	junk := func(words string, p []byte) drop { return drop{requirement: "TRAN-013", words: words, bytes: p} }
	random, err := r.random(200)
	if err != nil {
		return err
	}
	random[0] = 0xff // no version
	return r.dropped(junk("an empty datagram", nil), junk("a datagram of one byte", []byte{1}), junk("a datagram of junk", random),
		junk("a datagram of text", []byte("HTTP/1.1 400 Bad Request\r\n\r\n")))
}

func hopEnds(r *ring) error {
	for _, end := range []func(conformance.Link) error{conformance.Link.CloseWrite, conformance.Link.Reset} {
		c, err := r.open(conformance.End{})
		if err != nil {
			return err
		}
		m, err := r.message(c, r.b)
		if err != nil {
			return err
		}
		whole := m.Bytes()
		if err := c.SendRaw(adversary.FrameOf(len(whole)+missingBytes, whole)); err != nil {
			return err
		}
		if err := end(c.Link); err != nil {
			return err
		}
		frame, err := r.b.Next(r.env.Quiet())
		if err == nil {
			return adversary.Fail("TRAN-004", "nothing forwarded of a frame that ends early", inWords(frame))
		}
		if !adversary.Absent(err) {
			return err
		}
		if err := r.harmless("TRAN-004", "a frame that ends early"); err != nil {
			return err
		}
	}
	return nil
}

func hopIdle(r *ring) error {
	if _, err := r.open(conformance.End{}); err != nil {
		return err
	}
	slow, err := r.open(conformance.End{})
	if err != nil {
		return err
	}
	m, err := r.message(slow, r.b)
	if err != nil {
		return err
	}
	frame := adversary.Frame(m.Bytes())
	half := len(frame) / 2
	if err := slow.SendRaw(frame[:half]); err != nil {
		return err
	}
	late, err := r.open(conformance.End{})
	if err != nil {
		return err
	}
	for _, way := range [][2]*adversary.EndPoint{{r.a, r.b}, {r.b, r.a}, {late, r.b}} {
		if err := r.both(way[0], way[1]); err != nil {
			return blame("TRAN-023", "messages that pass while another connection says nothing, or half a frame", err)
		}
	}
	if err := slow.SendRaw(frame[half:]); err != nil {
		return err
	}
	if _, err = r.arrives(slow, r.b, m); err != nil {
		return blame("TRAN-023", "the message of a slow connection, when it is whole", err)
	}
	return nil
}

// What a next hop that does not read is sent: more than the buffers of two systems hold.
const (
	floodMessages = 128
	floodSize     = 60000
)

func hopSlowReader(r *ring) error {
	slow, err := r.open(conformance.End{})
	if err != nil {
		return err
	}
	source, err := r.open(conformance.End{})
	if err != nil {
		return err
	}
	body := make([]byte, floodSize)
	for i := range uint32(floodMessages) {
		binary.BigEndian.PutUint32(body[floodSize-4:], i)
		m := adversary.Message{Onward: adversary.Route{source.Hop, slow.Own}, Return: adversary.Route{source.Own}, Type: 2, Body: body}
		if err := source.Send(m); err != nil {
			return err
		}
		if source.Ended() { // the router takes no more from this source: others are the question
			break
		}
	}
	for _, way := range [][2]*adversary.EndPoint{{r.a, r.b}, {r.b, r.a}} {
		if err := r.both(way[0], way[1]); err != nil {
			return blame("TRAN-023", "messages that pass while a next hop reads nothing", err)
		}
	}
	return r.flooded(slow)
}

// flooded reads what there is for a next hop that has not read: whole messages, each once, in order.
func (r *ring) flooded(slow *adversary.EndPoint) error {
	last := -1
	for {
		frame, err := slow.Next(r.env.Quiet())
		if errors.Is(err, conformance.ErrQuiet) && len(slow.Partial()) > 0 {
			frame, err = slow.Next(r.env.Patience())
		}
		if adversary.Absent(err) {
			break
		}
		if err != nil {
			return err
		}
		m, err := adversary.ParseMessage(frame)
		var malformed *adversary.MalformedError
		if errors.As(err, &malformed) || err == nil && len(m.Body) != floodSize {
			return adversary.Fail("TRAN-001", "whole messages for a next hop that was slow", inWords(frame))
		}
		n := int(binary.BigEndian.Uint32(m.Body[floodSize-4:]))
		if n <= last {
			return adversary.Fail("ROUT-004", "messages in the order in which they were sent, each once", "an earlier one again")
		}
		last = n
	}
	if partial := slow.Partial(); len(partial) > 0 && !slow.Ended() {
		return adversary.Fail("TRAN-001", "whole messages for a next hop that was slow", "a part of one")
	}
	if last < 0 {
		return adversary.Fail("TRAN-023", "at least one message for a next hop that was slow", "none")
	}
	return nil
}
