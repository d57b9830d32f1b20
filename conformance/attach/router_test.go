package attach

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/conformance/adversary/routers"
	"ockamtest/ref/wire"
)

// passes sends a message from one end to another over the router, and the answer back.
func passes(t *testing.T, from, to *adversary.EndPoint) {
	t.Helper()
	m := adversary.Message{Onward: adversary.Route{from.Hop, to.Own}, Return: adversary.Route{from.Own}, Type: wire.Payload, Body: []byte("there")}
	if err := from.Send(m); err != nil {
		t.Fatal(err)
	}
	got := next(t, to)
	if len(got.Return) != 2 || got.Return[1] != from.Own || string(got.Body) != "there" {
		t.Fatalf("got %+v", got)
	}
	back := adversary.Message{Onward: adversary.Route{to.Hop, from.Own}, Return: adversary.Route{to.Own}, Type: wire.Payload, Body: []byte("back")}
	if err := to.Send(back); err != nil {
		t.Fatal(err)
	}
	if got := next(t, from); string(got.Body) != "back" {
		t.Fatalf("got %+v", got)
	}
}

func next(t *testing.T, e *adversary.EndPoint) adversary.Message {
	t.Helper()
	frame, err := e.Next(5 * time.Second)
	if err != nil {
		t.Fatal(err)
	}
	m, err := adversary.ParseMessage(frame)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (k *routerKit) OpenEnd(ctx context.Context, end conformance.End) (conformance.Link, error) {
	return k.peer.OpenEnd(ctx, k.need, end)
}

func (k *routerKit) Listen(ctx context.Context, end conformance.End) (conformance.Listener, error) {
	return k.peer.Listen(ctx, k.need, end)
}

// surround stands around a router over TCP and UDP, with a listener and a stranger, and lets messages pass.
func surround(t *testing.T, k *routerKit) {
	t.Helper()
	open := func(end conformance.End) *adversary.EndPoint {
		e, err := adversary.OpenEnd(t.Context(), k, end)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = e.Shut() })
		return e
	}
	a, b, c := open(conformance.End{}), open(conformance.End{}), open(conformance.End{Transport: conformance.UDP})
	passes(t, a, b)
	passes(t, a, c)
	passes(t, c, b)
	l, err := adversary.Listen(t.Context(), k, conformance.End{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Shut() })
	passes(t, a, l)
	s := open(conformance.End{Stranger: true})
	if host, _, err := net.SplitHostPort(s.Link.LocalAddress()); err != nil || host != strangerHost {
		t.Errorf("a stranger at %s, %v", s.Link.LocalAddress(), err)
	}
	alive(t, k.peer)
}

// asRouter attaches a peer in the role Router over TCP.
func asRouter(t *testing.T, peer conformance.Peer) *routerKit {
	t.Helper()
	k := newKit(t, peer, conformance.Router, "v1")
	k.need.Transport = conformance.TCP
	r, ok := peer.(conformance.RouterPeer)
	if !ok {
		t.Fatalf("%T is no RouterPeer", peer)
	}
	return &routerKit{kit: k, peer: r}
}

func TestEmbeddedRouter(t *testing.T) {
	noLeaks(t)
	peer, err := EmbeddedReference(t.Context(), EmbeddedConfig{})
	if err != nil {
		t.Fatal(err)
	}
	closeWithTest(t, peer)
	surround(t, asRouter(t, peer))
}

// serving runs a router until the test ends, and returns its addresses as a --peer.
func serving(t *testing.T, serve func(context.Context, ServeConfig) error) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	listening, done := make(chan string, 2), make(chan error, 1)
	go func() {
		done <- serve(ctx, ServeConfig{
			Role: conformance.Router, Profile: "v1", Address: "127.0.0.1:0", Listening: func(address string) { listening <- address },
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return <-listening + "," + <-listening
}

func TestDialRouter(t *testing.T) {
	for name, serve := range map[string]func(context.Context, ServeConfig) error{
		"reference": Serve,
		"program":   func(ctx context.Context, cfg ServeConfig) error { return ServeProgram(ctx, routers.Correct(), cfg) },
	} {
		t.Run(name, func(t *testing.T) {
			noLeaks(t)
			peer := attachPeer(t, Config{}, serving(t, serve))
			if roles := peer.Info().Roles; len(roles) != 1 || roles[0] != conformance.Router {
				t.Errorf("roles: got %v", roles)
			}
			surround(t, asRouter(t, peer))
		})
	}
}

// A router that has no listener over a transport is not accused of that.
func TestDialRouterWithoutUDP(t *testing.T) {
	address := serving(t, Serve)
	for a := range strings.SplitSeq(address, ",") {
		if strings.HasPrefix(a, "tcp") {
			address = a
		}
	}
	k := asRouter(t, attachPeer(t, Config{Roles: []conformance.Role{conformance.Router}}, address))
	_, err := k.OpenEnd(t.Context(), conformance.End{Transport: conformance.UDP})
	var lacks *conformance.Inapplicable
	if !errors.As(err, &lacks) {
		t.Errorf("got %v, want *Inapplicable", err)
	}
}

// What connects to a deaf listener waits for ever.
func TestDeafListener(t *testing.T) {
	l, err := listenDeaf(t.Context(), "127.0.0.1")
	var lacks *conformance.Inapplicable
	if errors.As(err, &lacks) {
		t.Skipf("this system cannot be used as a next hop that is not there: %s", lacks.Reason)
	}
	if err != nil {
		t.Fatal(err)
	}
	dialer := net.Dialer{Timeout: 100 * time.Millisecond}
	if conn, err := dialer.DialContext(t.Context(), "tcp", l.Address()); !isTimeout(err) {
		t.Errorf("got %v, %v, want a timeout", conn, err)
	}
	if _, err := l.Accept(time.Millisecond); !errors.Is(err, conformance.ErrQuiet) {
		t.Errorf("accept: got %v, want ErrQuiet", err)
	}
	for range 2 {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}

// The crash of a router program ends its process, and so its serving.
func TestServeRouterCrash(t *testing.T) {
	program := wishing(nil)
	program.StartRouter = func(conformance.Need, conformance.RouterAddresses, uint64) conformance.RouterNode {
		return &crashNode{}
	}
	listening := make(chan string, 2)
	done := make(chan error, 1)
	go func() {
		done <- ServeProgram(t.Context(), program, ServeConfig{
			Role: conformance.Router, Profile: "v1", Address: "127.0.0.1:0", Listening: func(address string) { listening <- address },
		})
	}()
	address, _ := strings.CutPrefix(<-listening, "tcp://")
	if conn, err := net.Dial("tcp", address); err == nil { // it may be dead before that returns
		defer shut(conn)
	}
	var crash *CrashError
	if err := <-done; !errors.As(err, &crash) || crash.Reason != "dies" {
		t.Errorf("got %v, want a *CrashError", err)
	}
}

type crashNode struct{ wishNode }

func (*crashNode) Connected(time.Duration, conformance.RouterConn) conformance.RouterOutput {
	return conformance.RouterOutput{Crash: "dies"}
}

func TestDoors(t *testing.T) {
	tests := []struct {
		name  string
		lines []string
		want  map[conformance.Transport]string
	}{
		{"none", []string{"nothing"}, nil},
		{"plain", []string{"127.0.0.1:1"}, map[conformance.Transport]string{conformance.TCP: "127.0.0.1:1"}},
		{"both", []string{"tcp://127.0.0.1:1", "udp://127.0.0.1:2"},
			map[conformance.Transport]string{conformance.TCP: "127.0.0.1:1", conformance.UDP: "127.0.0.1:2"}},
		{"plain beside another", []string{"udp://0.0.0.0:2", "127.0.0.1:1"},
			map[conformance.Transport]string{conformance.TCP: "127.0.0.1:1", conformance.UDP: "127.0.0.1:2"}},
		{"twice", []string{"tcp://127.0.0.1:1", "tcp://127.0.0.1:2"}, map[conformance.Transport]string{conformance.TCP: "127.0.0.1:1"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var d doors
			_, changed := d.all(conformance.TCP)
			for _, line := range test.lines {
				d.add(line)
			}
			all, _ := d.all(conformance.TCP)
			if len(all) != len(test.want) {
				t.Fatalf("got %v, want %v", all, test.want)
			}
			for transport, address := range test.want {
				if all[transport] != address {
					t.Errorf("got %v, want %v", all, test.want)
				}
			}
			select {
			case <-changed:
				if len(all) == 0 {
					t.Error("told of nothing")
				}
			default:
				if len(all) > 0 {
					t.Error("not told")
				}
			}
		})
	}
}
