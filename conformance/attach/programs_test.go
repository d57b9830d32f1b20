package attach

import (
	"errors"
	"io"
	"testing"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// eachNeed runs a test for each role and profile of a program.
func eachNeed(t *testing.T, p conformance.Program, test func(t *testing.T, role conformance.Role, profileName string)) {
	t.Helper()
	ran := 0
	for _, role := range p.Roles {
		for _, profileName := range p.Profiles {
			t.Run(p.Name+" "+string(role)+" "+profileName, func(t *testing.T) { test(t, role, profileName) })
			ran++
		}
	}
	if ran != 4 {
		t.Errorf("%s: got %d roles and profiles, want 4", p.Name, ran)
	}
}

func TestProgramsExchange(t *testing.T) {
	if len(Programs()) != 2 {
		t.Fatalf("got %d programs", len(Programs()))
	}
	for _, p := range Programs() {
		eachNeed(t, p, func(t *testing.T, role conformance.Role, profileName string) {
			peer := attachPeer(t, Config{}, "in-process:"+p.Name)
			k := newKit(t, peer, role, profileName)
			for range 3 {
				k.exchange()
			}
			alive(t, peer)
		})
	}
}

// NOISE-008: a node that is started again has other keys; one with the same seed has the same.
func TestProgramsSeed(t *testing.T) {
	for _, p := range Programs() {
		eachNeed(t, p, func(t *testing.T, role conformance.Role, profileName string) {
			first := func(seed uint64) string {
				n := p.Start(conformance.Need{Role: role, Transport: conformance.Mem, Profile: profileName}, seed)
				m := n.Connect("127.0.0.1:4000", "127.0.0.1:50000")
				out := m.Start(0)
				if role == conformance.Responder {
					e := make([]byte, 32)
					e[0] = 9 // the base point
					h := []byte{1, 0, 0, 3}
					out = m.Receive(0, adversary.Frame(append(h, e...)))
				}
				if len(out.Data) != 1 {
					t.Fatalf("got %+v, want a handshake message", out)
				}
				return string(out.Data[0])
			}
			one, again, two := first(1), first(1), first(2)
			if one != again {
				t.Error("the same seed gives other messages")
			}
			if one == two {
				t.Error("another seed gives the same message")
			}
		})
	}
}

// A handshake that stands still is ended at the deadline that the program tells, in virtual time (NOISE-013).
func TestProgramsDeadline(t *testing.T) {
	for _, p := range Programs() {
		eachNeed(t, p, func(t *testing.T, role conformance.Role, profileName string) {
			peer := attachPeer(t, Config{}, "in-process:"+p.Name)
			k := newKit(t, peer, role, profileName)
			if p.HandshakeDeadline == 0 || k.HandshakeDeadline() != p.HandshakeDeadline {
				t.Fatalf("deadline: got %v and %v", p.HandshakeDeadline, k.HandshakeDeadline())
			}
			link := k.open()
			if role == conformance.Initiator {
				if _, err := link.Receive(0); err != nil { // m1
					t.Fatal(err)
				}
			}
			expect(t, link, p.HandshakeDeadline-time.Millisecond, "", conformance.ErrQuiet)
			expect(t, link, time.Millisecond, "", io.EOF)
			alive(t, peer)
		})
	}
}

// Programs fail closed: after a forged record nothing is echoed (REC-004, REC-005), and the node serves the next connection.
func TestProgramsForgery(t *testing.T) {
	for _, p := range Programs() {
		eachNeed(t, p, func(t *testing.T, role conformance.Role, profileName string) {
			k := newKit(t, attachPeer(t, Config{}, "in-process:"+p.Name), role, profileName)
			s, err := adversary.OpenChannel(t.Context(), k)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.SendRecord(make([]byte, 40)); err != nil {
				t.Fatal(err)
			}
			if answer, err := received(s.Link); len(answer) > 0 || !errors.Is(err, io.EOF) {
				t.Errorf("got %d bytes, %v, want no answer and the end", len(answer), err)
			}
			k.exchange()
		})
	}
}

func TestReferencePing(t *testing.T) {
	k := newKit(t, attachPeer(t, Config{}, "in-process:reference"), conformance.Responder, "v1")
	s, err := adversary.Dial(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SendMessage(wire.Ping, nil); err != nil {
		t.Fatal(err)
	}
	frame, err := s.ReceiveFrame(time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if m, err := adversary.ParseMessage(frame); err != nil || m.Type != wire.Pong {
		t.Errorf("got %+v, %v, want a pong", m, err)
	}
}
