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

// Every way a case can end, on a peer that lives on.
func TestOutcomes(t *testing.T) {
	fails := func(id string) error {
		return &conformance.Failure{Requirement: id, Expected: "this", Actual: "that"}
	}
	tests := []struct {
		name    string
		profile profile.Profile
		level   conformance.Level
		err     error
		want    conformance.Outcome
		exit    int
		blame   string
	}{
		{"pass", v1(), "", nil, conformance.Pass, 0, ""},
		{"fail", v1(), "", fails("NOISE-006"), conformance.Fail, 1, "NOISE-006"},
		{"fail, wrapped", v1(), "", fmt.Errorf("third message: %w", fails("NOISE-006")), conformance.Fail, 1, "NOISE-006"},
		{"fail of the case's own requirement", v1(), "", fails(""), conformance.Fail, 1, "NOISE-005"},
		{"warn", v1(), "", fails("NOISE-009"), conformance.Warn, 0, "NOISE-009"},
		{"warn at level must", v1(), conformance.Must, fails("NOISE-009"), conformance.Warn, 0, "NOISE-009"},
		{"fail at level should", v1(), conformance.Should, fails("NOISE-009"), conformance.Fail, 1, "NOISE-009"},
		{"known-fail", c09(), "", fails("NOISE-012"), conformance.KnownFail, 0, "NOISE-012"},
		{"not known in this profile", v1(), "", fails("NOISE-012"), conformance.Fail, 1, "NOISE-012"},
		{"pass where a failure is known", c09(), "", nil, conformance.Pass, 0, ""},
		{"unsupported", v1(), "", &conformance.Inapplicable{Reason: "one connection"}, conformance.Unsupported, 0, ""},
		{"kit's own trouble", v1(), "", errors.New("no memory"), conformance.Error, 3, ""},
		{"a link's error is no finding", v1(), "", io.EOF, conformance.Error, 3, ""},
		{"unreachable in between", v1(), "", conformance.ErrUnreachable, conformance.Error, 3, ""},
		{"blames what does not exist", v1(), "", fails("NOPE-001"), conformance.Error, 3, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cfg := newConfig(newFakePeer(), newCase("noise/a", returning(test.err)), newCase("noise/b", roundTrip))
			cfg.Profiles, cfg.Level = []profile.Profile{test.profile}, test.level
			r, err := check(t.Context(), cfg, test.exit, conformance.Pass, test.want, conformance.Pass)
			if err != nil {
				t.Fatal(err)
			}
			if got := r.Results[1]; got.Requirement != test.blame || (len(got.Transcript) == 0) != (got.Outcome == conformance.Pass) {
				t.Errorf("got %+v, want %q blamed, and a transcript unless passed", got, test.blame)
			}
		})
	}
}

func TestPanicIsTheKitsOwnError(t *testing.T) {
	cfg := newConfig(newFakePeer(),
		newCase("noise/a", func(ctx context.Context, env conformance.Env) error {
			if _, err := env.Open(ctx); err != nil {
				return err
			}
			panic("index out of range")
		}),
		newCase("noise/b", roundTrip))
	r, err := check(t.Context(), cfg, 3, conformance.Pass, conformance.Error, conformance.Pass)
	if err != nil {
		t.Fatal(err)
	}
	if reason := r.Results[1].Reason; !strings.Contains(reason, "index out of range") || !strings.Contains(reason, "outcome_test.go") {
		t.Errorf("got reason %q, want the panic and its stack", reason)
	}
}

// The control can end in every way as well; then nothing else is run, whatever the cause.
func TestControlOutcomes(t *testing.T) {
	should := &conformance.Failure{Requirement: "NOISE-009", Expected: "this", Actual: "that"}
	known := &conformance.Failure{Requirement: "NOISE-012", Expected: "this", Actual: "that"}
	tests := []struct {
		name string
		err  error
		exit int
		want []conformance.Outcome
	}{
		{"fail", &conformance.Failure{Expected: "this", Actual: "that"}, 1, []conformance.Outcome{conformance.Fail, conformance.NotRun}},
		{"a SHOULD is no excuse", should, 1, []conformance.Outcome{conformance.Fail, conformance.NotRun}},
		{"a known deviation is no excuse", known, 1, []conformance.Outcome{conformance.Fail, conformance.NotRun}},
		{"unknown requirement", &conformance.Failure{Requirement: "NOPE-001"}, 3, []conformance.Outcome{conformance.Error, conformance.NotRun}},
		{"kit's own trouble", errors.New("no memory"), 3, []conformance.Outcome{conformance.Error, conformance.NotRun}},
		{"unsupported", &conformance.Inapplicable{Reason: "no"}, 5, []conformance.Outcome{conformance.Unsupported, conformance.Unsupported}},
		{"unreachable", conformance.ErrUnreachable, 3, []conformance.Outcome{conformance.NotRun, conformance.NotRun}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cfg := newConfig(newFakePeer(), newCase("noise/a", roundTrip))
			cfg.Profiles = []profile.Profile{c09()}
			cfg.Control.Run = returning(test.err)
			if _, err := check(t.Context(), cfg, test.exit, test.want...); err != nil {
				t.Error(err)
			}
		})
	}
}

// A peer that is silent once, when it has just been started, is given a second chance; one that says something wrong is not.
func TestFirstControlIsRepeatedOnce(t *testing.T) {
	tests := []struct {
		name  string
		first []byte
		exit  int
		want  []conformance.Outcome
	}{
		{"ends without a byte", nil, 0, []conformance.Outcome{conformance.Pass, conformance.Pass}},
		{"a wrong byte", []byte{1}, 1, []conformance.Outcome{conformance.Fail, conformance.NotRun}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			peer := newFakePeer()
			peer.answer = func(p []byte) ([]byte, error) {
				if len(peer.links) == 1 {
					return test.first, io.EOF
				}
				return p, nil
			}
			if _, err := check(t.Context(), newConfig(peer, newCase("noise/a", roundTrip)), test.exit, test.want...); err != nil {
				t.Error(err)
			}
		})
	}
}
