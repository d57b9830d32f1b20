package vaulttest

import (
	"bytes"

	"ockamtest/ref/vault"
)

const canary = 0xa5

// appends checks an operation that appends to dst: it gives want behind what is there already, inside the capacity, and writes
// nowhere else; with one byte of capacity less it fails with vault.ErrShortBuffer and writes nothing.
func (s *exam) appends(op string, want []byte, f func(dst []byte) ([]byte, error)) {
	s.Helper()
	const before, behind = 3, 8
	room := bytes.Repeat([]byte{canary}, before+len(want)+behind)
	full := before + len(want)

	got, err := f(room[:before:full])
	s.ok(op+" into exactly enough capacity", err)
	s.equal(op, got, append(bytes.Repeat([]byte{canary}, before), want...))
	if len(got) > 0 && &got[0] != &room[0] {
		s.Errorf("%s: the result is not in dst", op)
	}
	s.equal(op+": behind the capacity", room[full:], bytes.Repeat([]byte{canary}, behind))
	if len(want) == 0 {
		return
	}

	for i := range room {
		room[i] = canary
	}
	_, err = f(room[: before : full-1])
	s.fails(op+" with one byte too little", err, vault.ErrShortBuffer)
	s.equal(op+" with one byte too little: dst", room, bytes.Repeat([]byte{canary}, len(room)))
	_, err = f(nil)
	s.fails(op+" into nil", err, vault.ErrShortBuffer)
}
