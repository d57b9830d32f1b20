package runner

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"ockamtest/conformance"
	"ockamtest/ref/profile"
)

// An interrupted run reports what it found, says that it is partial, and what is left is not-run. A pass whose liveness was not
// proven any more is not believed.
func TestInterrupted(t *testing.T) {
	tests := []struct {
		name     string
		sessions int // the run is interrupted when this one is made; 0: before the run
		want     []conformance.Outcome
	}{
		{"before", 0, []conformance.Outcome{conformance.NotRun, conformance.NotRun, conformance.NotRun}},
		{"in the first control", 1, []conformance.Outcome{conformance.NotRun, conformance.NotRun, conformance.NotRun}},
		{"in a case", 2, []conformance.Outcome{conformance.Pass, conformance.NotRun, conformance.NotRun}},
		{"in the control after a case", 3, []conformance.Outcome{conformance.Pass, conformance.NotRun, conformance.NotRun}},
		{"in the last case", 4, []conformance.Outcome{conformance.Pass, conformance.Pass, conformance.NotRun}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			peer := newFakePeer()
			sessions := 0
			peer.open = func(conformance.Need) error {
				if sessions++; sessions == test.sessions {
					interrupt()
				}
				return nil
			}
			if test.sessions == 0 {
				interrupt()
			}
			r, err := check(ctx, newConfig(peer, newCase("noise/a", roundTrip), newCase("noise/b", roundTrip)), 130, test.want...)
			if err != nil {
				t.Fatal(err)
			}
			if !r.Partial || r.Stopped != conformance.StoppedInterrupted {
				t.Errorf("got partial %v, stopped %q", r.Partial, r.Stopped)
			}
		})
	}
}

// A failure that a case has found stands, though the control after it was interrupted.
func TestInterruptedAfterFailure(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	peer := newFakePeer()
	sessions := 0
	peer.open = func(conformance.Need) error {
		if sessions++; sessions == 3 {
			interrupt()
		}
		return nil
	}
	failing := newCase("noise/a", returning(&conformance.Failure{Expected: "this", Actual: "that"}))
	if _, err := check(ctx, newConfig(peer, failing), 130, conformance.Pass, conformance.Fail); err != nil {
		t.Error(err)
	}
}

// An interruption is noticed soon, also while the kit waits for a peer.
func TestInterruptionWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		peer := newFakePeer()
		peer.answer = func([]byte) ([]byte, error) { return nil, nil }
		peer.hang = func(wait time.Duration) { <-time.After(wait) }
		began := time.Now()
		r, err := check(ctx, newConfig(peer, newCase("noise/a", roundTrip)), 130, conformance.NotRun, conformance.NotRun)
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > time.Second+2*waitSlice {
			t.Errorf("noticed after %v, want about 1 s", took)
		}
		if !r.Partial {
			t.Error("the results do not say that they are partial")
		}
	})
}

func TestFailFast(t *testing.T) {
	failing := newCase("noise/a", returning(&conformance.Failure{Expected: "this", Actual: "that"}))
	cfg := newConfig(newFakePeer(), failing, newCase("noise/b", roundTrip))
	cfg.Profiles, cfg.FailFast = []profile.Profile{v1(), c09()}, true
	r, err := check(t.Context(), cfg, 1,
		conformance.Pass, conformance.Fail, conformance.NotRun, conformance.NotRun, conformance.NotRun, conformance.NotRun)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Partial || r.Stopped != conformance.StoppedFailFast {
		t.Errorf("got partial %v, stopped %q", r.Partial, r.Stopped)
	}
	cfg.Cases[1].Run = roundTrip
	if r, err = check(t.Context(), cfg, 0,
		conformance.Pass, conformance.Pass, conformance.Pass, conformance.Pass, conformance.Pass, conformance.Pass); err != nil {
		t.Fatal(err)
	} else if r.Partial {
		t.Error("a run without a failure is partial")
	}
}

// listen makes the peer talk, and listens as long as it does.
func listen(ctx context.Context, env conformance.Env) error {
	link, err := env.Open(ctx)
	if err != nil {
		return err
	}
	if err := link.Send([]byte("talk")); err != nil {
		return err
	}
	for {
		if _, err := link.Receive(env.Patience()); err != nil {
			return &conformance.Failure{Expected: "more", Actual: "no answer"} // a case cannot tell why
		}
	}
}

// A peer that talks for ever is given up in less than 30 seconds, in all roles and profiles.
func TestEndlessPeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		peer := newFakePeer()
		peer.info.Roles = []conformance.Role{conformance.Responder, conformance.Initiator}
		cfg := newConfig(talker{peer}, newCase("noise/a", roundTrip), newCase("noise/b", roundTrip))
		cfg.Profiles = []profile.Profile{v1(), c09()}
		cfg.Control.Run = listen
		cfg.Control.Requirements = []string{"NOISE-002"}
		began := time.Now()
		r, err := Run(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 29*time.Second {
			t.Errorf("took %v, want at most 28 s", took)
		}
		checkDead(t, r, conformance.ExitNotConformant, "NOISE-002")
	})
}

// A peer that keeps talking without ever coming to an end uses up the time: the kit's error in a case, a failure in the control.
func TestTimeout(t *testing.T) {
	tests := []struct {
		name      string
		inControl bool
		want      []conformance.Outcome
		exit      int
		within    time.Duration
	}{
		{"in a case", false, []conformance.Outcome{conformance.Pass, conformance.Error, conformance.Pass}, 3, 91 * time.Second},
		{"in the control", true, []conformance.Outcome{conformance.Fail, conformance.NotRun, conformance.NotRun}, 1, 11 * time.Second},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				peer := newFakePeer()
				peer.info.Attachment = "exec"
				cfg := newConfig(talker{peer}, newCase("noise/a", listen), newCase("noise/b", roundTrip))
				if test.inControl {
					cfg.Control.Run = listen
				}
				began := time.Now()
				r, err := check(t.Context(), cfg, test.exit, test.want...)
				if err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); took > test.within {
					t.Errorf("took %v, want at most %v", took, test.within)
				}
				for i := range r.Results {
					if got := len(r.Results[i].Transcript); got > maxEntries+1 {
						t.Errorf("got a transcript of %d entries", got)
					}
				}
			})
		})
	}
}

// A talker is a peer that, when told to talk, never ends.
type talker struct{ *fakePeer }

func (p talker) Open(ctx context.Context, need conformance.Need) (conformance.Link, error) {
	link, err := p.fakePeer.Open(ctx, need)
	return &talkingLink{Link: link}, err
}

type talkingLink struct {
	conformance.Link
	talks bool
}

func (l *talkingLink) Send(p []byte) error {
	if l.talks = string(p) == "talk"; l.talks {
		return nil
	}
	return l.Link.Send(p)
}

func (l *talkingLink) Receive(wait time.Duration) ([]byte, error) {
	if !l.talks {
		return l.Link.Receive(wait)
	}
	<-time.After(min(wait, 50*time.Millisecond))
	return []byte{1}, nil
}

// The time in which an initiator connects does not count as the exchange's, and is bounded on its own.
func TestOpenHasATimeOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		peer := newFakePeer()
		peer.open = func(conformance.Need) error { <-time.After(14 * time.Second); return nil }
		cfg := newConfig(peer, newCase("noise/a", roundTrip))
		if _, err := check(t.Context(), cfg, 0, conformance.Pass, conformance.Pass); err != nil {
			t.Error(err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		cfg := newConfig(absent{newFakePeer()}, newCase("noise/a", roundTrip))
		cfg.Profiles = []profile.Profile{v1(), c09()}
		began := time.Now()
		r, err := check(t.Context(), cfg, 3, conformance.NotRun, conformance.NotRun, conformance.NotRun, conformance.NotRun)
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 21*time.Second || r.Trouble == "" {
			t.Errorf("took %v, trouble %q; want at most 20 s", took, r.Trouble)
		}
	})
}

// An absent peer never comes.
type absent struct{ *fakePeer }

func (p absent) Open(ctx context.Context, _ conformance.Need) (conformance.Link, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

var errClosing = errors.New("descriptor is gone")

// A link that does not close is noted and harms nothing.
func TestLinkThatDoesNotClose(t *testing.T) {
	cfg := newConfig(stuck{newFakePeer()}, newCase("noise/a", returning(&conformance.Failure{Expected: "this", Actual: "that"})))
	r, err := check(t.Context(), cfg, 1, conformance.Pass, conformance.Fail)
	if err != nil {
		t.Fatal(err)
	}
	last := r.Results[1].Transcript[len(r.Results[1].Transcript)-1]
	if got, want := last.Text, "closing failed: "+errClosing.Error(); got != want {
		t.Errorf("got last entry %q, want %q", got, want)
	}
}

type stuck struct{ *fakePeer }

func (p stuck) Open(ctx context.Context, need conformance.Need) (conformance.Link, error) {
	link, err := p.fakePeer.Open(ctx, need)
	return stuckLink{link}, err
}

type stuckLink struct{ conformance.Link }

func (l stuckLink) Close() error {
	_ = l.Link.Close()
	return errClosing
}
