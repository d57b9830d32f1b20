package attach

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"ockamtest/conformance"
)

// A hand starts what it is asked for, as somebody at a terminal does.
type hand struct {
	t         *testing.T
	typed     chan string
	launches  []Launch
	running   []*exec.Cmd
	elsewhere bool // it binds another port than it was told to, and types its address
}

func newHand(t *testing.T) *hand {
	t.Helper()
	h := &hand{t: t, typed: make(chan string, 3)}
	t.Cleanup(h.end)
	return h
}

func (h *hand) start(l Launch) <-chan string {
	h.launches = append(h.launches, l)
	words := append([]string(nil), l.Words...)
	if h.elsewhere {
		for i := range words {
			words[i] = strings.Replace(words[i], l.Listens, "127.0.0.1:0", 1)
		}
	}
	cmd := exec.Command(words[0], words[1:]...) //nolint:noctx // end ends it
	cmd.Env = append(os.Environ(), l.Env...)
	out := &lineWriter{line: func(line []byte, _ bool) {
		if h.elsewhere && strings.HasPrefix(string(line), "listening ") {
			h.typed <- "nonsense"
			h.typed <- string(line) + "\n"
		}
	}}
	cmd.Stdout = out
	if err := cmd.Start(); err != nil {
		h.t.Error(err)
		return h.typed
	}
	h.running = append(h.running, cmd)
	return h.typed
}

// end ends what was started.
func (h *hand) end() {
	for _, cmd := range h.running {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed: its status says nothing
	}
	h.running = nil
}

// What is started by hand is reached like what the kit starts; when it has gone, the kit asks for it again.
func TestByHand(t *testing.T) {
	for _, tt := range []struct {
		name, mode string
		transport  conformance.Transport
		role       conformance.Role
		elsewhere  bool
	}{
		{"responder", "obey", conformance.TCP, conformance.Responder, false},
		{"responder elsewhere", "obey", conformance.TCP, conformance.Responder, true},
		{"responder over UDP", "packets", conformance.UDP, conformance.Responder, false},
		{"initiator", "obey", conformance.TCP, conformance.Initiator, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			noLeaks(t)
			h := newHand(t)
			h.elsewhere = tt.elsewhere
			var notices []string
			cfg := Config{Transports: []conformance.Transport{tt.transport}, ByHand: h.start, Notice: func(text string) { notices = append(notices, text) }}
			peer := attachExec(t, cfg, tt.mode, "")
			k := newKit(t, peer, tt.role, "v1")
			for range 2 {
				link := k.open()
				if got := say(t, link, "hello"); got != "hello" {
					t.Errorf("got %q", got)
				}
				closeLink(t, link)
				alive(t, peer)
				if got := peer.Revive(t.Context()) + strings.Join(peer.Ended(patient), ""); got != "" {
					t.Errorf("the kit says %q of what it does not see", got)
				}
			}
			if n := len(h.launches); n != 1 || h.launches[0].Again || h.launches[0].Need.Role != tt.role {
				t.Fatalf("launches: %+v, want one", h.launches)
			}
			if responds := h.launches[0].Listens != ""; responds != (tt.role == conformance.Responder) {
				t.Errorf("it is to listen at %q", h.launches[0].Listens)
			}
			h.end()
			if tt.role == conformance.Initiator { // it has dialed once more before it ended
				closeLink(t, k.open())
			}
			if got := say(t, k.open(), "hello"); got != "hello" {
				t.Errorf("got %q", got)
			}
			if n := len(h.launches); n != 2 || !h.launches[1].Again {
				t.Errorf("launches: %+v, want another one, again", h.launches)
			}
			if tt.elsewhere != strings.Contains(strings.Join(notices, ""), `"nonsense" is no HOST:PORT`) {
				t.Errorf("notices: %q", notices)
			}
		})
	}
}

// An adapter that is started by hand finds its control connection, and is asked for again when that has ended.
func TestByHandAdapter(t *testing.T) {
	noLeaks(t)
	h := newHand(t)
	peer := attachPeer(t, Config{ByHand: h.start}, adapterText(t, "good"))
	k := newKit(t, peer, conformance.Responder, "v1")
	k.exchange()
	alive(t, peer)
	if n := len(h.launches); n != 1 || len(h.launches[0].Env) != 1 || !strings.HasPrefix(h.launches[0].Env[0], "OCKAMTEST_CONTROL=tcp:") {
		t.Fatalf("launches: %+v, want one with its control connection", h.launches)
	}
	h.end()
	for until := time.Now().Add(patient); peer.Death() == nil && time.Now().Before(until); {
	}
	k.exchange()
	if n := len(h.launches); n != 2 {
		t.Errorf("launches: %+v, want another one", h.launches)
	}
}

// Waiting for somebody ends with the run.
func TestByHandNobody(t *testing.T) {
	for _, role := range []conformance.Role{conformance.Responder, conformance.Initiator} {
		noLeaks(t)
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		peer := attachExec(t, Config{ByHand: func(Launch) <-chan string { return nil }}, "obey", "")
		if _, err := newKit(t, peer, role, "v1").Open(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: got %v, want the context's error", role, err)
		}
	}
}

// What the kit would not start is not started by hand.
func TestByHandRefused(t *testing.T) {
	by := func(Launch) <-chan string { return nil }
	for text, roles := range map[string][]conformance.Role{
		"tcp://127.0.0.1:1": nil, "accept:tcp://127.0.0.1:0": nil, "in-process:reference": nil, "adapter+fd:true": nil,
		"exec:true": {conformance.Router},
	} {
		spec, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), Config{Spec: spec, Roles: roles, ByHand: by}); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: got %v, want ErrConfig", text, err)
		}
	}
}
