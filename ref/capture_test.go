package ref_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"ockamtest/ref"
	"ockamtest/ref/transport"
	"ockamtest/ref/transport/tcp"
	"ockamtest/ref/transport/udp"
	"ockamtest/ref/wire"
)

// A capture is somebody on the line of a router: what leaves it is kept and, if wanted, changed.
type capture struct {
	mu     sync.Mutex
	seen   [][]byte            // guarded by mu
	change func([]byte) []byte // guarded by mu
}

func (c *capture) pass(msg []byte) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen = append(c.seen, bytes.Clone(msg))
	if c.change != nil {
		return c.change(bytes.Clone(msg))
	}
	return msg
}

func (c *capture) set(change func([]byte) []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.change = change
}

func (c *capture) captured() [][]byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.seen)
}

type capturedSocket struct {
	transport.PacketConn
	*capture
}

func (s capturedSocket) WriteTo(ctx context.Context, p []byte, to wire.Address) error {
	return s.PacketConn.WriteTo(ctx, s.pass(p), to)
}

type capturedConn struct {
	transport.Conn
	*capture
}

func (c capturedConn) Write(ctx context.Context, p []byte) error {
	return c.Conn.Write(ctx, c.pass(p))
}

type capturedListener struct {
	transport.Listener
	*capture
}

func (l capturedListener) Accept(ctx context.Context) (transport.Conn, error) {
	c, err := l.Listener.Accept(ctx)
	if err != nil {
		return nil, err
	}
	return capturedConn{c, l.capture}, nil
}

// onLoopback is the allow rule of the tests: a changed address leads nowhere else.
func onLoopback(_, next wire.Address) bool {
	ip, ok := next.IP4()
	return ok && ip[0] == 127
}

// capturedRouter starts a router with a UDP socket and a TCP listener, and somebody on its line.
func capturedRouter(t *testing.T, addresses int) (*ref.Node, *capture) {
	t.Helper()
	c := new(capture)
	s, err := udp.Listen(t.Context(), at(wire.UDP), udp.Config{})
	if err != nil {
		t.Fatal(err)
	}
	l, err := tcp.Listen(t.Context(), at(wire.TCP), tcp.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return newNode(t, ref.NodeConfig{
		Sockets:   []transport.PacketConn{capturedSocket{s, c}},
		Listeners: []transport.Listener{capturedListener{l, c}},
		Dial: func(ctx context.Context, remote wire.Address) (transport.Conn, error) {
			conn, err := tcp.Dial(ctx, remote, tcp.Config{})
			if err != nil {
				return nil, err
			}
			return capturedConn{conn, c}, nil
		},
		Forward:      onLoopback,
		MaxAddresses: addresses,
	}), c
}

// capturedPath opens a channel across routers on mixed transports.
func capturedPath(t *testing.T, routers int) (client, server *ref.Conn, captures []*capture, cfg ref.Config) {
	t.Helper()
	cfg, _ = newConfig(t)
	var route wire.Route
	for i := range routers {
		n, c := capturedRouter(t, 2*routers+4)
		captures = append(captures, c)
		route = append(route, n.Addresses()[i%2])
	}
	end := newNode(t, ref.NodeConfig{Addresses: []wire.Address{at(wire.UDP), at(wire.TCP)}})
	l, err := end.Listen(wire.Address{}, ref.ListenConfig{Config: cfg})
	if err != nil {
		t.Fatal(err)
	}
	client, err = ref.DialRoute(t.Context(), append(route, end.Addresses()[routers%2]), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return client, next(t, l), captures, cfg
}

var (
	canary   = []byte("the canary that nobody on the way may hear")
	appHere  = wire.LocalAddress([]byte("application of the sender"))
	appThere = wire.LocalAddress([]byte("application of the receiver"))
)

// say sends the canary between two applications, and waits for it.
func say(t *testing.T, from, to *ref.Conn) {
	t.Helper()
	routes := ref.Routes{Onward: wire.Route{appThere}, Return: wire.Route{appHere}}
	if err := from.WriteMessage(t.Context(), canary, routes); err != nil {
		t.Fatal(err)
	}
	p := make([]byte, len(canary))
	n, got, err := to.ReadMessage(t.Context(), p)
	if err != nil || !bytes.Equal(p[:n], canary) || !got.Onward.Equal(routes.Onward) || !got.Return.Equal(routes.Return) {
		t.Fatalf("got %q, %v, %v", p[:n], got, err)
	}
}

// checkSecrecy looks for what nobody on the way may see.
func checkSecrecy(t *testing.T, captures []*capture, atLeast int) {
	t.Helper()
	for i, c := range captures {
		seen := c.captured()
		if len(seen) < atLeast {
			t.Errorf("router %d has sent %d messages, too few to be all", i, len(seen))
		}
		for _, msg := range seen {
			for _, secret := range [][]byte{canary[:8], []byte("application of")} {
				if bytes.Contains(msg, secret) {
					t.Errorf("router %d has seen %q", i, secret)
				}
			}
		}
	}
}

// ROUT-009, REC-011: what the hops see contains neither payloads nor the addresses of the applications.
func TestHopsSeeNothing(t *testing.T) {
	for _, routers := range []int{1, 2, 3, 8} {
		t.Run(fmt.Sprint(routers), func(t *testing.T) {
			client, server, captures, _ := capturedPath(t, routers)
			for range 5 {
				say(t, client, server)
				say(t, server, client)
			}
			checkSecrecy(t, captures, 3+10)
		})
	}
}

// CHAN-008: the same of a tunnel of depth 4; the layers below see nothing of the one above either.
func TestHopsSeeNothingOfTunnels(t *testing.T) {
	client, server, captures, cfg := capturedPath(t, 2)
	limit := client.Limit()
	for range 4 {
		client, server = open(t, client, server, cfg, cfg)
	}
	if got, want := client.Limit(), limit-4*24; got != want {
		t.Errorf("limit at depth 4: %d, want %d", got, want)
	}
	say(t, client, server)
	say(t, server, client)
	checkSecrecy(t, captures, 5*3)
}

// ROUT-009, REC-004: whichever byte of a message a hop changes, nothing altered is delivered, and what follows is.
func TestChangedByHops(t *testing.T) {
	for _, routers := range []int{1, 3} {
		t.Run(fmt.Sprint(routers), func(t *testing.T) {
			client, server, captures, _ := capturedPath(t, routers)
			say(t, client, server)
			p := make([]byte, 1000)
			changed := 0
			for _, c := range captures {
				seen := c.captured()
				size := len(seen[len(seen)-1])
				for i := range size {
					payload := fmt.Appendf(nil, "message %d with a byte changed somewhere", i)
					touched := make(chan struct{})
					c.set(func(msg []byte) []byte {
						c.change = nil // this one alone
						msg[min(i, len(msg)-1)] ^= 0x55
						close(touched)
						return msg
					})
					if err := client.Write(t.Context(), payload); err != nil {
						t.Fatal(err)
					}
					<-touched
					changed++
					genuine := fmt.Appendf(nil, "genuine %d", i)
					if err := client.Write(t.Context(), genuine); err != nil {
						t.Fatal(err)
					}
					for {
						ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
						n, err := server.Read(ctx, p)
						cancel()
						if err != nil {
							t.Fatalf("byte %d: %v", i, err)
						}
						if bytes.Equal(p[:n], genuine) {
							break
						}
						if !bytes.Equal(p[:n], payload) { // a changed return route does no harm
							t.Fatalf("byte %d: %q was delivered", i, p[:n])
						}
					}
				}
			}
			if changed < 100*routers {
				t.Errorf("changed %d bytes, too few to be all", changed)
			}
		})
	}
}
