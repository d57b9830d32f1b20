package cases

import (
	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// WIRE-009: "Type 0 and 1 carry no body; a body makes the message malformed." WIRE-010: "A pong is never answered".
func wirePing() []conformance.Case {
	withBody := func(words string, t wire.Type, body []byte) malformation {
		return malformation{"WIRE-009", words, func(m adversary.Message) []byte {
			m.Type = t
			if body != nil {
				m.Body = body
			}
			return m.Bytes()
		}}
	}
	return []conformance.Case{{
		ID:           "wire/ping-with-body",
		Title:        "A ping with a body is malformed and not answered with a pong.",
		Requirements: []string{"WIRE-009"},
		Run: malformedMessages(withBody("a ping with a body of one byte", wire.Ping, []byte{0}),
			withBody("a ping with a handshake message or record as its body", wire.Ping, nil)),
	}, {
		ID:           "wire/pong-with-body",
		Title:        "A pong with a body is malformed and not answered.",
		Requirements: []string{"WIRE-009"},
		Run:          malformedMessages(withBody("a pong with a handshake message or record as its body", wire.Pong, nil)),
	}, {
		ID:           "wire/pong",
		Title:        "A pong that nobody asked for is not answered.",
		Requirements: []string{"WIRE-010"},
		Run: malformedMessages(malformation{"WIRE-010", "a pong", func(m adversary.Message) []byte {
			m.Type, m.Body = wire.Pong, nil
			return m.Bytes()
		}}),
	}}
}
