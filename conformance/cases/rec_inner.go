package cases

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// REC-009: "The inner message is parsed as strictly as any other. One that does not parse, or is of another type than 2, uses
// up its counter, is dropped and not answered; the channel stays open." REC-011: "Inner routes ... are delivered beside the
// payload".
func recInner() []conformance.Case {
	return []conformance.Case{{
		ID:           "rec/inner-wrong-type",
		Title:        "Inner messages of other types than payload use up their counters and are dropped.",
		Requirements: []string{"REC-009"},
		Profiles:     typed(),
		Run:          innerWrongType,
	}, {
		ID:           "rec/inner-malformed",
		Title:        "Inner messages that do not parse use up their counters and are dropped.",
		Requirements: []string{"REC-009"},
		Run:          innerMalformed,
	}, {
		ID:           "rec/inner-version",
		Title:        "Inner messages of another version use up their counters and are dropped.",
		Requirements: []string{"REC-009", "WIRE-001"},
		Profiles:     typed(),
		Run:          innerVersion,
	}, {
		ID:           "rec/inner-routes",
		Title:        "An echo's inner onward route is the payload's inner return route, unchanged.",
		Requirements: []string{"REC-011", "WIRE-007"},
		Profiles:     v1(),
		Run:          innerRoutes,
	}, {
		ID:           "rec/inner-application-missing",
		Title:        "A payload whose inner onward route does not name the application uses up its counter and is dropped.",
		Requirements: []string{"REC-011"},
		Profiles:     []string{"e09"},
		Run:          applicationMissing,
	}}
}

// applicationMissing is section 11's "onward names the application, else dropped".
func applicationMissing(ctx context.Context, env conformance.Env) error {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	service := s.Service
	for range 3 {
		payload, err := s.RandomPayload(stimulusSize)
		if err != nil {
			return err
		}
		s.Service = nil
		record := s.SealPayload(payload)
		s.Service = service
		if err := s.SendRecord(record); err != nil {
			return err
		}
		if err := s.MustSurvive("REC-011", "a payload that names no application", "REC-002", "REC-003"); err != nil {
			return err
		}
	}
	return s.Close()
}

// dropped sends inner messages, each genuine but for its content, and requires after each that the channel goes on.
func dropped(ctx context.Context, env conformance.Env, inners ...[]byte) error {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	for i, inner := range inners {
		if err := s.SendRecord(s.SealInner(inner)); err != nil {
			return err
		}
		words := fmt.Sprintf("wrong inner message %d of %d, of %d bytes", i+1, len(inners), len(inner))
		if err := s.MustSurvive("REC-009", words, "REC-002", "REC-003"); err != nil {
			return err
		}
	}
	return s.Close()
}

func innerWrongType(ctx context.Context, env conformance.Env) error {
	var inners [][]byte
	for _, t := range []wire.Type{wire.Pong, wire.M1, wire.M2, wire.M3, 6, 0x82, 0xff} {
		m := adversary.Message{Type: t, Body: bytes.Repeat([]byte{'x'}, 32)}
		if t == wire.Pong {
			m.Body = nil
		}
		inners = append(inners, m.Bytes())
	}
	ping := adversary.Message{Type: wire.Ping}.Bytes()
	return dropped(ctx, env, append(inners, ping, append(ping, 1))...)
}

func innerMalformed(ctx context.Context, env conformance.Env) error {
	return dropped(ctx, env,
		nil,
		[]byte{1}, []byte{1, 0}, []byte{1, 0, 0},
		[]byte{1, 1, 0, 2, 'x'},
		[]byte{1, 0, 1, 2, 'x'},
		[]byte{1, 0, 255, 0, 1, 'x', 2, 'x'},
		[]byte{1, 0, 1, 9, 1, 'x', 2, 'x'},
		[]byte{1, 0, 1, 0, 0, 2, 'x'},
		[]byte{1, 0, 1, 0, 200, 'x', 2, 'x'},
		bytes.Repeat([]byte{0xff}, 40))
}

func innerVersion(ctx context.Context, env conformance.Env) error {
	var inners [][]byte
	for _, v := range [][]byte{{0}, {2}, adversary.U2LE(128), adversary.U2LE(129), adversary.U2LE(16383), {0x81, 0x80}} {
		inners = append(inners, adversary.Message{Version: v, Type: wire.Payload, Body: []byte("version")}.Bytes())
	}
	return dropped(ctx, env, inners...)
}

func innerRoutes(ctx context.Context, env conformance.Env) error {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	me := adversary.LocalAddress("me")
	for _, route := range []adversary.Route{
		{me},
		{adversary.LocalAddress("\x00\x01\x02\x03"), me},
		{"\x01\x00\x0a\x00\x00\x01\xa0\x0f", me}, // no ROUT rule touches it
		{"\x02\x01\x20\x01\x0d\xb8\x00\x01\x00\x02\x00\x03\x00\x04\x00\x05\x00\x06\x28\x23", me},
		nil,
	} {
		if err := echoesTo(s, route); err != nil {
			return err
		}
	}
	return s.Close()
}

// echoesTo sends a payload with an inner return route and requires that its echo is for there.
func echoesTo(s *adversary.Session, route adversary.Route) error {
	payload, err := s.RandomPayload(controlSize)
	if err != nil {
		return err
	}
	inner := adversary.Message{Return: route, Type: wire.Payload, Body: payload}.Bytes()
	if err := s.SendRecord(s.SealInner(inner)); err != nil {
		return err
	}
	m, err := s.ReceivePayload()
	if err != nil {
		return blame("REC-011", "an echo with the inner return route as its inner onward route", err)
	}
	if !bytes.Equal(m.Body, payload) {
		return adversary.Fail("CHAN-005", "the payload's bytes", fmt.Sprintf("%d other bytes", len(m.Body)))
	}
	for i := range min(len(m.Onward), len(route)) {
		if words := turned(m.Onward[i], route[i]); words != "" {
			return adversary.Fail("WIRE-007", "an address as it was sent", "the address with its "+words)
		}
	}
	if !slices.Equal(m.Onward, route) {
		return adversary.Fail("REC-011", "an echo with the inner return route as its inner onward route", "another inner onward route")
	}
	return nil
}
