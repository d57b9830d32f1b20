package runner

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"ockamtest/conformance"
	"ockamtest/ref/profile"
)

// A fakePeer answers what is sent to it with what its script says. The protocol of these tests is an echo.
type fakePeer struct {
	info   conformance.PeerInfo
	open   func(need conformance.Need) error // nil: every session is made
	answer func(p []byte) ([]byte, error)    // an error is how the link ends; nil bytes are silence
	hang   func(wait time.Duration)          // waits for nothing, in virtual time
	death  error                             // of the process, told once
	opened []conformance.Need
	links  []*fakeLink
}

func newFakePeer() *fakePeer {
	return &fakePeer{
		info: conformance.PeerInfo{
			Name: "tcp://127.0.0.1:4000", Attachment: "tcp",
			Roles: []conformance.Role{conformance.Responder}, Transports: []conformance.Transport{conformance.TCP},
		},
		answer: func(p []byte) ([]byte, error) { return p, nil },
		hang:   func(time.Duration) {},
	}
}

func (p *fakePeer) Info() conformance.PeerInfo { return p.info }
func (p *fakePeer) Close() error               { return nil }

func (p *fakePeer) Death() error {
	death := p.death
	p.death = nil
	return death
}

func (p *fakePeer) Open(ctx context.Context, need conformance.Need) (conformance.Link, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if p.open != nil {
		if err := p.open(need); err != nil {
			return nil, err
		}
	}
	p.opened = append(p.opened, need)
	link := &fakeLink{peer: p}
	p.links = append(p.links, link)
	return link, nil
}

// A fakeLink is a connection with a fakePeer.
type fakeLink struct {
	peer   *fakePeer
	queue  []byte
	ended  error
	closed bool
}

func (l *fakeLink) Send(p []byte) error {
	if l.closed {
		return conformance.ErrLinkClosed
	}
	if l.ended != nil {
		return conformance.ErrReset
	}
	answer, err := l.peer.answer(p)
	l.queue = append(l.queue, answer...)
	l.ended = err
	return nil
}

func (l *fakeLink) Receive(wait time.Duration) ([]byte, error) {
	switch {
	case l.closed:
		return nil, conformance.ErrLinkClosed
	case len(l.queue) > 0:
		p := l.queue
		l.queue = nil
		return p, nil
	case l.ended != nil:
		return nil, l.ended
	}
	l.peer.hang(wait)
	return nil, conformance.ErrQuiet
}

func (l *fakeLink) CloseWrite() error     { return nil }
func (l *fakeLink) Reset() error          { l.closed = true; return nil }
func (l *fakeLink) Close() error          { l.closed = true; return nil }
func (l *fakeLink) LocalAddress() string  { return "127.0.0.1:50000" }
func (l *fakeLink) RemoteAddress() string { return "127.0.0.1:4000" }

// roundTrip sends fresh bytes and wants them back.
func roundTrip(ctx context.Context, env conformance.Env) error {
	link, err := env.Open(ctx)
	if err != nil {
		return err
	}
	nonce := make([]byte, 8)
	if _, err := io.ReadFull(env.Random(), nonce); err != nil {
		return err
	}
	if err := link.Send(nonce); err != nil {
		return &conformance.Failure{Requirement: "TRAN-001", Expected: "an open connection", Actual: ending(err)}
	}
	got, err := link.Receive(env.Patience())
	if errors.Is(err, conformance.ErrQuiet) || errors.Is(err, io.EOF) || errors.Is(err, conformance.ErrReset) {
		return &conformance.Failure{Requirement: "NOISE-002", Expected: "m2", Actual: ending(err)}
	}
	if err != nil {
		return err
	}
	if !bytes.Equal(got, nonce) {
		return &conformance.Failure{Requirement: "CHAN-005", Expected: "the bytes that were sent", Actual: "others"}
	}
	return nil
}

// control is the positive control of these tests.
func control() conformance.Case {
	c := newCase("chan/open-and-echo", roundTrip)
	c.Requirements = []string{"TRAN-001", "NOISE-002", "CHAN-005"}
	return c
}

// newCase is a case in both roles, over TCP, in every profile, that cites NOISE-005.
func newCase(id string, run func(context.Context, conformance.Env) error) conformance.Case {
	return conformance.Case{
		ID: id, Title: "Does what " + id + " does.", Requirements: []string{"NOISE-005"}, Since: "1.0",
		Roles:      []conformance.Role{conformance.Responder, conformance.Initiator},
		Transports: []conformance.Transport{conformance.TCP},
		Run:        run,
	}
}

// returning is a case that makes one session and then ends with err.
func returning(err error) func(context.Context, conformance.Env) error {
	return func(ctx context.Context, env conformance.Env) error {
		if _, openErr := env.Open(ctx); openErr != nil {
			return openErr
		}
		return err
	}
}

func v1() profile.Profile {
	return profile.Profile{Name: "v1", Transports: []profile.Transport{profile.TCP}}
}
func c09() profile.Profile {
	return profile.Profile{Name: "c09", Transports: []profile.Transport{profile.TCP}}
}

// newConfig runs cases, after the control in the catalogue, against peer.
func newConfig(peer conformance.Peer, cases ...conformance.Case) Config {
	return Config{
		Peer: peer, Control: control(), Cases: append([]conformance.Case{control()}, cases...), Profiles: []profile.Profile{v1()},
		Seed: 42,
	}
}

// outcomes are the outcomes of a run, in its order.
func outcomes(r *conformance.Results) []conformance.Outcome {
	var all []conformance.Outcome
	for i := range r.Results {
		all = append(all, r.Results[i].Outcome)
	}
	return all
}

// check runs cfg and compares outcomes and exit code.
func check(ctx context.Context, cfg Config, exit int, want ...conformance.Outcome) (*conformance.Results, error) {
	r, err := Run(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if got := outcomes(r); !slices.Equal(got, want) {
		return nil, fmt.Errorf("got %v, want %v", got, want)
	}
	if got := conformance.ExitCode(r, nil); got != exit {
		return nil, fmt.Errorf("got exit code %d, want %d", got, exit)
	}
	return r, checkHonest(cfg, r)
}

// checkHonest checks what holds of every run.
func checkHonest(cfg Config, r *conformance.Results) error {
	total := 0
	for _, n := range r.Summary {
		total += n
	}
	if total != len(r.Results) || len(r.Summary) != len(conformance.Outcomes()) {
		return fmt.Errorf("the summary %v does not add up to %d results", r.Summary, len(r.Results))
	}
	for i := range r.Results {
		result := &r.Results[i]
		explained := result.Reason != "" || result.Expected != "" && result.Actual != ""
		if result.Outcome == conformance.Pass && strings.HasPrefix(result.Reason, "two attempts of three passed") {
			explained = false
		}
		if (result.Outcome == conformance.Pass) == explained {
			return fmt.Errorf("%s: outcome %s with reason %q", result.Case, result.Outcome, result.Reason)
		}
		if result.Rerun == "" || result.Title == "" || result.Level != conformance.Must {
			return fmt.Errorf("%s: incomplete: %+v", result.Case, result)
		}
	}
	if peer, ok := cfg.Peer.(*fakePeer); ok {
		for _, l := range peer.links {
			if !l.closed {
				return errors.New("a link was left open")
			}
		}
	}
	return nil
}
