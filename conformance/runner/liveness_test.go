package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"ockamtest/conformance"
	"ockamtest/ref/profile"
)

// A poison case makes the peer die in some way and itself ends with err.
func poison(peer *fakePeer, die func(*fakePeer), err error) conformance.Case {
	return newCase("noise/poison", func(ctx context.Context, env conformance.Env) error {
		if _, openErr := env.Open(ctx); openErr != nil {
			return openErr
		}
		die(peer)
		return err
	})
}

func falls(p *fakePeer) {
	p.answer = func([]byte) ([]byte, error) { return nil, io.EOF }
}

// A case that leaves a dead peer behind fails, whatever it found itself; nothing after it passes.
func TestCaseThatKillsThePeer(t *testing.T) {
	tests := []struct {
		name  string
		err   error // of the case
		want  conformance.Outcome
		blame string
	}{
		{"passed", nil, conformance.Fail, "NOISE-005"},
		{"failed", &conformance.Failure{Requirement: "NOISE-006", Expected: "this", Actual: "that"}, conformance.Fail, "NOISE-006"},
		{"would warn", &conformance.Failure{Requirement: "NOISE-009", Expected: "this", Actual: "that"}, conformance.Fail, "NOISE-009"},
		{"known", &conformance.Failure{Requirement: "NOISE-012", Expected: "this", Actual: "that"}, conformance.Fail, "NOISE-012"},
		{"inapplicable", &conformance.Inapplicable{Reason: "no"}, conformance.Fail, "NOISE-005"},
		{"unreachable", conformance.ErrUnreachable, conformance.Fail, "NOISE-005"},
		{"kit's own trouble", errors.New("no memory"), conformance.Error, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			peer := newFakePeer()
			cfg := newConfig(peer, newCase("noise/a", roundTrip), poison(peer, falls, test.err), newCase("noise/b", roundTrip), newCase("noise/c", roundTrip))
			cfg.Profiles = []profile.Profile{c09()}
			exit := 1
			if test.want == conformance.Error {
				exit = 3
			}
			r, err := check(t.Context(), cfg, exit, conformance.Pass, conformance.Pass, test.want, conformance.NotRun, conformance.NotRun)
			if err != nil {
				t.Fatal(err)
			}
			got := r.Results[2]
			if got.Requirement != test.blame || !strings.Contains(got.Reason, "no longer answers after this case: NOISE-002") {
				t.Errorf("got %q blamed, actual %q, reason %q; want the log once", got.Requirement, got.Actual, got.Reason)
			}
			if test.want == conformance.Fail && got.Class != conformance.Gone {
				t.Errorf("got class %q, want that it is gone", got.Class)
			}
			if last := got.Transcript[len(got.Transcript)-1]; last.Link != 2 {
				t.Errorf("got last entry %+v, want one of the control's link", last)
			}
			if rest := r.Results[3]; rest.Requirement != "NOISE-002" || !strings.Contains(rest.Reason, "the positive control failed") {
				t.Errorf("got %+v, want not-run with the control's requirement", rest)
			}
		})
	}
}

// A peer that goes away before a case has reached it is not gone because of that case.
func TestCaseThatNeverReachedThePeer(t *testing.T) {
	peer := newFakePeer()
	early := newCase("noise/early", func(context.Context, conformance.Env) error {
		falls(peer)
		return fmt.Errorf("%w: nobody listens", conformance.ErrUnreachable)
	})
	r, err := check(t.Context(), newConfig(peer, early, newCase("noise/b", roundTrip)), 3, conformance.Pass, conformance.Error, conformance.NotRun)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Results[1]; got.Requirement != "" || got.Class != "" || !strings.Contains(got.Reason, "nobody listens") ||
		!strings.Contains(got.Reason, "does not answer later either") {
		t.Errorf("got %q blamed, class %q, reason %q, want nothing blamed", got.Requirement, got.Class, got.Reason)
	}
}

// A peer that is restarted after its death is tested on.
func TestPeerThatIsRestarted(t *testing.T) {
	peer := newFakePeer()
	die := func(p *fakePeer) {
		sessions := len(p.links)
		p.answer = func(b []byte) ([]byte, error) {
			if len(p.links) == sessions+1 {
				return nil, conformance.ErrReset
			}
			return b, nil
		}
	}
	cfg := newConfig(peer, poison(peer, die, nil), newCase("noise/b", roundTrip))
	if _, err := check(t.Context(), cfg, 1, conformance.Pass, conformance.Fail, conformance.Pass); err != nil {
		t.Error(err)
	}
}

// The death of a process is a failure, seen during the case or during the control after it; no level or deviation excuses it.
func TestDeathOfTheProcess(t *testing.T) {
	crash := errors.New("exit status 139; log: segmentation fault")
	failure := &conformance.Failure{Requirement: "NOISE-012", Expected: "this", Actual: "that"}
	tests := []struct {
		name  string
		err   error
		blame string
	}{
		{"passed", nil, "NOISE-005"},
		{"inapplicable", &conformance.Inapplicable{Reason: "no"}, "NOISE-005"},
		{"known deviation", failure, "NOISE-012"},
		{"what another case is about", &conformance.Failure{Requirement: "CHAN-001", Expected: "m2", Actual: "the end"}, "NOISE-005"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			peer := newFakePeer()
			deadly := poison(peer, func(p *fakePeer) { p.death = crash }, test.err)
			deadly.Requirements = []string{"NOISE-005", "NOISE-012"}
			cfg := newConfig(peer, deadly, newCase("noise/b", roundTrip))
			cfg.Profiles = []profile.Profile{c09()}
			r, err := check(t.Context(), cfg, 1, conformance.Pass, conformance.Fail, conformance.Pass)
			if err != nil {
				t.Fatal(err)
			}
			if got := r.Results[1]; got.Requirement != test.blame || strings.Count(got.Actual+got.Reason, "segmentation fault") != 1 {
				t.Errorf("got %q blamed, reason %q", got.Requirement, got.Reason)
			}
			if class := r.Results[1].Class; class != conformance.Died {
				t.Errorf("got class %q, want that it died", class)
			}
		})
	}
	t.Run("during the control after it", func(t *testing.T) {
		peer := newFakePeer()
		die := func(p *fakePeer) {
			p.open = func(conformance.Need) error {
				p.death, p.open = crash, nil
				return nil
			}
		}
		r, err := check(t.Context(), newConfig(peer, poison(peer, die, nil), newCase("noise/b", roundTrip)), 1,
			conformance.Pass, conformance.Fail, conformance.Pass)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Results[1].Reason; strings.Count(got, "segmentation fault") != 1 {
			t.Errorf("got reason %q", got)
		}
	})
	t.Run("in the first control", func(t *testing.T) {
		peer := newFakePeer()
		peer.death = crash
		if _, err := check(t.Context(), newConfig(peer, newCase("noise/b", roundTrip)), 1, conformance.Fail, conformance.NotRun); err != nil {
			t.Error(err)
		}
	})
}

// A peer that plays back what it heard first passes one control and no more: the control is fresh each time.
func TestReplayingPeer(t *testing.T) {
	peer := newFakePeer()
	var first []byte
	peer.answer = func(p []byte) ([]byte, error) {
		if first == nil {
			first = append(first, p...)
		}
		return first, nil
	}
	cfg := newConfig(peer, newCase("noise/a", returning(nil)), newCase("noise/b", returning(nil)))
	if _, err := check(t.Context(), cfg, 1, conformance.Pass, conformance.Fail, conformance.NotRun); err != nil {
		t.Error(err)
	}
}

// When the kit itself cannot prove liveness, a pass is not believed, and a failure is.
func TestLivenessThatTheKitCannotProve(t *testing.T) {
	failure := &conformance.Failure{Expected: "this", Actual: "that"}
	tests := []struct {
		name string
		err  error
		want conformance.Outcome
	}{
		{"passed", nil, conformance.Error},
		{"failed", failure, conformance.Fail},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cfg := newConfig(newFakePeer(), newCase("noise/a", returning(test.err)))
			n := 0
			cfg.Control.Run = func(ctx context.Context, env conformance.Env) error {
				if n++; n > 1 {
					return errors.New("no memory")
				}
				return roundTrip(ctx, env)
			}
			exit := map[conformance.Outcome]int{conformance.Error: 3, conformance.Fail: 1}[test.want]
			if _, err := check(t.Context(), cfg, exit, conformance.Pass, test.want); err != nil {
				t.Error(err)
			}
		})
	}
}

// A case that did nothing needs no new proof of life; every other does.
func TestLivenessIsProvenAfterEveryCase(t *testing.T) {
	peer := newFakePeer()
	cfg := newConfig(peer,
		newCase("noise/a", roundTrip),
		newCase("noise/b", func(context.Context, conformance.Env) error { return &conformance.Inapplicable{Reason: "no"} }),
		newCase("noise/c", returning(nil)))
	_, err := check(t.Context(), cfg, 0, conformance.Pass, conformance.Pass, conformance.Unsupported, conformance.Pass)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(peer.opened), 1+2+0+2; got != want {
		t.Errorf("got %d sessions, want %d", got, want)
	}
	if got := fmt.Sprint(peer.opened[0]); got != fmt.Sprint(conformance.Need{Role: conformance.Responder, Transport: conformance.TCP, Profile: "v1"}) {
		t.Errorf("got a session for %s", got)
	}
}
