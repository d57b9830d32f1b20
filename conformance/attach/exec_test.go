package attach

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// An exec peer has its processes noted, so that a test can see that none is left.
func attachExec(t *testing.T, cfg Config, mode, more string) *execPeer {
	t.Helper()
	return attachPeer(t, cfg, puppet(t, mode, more)).(*execPeer)
}

// pid is the number of the process that runs now.
func pid(t *testing.T, p *execPeer) int {
	t.Helper()
	if p.run == nil {
		t.Fatal("no process runs")
	}
	return p.run.process.cmd.Process.Pid
}

// assertGone fails if a process lives on. A child's end may need a moment to be seen.
func assertGone(t *testing.T, pid int) {
	t.Helper()
	for until := time.Now().Add(patient); time.Now().Before(until); {
		if !running(pid) {
			return
		}
	}
	t.Errorf("process %d lives on", pid)
}

// say sends a word and returns what is answered.
func say(t *testing.T, link conformance.Link, word string) string {
	t.Helper()
	send(t, link, word)
	p, err := link.Receive(patient)
	if err != nil {
		t.Fatalf("%q: %v", word, err)
	}
	return string(p)
}

// sayLast sends a word that ends the process, and waits for the end of the link.
func sayLast(t *testing.T, link conformance.Link, word string) {
	t.Helper()
	send(t, link, word)
	if p, err := link.Receive(patient); err == nil || errors.Is(err, conformance.ErrQuiet) {
		t.Fatalf("%q: got %q, %v, want the end of the link", word, p, err)
	}
	closeLink(t, link)
}

func bothRoles(t *testing.T, test func(t *testing.T, role conformance.Role)) {
	t.Helper()
	for _, role := range []conformance.Role{conformance.Responder, conformance.Initiator} {
		t.Run(string(role), func(t *testing.T) {
			noLeaks(t)
			test(t, role)
		})
	}
}

func TestExecKeptAlive(t *testing.T) {
	bothRoles(t, func(t *testing.T, role conformance.Role) {
		peer := attachExec(t, Config{}, "flynn", "")
		pids := map[int]bool{}
		for _, profileName := range []string{"v1", "c09"} {
			k := newKit(t, peer, role, profileName)
			for range 3 {
				k.exchange()
				pids[pid(t, peer)] = true
			}
			alive(t, peer)
		}
		if len(pids) != 2 {
			t.Errorf("got %d processes, want one for each profile", len(pids))
		}
		if err := peer.Close(); err != nil {
			t.Error(err)
		}
		for pid := range pids {
			assertGone(t, pid)
		}
	})
}

func TestExecPerSession(t *testing.T) {
	bothRoles(t, func(t *testing.T, role conformance.Role) {
		peer := attachExec(t, Config{}, "once", "")
		k := newKit(t, peer, role, "v1")
		pids := map[int]bool{}
		for range 4 {
			k.exchange()
			pids[pid(t, peer)] = true
			alive(t, peer)
		}
		if len(pids) != 4 {
			t.Errorf("got %d processes, want 4", len(pids))
		}
		if got := peer.Info().MaxConnections; (got == 1) != (role == conformance.Responder) {
			t.Errorf("max connections: got %d", got)
		}
	})
}

// A command that serves one session each time is not asked for a second one at once, and its session goes on.
func TestExecPerSessionOverlap(t *testing.T) {
	noLeaks(t)
	peer := attachExec(t, Config{}, "once", "")
	k := newKit(t, peer, conformance.Responder, "v1")
	k.exchange()
	for range 2 {
		s, err := adversary.OpenChannel(t.Context(), k)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.Open(t.Context()); !errors.Is(err, conformance.ErrUnreachable) {
			t.Errorf("second session: got %v, want ErrUnreachable", err)
		}
		if err := errors.Join(s.EchoRandom(10), s.Close()); err != nil {
			t.Error(err)
		}
	}
	k.exchange()
	alive(t, peer)
}

// Once the peer has ended its session, the next one begins, though the kit has not closed its end.
func TestExecPerSessionPeerEnds(t *testing.T) {
	noLeaks(t)
	peer := attachExec(t, Config{}, "once-strict", "")
	k := newKit(t, peer, conformance.Responder, "v1")
	k.exchange()
	link := k.open()
	send(t, link, "\x00\x01\x02")
	if data, err := received(link); errors.Is(err, conformance.ErrQuiet) {
		t.Fatalf("got %q, %v, want the end of the link", data, err)
	}
	k.exchange()
	alive(t, peer)
}

// A process that serves one session may tell with its status that the handshake failed. That is no crash.
func TestExecPerSessionStatus(t *testing.T) {
	bothRoles(t, func(t *testing.T, role conformance.Role) {
		peer := attachExec(t, Config{}, "once-strict", "")
		k := newKit(t, peer, role, "v1")
		for range 2 {
			k.exchange()
			link := k.open()
			send(t, link, "\x00\x01\x02")
			if data, err := received(link); errors.Is(err, conformance.ErrQuiet) {
				t.Errorf("got %q, %v, want the end of the link", data, err)
			}
			closeLink(t, link)
			alive(t, peer)
		}
		k.exchange()
		alive(t, peer)
	})
}

func TestExecCrash(t *testing.T) {
	tests := []struct {
		word, reason, log string
		initiatorToo      bool
	}{
		{"panic", "exit status 2", "panic: at the disco", true},
		{"exit 139", "exit status 139", "", true},
		{"kill", "signal: killed", "", true},
		{"asan", "==7==ERROR: AddressSanitizer: heap-buffer-overflow", "AddressSanitizer", true},
		{"exit 3", "exit status 3", "last words", false}, // an initiator's way to say that its session went wrong
	}
	for _, tt := range tests {
		t.Run(tt.word, func(t *testing.T) {
			bothRoles(t, func(t *testing.T, role conformance.Role) {
				peer := attachExec(t, Config{}, "obey", "")
				k := newKit(t, peer, role, "v1")
				for range 2 { // again after the restart
					link := k.open()
					if got := say(t, link, "hello"); got != "hello" {
						t.Errorf("got %q", got)
					}
					closeLink(t, link)
					peer.life = manySessions // else that is found out, which takes its time
					victim := k.open()
					gone, last := pid(t, peer), peer.run.process
					sayLast(t, victim, tt.word)
					<-last.done // at a loaded machine's pace
					if role == conformance.Initiator && !tt.initiatorToo {
						alive(t, peer)
						continue
					}
					crash := died(t, peer)
					if !strings.HasPrefix(crash.Reason, tt.reason) {
						t.Errorf("reason: got %q, want %q", crash.Reason, tt.reason)
					}
					if log := strings.Join(crash.Log, "\n"); !strings.Contains(log, tt.log) {
						t.Errorf("log: got %q, want it to have %q", log, tt.log)
					}
					assertGone(t, gone)
				}
				link := k.open()
				if got := say(t, link, "hello"); got != "hello" {
					t.Errorf("after the restart: got %q", got)
				}
				alive(t, peer)
			})
		})
	}
}

// A clean end is no crash, whenever it comes.
func TestExecExits(t *testing.T) {
	bothRoles(t, func(t *testing.T, role conformance.Role) {
		peer := attachExec(t, Config{}, "obey", "")
		k := newKit(t, peer, role, "v1")
		for range 2 {
			closeLink(t, k.open())
			peer.life = manySessions
			sayLast(t, k.open(), "exit 0")
			alive(t, peer)
		}
	})
}

// A link that the peer has ended is no crash while the process lives.
func TestExecCloses(t *testing.T) {
	noLeaks(t)
	peer := attachExec(t, Config{}, "obey", "")
	k := newKit(t, peer, conformance.Responder, "v1")
	sayLast(t, k.open(), "close")
	first := pid(t, peer)
	alive(t, peer)
	peer.life = manySessions
	say(t, k.open(), "hello")
	if got := pid(t, peer); got != first {
		t.Errorf("process %d was replaced by %d", first, got)
	}
}

func TestExecSanitizerReport(t *testing.T) {
	noLeaks(t)
	peer := attachExec(t, Config{}, "obey", "")
	k := newKit(t, peer, conformance.Responder, "v1")
	link := k.open()
	if got := say(t, link, "talk"); got != "talked" {
		t.Fatalf("got %q", got)
	}
	alive(t, peer)
	if got := say(t, link, "ubsan"); got != "reported" {
		t.Fatalf("got %q", got)
	}
	var crash *CrashError
	for until := time.Now().Add(patient); crash == nil && time.Now().Before(until); { // stderr is another pipe
		_ = errors.As(peer.Death(), &crash)
	}
	if crash == nil || !strings.Contains(crash.Reason, "wire.c:10:7: runtime error: shift") {
		t.Fatalf("got %v", crash)
	}
	if got := say(t, link, "still here"); got != "still here" {
		t.Errorf("got %q", got)
	}
	alive(t, peer)
	last := peer.run.process
	sayLast(t, link, "asan")
	<-last.done
	if crash := died(t, peer); !strings.Contains(crash.Reason, "AddressSanitizer") {
		t.Errorf("got %v", crash)
	}
}

func TestExecNeverReady(t *testing.T) {
	tests := []struct {
		name, mode string
		scale      float64
		want       []string
	}{
		{"ends", "exit", 1, []string{"(starts: 3)", "exit status 9", `cannot\a start`}},
		{"says nothing", "mute", 0.05, []string{"starting up"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bothRoles(t, func(t *testing.T, role conformance.Role) {
				peer := attachExec(t, Config{Scale: tt.scale}, tt.mode, "")
				k := newKit(t, peer, role, "v1")
				_, err := k.Open(t.Context())
				if !errors.Is(err, conformance.ErrUnreachable) {
					t.Fatalf("got %v, want ErrUnreachable", err)
				}
				for _, w := range tt.want {
					if !strings.Contains(err.Error(), w) {
						t.Errorf("got %q, want it to have %q", err, w)
					}
				}
				alive(t, peer)
				if _, err := k.Open(t.Context()); !errors.Is(err, conformance.ErrUnreachable) {
					t.Errorf("again: got %v, want ErrUnreachable", err)
				} else if tt.mode == "exit" && !strings.Contains(err.Error(), "(starts: 1)") {
					t.Errorf("again: got %q, want one start only", err)
				}
			})
		})
	}
}

func TestExecCannotStart(t *testing.T) {
	noLeaks(t)
	peer := attachPeer(t, Config{}, "exec:/nonexistent/peer")
	_, err := newKit(t, peer, conformance.Responder, "v1").Open(t.Context())
	if !errors.Is(err, conformance.ErrUnreachable) || !strings.Contains(err.Error(), "/nonexistent/peer") {
		t.Errorf("got %v, want ErrUnreachable", err)
	}
}

func TestExecCancelled(t *testing.T) {
	bothRoles(t, func(t *testing.T, role conformance.Role) {
		peer := attachExec(t, Config{Scale: 100}, "mute", "")
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if _, err := newKit(t, peer, role, "v1").Open(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the context's error", err)
		}
	})
}

// What a process writes is drained, kept within bounds, and does not confuse the kit.
func TestExecOutput(t *testing.T) {
	for _, mode := range []string{"noisy", "flood"} {
		t.Run(mode, func(t *testing.T) {
			noLeaks(t)
			peer := attachExec(t, Config{}, mode, "")
			link := newKit(t, peer, conformance.Responder, "v1").open()
			if got := say(t, link, "hello"); got != "hello" {
				t.Errorf("got %q", got)
			}
			tail := peer.run.process.journal.tail()
			if len(tail) == 0 || len(tail) > journalLines {
				t.Errorf("got %d lines of log", len(tail))
			}
			for _, line := range tail {
				if len(line) > 4*journalLine {
					t.Errorf("a line of %d bytes was kept", len(line))
				}
			}
			if log := strings.Join(tail, "\n"); mode == "noisy" && !strings.Contains(log, `\x1b[31mwelcome\xff`) {
				t.Errorf("got %q", log)
			}
		})
	}
}

func TestExecStop(t *testing.T) {
	for _, mode := range []string{"obey", "stubborn"} {
		t.Run(mode, func(t *testing.T) {
			noLeaks(t)
			peer := attachExec(t, Config{}, mode, "")
			k := newKit(t, peer, conformance.Responder, "v1")
			link := k.open()
			child, err := strconv.Atoi(say(t, link, "child"))
			if err != nil {
				t.Fatal(err)
			}
			own := pid(t, peer)
			if !running(child) || !running(own) {
				t.Fatal("the processes do not run")
			}
			if err := peer.Close(); err != nil {
				t.Error(err)
			}
			assertGone(t, own)
			assertGone(t, child)
			alive(t, peer) // its end was the kit's doing
		})
	}
}

// What a process that has crashed leaves behind is killed.
func TestExecCrashLeavesNothing(t *testing.T) {
	noLeaks(t)
	peer := attachExec(t, Config{}, "obey", "")
	link := newKit(t, peer, conformance.Responder, "v1").open()
	child, err := strconv.Atoi(say(t, link, "child"))
	if err != nil {
		t.Fatal(err)
	}
	send(t, link, "kill")
	<-peer.run.process.done
	_ = died(t, peer)
	assertGone(t, child)
}

// A process that does not answer any more is ended when the kit says so, with what it said last; the next session is another one's.
func TestExecHangs(t *testing.T) {
	bothRoles(t, func(t *testing.T, role conformance.Role) {
		peer := attachExec(t, Config{Scale: 0.05}, "obey", "")
		if got := peer.Revive(t.Context()); got != "" {
			t.Errorf("before the first session: got %q", got)
		}
		k := newKit(t, peer, role, "v1")
		link := k.open()
		say(t, link, "talk")
		first := pid(t, peer)
		send(t, link, "hang")
		closeLink(t, link)
		if got := peer.Revive(t.Context()); !strings.HasPrefix(got, hungText) || !strings.Contains(got, "built with AddressSanitizer") {
			t.Errorf("got %q, want that it lived, and its log", got)
		}
		assertGone(t, first)
		alive(t, peer) // its end was the kit's doing
		if got := say(t, k.open(), "hello"); got != "hello" {
			t.Errorf("got %q", got)
		}
	})
}

// A process that is dying when the kit asks for another one is left to its death, which is told as such.
func TestExecRevivedWhileDying(t *testing.T) {
	bothRoles(t, func(t *testing.T, role conformance.Role) {
		peer := attachExec(t, Config{}, "obey", "")
		k := newKit(t, peer, role, "v1")
		send(t, k.open(), "panic")
		if got := peer.Revive(t.Context()); !strings.Contains(got, "exit status 2") {
			t.Errorf("got %q, want how it has ended", got)
		}
		if crash := died(t, peer); !strings.Contains(strings.Join(crash.Log, "\n"), "at the disco") {
			t.Errorf("log: got %q", crash.Log)
		}
	})
}

// An initiator that has connected again and again, and does so no more, though it lives, has failed: it is ended, and Death tells.
func TestExecInitiatorStaysAway(t *testing.T) {
	noLeaks(t)
	peer := attachExec(t, Config{Scale: 0.2}, "obey", "")
	k := newKit(t, peer, conformance.Initiator, "v1")
	closeLink(t, k.open())
	link := k.open()
	say(t, link, "hello")
	send(t, link, "hang")
	closeLink(t, link)
	for err := error(nil); err == nil; { // what it has dialed already may come first
		var next conformance.Link
		if next, err = k.Open(t.Context()); err == nil {
			closeLink(t, next)
		} else if !errors.Is(err, conformance.ErrUnreachable) {
			t.Fatalf("got %v, want ErrUnreachable", err)
		}
	}
	if crash := died(t, peer); !strings.Contains(crash.Reason, "has not connected again") {
		t.Errorf("got %q", crash.Reason)
	}
	if got := say(t, k.open(), "hello"); got != "hello" {
		t.Errorf("got %q", got)
	}
}

// How an initiator has ended is told, with its last words, though it is no fault.
func TestExecEnded(t *testing.T) {
	noLeaks(t)
	peer := attachExec(t, Config{}, "obey", "")
	k := newKit(t, peer, conformance.Initiator, "v1")
	sayLast(t, k.open(), "exit 3")
	got := peer.Ended(patient)
	if len(got) != 1 || !strings.Contains(got[0], "exit status 3") || !strings.Contains(got[0], "last words") {
		t.Errorf("got %q, want the status and the last words", got)
	}
	alive(t, peer)
	if again := peer.Ended(0); len(again) != 0 {
		t.Errorf("it is told twice: %q", again)
	}
	link := k.open()
	last := peer.run.process
	sayLast(t, link, "kill")
	<-last.done
	_ = died(t, peer)
	if got := peer.Ended(0); len(got) != 0 {
		t.Errorf("a death is told twice: %q", got)
	}
}
