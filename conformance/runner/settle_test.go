package runner

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"ockamtest/conformance"
	"ockamtest/ref/profile"
)

// lossy is a run of a case and the control over datagrams. drops says of each session, from 1, whether its datagram is lost.
func lossy(drops func(session int) bool) (Config, *fakePeer) {
	peer := newFakePeer()
	peer.info.Transports = []conformance.Transport{conformance.UDP}
	peer.answer = func(p []byte) ([]byte, error) {
		if drops(len(peer.links)) {
			return nil, nil
		}
		return p, nil
	}
	cfg := newConfig(peer, newCase("noise/a", roundTrip))
	cfg.Profiles = []profile.Profile{{Name: "v1", Transports: []profile.Transport{profile.UDP}}}
	cfg.Control.Transports = []conformance.Transport{conformance.UDP}
	for i := range cfg.Cases {
		cfg.Cases[i].Transports = cfg.Control.Transports
	}
	return cfg, peer
}

func among(sessions ...int) func(int) bool {
	return func(session int) bool {
		for _, s := range sessions {
			if s == session {
				return true
			}
		}
		return false
	}
}

// An answer that did not come over datagrams is a finding when it did not come twice. Session 1 is that of the first control, 2 that of
// the case, 3 that of the control after it; attempts that confirm come in between.
func TestSettle(t *testing.T) {
	const pass, fail, notRun = conformance.Pass, conformance.Fail, conformance.NotRun
	tests := []struct {
		name     string
		drops    func(int) bool
		exit     int
		want     []conformance.Outcome
		sessions int
		says     string // in the case's reason
	}{
		{"nothing lost", among(), 0, []conformance.Outcome{pass, pass}, 3, ""},
		{"an answer lost", among(2), 0, []conformance.Outcome{pass, pass}, 5, "two attempts of three passed"},
		{"not there twice", among(2, 3), 1, []conformance.Outcome{pass, fail}, 4, ""},
		{"there only once in three", among(2, 4), 1, []conformance.Outcome{pass, fail}, 5, ""},
		{"lost after the case", among(3), 0, []conformance.Outcome{pass, pass}, 5, ""},
		{"gone after the case", func(n int) bool { return n >= 3 }, 1, []conformance.Outcome{pass, fail}, 4, "no longer answers"},
		{"dead", func(int) bool { return true }, 1, []conformance.Outcome{fail, notRun}, 2, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cfg, peer := lossy(test.drops)
			r, err := check(t.Context(), cfg, test.exit, test.want...)
			if err != nil {
				t.Fatal(err)
			}
			if len(peer.links) != test.sessions {
				t.Errorf("%d sessions, want %d", len(peer.links), test.sessions)
			}
			if got := r.Results[1].Reason; test.says != "" && !strings.Contains(got, test.says) || test.says == "" && test.exit == 0 && got != "" {
				t.Errorf("the reason is %q, want %q in it", got, test.says)
			}
		})
	}
}

// A pause between pieces is no silence of which the transcript tells; a silence is.
func TestPauseIsNoSilence(t *testing.T) {
	for wait, want := range map[time.Duration]int{2 * time.Millisecond: 0, shortest: 1} {
		cfg := newConfig(newFakePeer(), newCase("noise/a", func(ctx context.Context, env conformance.Env) error {
			link, err := env.Open(ctx)
			if err != nil {
				return err
			}
			_, _ = link.Receive(wait) // nothing comes
			return &conformance.Failure{Expected: "this", Actual: "that"}
		}))
		r, err := check(t.Context(), cfg, 1, conformance.Pass, conformance.Fail)
		if err != nil {
			t.Fatal(err)
		}
		silences := 0
		for _, e := range r.Results[1].Transcript {
			if strings.HasPrefix(e.Text, "no answer in") {
				silences++
			}
		}
		if silences != want {
			t.Errorf("after %v: %d silences, want %d", wait, silences, want)
		}
	}
}

// What came is a finding at once, and so is silence where nothing can be lost.
func TestSettledAtOnce(t *testing.T) {
	wrong, _ := lossy(among())
	wrong.Cases[1].Run = returning(&conformance.Failure{Requirement: "CHAN-005", Expected: "this", Actual: "that"})
	lossless, peer := lossy(among(2))
	peer.info.Lossless = true
	stream := newFakePeer()
	stream.answer = func(p []byte) ([]byte, error) {
		if len(stream.links) == 2 {
			return nil, nil
		}
		return p, nil
	}
	died, dying := lossy(among(2))
	answer := dying.answer
	dying.answer = func(p []byte) ([]byte, error) {
		if len(dying.links) == 2 {
			dying.death = errors.New("exit status 1")
		}
		return answer(p)
	}
	for name, cfg := range map[string]Config{
		"another answer": wrong, "no network": lossless, "a stream": newConfig(stream, newCase("noise/a", roundTrip)), "dead": died,
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := check(t.Context(), cfg, 1, conformance.Pass, conformance.Fail); err != nil {
				t.Fatal(err)
			}
			peer, ok := cfg.Peer.(*fakePeer)
			if !ok || len(peer.links) != 3 {
				t.Errorf("%d sessions, want 3", len(peer.links))
			}
		})
	}
}
