package cases

import (
	"bytes"
	"fmt"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// TRAN-007: "Length and body leave in one segment when they fit". TRAN-008: "A frame larger than the receiver's limit is an error that ends the
// connection or is consumed whole; its remainder is never parsed as a new frame." A router takes every frame: what is in one is the body of its
// message. TRAN-010: "One message is one datagram, without framing." TRAN-011: "never delivered truncated". WIRE-008: "A receiver supports at
// least 8".
func hopsWhole() []conformance.Case {
	return []conformance.Case{hopStreams(conformance.Case{
		ID:           "tran/hop-one-segment",
		Title:        "Short frames leave the router in one piece each.",
		Requirements: []string{"TRAN-007"},
		Run:          around(hopOneSegment),
	}), hopStreams(conformance.Case{
		ID:           "tran/hop-nested-frames",
		Title:        "Frames inside the body of a long message, where a receiver might resynchronise, are forwarded as a part of it.",
		Requirements: []string{"TRAN-008"},
		Run:          around(hopNested),
	}), hop(conformance.Case{
		ID:           "tran/hop-one-datagram",
		Title:        "Two messages in one datagram leave the router as the one that they are, and one with a length before it is dropped.",
		Requirements: []string{"TRAN-010"},
		Transports:   overUDP(),
		Run:          around(hopOneDatagram),
	}), hop(conformance.Case{
		ID:           "tran/hop-long-datagrams",
		Title:        "Datagrams that are longer than buffers of usual sizes leave the router whole.",
		Requirements: []string{"TRAN-011"},
		Transports:   overUDP(),
		Run:          around(hopLongDatagrams),
	}), hop(conformance.Case{
		ID:           "rout/eight-addresses-each",
		Title:        "A message with eight addresses in either route is forwarded.",
		Requirements: []string{"WIRE-008", "ROUT-011"},
		Run: around(func(r *ring) error {
			m, err := r.filled(8, 8)
			if err != nil {
				return err
			}
			_, err = r.carry(r.a, r.b, m)
			return blameMissing("WIRE-008", "a message with eight addresses in either route", err)
		}),
	})}
}

// hopOneSegment allows for a network that divides some, as tran/one-segment does.
func hopOneSegment(r *ring) error {
	const frames = 16
	pieces := 0
	for range frames {
		m, err := r.message(r.a, r.b)
		if err != nil {
			return err
		}
		if err := r.a.Send(m); err != nil {
			return err
		}
		if err := r.b.Await(r.env.Patience()); err != nil && !adversary.Absent(err) {
			return err
		}
		if r.b.InPieces() {
			pieces++
		}
		if _, err := r.arrives(r.a, r.b, m); err != nil {
			return err
		}
	}
	if pieces > frames/2 {
		return adversary.Fail("TRAN-007", "frames of less than 200 bytes in a segment each",
			fmt.Sprintf("the first segment of %d of %d frames is not the whole frame", pieces, frames))
	}
	return nil
}

// hopNested fills the longest bodies with frames that would be forwarded by themselves: at the offsets of usual buffers, and at the very end.
func hopNested(r *ring) error {
	m, err := r.message(r.a, r.b)
	if err != nil {
		return err
	}
	header := len(m.Header())
	nested, err := r.message(r.a, r.b)
	if err != nil {
		return err
	}
	frame := adversary.Frame(nested.Bytes())
	m.Body = make([]byte, longest(r.b)-header-len(r.b.Own)-len(r.a.Own))
	for at := 1024; at < len(m.Body); at *= 2 {
		copy(m.Body[at-header:], frame)
		copy(m.Body[at-header-2+len(frame):], frame) // where the length counts
	}
	copy(m.Body[len(m.Body)-len(frame):], frame)
	if _, err := r.carry(r.a, r.b, m); err != nil {
		return blameMissing("TRAN-008", "a long message forwarded with all that is in it", err)
	}
	return r.rest("TRAN-008", "a long message with frames inside")
}

func hopOneDatagram(r *ring) error {
	m, err := r.message(r.a, r.b)
	if err != nil {
		return err
	}
	m.Body = append(m.Body, m.Bytes()...)
	if _, err := r.carry(r.a, r.b, m); err != nil {
		return blame("TRAN-010", "a datagram with two messages forwarded as the one message that it is", err)
	}
	framed, err := r.message(r.a, r.b)
	if err != nil {
		return err
	}
	return r.dropped(drop{requirement: "TRAN-010", words: "a message with a length before it", bytes: adversary.Frame(framed.Bytes())})
}

func hopLongDatagrams(r *ring) error {
	for _, size := range []int{513, 1025, 1473, 1501, 2049, 4097, 8193, 16385, 32769, 65001} {
		m, err := r.message(r.a, r.b)
		if err != nil {
			return err
		}
		if err := r.pad(&m, size); err != nil {
			return err
		}
		if err := r.a.Send(m); err != nil {
			return err
		}
		frame, err := r.b.Next(r.env.Patience())
		if err != nil {
			return blameMissing("TRAN-011", fmt.Sprintf("a datagram of %d bytes forwarded", size), r.missing(err))
		}
		if got, err := adversary.ParseMessage(frame); err == nil && len(got.Body) < len(m.Body) && bytes.HasPrefix(m.Body, got.Body) {
			return adversary.Fail("TRAN-011", fmt.Sprintf("a datagram of %d bytes forwarded whole", size), fmt.Sprintf("a body of %d bytes", len(got.Body)))
		}
		if _, err := forwarded(r.b, m, hopped(r.a, m), frame); err != nil {
			return err
		}
	}
	return r.rest("TRAN-011", "long datagrams")
}
