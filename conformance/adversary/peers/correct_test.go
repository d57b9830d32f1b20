package peers

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"ockamtest/conformance"
)

// eachNeed runs f for every role and profile of a program and returns how many there were.
func eachNeed(t *testing.T, p conformance.Program, f func(t *testing.T, need conformance.Need)) (n int) {
	for _, need := range needs(p) {
		n++
		t.Run(fmt.Sprintf("%s/%s/%s", p.Name, need.Role, need.Profile), func(t *testing.T) { f(t, need) })
	}
	return n
}

func TestCorrect(t *testing.T) {
	p := Correct()
	n := eachNeed(t, p, func(t *testing.T, need conformance.Need) {
		node := p.Start(need, 1)
		for range 2 { // one connection after the other
			k := connect(t, node, need, 0)
			if err := k.handshake(); err != nil {
				t.Fatal(err)
			}
			for _, size := range []int{0, 1, 15, 16, 17, 127, 128, 1003, 1004} {
				if err := k.echo(bytes.Repeat([]byte{7}, size)); err != nil {
					t.Errorf("payload of %d bytes: %v", size, err)
				}
			}
			k.take(k.machine.End(k.now, true))
			if !k.closed {
				t.Error("the connection is not released after FIN")
			}
		}
	})
	if n != 4 {
		t.Errorf("ran %d, want both roles in both profiles", n)
	}
}

// A handshake that does not begin ends at the deadline, and traffic does not extend it (NOISE-013).
func TestCorrectDeadline(t *testing.T) {
	p := Correct()
	n := eachNeed(t, p, func(t *testing.T, need conformance.Need) {
		k := connect(t, p.Start(need, 1), need, time.Second)
		at, ok := k.machine.Wake()
		if !ok || at != time.Second+p.HandshakeDeadline {
			t.Fatalf("Wake: %v, %v", at, ok)
		}
		k.now = at - 1
		k.raw([]byte{0})
		if k.closed {
			t.Fatal("closed before the deadline")
		}
		k.take(k.machine.Expire(at))
		if !k.closed {
			t.Error("open after the deadline")
		}
		if _, ok := k.machine.Wake(); ok {
			t.Error("a closed connection waits for a time")
		}
	})
	if n != 4 {
		t.Errorf("ran %d, want both roles in both profiles", n)
	}
}

// Two runs with one seed are the same bytes, two seeds are not.
func TestDeterminism(t *testing.T) {
	p := Correct()
	m1 := func(seed uint64) []byte {
		need := conformance.Need{Role: conformance.Initiator, Transport: conformance.Mem, Profile: "v1"}
		return connect(t, p.Start(need, seed), need, 0).in
	}
	if a, b := m1(1), m1(1); len(a) == 0 || !bytes.Equal(a, b) {
		t.Error("one seed gave two messages")
	}
	if bytes.Equal(m1(1), m1(2)) {
		t.Error("two seeds gave one message")
	}
}
