package keytest

import (
	"bytes"
	"errors"

	"ockamtest/ref/key"
)

// maxMessage is more than any handshake message has, in bytes.
const maxMessage = 1024

// A subject is the pair that a check examines, with what checks need to ask of it.
type subject struct {
	T
	Pair
	newPair  func() Pair
	pairs    []Pair
	asserted int // comparisons made: a check that makes none is a mistake
}

// renew goes on with a new pair.
func (s *subject) renew() {
	s.Pair = s.newPair()
	s.pairs = append(s.pairs, s.Pair)
}

func (s *subject) closeAll() {
	for _, p := range s.pairs {
		for _, a := range []key.Agreement{p.Initiator, p.Responder} {
			if err := a.Close(); err != nil {
				s.Errorf("Close: %v", err)
			}
		}
	}
}

// sides names the two agreements.
func (s *subject) sides() map[string]key.Agreement {
	return map[string]key.Agreement{"initiator": s.Initiator, "responder": s.Responder}
}

// A step is one call of a handshake. It takes a message and gives one; 0 is none.
type step struct {
	name         string
	side         key.Agreement
	takes, gives int
	call         func(dst, msg []byte) ([]byte, error)
}

// steps are the calls of a handshake, in order; each takes what the one before returned.
func (s *subject) steps() []step {
	respond := func(dst, _ []byte) ([]byte, error) { return dst, s.Responder.Respond() }
	initiate := func(dst, _ []byte) ([]byte, error) { return s.Initiator.Initiate(dst) }
	steps := []step{{"Respond", s.Responder, 0, 0, respond}, {"Initiate", s.Initiator, 0, 1, initiate}}
	messages := len(s.Initiator.MessageSizes())
	for n := 1; n <= messages; n++ {
		st := step{"responder's Handle", s.Responder, n, n + 1, s.Responder.Handle}
		if n%2 == 0 {
			st = step{"initiator's Handle", s.Initiator, n, n + 1, s.Initiator.Handle}
		}
		if n == messages {
			st.gives = 0
		}
		steps = append(steps, st)
	}
	return steps
}

// shake runs the handshake and calls before, if it is not nil, ahead of each step with the message that the step is about to take.
func (s *subject) shake(before func(st step, msg []byte)) (messages [][]byte) {
	s.Helper()
	return s.shakeWhile(func(st step, msg []byte) bool {
		if before != nil {
			before(st, msg)
		}
		return true
	})
}

// shakeWhile runs the handshake as long as before agrees.
func (s *subject) shakeWhile(before func(st step, msg []byte) bool) (messages [][]byte) {
	s.Helper()
	var msg []byte
	for _, st := range s.steps() {
		if !before(st, msg) {
			break
		}
		out, err := st.call(make([]byte, 0, maxMessage), bytes.Clone(msg))
		s.ok(st.name, err)
		if len(out) > 0 {
			messages = append(messages, out)
		}
		msg = out
	}
	return messages
}

// open renews the pair and completes its handshake.
func (s *subject) open() {
	s.Helper()
	s.renew()
	s.shake(nil)
}

// size is the size in bytes of a handshake message, 0 of none.
func (s *subject) size(message int) int {
	if message == 0 {
		return 0
	}
	return s.Initiator.MessageSizes()[message-1]
}

// encrypt encrypts into a buffer that just fits.
func (s *subject) encrypt(a key.Agreement, plaintext []byte) []byte {
	s.Helper()
	out, err := a.Encrypt(make([]byte, 0, len(plaintext)+a.Overhead()), plaintext)
	s.ok("Encrypt", err)
	return out
}

// decrypts checks that a opens record to plaintext.
func (s *subject) decrypts(a key.Agreement, record, plaintext []byte) {
	s.Helper()
	out, err := a.Decrypt(make([]byte, 0, len(plaintext)), bytes.Clone(record))
	s.ok("Decrypt", err)
	s.equal("Decrypt", out, plaintext)
}

// refuses checks that f fails with want and returns nothing.
func (s *subject) refuses(op string, want error, f func() ([]byte, error)) {
	s.Helper()
	out, err := f()
	s.fails(op, err, want)
	if len(out) != 0 {
		s.Errorf("%s: %d bytes beside an error", op, len(out))
	}
}

// ok stops the check if err is not nil.
func (s *subject) ok(op string, err error) {
	s.Helper()
	s.asserted++
	if err != nil {
		s.Fatalf("%s: %v", op, err)
	}
}

func (s *subject) fails(op string, err, want error) {
	s.Helper()
	s.asserted++
	if !errors.Is(err, want) {
		s.Errorf("%s: got error %v, want %v", op, err, want)
	}
}

func (s *subject) equal(op string, got, want []byte) {
	s.Helper()
	s.asserted++
	if !bytes.Equal(got, want) {
		s.Errorf("%s: got %x, want %x", op, got, want)
	}
}

func (s *subject) is(op string, got, want bool) {
	s.Helper()
	s.asserted++
	if got != want {
		s.Errorf("%s: got %v, want %v", op, got, want)
	}
}

// pattern is n bytes, each unlike the next.
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + n)
	}
	return b
}
