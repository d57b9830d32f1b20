package attach

import (
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"ockamtest/conformance"
)

// take has the puppet take n MiB that it never gives back. The system fills them: what a race detector would keep of them does not count.
func take(n int) {
	const flags = syscall.MAP_ANON | syscall.MAP_PRIVATE | syscall.MAP_POPULATE
	check(syscall.Mmap(-1, 0, n<<20, syscall.PROT_READ|syscall.PROT_WRITE, flags))
}

// greedyWords are words for which the puppet takes memory or computing time.
func (p *puppetPeer) greedyWords() map[string]func() {
	if p.mode == "restless" {
		go compute(time.Hour)
	}
	return map[string]func(){
		"leak":  func() { take(64) },
		"big":   func() { take(100) },
		"spin":  func() { go compute(time.Hour) },
		"pause": func() { go compute(50 * time.Millisecond) },
		"bear":  func() { _ = p.child("compute") },
	}
}

// attempt is what the runner does around each attempt: a session, and the question for a death.
func attemptWord(t *testing.T, k *kit, word string) error {
	t.Helper()
	link := k.open()
	if got := say(t, link, word); got != word {
		t.Errorf("got %q", got)
	}
	closeLink(t, link)
	return k.peer.Death()
}

// started is the number of the process, which need not be asked whether it serves one session: that takes its time.
func started(t *testing.T, k *kit) int {
	t.Helper()
	closeLink(t, k.open())
	peer := k.peer.(*execPeer)
	peer.life = manySessions
	return pid(t, peer)
}

func TestWatch(t *testing.T) {
	tests := []struct {
		name   string
		mode   string
		cfg    Config
		words  []string // the last one is what a death follows
		want   string   // of the reason, "" of a peer that is not accused
		notice string
	}{
		{"grows", "greedy", Config{MaxGrowth: 32 << 20}, []string{"hello", "leak"}, "(--max-growth 32 MiB)", ""},
		{"grows bit by bit", "greedy", Config{MaxGrowth: 160 << 20}, []string{"hello", "leak", "leak", "leak"}, "by 64 MiB of that with the last attempt", ""},
		{"spins", "greedy", Config{MaxSpin: 200 * time.Millisecond}, []string{"hello", "hello", "spin"}, "(--max-spin 200ms)", ""},
		{"a child spins", "greedy", Config{MaxSpin: 200 * time.Millisecond}, []string{"hello", "bear"}, "(--max-spin 200ms)", ""},
		{"takes 100 MiB", "greedy", Config{}, []string{"hello", "big"}, "", ""},
		{"computes for 50 ms", "greedy", Config{MaxSpin: 200 * time.Millisecond}, []string{"hello", "pause", "pause"}, "", ""},
		{"not bounded", "greedy", Config{MaxGrowth: -1, MaxSpin: -1}, []string{"hello", "leak", "spin", "hello"}, "", ""},
		{"grows with the first", "greedy", Config{MaxGrowth: 32 << 20}, []string{"leak", "hello"}, "", ""},
		{"always computes", "restless", Config{MaxSpin: 200 * time.Millisecond}, []string{"hello", "hello"}, "", "computes all the time"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			noLeaks(t)
			var notices []string
			tt.cfg.Notice = func(text string) { notices = append(notices, text) }
			peer := attachExec(t, tt.cfg, tt.mode, "")
			k := newKit(t, peer, conformance.Responder, "v1")
			var own int
			var death error
			for i, word := range tt.words {
				if death != nil {
					t.Fatalf("it died of %q: %v", tt.words[i-1], death)
				}
				own = started(t, k)
				death = attemptWord(t, k, word)
			}
			if death == nil { // the control after it
				death = attemptWord(t, k, "hello")
			}
			var crash *CrashError
			switch {
			case tt.want == "" && death != nil:
				t.Errorf("accused: %v", death)
			case tt.want != "" && (!errors.As(death, &crash) || !errors.Is(death, conformance.ErrExhausting) || !strings.Contains(crash.Reason, tt.want)):
				t.Errorf("got %v, want ErrExhausting, and %q", death, tt.want)
			case tt.want != "":
				assertGone(t, own)
				if death := attemptWord(t, k, "hello"); death != nil {
					t.Errorf("after the restart: %v", death)
				}
			}
			if got := strings.Join(notices, "\n"); !strings.Contains(got, tt.notice) || (got == "") != (tt.notice == "") || len(notices) > 1 {
				t.Errorf("notices: got %q, want %q once", notices, tt.notice)
			}
		})
	}
}

// An adapter is watched like a command.
func TestWatchAdapter(t *testing.T) {
	noLeaks(t)
	peer := attachPeer(t, Config{MaxSpin: 200 * time.Millisecond}, adapterText(t, "spins-later"))
	k := newKit(t, peer, conformance.Responder, "v1")
	for range 2 {
		k.exchange()
		alive(t, peer)
	}
	own := peer.(*adapterPeer).adapter.process.pid()
	k.need.Profile = "c09"
	var death error
	for range 2 { // a case, and the control after it
		if death == nil {
			k.exchange()
			death = peer.Death()
		}
	}
	if !errors.Is(death, conformance.ErrExhausting) || !strings.Contains(death.Error(), "(--max-spin 200ms)") {
		t.Errorf("got %v, want ErrExhausting", death)
	}
	assertGone(t, own)
	k.exchange()
	alive(t, peer)
}

// Whoever has a link open has something to do.
func TestWatchOpenLink(t *testing.T) {
	noLeaks(t)
	peer := attachExec(t, Config{MaxSpin: 100 * time.Millisecond}, "greedy", "")
	k := newKit(t, peer, conformance.Responder, "v1")
	own := started(t, k)
	alive(t, peer)
	link := k.open()
	say(t, link, "spin")
	say(t, link, "hello")
	alive(t, peer)
	closeLink(t, link)
	if death := attemptWord(t, k, "hello"); !errors.Is(death, conformance.ErrExhausting) {
		t.Errorf("got %v, want ErrExhausting", death)
	}
	assertGone(t, own)
}
