package runner

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"ockamtest/conformance"
)

// A fakeRouter is a fakePeer with ends around it.
type fakeRouter struct {
	*fakePeer
	ends      []conformance.End
	listeners []*fakeListener
}

type fakeListener struct {
	peer   *fakePeer
	links  []*fakeLink
	closed bool
}

func newFakeRouter() *fakeRouter {
	p := newFakePeer()
	p.info.Roles = []conformance.Role{conformance.Router}
	return &fakeRouter{fakePeer: p}
}

func (p *fakeRouter) OpenEnd(ctx context.Context, need conformance.Need, end conformance.End) (conformance.Link, error) {
	p.ends = append(p.ends, end)
	return p.Open(ctx, need)
}

func (p *fakeRouter) Listen(context.Context, conformance.Need, conformance.End) (conformance.Listener, error) {
	l := &fakeListener{peer: p.fakePeer, links: []*fakeLink{{peer: p.fakePeer, queue: []byte("from the router")}}}
	p.fakePeer.links = append(p.fakePeer.links, l.links...)
	p.listeners = append(p.listeners, l)
	return l, nil
}

func (l *fakeListener) Accept(wait time.Duration) (conformance.Link, error) {
	if len(l.links) == 0 {
		l.peer.hang(wait)
		return nil, conformance.ErrQuiet
	}
	link := l.links[0]
	l.links = l.links[1:]
	return link, nil
}

func (l *fakeListener) Address() string { return "127.0.0.1:7777" }
func (l *fakeListener) Close() error    { l.closed = true; return nil }

// routerCase is a case about routers.
func routerCase(id string, run func(context.Context, conformance.RouterEnv) error) conformance.Case {
	c := newCase(id, func(ctx context.Context, env conformance.Env) error {
		around, ok := env.(conformance.RouterEnv)
		if !ok {
			return errors.New("no RouterEnv")
		}
		return run(ctx, around)
	})
	c.Roles = []conformance.Role{conformance.Router}
	return c
}

func routerConfig(peer conformance.Peer, cases ...conformance.Case) Config {
	cfg := newConfig(peer, cases...)
	cfg.Forward = newCase("rout/forward-and-back", roundTrip)
	cfg.Forward.Roles = []conformance.Role{conformance.Router}
	return cfg
}

// The ends of a case are recorded and closed, and its listeners too; the control is that of the role.
func TestRouterEnv(t *testing.T) {
	peer := newFakeRouter()
	c := routerCase("rout/around", func(ctx context.Context, env conformance.RouterEnv) error {
		a, err := env.OpenEnd(ctx, conformance.End{Transport: conformance.UDP, Stranger: true})
		if err != nil {
			return err
		}
		l, err := env.Listen(ctx, conformance.End{})
		if err != nil {
			return err
		}
		b, err := l.Accept(time.Second)
		if err != nil {
			return err
		}
		if _, err := l.Accept(time.Second); !errors.Is(err, conformance.ErrQuiet) {
			return errors.New("a second connection")
		}
		if err := a.Send([]byte("\x00\x02ab")); err != nil {
			return err
		}
		if got, err := b.Receive(time.Second); err != nil || string(got) != "from the router" {
			return errors.New("not what the router sent")
		}
		return &conformance.Failure{Requirement: "ROUT-004", Expected: "nothing", Actual: "a transcript"}
	})
	r, err := check(t.Context(), routerConfig(peer, c), 1, conformance.Pass, conformance.Fail)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Results[0].Case; got != "rout/forward-and-back" || !r.Results[0].Implied {
		t.Errorf("the control is %s", got)
	}
	if want := (conformance.End{Transport: conformance.UDP, Stranger: true}); !slices.Equal(peer.ends, []conformance.End{want}) {
		t.Errorf("ends: got %+v", peer.ends)
	}
	if len(peer.listeners) != 1 || !peer.listeners[0].closed {
		t.Error("the listener was left open")
	}
	var lines []string
	for _, e := range r.Results[1].Transcript {
		lines = append(lines, e.Direction+" "+e.Text)
	}
	text := strings.Join(lines, "\n")
	for _, want := range []string{"kit listens at 127.0.0.1:7777", "connected", "no connection to 127.0.0.1:7777", "receive "} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in the transcript:\n%s", want, text)
		}
	}
}

// What a router lacks is unsupported, and a control that fails keeps its cases from being run.
func TestRouterOutcomes(t *testing.T) {
	lacking := routerCase("rout/lacking", func(ctx context.Context, env conformance.RouterEnv) error {
		if _, err := env.OpenEnd(ctx, conformance.End{}); err != nil {
			return err
		}
		return &conformance.Inapplicable{Reason: "no UDP"}
	})
	if _, err := check(t.Context(), routerConfig(newFakeRouter(), lacking), 5, conformance.Pass, conformance.Unsupported); err != nil {
		t.Error(err)
	}
	cfg := routerConfig(newFakeRouter(), lacking)
	cfg.Forward.Run = returning(&conformance.Failure{Requirement: "ROUT-010", Expected: "a message", Actual: "none"})
	if _, err := check(t.Context(), cfg, 1, conformance.Fail, conformance.NotRun); err != nil {
		t.Error(err)
	}
}

// A peer that only says that it is a router has no ends around it, and a run of routers needs its control.
func TestRouterUsage(t *testing.T) {
	peer := newFakePeer()
	peer.info.Roles = []conformance.Role{conformance.Router}
	c := routerCase("rout/around", func(ctx context.Context, env conformance.RouterEnv) error {
		_, err := env.Listen(ctx, conformance.End{})
		return err
	})
	if _, err := check(t.Context(), routerConfig(peer, c), 3, conformance.Pass, conformance.Error); err != nil {
		t.Error(err)
	}
	cfg := routerConfig(newFakeRouter(), c)
	cfg.Forward = conformance.Case{}
	if _, err := Run(t.Context(), cfg); !errors.Is(err, conformance.ErrBadCase) {
		t.Errorf("without its control: got %v, want ErrBadCase", err)
	}
}
