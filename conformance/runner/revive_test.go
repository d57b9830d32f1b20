package runner

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"ockamtest/conformance"
)

// A revivable peer is one whose process can be replaced.
type revivable struct {
	*fakePeer
	revive func() string // what is found, "" if no process ran
	times  int
	ended  []string
	settle []time.Duration
}

func (p *revivable) Revive(context.Context) string {
	p.times++
	return p.revive()
}

func (p *revivable) Ended(settle time.Duration) []string {
	p.settle = append(p.settle, settle)
	ended := p.ended
	p.ended = nil
	return ended
}

// healthy answers what is sent.
func healthy(p []byte) ([]byte, error) { return p, nil }

// hangs is the answer of a peer that gives none.
func hangs([]byte) ([]byte, error) { return nil, nil }

// A peer that a case leaves hanging is ended and started again: the case fails, and those after it are run.
func TestPeerThatHangs(t *testing.T) {
	tests := []struct {
		name  string
		death error // that shows when it is ended
		class conformance.Class
		says  string
	}{
		{"it lives", nil, conformance.Gone, "it hung, last words"},
		{"it is dying", errors.New("signal: aborted"), conformance.Died, "the peer died: signal: aborted"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			peer := &revivable{fakePeer: newFakePeer()}
			peer.revive = func() string {
				peer.answer, peer.death = healthy, test.death
				return "it hung, last words"
			}
			hang := poison(peer.fakePeer, func(p *fakePeer) { p.answer = hangs }, nil)
			r, err := check(t.Context(), newConfig(peer, hang, newCase("noise/b", roundTrip), newCase("noise/c", roundTrip)), 1,
				conformance.Pass, conformance.Fail, conformance.Pass, conformance.Pass)
			if err != nil {
				t.Fatal(err)
			}
			got := r.Results[1]
			if got.Requirement != "NOISE-005" || got.Class != test.class || strings.Count(got.Reason, test.says) != 1 {
				t.Errorf("%q blamed, class %q, reason %q; want NOISE-005, %q, %q once", got.Requirement, got.Class, got.Reason, test.class, test.says)
			}
			if peer.times != 1 {
				t.Errorf("it was ended %d times, want once", peer.times)
			}
		})
	}
}

// A peer that a case leaves hanging after its time was up has failed; so has one that takes no more bytes. One that answers the control is the
// kit's trouble: it may be slow.
func TestHangForTheWholeTime(t *testing.T) {
	stalled := newCase("noise/a", returning(fmt.Errorf("send: %w", conformance.ErrStalled)))
	for _, lives := range []bool{true, false} {
		peer := &revivable{fakePeer: newFakePeer()}
		peer.revive = func() string {
			peer.answer = healthy
			return "it hung"
		}
		cfg := newConfig(peer, stalled, newCase("noise/b", roundTrip))
		if !lives {
			cfg.Cases[1] = poison(peer.fakePeer, func(p *fakePeer) { p.answer = hangs }, fmt.Errorf("send: %w", conformance.ErrStalled))
		}
		want, exit := conformance.Error, 3
		if !lives {
			want, exit = conformance.Fail, 1
		}
		r, err := check(t.Context(), cfg, exit, conformance.Pass, want, conformance.Pass)
		if err != nil {
			t.Fatalf("lives %t: %v", lives, err)
		}
		if got := r.Results[1]; !lives && (got.Class != conformance.Gone || got.Requirement != "NOISE-005" || !strings.Contains(got.Reason, "it hung")) {
			t.Errorf("got %+v", got)
		}
	}
}

// A process that dies in the control between two cases is replaced, and the control tried again; not without end.
func TestControlOnANewProcess(t *testing.T) {
	for dead, want := range map[int]conformance.Outcome{
		1: conformance.Pass, maxAgain: conformance.Pass, maxAgain + 1: conformance.NotRun, // the first is that of the control after the case
	} {
		peer := &revivable{fakePeer: newFakePeer()}
		left := dead
		peer.revive = func() string {
			if left--; left == 0 {
				peer.answer = healthy
			}
			return "it hung"
		}
		hang := poison(peer.fakePeer, func(p *fakePeer) { p.answer = hangs }, nil)
		_, err := check(t.Context(), newConfig(peer, hang, newCase("noise/b", roundTrip)), 1, conformance.Pass, conformance.Fail, want)
		if err != nil {
			t.Errorf("%d dead processes: %v", dead, err)
		}
	}
}

// One that answers wrongly is not asked again and again.
func TestControlThatIsWrong(t *testing.T) {
	peer := &revivable{fakePeer: newFakePeer()}
	peer.revive = func() string { return "it lived" }
	wrong := poison(peer.fakePeer, func(p *fakePeer) {
		p.answer = func([]byte) ([]byte, error) { return []byte("something else"), nil }
	}, nil)
	_, err := check(t.Context(), newConfig(peer, wrong, newCase("noise/b", roundTrip)), 1, conformance.Pass, conformance.Fail, conformance.NotRun)
	if err != nil {
		t.Error(err)
	}
	if peer.times != 2 {
		t.Errorf("it was ended %d times, want 2: after the case, and before the next", peer.times)
	}
}

// How processes have ended stands in the transcript of a failure. It is waited for only where something has failed.
func TestEndsAreNoted(t *testing.T) {
	peer := &revivable{fakePeer: newFakePeer()}
	failing := newCase("noise/a", func(ctx context.Context, env conformance.Env) error {
		peer.ended = []string{"the peer's process has ended: exit status 3"}
		return returning(&conformance.Failure{Expected: "this", Actual: "that"})(ctx, env)
	})
	r, err := check(t.Context(), newConfig(peer, failing), 1, conformance.Pass, conformance.Fail)
	if err != nil {
		t.Fatal(err)
	}
	got := r.Results[1]
	if last := got.Transcript[len(got.Transcript)-1]; !strings.Contains(last.Text, "exit status 3") || got.Class != conformance.Wrong {
		t.Errorf("got last entry %+v, class %s", last, got.Class)
	}
	if want := fmt.Sprint([]time.Duration{0, endSettle, 0}); fmt.Sprint(peer.settle) != want {
		t.Errorf("waited %v, want %s", peer.settle, want)
	}
}

// A process that was ended for what it took is blamed on the bound that the case is about, if it is about one.
func TestExhaustion(t *testing.T) {
	for _, test := range []struct {
		cites []string
		want  string
	}{
		{[]string{"NOISE-005", "REC-012"}, "REC-012"},
		{[]string{"NOISE-005", "CHAN-012", "REC-012"}, "CHAN-012"},
		{[]string{"NOISE-005", "NOISE-012"}, "NOISE-005"},
	} {
		death := fmt.Errorf("%w: 600 MiB", conformance.ErrExhausting)
		for name, die := range map[string]func(p *fakePeer){
			"in the case": func(p *fakePeer) { p.death = death },
			"in the control after it": func(p *fakePeer) {
				p.open = func(conformance.Need) error {
					p.death, p.open = death, nil
					return nil
				}
			},
		} {
			peer := newFakePeer()
			c := poison(peer, die, nil)
			c.Requirements = test.cites
			r, err := check(t.Context(), newConfig(peer, c, newCase("noise/b", roundTrip)), 1, conformance.Pass, conformance.Fail, conformance.Pass)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if got := r.Results[1]; got.Requirement != test.want || got.Class != conformance.Died || !strings.Contains(got.Reason, "600 MiB") {
				t.Errorf("%v, %s: %q blamed, class %q, reason %q", test.cites, name, got.Requirement, got.Class, got.Reason)
			}
		}
	}
}
