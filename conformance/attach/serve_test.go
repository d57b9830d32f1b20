package attach

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"ockamtest/conformance"
)

// A real program does with words what its machines say; see scriptedMachine for the words.
type realProgram struct {
	peer conformance.Peer
	done chan error
	stop context.CancelFunc
}

func serveScripted(t *testing.T, role conformance.Role) (*realProgram, *kit) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	p := &realProgram{done: make(chan error, 1), stop: cancel}
	serve := func(cfg ServeConfig) {
		cfg.Role, cfg.Profile = role, "v1"
		p.done <- ServeProgram(ctx, echoing(), cfg)
	}
	if role == conformance.Initiator {
		var address string
		p.peer, address = attachAccept(t, Config{})
		go serve(ServeConfig{Address: address})
	} else {
		bound := make(chan string, 1)
		go serve(ServeConfig{Address: "127.0.0.1:0", Listening: func(a string) { bound <- a }})
		p.peer = attachPeer(t, Config{Scale: 0.1}, "tcp://"+<-bound)
	}
	t.Cleanup(func() {
		cancel()
		_ = p.end(t)
	})
	return p, newKit(t, p.peer, role, "v1")
}

// end waits for the end and returns what it was.
func (p *realProgram) end(t *testing.T) error {
	t.Helper()
	err := <-p.done
	p.done <- err
	return err
}

// echoing machines answer a word with itself, and know a few words more.
func echoing() conformance.Program {
	return conformance.Program{
		Name: "echoing", Roles: []conformance.Role{conformance.Responder, conformance.Initiator}, Profiles: []string{"v1"},
		Start: func(conformance.Need, uint64) conformance.Node { return &echoingNode{} },
	}
}

// An echoingNode lets one machine wake another: "wake others" makes every other machine say so.
type echoingNode struct{ machines []*echoingMachine }

func (n *echoingNode) Connect(string, string) conformance.Machine {
	m := &echoingMachine{node: n}
	n.machines = append(n.machines, m)
	return m
}

type echoingMachine struct {
	node  *echoingNode
	wake  time.Duration
	timed bool
	last  bool // closes on Expire
}

func (m *echoingMachine) Start(time.Duration) conformance.Output {
	return conformance.Output{Data: [][]byte{[]byte("hi")}}
}

func (m *echoingMachine) Receive(now time.Duration, p []byte) conformance.Output {
	switch string(p) {
	case "bye":
		return conformance.Output{Data: [][]byte{[]byte("bye")}, Close: true}
	case "reset":
		return conformance.Output{Reset: true}
	case "crash":
		return conformance.Output{Crash: "as told"}
	case "later":
		m.wake, m.timed = now+10*time.Millisecond, true
		return conformance.Output{}
	case "after the end":
		m.wake, m.timed, m.last = now+50*time.Millisecond, true, true
		return conformance.Output{}
	case "wake others":
		for _, other := range m.node.machines {
			if other != m {
				other.wake, other.timed = now, true
			}
		}
	}
	return conformance.Output{Data: [][]byte{append([]byte(nil), p...)}}
}

func (m *echoingMachine) End(_ time.Duration, orderly bool) conformance.Output {
	if m.timed {
		return conformance.Output{}
	}
	return conformance.Output{Data: [][]byte{[]byte("end")}, Close: orderly}
}

func (m *echoingMachine) Wake() (time.Duration, bool) { return m.wake, m.timed }

func (m *echoingMachine) Expire(time.Duration) conformance.Output {
	m.timed = false
	return conformance.Output{Data: [][]byte{[]byte("time")}, Close: m.last}
}

func (k *kit) greeted() conformance.Link {
	k.t.Helper()
	link := k.open()
	expect(k.t, link, patient, "hi", nil)
	return link
}

func TestServeProgram(t *testing.T) {
	bothRoles(t, func(t *testing.T, role conformance.Role) {
		p, k := serveScripted(t, role)
		link := k.greeted()
		if got := say(t, link, "hello"); got != "hello" {
			t.Errorf("got %q", got)
		}
		if got := say(t, link, "later"); got != "time" {
			t.Errorf("got %q, want what the machine says when its time has come", got)
		}
		send(t, link, "bye")
		if data, err := received(link); string(data) != "bye" || !errors.Is(err, io.EOF) {
			t.Errorf("bye: got %q, %v", data, err)
		}
		closeLink(t, link)

		link = k.greeted()
		send(t, link, "reset")
		if data, err := received(link); len(data) > 0 || !errors.Is(err, conformance.ErrReset) {
			t.Errorf("reset: got %q, %v", data, err)
		}
		closeLink(t, link)

		for word, want := range map[string]string{"hello": "helloend", "after the end": "time"} {
			link = k.greeted()
			if err := errors.Join(link.Send([]byte(word)), link.CloseWrite()); err != nil {
				t.Fatal(err)
			}
			if data, err := received(link); string(data) != want || !errors.Is(err, io.EOF) {
				t.Errorf("%s: got %q, %v, want %q, io.EOF", word, data, err, want)
			}
			closeLink(t, link)
		}
		p.stop()
		if err := p.end(t); err != nil {
			t.Errorf("stopped: got %v, want nil", err)
		}
	})
}

// Machines of a node share its state: what one does may wake another, whose connection is idle.
func TestServeProgramWakesOthers(t *testing.T) {
	noLeaks(t)
	_, k := serveScripted(t, conformance.Responder)
	idle, busy := k.greeted(), k.greeted()
	send(t, busy, "wake others")
	expect(t, idle, patient, "time", nil)
	expect(t, busy, patient, "wake others", nil)
}

// A crash is the end of every connection, as that of a process is.
func TestServeProgramCrash(t *testing.T) {
	bothRoles(t, func(t *testing.T, role conformance.Role) {
		p, k := serveScripted(t, role)
		link := k.greeted()
		other := link
		if role == conformance.Responder {
			other = k.greeted()
		}
		send(t, link, "crash")
		for _, l := range []conformance.Link{link, other} {
			if data, err := received(l); len(data) > 0 || !errors.Is(err, conformance.ErrReset) {
				t.Errorf("got %q, %v, want ErrReset", data, err)
			}
		}
		var crash *CrashError
		if err := p.end(t); !errors.As(err, &crash) || crash.Reason != "as told" {
			t.Errorf("got %v, want a *CrashError", err)
		}
	})
}

func TestServeProgramRefuses(t *testing.T) {
	tests := []struct {
		name string
		cfg  ServeConfig
		want error
	}{
		{"role", ServeConfig{Role: conformance.Router, Profile: "v1", Address: "127.0.0.1:0"}, ErrNeed},
		{"profile", ServeConfig{Role: conformance.Responder, Profile: "c09", Address: "127.0.0.1:0"}, ErrNeed},
		{"no address", ServeConfig{Role: conformance.Initiator, Profile: "v1"}, ErrConfig},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			noLeaks(t)
			if err := ServeProgram(t.Context(), echoing(), tt.cfg); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
	if err := ServeProgram(t.Context(), echoing(), ServeConfig{Role: conformance.Responder, Profile: "v1", Address: "nowhere"}); err == nil {
		t.Error("it listens nowhere")
	}
}
