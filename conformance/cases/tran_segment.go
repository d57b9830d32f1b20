package cases

import (
	"context"
	"fmt"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// TRAN-007: "Length and body leave in one segment when they fit, with Nagle's algorithm disabled, so that a message costs no
// delayed-acknowledgement stall."
func tranSegment() []conformance.Case {
	return []conformance.Case{{
		ID:           "tran/one-segment",
		Title:        "The peer's short frames arrive in one piece each.",
		Requirements: []string{"TRAN-007"},
		Transports:   streams(),
		Run:          shortFramesWhole,
	}}
}

// shortFramesWhole allows for a network that divides some: a peer that writes in pieces does it always.
func shortFramesWhole(ctx context.Context, env conformance.Env) error {
	const frames = 16
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	pieces := 0
	for range frames {
		payload, err := s.RandomPayload(controlSize)
		if err != nil {
			return err
		}
		if err := s.SendPayload(payload); err != nil {
			return err
		}
		if err := s.Await(s.Patience()); err != nil && !adversary.Absent(err) {
			return err
		}
		if s.InPieces() {
			pieces++
		}
		if err := s.ExpectEcho(payload, nil); err != nil {
			return err
		}
	}
	if pieces > frames/2 {
		return adversary.Fail("TRAN-007", "frames of less than 200 bytes in a segment each",
			fmt.Sprintf("the first segment of %d of %d frames is not the whole frame", pieces, frames))
	}
	return s.Close()
}
