package runner

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ockamtest/conformance"
	"ockamtest/ref/profile"
)

// A board is a peer that can be reset: needs are those for which it was.
type board struct {
	*fakePeer
	needs []string
	reset func(n int) error // the n-th, from 1
}

func (b *board) Reset(_ context.Context, need conformance.Need) error {
	b.needs = append(b.needs, name(need))
	return b.reset(len(b.needs))
}

// newBoard makes a board that a reset heals, and a run against it.
func newBoard(cases ...conformance.Case) (*board, Config) {
	b := &board{fakePeer: newFakePeer()}
	b.reset = func(int) error {
		b.answer = healthy
		return nil
	}
	cfg := newConfig(b.fakePeer, cases...)
	cfg.Reset = b.Reset
	return b, cfg
}

const (
	inV1  = "responder over tcp in profile v1"
	inC09 = "responder over tcp in profile c09"
)

// A board is reset before each group, and after a case that it did not survive, before the next one; not in between, and not at the end.
func TestReset(t *testing.T) {
	b, cfg := newBoard(newCase("noise/a", roundTrip))
	poisoned := poison(b.fakePeer, func(p *fakePeer) {
		if len(b.needs) == 1 { // in v1 alone
			p.answer = hangs
		}
	}, nil)
	cfg.Cases = append(cfg.Cases, poisoned, newCase("noise/z", roundTrip))
	cfg.Profiles = []profile.Profile{v1(), c09()}
	const pass, fail = conformance.Pass, conformance.Fail
	if _, err := check(t.Context(), cfg, 1, pass, pass, fail, pass, pass, pass, pass, pass); err != nil {
		t.Error(err)
	}
	if got, want := strings.Join(b.needs, ", "), strings.Join([]string{inV1, inV1, inC09}, ", "); got != want {
		t.Errorf("reset for %s; want %s", got, want)
	}
}

// A board whose death is seen is reset before the control that shows whether it lives.
func TestResetAfterDeath(t *testing.T) {
	b, cfg := newBoard()
	cfg.Cases = append(cfg.Cases, poison(b.fakePeer, func(p *fakePeer) { p.answer, p.death = hangs, errors.New("signal: killed") }, nil))
	r, err := check(t.Context(), cfg, 1, conformance.Pass, conformance.Fail)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Results[1]; got.Class != conformance.Died || strings.Contains(got.Reason, "no longer answers") {
		t.Errorf("got class %q, reason %q; want that it died and answers again", got.Class, got.Reason)
	}
	if len(b.needs) != 2 {
		t.Errorf("%d resets, want 2", len(b.needs))
	}
}

// A reset that fails is an error, with its place and what it said: of the control before a group, else of the next case. Others are not run, and
// the next group is tried.
func TestResetFails(t *testing.T) {
	const pass, fail, trouble, notRun = conformance.Pass, conformance.Fail, conformance.Error, conformance.NotRun
	tests := []struct {
		name  string
		fails int // the first that fails; the one after it does not
		want  []conformance.Outcome
		error int // whose result it is
		place string
	}{
		{"before the first group", 1, []conformance.Outcome{trouble, notRun, notRun, pass, fail, pass}, 0, inV1},
		{"after a case", 2, []conformance.Outcome{pass, fail, trouble, pass, fail, pass}, 2, inV1},
		{"before the next group", 3, []conformance.Outcome{pass, fail, pass, trouble, notRun, notRun}, 3, inC09},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b, cfg := newBoard()
			heal := b.reset
			b.reset = func(n int) error {
				if n == test.fails {
					return errors.New("exit status 3, no probe found")
				}
				return heal(n)
			}
			cfg.Cases = append(cfg.Cases, poison(b.fakePeer, func(p *fakePeer) { p.answer = hangs }, nil), newCase("noise/b", roundTrip))
			cfg.Profiles = []profile.Profile{v1(), c09()}
			r, err := check(t.Context(), cfg, 3, test.want...)
			if err != nil {
				t.Fatal(err)
			}
			got := r.Results[test.error]
			if !strings.Contains(got.Reason, "no probe found") || !strings.Contains(got.Reason, test.place) || !strings.Contains(r.Trouble, "no probe found") {
				t.Errorf("reason %q, trouble %q; want both with what the reset said, and %q", got.Reason, r.Trouble, test.place)
			}
		})
	}
}

// A board that takes its time after a reset is waited for.
func TestSlowBoard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, cfg := newBoard(newCase("noise/a", roundTrip))
		booted := time.Now().Add(comeBack - time.Second)
		b.open = func(conformance.Need) error {
			if time.Now().Before(booted) {
				return conformance.ErrUnreachable
			}
			return nil
		}
		if _, err := check(t.Context(), cfg, 0, conformance.Pass, conformance.Pass); err != nil {
			t.Error(err)
		}
	})
}

// A board that was there and does not come back is trouble, whether nobody connects or nobody answers; the run comes to an end.
func TestBoardThatStaysAway(t *testing.T) {
	for name, away := range map[string]func(p *fakePeer){
		"unreachable": func(p *fakePeer) { p.open = func(conformance.Need) error { return conformance.ErrUnreachable } },
		"mute":        func(p *fakePeer) { p.answer = hangs },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, cfg := newBoard()
				b.reset = func(int) error { return nil }
				b.hang = func(wait time.Duration) { <-time.After(wait) }
				cfg.Cases = append(cfg.Cases, poison(b.fakePeer, away, nil), newCase("noise/b", roundTrip), newCase("noise/c", roundTrip))
				began := time.Now()
				r, err := check(t.Context(), cfg, 3, conformance.Pass, conformance.Fail, conformance.NotRun, conformance.NotRun)
				if err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(r.Trouble, "not come back after --reset") {
					t.Errorf("trouble %q", r.Trouble)
				}
				if took := time.Since(began); took > 2*comeBack {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

// A board that never says anything is no trouble of the reset's: it has failed the control.
func TestBoardThatNeverAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, cfg := newBoard(newCase("noise/a", roundTrip))
		b.reset = func(int) error { return nil }
		b.answer = hangs
		b.hang = func(wait time.Duration) { <-time.After(wait) }
		if _, err := check(t.Context(), cfg, 1, conformance.Fail, conformance.NotRun); err != nil {
			t.Error(err)
		}
	})
}

// Interrupted in a reset, or while a board is waited for, a run is partial and no trouble.
func TestInterruptedReset(t *testing.T) {
	for name, fails := range map[string]bool{"in the reset": true, "while it boots": false} {
		t.Run(name, func(t *testing.T) {
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			b, cfg := newBoard(newCase("noise/a", roundTrip))
			b.open = func(conformance.Need) error { return conformance.ErrUnreachable }
			b.reset = func(int) error {
				interrupt()
				if fails {
					return errors.New("killed")
				}
				return nil
			}
			r, err := check(ctx, cfg, 130, conformance.NotRun, conformance.NotRun)
			if err != nil {
				t.Fatal(err)
			}
			if r.Trouble != "" {
				t.Errorf("trouble %q", r.Trouble)
			}
		})
	}
}

// Two peers cannot share a reset.
func TestResetOfSeveral(t *testing.T) {
	_, cfg := newBoard(newCase("noise/a", roundTrip))
	cfg.Others = []conformance.Peer{newFakePeer()}
	if _, err := Run(t.Context(), cfg); !errors.Is(err, conformance.ErrUsage) {
		t.Errorf("got %v, want ErrUsage", err)
	}
}
