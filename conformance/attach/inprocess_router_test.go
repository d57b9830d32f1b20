package attach

import (
	"errors"
	"testing"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary/routers"
	"ockamtest/ref/profile"
)

// A routerKit is a kit around a router.
type routerKit struct {
	*kit
	peer conformance.RouterPeer
}

func (k *routerKit) end(t *testing.T, end conformance.End) conformance.Link {
	t.Helper()
	link, err := k.peer.OpenEnd(t.Context(), k.need, end)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeLink(t, link) })
	return link
}

func (k *routerKit) listen(t *testing.T, end conformance.End) conformance.Listener {
	t.Helper()
	l, err := k.peer.Listen(t.Context(), k.need, end)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shut(l) })
	return l
}

// routerOf attaches a program as a router over byte streams.
func routerOf(t *testing.T, p conformance.Program) *routerKit {
	t.Helper()
	peer, ok := NewInProcess(p, 1).(conformance.RouterPeer)
	if !ok {
		t.Fatalf("%s is no router", p.Name)
	}
	t.Cleanup(func() { shut(peer) })
	k := newKit(t, peer, conformance.Router, profile.V1().Name)
	return &routerKit{kit: k, peer: peer}
}

// A program with one wish: what its node does when something arrives on a connection.
func wishing(do func(conn int) []conformance.RouterAction) conformance.Program {
	p := routers.Correct()
	p.StartRouter = func(conformance.Need, conformance.RouterAddresses, uint64) conformance.RouterNode {
		return &wishNode{do: do}
	}
	return p
}

type wishNode struct {
	do      func(conn int) []conformance.RouterAction
	refused []string
	dialled []conformance.RouterConn
}

func (n *wishNode) Connected(_ time.Duration, c conformance.RouterConn) conformance.RouterOutput {
	if c.Dialled {
		n.dialled = append(n.dialled, c)
		return conformance.RouterOutput{Actions: []conformance.RouterAction{{Conn: c.Number, Data: []byte("dialled")}}}
	}
	return conformance.RouterOutput{}
}

func (n *wishNode) Refused(_ time.Duration, remote string) conformance.RouterOutput {
	n.refused = append(n.refused, remote)
	return conformance.RouterOutput{Actions: []conformance.RouterAction{{Conn: 1, Data: []byte("refused " + remote)}}}
}

func (n *wishNode) Receive(_ time.Duration, conn int, _ []byte) conformance.RouterOutput {
	return conformance.RouterOutput{Actions: n.do(conn)}
}

func (n *wishNode) ReceiveFrom(time.Duration, string, []byte) conformance.RouterOutput {
	return conformance.RouterOutput{Actions: n.do(0)}
}

func (n *wishNode) End(_ time.Duration, conn int, _ bool) conformance.RouterOutput {
	return conformance.RouterOutput{Actions: []conformance.RouterAction{{Conn: conn, Close: true}}}
}

func (n *wishNode) Wake() (time.Duration, bool)                   { return 0, false }
func (n *wishNode) Expire(time.Duration) conformance.RouterOutput { return conformance.RouterOutput{} }

func receives(t *testing.T, link conformance.Link, want string) {
	t.Helper()
	if got, err := link.Receive(time.Second); err != nil || string(got) != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func quiet(t *testing.T, link conformance.Link) {
	t.Helper()
	if got, err := link.Receive(time.Second); !errors.Is(err, conformance.ErrQuiet) {
		t.Errorf("got %q, %v, want ErrQuiet", got, err)
	}
}

// What a router writes to another connection, or sends to a socket, arrives there and nowhere else.
func TestVirtualRouterActions(t *testing.T) {
	var to string
	k := routerOf(t, wishing(func(int) []conformance.RouterAction {
		return []conformance.RouterAction{{Conn: 2, Data: []byte("stream")}, {To: to, Data: []byte("datagram")}, {To: "127.0.0.1:9", Data: []byte("nobody")}}
	}))
	a, b := k.end(t, conformance.End{}), k.end(t, conformance.End{Transport: conformance.TCP})
	c := k.end(t, conformance.End{Transport: conformance.UDP})
	to = c.LocalAddress()
	if err := a.Send([]byte("go")); err != nil {
		t.Fatal(err)
	}
	receives(t, b, "stream")
	receives(t, c, "datagram")
	quiet(t, a)
	quiet(t, b)
}

// A router reaches a listener of the kit's, is told of one that is not there, and of a deaf one nothing.
func TestVirtualRouterDials(t *testing.T) {
	var to string
	k := routerOf(t, wishing(func(int) []conformance.RouterAction { return []conformance.RouterAction{{Dial: to}} }))
	a := k.end(t, conformance.End{})
	open, deaf, gone := k.listen(t, conformance.End{}), k.listen(t, conformance.End{Deaf: true}), k.listen(t, conformance.End{})
	if err := gone.Close(); err != nil {
		t.Fatal(err)
	}
	for _, l := range []conformance.Listener{open, deaf, gone} {
		to = l.Address()
		if err := a.Send([]byte("go")); err != nil {
			t.Fatal(err)
		}
	}
	link, err := open.Accept(0)
	if err != nil {
		t.Fatal(err)
	}
	receives(t, link, "dialled")
	if _, err := deaf.Accept(time.Second); !errors.Is(err, conformance.ErrQuiet) {
		t.Errorf("a deaf listener: got %v, want ErrQuiet", err)
	}
	receives(t, a, "refused "+gone.Address())
	quiet(t, a)
	closeLink(t, link)
}

// A router that dials itself has both ends of the connection, and one that for ever answers itself is stopped.
func TestVirtualRouterCircles(t *testing.T) {
	k := routerOf(t, wishing(func(conn int) []conformance.RouterAction {
		if conn == 1 {
			return []conformance.RouterAction{{Dial: nodeAddress}}
		}
		return []conformance.RouterAction{{Conn: conn, Data: []byte("and on")}}
	}))
	a := k.end(t, conformance.End{})
	if err := a.Send([]byte("go")); err != nil {
		t.Fatal(err)
	}
	if crash := died(t, k.peer); crash.Reason != "it does not come to rest" {
		t.Errorf("got %q", crash.Reason)
	}
	if _, err := a.Receive(0); !errors.Is(err, conformance.ErrReset) {
		t.Errorf("the links of a dead router: got %v, want ErrReset", err)
	}
	k.end(t, conformance.End{}) // a new node
	alive(t, k.peer)
}

// Ends of strangers have an address that the rule of the contract does not know.
func TestVirtualRouterStrangers(t *testing.T) {
	k := routerOf(t, routers.Correct())
	for _, end := range []conformance.End{{Stranger: true}, {Stranger: true, Transport: conformance.UDP}} {
		if got := k.end(t, end).LocalAddress(); got[:10] != "127.0.0.2:" {
			t.Errorf("got %s", got)
		}
	}
	if got := k.listen(t, conformance.End{Stranger: true}).Address(); got[:10] != "127.0.0.2:" {
		t.Errorf("got %s", got)
	}
}
