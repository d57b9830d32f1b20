package routers

import (
	"bytes"
	"regexp"
	"slices"
	"testing"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

const (
	router = "127.0.0.1:4000"
	alice  = "127.0.0.1:50001"
	bob    = "127.0.0.1:50002"
)

func start(p conformance.Program) conformance.RouterNode {
	need := conformance.Need{Role: conformance.Router, Transport: conformance.Mem, Profile: "v1"}
	return p.StartRouter(need, conformance.RouterAddresses{TCP: router, UDP: router}, 1)
}

func connected(n conformance.RouterNode, number int, remote string) conformance.RouterOutput {
	return n.Connected(0, conformance.RouterConn{Number: number, Local: router, Remote: remote, Unsent: func() int { return 0 }})
}

// message is one from alice to bob over the router.
func message() adversary.Message {
	return adversary.Message{
		Onward: adversary.Route{address(wire.TCP, router), address(wire.TCP, bob)}, Return: adversary.Route{address(wire.TCP, alice)},
		Type: wire.Payload, Body: []byte("a body of some bytes"),
	}
}

// forwards sends message from connection 1 and returns what was written to connection 2, with time enough for all that waits.
func forwards(n conformance.RouterNode) []byte {
	outputs := []conformance.RouterOutput{
		connected(n, 1, alice), connected(n, 2, bob), n.Receive(0, 1, adversary.Frame(message().Bytes())),
	}
	for range 10 {
		if at, ok := n.Wake(); ok {
			outputs = append(outputs, n.Expire(at))
		}
	}
	var written []byte
	for _, out := range outputs {
		for _, a := range out.Actions {
			if a.Conn == 2 {
				written = append(written, a.Data...)
			}
		}
	}
	return written
}

// forwarded is what a router that obeys makes of message; own is the address that it gives.
func forwarded(own adversary.Address) []byte {
	m := message()
	m.Onward, m.Return = m.Onward[1:], append(adversary.Route{own}, m.Return...)
	return adversary.Frame(m.Bytes())
}

func TestCorrect(t *testing.T) {
	if got, want := forwards(start(Correct())), forwarded(address(wire.TCP, router)); !bytes.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
}

// Every lawful router forwards, whatever address it gives.
func TestLawful(t *testing.T) {
	programs := Lawful()
	if len(programs) < 15 {
		t.Fatalf("%d lawful variants, want 15 or more", len(programs))
	}
	body := message().Body
	for _, p := range programs {
		if got := forwards(start(p)); !bytes.HasSuffix(got, body) {
			t.Errorf("%s: got %x", p.Name, got)
		}
	}
}

// No dead router forwards as it has to. What they do else is in the kill matrix.
func TestDead(t *testing.T) {
	programs := Dead()
	if len(programs) < 8 {
		t.Fatalf("%d dead routers, want 8 or more", len(programs))
	}
	for _, p := range programs {
		if bytes.Equal(forwards(start(p)), forwarded(address(wire.TCP, router))) {
			t.Errorf("%s forwards", p.Name)
		}
	}
}

// What a broken router does wrong is in the kill matrix. Here it only has to start, and to say what is wrong with it.
func TestBroken(t *testing.T) {
	faults := Broken()
	if len(faults) < 80 {
		t.Fatalf("%d broken routers, want 80 or more", len(faults))
	}
	known := conformance.CatalogueByID()
	for _, f := range faults {
		if f.Class == "" || len(f.Breaks) == 0 {
			t.Errorf("%s: class %q, breaks %v", f.Name, f.Class, f.Breaks)
		}
		for i, id := range slices.Concat(f.Breaks, f.Entails) {
			if _, ok := known[id]; !ok || slices.Contains(slices.Concat(f.Breaks, f.Entails)[:i], id) {
				t.Errorf("%s: %s is no requirement, or listed twice", f.Name, id)
			}
		}
		forwards(start(f.Program))
	}
}

// Names are slugs and unique, titles are there.
func TestNames(t *testing.T) {
	programs := slices.Concat(Lawful(), Dead(), []conformance.Program{Correct()})
	for _, f := range Broken() {
		programs = append(programs, f.Program)
	}
	slug := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	seen := map[string]bool{}
	for _, p := range programs {
		if !slug.MatchString(p.Name) || p.Title == "" || seen[p.Name] {
			t.Errorf("name %q (seen %v), title %q", p.Name, seen[p.Name], p.Title)
		}
		seen[p.Name] = true
	}
	if len(seen) != len(programs) || len(seen) < 110 {
		t.Errorf("%d names of %d programs", len(seen), len(programs))
	}
}

// A connection that is not made in time is given up, and what waited for it is dropped (ROUT-006).
func TestDialDeadline(t *testing.T) {
	n := start(Correct())
	connected(n, 1, alice)
	out := n.Receive(time.Second, 1, adversary.Frame(message().Bytes()))
	if len(out.Actions) != 1 || out.Actions[0].Dial != bob {
		t.Fatalf("got %+v, want a dial to %s", out.Actions, bob)
	}
	at, ok := n.Wake()
	if !ok || at != time.Second+dialDeadline {
		t.Fatalf("wake: got %v, %v", at, ok)
	}
	if out = n.Expire(at); len(out.Actions) != 1 || out.Actions[0].Dial != bob || !out.Actions[0].Close {
		t.Errorf("got %+v, want the dial given up", out.Actions)
	}
	if _, ok := n.Wake(); ok {
		t.Error("it still waits")
	}
}

// Addresses in every form that receivers take, and what a node writes for them (WIRE-013, WIRE-015).
func TestForm(t *testing.T) {
	name := func(s string) adversary.Address {
		return adversary.Address([]byte{1, 2, byte(len(s))}) + adversary.Address(s) + "\x01\x02"
	}
	for _, tt := range []struct {
		name     string
		in, want adversary.Address // want empty: it has no form
	}{
		{"local", adversary.LocalAddress("A_b"), adversary.LocalAddress("A_b")},
		{"ipv4", "\x01\x00\x7f\x00\x00\x01\x01\x02", "\x01\x00\x7f\x00\x00\x01\x01\x02"},
		{"mapped", "\x02\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\x7f\x00\x00\x01\x01\x02", "\x02\x00\x7f\x00\x00\x01\x01\x02"},
		{"name", name("a.b"), name("a.b")},
		{"capitals", name("A.B."), name("a.b")},
		{"underscore", name("a_b"), ""},
		{"digits", name("a.123"), ""},
		{"hex", name("0x7f"), ""},
		{"literal", name("127.0.0.1"), ""},
	} {
		got, ok := form(tt.in)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("%s: got %x, %v, want %x", tt.name, got, ok, tt.want)
		}
	}
}
