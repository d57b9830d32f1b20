package adversary

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"ockamtest/ref/wire"
)

// A Direction is one direction of an open channel: its key, what its records authenticate beside themselves, and the next counter.
type Direction struct {
	Key []byte
	AD  []byte
	N   uint64
}

// Seal seals inner bytes under the next counter, without using it up.
func (d Direction) Seal(inner []byte) []byte { return Seal(d.Key, d.N, d.AD, inner) }

// SealAt seals inner bytes under any counter.
func (d Direction) SealAt(n uint64, inner []byte) []byte { return Seal(d.Key, n, d.AD, inner) }

// Inner is the inner message of a payload, with empty routes (REC-011).
func Inner(payload []byte) []byte { return Message{Type: wire.Payload, Body: payload}.Bytes() }

// Inner is the inner message of a payload in the session's profile, with the routes Service and Application.
func (s *Session) Inner(payload []byte) []byte {
	return Message{
		Onward: s.Service, Return: s.Application, Type: wire.Payload, Body: payload, Untagged: !s.profile.InnerTypeByte,
	}.Bytes()
}

// SealPayload makes the next genuine record and uses its counter up.
func (s *Session) SealPayload(payload []byte) []byte { return s.SealInner(s.Inner(payload)) }

// SealInner is SealPayload of an inner message.
func (s *Session) SealInner(inner []byte) []byte {
	s.spend()
	record := s.Sending.Seal(inner)
	s.Sending.N++
	return record
}

// Envelope puts a record into its outer message, or leaves it bare where the profile has no outer header.
func (s *Session) Envelope(record []byte) []byte {
	if !s.profile.TransportHeader {
		return record
	}
	return s.Outer(wire.Payload, record).Bytes()
}

// SendRecord sends a record in its outer message.
func (s *Session) SendRecord(record []byte) error { return s.SendFrame(s.Envelope(record)) }

// SendPayload sends the next genuine record.
func (s *Session) SendPayload(payload []byte) error {
	if err := s.sacrifice(); err != nil {
		return err
	}
	s.Sent = s.SealPayload(payload)
	return s.SendRecord(s.Sent)
}

// Sacrifice does what SendPayload does before it seals a payload whose echo has to come: in a profile in which not every record can travel
// it sends others, until the echo of the next one can.
func (s *Session) Sacrifice() error { return s.sacrifice() }

// ReceivePayload waits for the peer's next record and returns its inner message. Its counter has to be the next one (REC-002).
func (s *Session) ReceivePayload() (Message, error) {
	const want = "a payload message"
	frame, err := s.next("CHAN-005", want)
	if err != nil {
		return Message{}, err
	}
	return s.openFrame(frame, want)
}

// openFrame opens the record in a frame and uses its counter up.
func (s *Session) openFrame(frame []byte, want string) (Message, error) {
	record := frame
	s.skip()
	if s.profile.TransportHeader {
		outer, err := s.parseAs(wire.Payload, frame, want)
		if err != nil {
			return Message{}, err
		}
		record = outer.Body
	}
	if len(record) < TagSize {
		return Message{}, failure("REC-006", "a ciphertext of at least 16 bytes", fmt.Sprintf("%d bytes", len(record)))
	}
	inner, ok := Open(s.Receiving.Key, s.Receiving.N, s.Receiving.AD, record)
	if !ok {
		return Message{}, s.diagnoseRecord(record)
	}
	m, err := s.parseInner(inner)
	var malformed *MalformedError
	if errors.As(err, &malformed) {
		return Message{}, failure(malformed.Requirement, "a well-formed inner message", malformed.Words)
	}
	if m.Type != wire.Payload {
		return Message{}, failure("REC-009", "an inner message of type 2", fmt.Sprintf("type %d", m.Type))
	}
	if len(m.Onward) > s.profile.MaxInnerOnward || len(m.Return) > s.profile.MaxInnerReturn {
		return Message{}, failure("REC-011", "an inner message with no more addresses than profile "+s.profile.Name+" has",
			fmt.Sprintf("%d onward and %d return addresses", len(m.Onward), len(m.Return)))
	}
	s.Receiving.N++
	s.took(record)
	s.overhead = len(frame) - len(m.Body)
	return m, nil
}

func (s *Session) parseInner(inner []byte) (Message, error) {
	if !s.profile.InnerTypeByte {
		return ParseUntagged(inner)
	}
	return ParseMessage(inner)
}

// Echo sends a payload and requires its echo: content, length, type, counter, and an empty inner onward route.
func (s *Session) Echo(payload []byte) error {
	if err := s.SendPayload(payload); err != nil {
		return err
	}
	return s.ExpectEcho(payload, nil)
}

// EchoRandom is Echo of n random bytes.
func (s *Session) EchoRandom(n int) error {
	payload, err := s.RandomPayload(n)
	if err != nil {
		return err
	}
	return s.Echo(payload)
}

// RandomPayload returns n bytes from env.Random that can travel (section 11).
func (s *Session) RandomPayload(n int) ([]byte, error) {
	n = s.sized(n)
	for {
		payload, err := s.Random(n)
		if err != nil || !s.stuck(payload) && !slices.ContainsFunc(s.profile.ForbiddenInner, func(whole []byte) bool {
			return bytes.Equal(whole, payload)
		}) {
			return payload, err
		}
	}
}

// ExpectEcho waits for the echo of a payload; onward is the inner return route that the payload was sent with, nil for Application.
func (s *Session) ExpectEcho(payload []byte, onward Route) error {
	want := fmt.Sprintf("the echo of a payload of %d bytes", len(payload))
	frame, err := s.next("CHAN-005", want)
	if err != nil {
		return err
	}
	return s.checkEcho(frame, payload, onward, want)
}

// CheckEcho is ExpectEcho of what has come.
func (s *Session) CheckEcho(frame, payload []byte) error {
	return s.checkEcho(frame, payload, nil, fmt.Sprintf("the echo of a payload of %d bytes", len(payload)))
}

func (s *Session) checkEcho(frame, payload []byte, onward Route, want string) error {
	m, err := s.openFrame(frame, want)
	if err != nil {
		return err
	}
	if f := compareEcho(m.Body, payload, want); f != nil {
		return f
	}
	if onward == nil {
		onward = s.Application
	}
	if !bytes.Equal(m.Onward.Append(nil), onward.Append(nil)) {
		return failure("REC-011", fmt.Sprintf("an echo whose inner onward route is the received inner return route of %d addresses",
			len(onward)), fmt.Sprintf("an inner onward route of %d addresses", len(m.Onward)))
	}
	s.echoed++
	return nil
}

// compareEcho says in words how an echo differs.
func compareEcho(got, want []byte, expected string) error {
	switch {
	case bytes.Equal(got, want):
		return nil
	case len(got) != len(want):
		return failure("CHAN-005", expected, fmt.Sprintf("%d bytes", len(got)))
	}
	at := 0
	for got[at] == want[at] {
		at++
	}
	return failure("CHAN-005", expected, fmt.Sprintf("%d bytes that differ from offset %d on", len(got), at))
}

// MaxPayload is the longest payload that fits a message in both directions (REC-010), measured on the peer's last record: its
// echo has to have been received before. In a profile with a payload limit it is that limit, inner header included.
func (s *Session) MaxPayload() int {
	if s.profile.SendLimit > 0 && s.below == nil {
		return s.profile.SendLimit - len(s.Inner(nil))
	}
	return s.maxMessage() - max(s.ownOverhead(), s.overhead)
}

// ownOverhead is the bytes around the payload in the kit's records.
func (s *Session) ownOverhead() int { return len(s.Envelope(nil)) + len(s.Inner(nil)) + TagSize }

// Room is the longest payload that the kit can send, whatever its echo takes.
func (s *Session) Room() int {
	if s.below != nil {
		return s.below.Room() - s.ownOverhead()
	}
	return s.maxMessage() - s.ownOverhead()
}

// EchoRoom is the longest payload that the peer can echo, measured as for MaxPayload.
func (s *Session) EchoRoom() int {
	if s.below != nil {
		return s.below.EchoRoom() - s.overhead
	}
	return s.maxMessage() - s.overhead
}

// The longest datagrams (REC-010).
const (
	maxIPv4Datagram = 65507
	maxIPv6Datagram = 65527
)

// maxMessage is the longest wire message that the link and the profile carry.
func (s *Session) maxMessage() int {
	if s.below != nil {
		return s.below.MaxPayload()
	}
	limit := wire.MaxMessage
	if s.profile.MessageLimit > 0 {
		limit = min(limit, s.profile.MessageLimit)
	}
	if !s.Packets {
		return limit
	}
	if at, err := netip.ParseAddrPort(s.Link.RemoteAddress()); err == nil && at.Addr().Unmap().Is6() {
		return min(limit, maxIPv6Datagram)
	}
	return min(limit, maxIPv4Datagram)
}
