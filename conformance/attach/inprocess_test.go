package attach

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"ockamtest/conformance"
)

// A scripted node answers words that it receives and keeps a diary of the calls.
type scriptedNode struct {
	need  conformance.Need
	seed  uint64
	diary []string
}

func (n *scriptedNode) Connect(local, remote string) conformance.Machine {
	n.diary = append(n.diary, "connect "+local+" "+remote)
	return &scriptedMachine{node: n}
}

type scriptedMachine struct {
	node   *scriptedNode
	wake   time.Duration // 0: never
	every  time.Duration // wakes again
	closes bool          // on Expire
}

func (m *scriptedMachine) note(format string, args ...any) {
	m.node.diary = append(m.node.diary, fmt.Sprintf(format, args...))
}

func (m *scriptedMachine) Start(now time.Duration) conformance.Output {
	m.note("start %v", now)
	return conformance.Output{}
}

func (m *scriptedMachine) Receive(now time.Duration, p []byte) conformance.Output {
	word := string(p)
	m.note("receive %v %q", now, word)
	clear(p) // it is the machine's
	switch word {
	case "two":
		return conformance.Output{Data: [][]byte{[]byte("one"), nil, []byte("two")}}
	case "bye":
		return conformance.Output{Data: [][]byte{[]byte("bye")}, Close: true}
	case "reset":
		return conformance.Output{Reset: true}
	case "crash":
		return conformance.Output{Data: [][]byte{[]byte("never")}, Crash: "out of luck"}
	case "later":
		m.wake = now + time.Second
	case "close later":
		m.wake, m.closes = now+time.Second, true
	case "tick":
		m.wake, m.every = now+time.Second, time.Second
	case "spin":
		m.wake, m.every = now, -1
	}
	return conformance.Output{}
}

func (m *scriptedMachine) End(now time.Duration, orderly bool) conformance.Output {
	m.note("end %v %v", now, orderly)
	return conformance.Output{Data: [][]byte{[]byte("end")}}
}

func (m *scriptedMachine) Wake() (time.Duration, bool) { return m.wake, m.wake != 0 }

func (m *scriptedMachine) Expire(now time.Duration) conformance.Output {
	m.note("expire %v", now)
	switch {
	case m.every > 0:
		m.wake += m.every
	case m.every == 0:
		m.wake = 0
	}
	if m.every != 0 {
		return conformance.Output{}
	}
	return conformance.Output{Data: [][]byte{[]byte("late")}, Close: m.closes}
}

// scripted is a program whose nodes the test can look at.
func scripted(nodes *[]*scriptedNode) conformance.Program {
	return conformance.Program{
		Name: "scripted", Roles: []conformance.Role{conformance.Responder, conformance.Initiator}, Profiles: []string{"v1", "c09"},
		HandshakeDeadline: 7 * time.Second,
		Start: func(need conformance.Need, seed uint64) conformance.Node {
			n := &scriptedNode{need: need, seed: seed}
			*nodes = append(*nodes, n)
			return n
		},
	}
}

func scriptedKit(t *testing.T) (k *kit, nodes *[]*scriptedNode) {
	t.Helper()
	nodes = new([]*scriptedNode)
	peer := NewInProcess(scripted(nodes), 40)
	closeWithTest(t, peer)
	return newKit(t, peer, conformance.Responder, "v1"), nodes
}

func send(t *testing.T, link conformance.Link, words ...string) {
	t.Helper()
	for _, w := range words {
		if err := link.Send([]byte(w)); err != nil {
			t.Fatalf("send %q: %v", w, err)
		}
	}
}

func expect(t *testing.T, link conformance.Link, wait time.Duration, want string, wantErr error) {
	t.Helper()
	if p, err := link.Receive(wait); string(p) != want || !errors.Is(err, wantErr) {
		t.Errorf("receive: got %q, %v, want %q, %v", p, err, want, wantErr)
	}
}

func expectDiary(t *testing.T, n *scriptedNode, want ...string) {
	t.Helper()
	if !slices.Equal(n.diary, want) {
		t.Errorf("calls of the node: got %q, want %q", n.diary, want)
	}
	n.diary = nil
}

func TestInProcessLink(t *testing.T) {
	k, nodes := scriptedKit(t)
	link := k.open()
	n := (*nodes)[0]
	if got, want := link.LocalAddress()+" "+link.RemoteAddress(), "127.0.0.1:49152 127.0.0.1:4000"; got != want {
		t.Errorf("addresses: got %s, want %s", got, want)
	}
	expectDiary(t, n, "connect 127.0.0.1:4000 127.0.0.1:49152", "start 0s")

	word := []byte("two")
	if err := link.Send(word); err != nil || string(word) != "two" {
		t.Errorf("send: got %v, and %q in the caller's slice", err, word)
	}
	expect(t, link, 0, "one", nil)
	expect(t, link, 0, "two", nil)
	expect(t, link, 0, "", conformance.ErrQuiet)
	send(t, link, "a", "", "bc")
	expectDiary(t, n, `receive 0s "two"`, `receive 0s "a"`, `receive 0s "bc"`)

	if err := link.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	expect(t, link, 0, "end", nil)
	if err := link.Send([]byte("x")); !errors.Is(err, conformance.ErrLinkClosed) {
		t.Errorf("send after CloseWrite: got %v, want ErrLinkClosed", err)
	}
	closeLink(t, link)
	assertClosed(t, link)
	expectDiary(t, n, "end 0s true")
}

func TestInProcessEnds(t *testing.T) {
	tests := []struct {
		name, word, data string
		send, receive    error
	}{
		{"close", "bye", "bye", io.ErrClosedPipe, io.EOF},
		{"reset", "reset", "", conformance.ErrReset, conformance.ErrReset},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k, nodes := scriptedKit(t)
			link := k.open()
			send(t, link, tt.word)
			(*nodes)[0].diary = nil
			if err := link.Send([]byte("more")); !errors.Is(err, tt.send) {
				t.Errorf("send: got %v, want %v", err, tt.send)
			}
			if data, err := received(link); string(data) != tt.data || !errors.Is(err, tt.receive) {
				t.Errorf("got %q, %v, want %q, %v", data, err, tt.data, tt.receive)
			}
			if err := errors.Join(link.CloseWrite(), link.Reset()); err != nil {
				t.Error(err)
			}
			expectDiary(t, (*nodes)[0]) // it had ended: nothing is called any more
			alive(t, k.peer)
		})
	}
}

// Closing with something left to receive is RST, as it is with a socket.
func TestInProcessCloseUnread(t *testing.T) {
	tests := []struct {
		name string
		end  func(conformance.Link) error
		want string
	}{
		{"nothing unread", conformance.Link.Close, "end 0s true"},
		{"unread", func(l conformance.Link) error { return errors.Join(l.Send([]byte("two")), l.Close()) }, "end 0s false"},
		{"reset", conformance.Link.Reset, "end 0s false"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k, nodes := scriptedKit(t)
			if err := tt.end(k.open()); err != nil {
				t.Fatal(err)
			}
			diary := (*nodes)[0].diary
			if got := diary[len(diary)-1]; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestInProcessTime(t *testing.T) {
	k, nodes := scriptedKit(t)
	idle, busy := k.open(), k.open()
	n := (*nodes)[0]
	send(t, idle, "tick")
	send(t, busy, "later")
	n.diary = nil
	expect(t, busy, 999*time.Millisecond, "", conformance.ErrQuiet)
	expectDiary(t, n)
	expect(t, busy, time.Millisecond, "late", nil) // at 1 s, when the idle one wakes too
	expectDiary(t, n, "expire 1s", "expire 1s")
	expect(t, busy, 2500*time.Millisecond, "", conformance.ErrQuiet) // the idle machine's time passes meanwhile
	expectDiary(t, n, "expire 2s", "expire 3s")
	send(t, busy, "close later")
	expectDiary(t, n, `receive 3.5s "close later"`)
	expect(t, busy, time.Hour, "late", nil)
	expect(t, busy, time.Hour, "", io.EOF) // time stands still when there is something to tell
	send(t, idle, "x")
	expectDiary(t, n, "expire 4s", "expire 4.5s", `receive 4.5s "x"`)
}

func TestInProcessCrash(t *testing.T) {
	k, nodes := scriptedKit(t)
	victim, other := k.open(), k.open()
	send(t, victim, "crash")
	for _, link := range []conformance.Link{victim, other} {
		expect(t, link, time.Second, "", conformance.ErrReset)
	}
	crash := died(t, k.peer)
	if crash.Peer != "scripted" || crash.Reason != "out of luck" {
		t.Errorf("got %+v", crash)
	}
	k.open()
	if len(*nodes) != 2 {
		t.Fatalf("got %d nodes, want a second one", len(*nodes))
	}
	if a, b := (*nodes)[0].seed, (*nodes)[1].seed; a != 40 || a == b {
		t.Errorf("seeds: got %d and %d, want 40 and another", a, b)
	}
	alive(t, k.peer)
}

// A crash is told also when the next session was opened before.
func TestInProcessCrashThenOpen(t *testing.T) {
	k, _ := scriptedKit(t)
	send(t, k.open(), "crash")
	k.open()
	_ = died(t, k.peer)
}

func TestInProcessSpin(t *testing.T) {
	k, _ := scriptedKit(t)
	link := k.open()
	expect(t, link, time.Second, "", conformance.ErrQuiet)
	send(t, link, "spin")
	expect(t, link, time.Second, "", conformance.ErrReset)
	_ = died(t, k.peer)
}

func TestInProcessNeeds(t *testing.T) {
	k, nodes := scriptedKit(t)
	link := k.open()
	need := k.need
	need.Role, need.Profile = conformance.Initiator, "c09"
	other, err := k.peer.Open(t.Context(), need)
	if err != nil {
		t.Fatal(err)
	}
	if len(*nodes) != 2 || (*nodes)[1].need != need {
		t.Errorf("got %d nodes", len(*nodes))
	}
	expect(t, link, time.Second, "", conformance.ErrReset) // its node was stopped
	if got, want := other.LocalAddress()+" "+other.RemoteAddress(), "127.0.0.1:4000 127.0.0.1:49152"; got != want {
		t.Errorf("addresses: got %s, want %s", got, want)
	}
	alive(t, k.peer)
	for _, need := range []conformance.Need{
		{Role: conformance.Router, Transport: conformance.Mem, Profile: "v1"},
		{Role: conformance.Responder, Transport: conformance.TCP, Profile: "v1"},
		{Role: conformance.Responder, Transport: conformance.Mem, Profile: "e09"},
	} {
		if _, err := k.peer.Open(t.Context(), need); !errors.Is(err, ErrNeed) {
			t.Errorf("%v: got %v, want ErrNeed", need, err)
		}
	}
	if got := k.peer.Info(); got.HandshakeDeadline != 7*time.Second || !got.Lossless || got.Attachment != "in-process" || got.Name != "in-process:scripted" {
		t.Errorf("info: got %+v", got)
	}
}

func TestOpenInProcess(t *testing.T) {
	var nodes []*scriptedNode
	cfg := Config{Programs: []conformance.Program{Flynn(), scripted(&nodes)}, Seed: 3}
	peer := attachPeer(t, cfg, "in-process:scripted")
	newKit(t, peer, conformance.Responder, "v1").open()
	if len(nodes) != 1 || nodes[0].seed != 3 {
		t.Errorf("got %d nodes", len(nodes))
	}
	for _, spec := range []Spec{{}, {Kind: InProcess, Program: "nobody"}} {
		cfg.Spec = spec
		if _, err := Open(t.Context(), cfg); !errors.Is(err, ErrConfig) {
			t.Errorf("%+v: got %v, want ErrConfig", spec, err)
		}
	}
}
