package cases

import (
	"bytes"
	"context"
	"fmt"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// CHAN-005: "The application receives exactly the bytes that were sent: same content, same length, for every length from 0 to the
// limit." REC-010: "An outer message is at most 65,535 bytes ...; a v1 receiver accepts that much."
func chanEcho() []conformance.Case {
	return []conformance.Case{{
		ID:           "chan/echo-lengths",
		Title:        "Payloads of lengths around every likely boundary come back unchanged.",
		Requirements: []string{"CHAN-005"},
		Run:          echoLengths,
	}, {
		ID:           "chan/echo-limit",
		Title:        "Payloads that fill the longest message, or miss it by one byte, come back unchanged.",
		Requirements: []string{"REC-010", "CHAN-005"},
		Run:          echoLimit,
	}, {
		ID:           "chan/echo-content",
		Title:        "Payloads that look like wire messages, frames, lines of text, or nothing at all come back unchanged.",
		Requirements: []string{"CHAN-005"},
		Profiles:     typed(),
		Run:          echoContent,
	}}
}

func echoLengths(ctx context.Context, env conformance.Env) error {
	sizes := []int{0, 1, 2, 15, 16, 17, 31, 32, 127, 128, 255, 256, 257, 511, 512, 1003, 1004}
	if env.Profile().SendLimit == 0 {
		sizes = append(sizes, 1008, 1024, 1025, 1460, 2048, 4096, 8192, 16383, 16384, 32767, 32768, 65000)
	}
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	for _, n := range sizes {
		if n > controlSize && n > s.MaxPayload() { // long routes leave less; the first echoes have shown how much
			continue
		}
		if err := s.EchoRandom(n); err != nil {
			return err
		}
	}
	return s.Close()
}

func echoLimit(ctx context.Context, env conformance.Env) error {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	if err := s.EchoRandom(controlSize); err != nil {
		return err
	}
	limit := s.MaxPayload()
	for _, n := range []int{limit - 1, limit, 0, limit} {
		if err := echoesLongest(env, s, n); err != nil {
			return err
		}
	}
	return s.Close()
}

// echoesLongest requires the echo of n random bytes. If none comes of a payload whose message is as long as a receiver accepts, that is why.
func echoesLongest(env conformance.Env, s *adversary.Session, n int) error {
	payload, err := s.RandomPayload(n)
	if err != nil {
		return err
	}
	if err := s.SendPayload(payload); err != nil {
		return err
	}
	answer, err := s.Answer(s.Patience())
	switch {
	case err != nil:
		return err
	case answer == nil && (n == 0 || env.Profile().SendLimit > 0):
		return adversary.Fail("CHAN-005", fmt.Sprintf("the echo of a payload of %d bytes", n), "no answer")
	case answer == nil:
		return adversary.Fail("REC-010", fmt.Sprintf("the echo of a payload of %d bytes, whose message a receiver accepts", n), "no answer")
	}
	return s.CheckEcho(answer, payload)
}

func echoContent(ctx context.Context, env conformance.Env) error {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	payloads := [][]byte{
		every, make([]byte, 64), bytes.Repeat([]byte{0xff}, 64), {0}, {1}, {2}, {3}, {4}, {5},
		append([]byte{3}, every[:32]...), append([]byte{4}, every[:96]...), append([]byte{5}, every[:64]...),
		{1, 0, 0, 0}, {1, 0, 0, 1}, adversary.Inner(nil), adversary.Inner([]byte("inner")),
		append([]byte{1, 0, 0, 3}, every[:32]...), append([]byte{1, 0, 0, 5}, every[:64]...),
		adversary.Frame(adversary.Inner([]byte("frame"))), []byte("text\r\n\x00\x00"),
		[]byte("line\n"), []byte(" a\r\nb\t \r\n"), []byte("\ufefftext"),
	}
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	for _, payload := range payloads {
		if err := s.Echo(payload); err != nil {
			return err
		}
	}
	return s.Close()
}
