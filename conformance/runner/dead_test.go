package runner

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ockamtest/conformance"
	"ockamtest/ref/profile"
)

// A deadPeer does nothing of what it has to.
type deadPeer struct {
	name  string
	kill  func(*fakePeer)
	exit  int    // code of the run
	blame string // what failed in the control
}

func deadPeers() []deadPeer {
	hang := func(wait time.Duration) { <-time.After(wait) }
	return []deadPeer{
		{"closes", func(p *fakePeer) { p.answer = func([]byte) ([]byte, error) { return nil, io.EOF } }, 1, "NOISE-002"},
		{"resets", func(p *fakePeer) { p.answer = func([]byte) ([]byte, error) { return nil, conformance.ErrReset } }, 1, "NOISE-002"},
		{"silent", func(p *fakePeer) {
			p.answer, p.hang = func([]byte) ([]byte, error) { hang(time.Millisecond); return nil, nil }, hang
		}, 1, "NOISE-002"},
		{"says something else", func(p *fakePeer) {
			p.answer = func([]byte) ([]byte, error) { return []byte("no"), nil }
		}, 1, "CHAN-005"},
		{"refuses", func(p *fakePeer) {
			p.open = func(conformance.Need) error { return fmt.Errorf("%w: refused", conformance.ErrUnreachable) }
		}, 3, ""},
	}
}

// A dead peer scores zero passes, in all roles and profiles, in well under 30 seconds.
func TestDeadPeers(t *testing.T) {
	for _, dead := range deadPeers() {
		t.Run(dead.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				peer := newFakePeer()
				peer.info.Roles = []conformance.Role{conformance.Responder, conformance.Initiator}
				dead.kill(peer)
				cfg := newConfig(peer, newCase("noise/a", roundTrip), newCase("noise/b", returning(nil)))
				cfg.Profiles = []profile.Profile{v1(), c09()}
				began := time.Now()
				r, err := Run(t.Context(), cfg)
				if err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); took > 25*time.Second {
					t.Errorf("took %v, want at most 25 s", took)
				}
				checkDead(t, r, dead.exit, dead.blame)
				if err := checkHonest(cfg, r); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// checkDead wants four groups of a control that failed or could not be run, and two cases that were not run.
func checkDead(t *testing.T, r *conformance.Results, exit int, blame string) {
	t.Helper()
	if got := conformance.ExitCode(r, nil); got != exit {
		t.Errorf("got exit code %d, want %d", got, exit)
	}
	if got, want := len(r.Results), 12; got != want {
		t.Fatalf("got %d results, want %d", got, want)
	}
	if got := r.Summary[conformance.Pass]; got != 0 {
		t.Errorf("got %d passes, want none", got)
	}
	for i := range r.Results {
		result := &r.Results[i]
		want := conformance.NotRun
		if i%3 == 0 && blame != "" {
			want = conformance.Fail
		}
		if result.Outcome != want || result.Requirement != blame || !strings.Contains(result.Reason, blame) && want == conformance.NotRun {
			t.Errorf("result %d, %s: got %s of %q, want %s of %q; %s", i, result.Case, result.Outcome, result.Requirement, want, blame, result.Reason)
		}
	}
	trouble := ""
	if exit == conformance.ExitTrouble {
		trouble = "responder over tcp in profile v1: refused"
	}
	if r.Trouble != trouble {
		t.Errorf("got trouble %q, want %q", r.Trouble, trouble)
	}
	for _, req := range r.Requirements {
		if req.Status == string(conformance.Pass) {
			t.Errorf("%s is said to be met", req.ID)
		}
	}
}
