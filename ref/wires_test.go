package ref_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"ockamtest/ref"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// errNobody: nobody listens at an address.
var errNobody = errors.New("nobody listens there")

// wires are TCP connections in memory between addresses at which somebody listens, made in no time. The queue of each holds 16 messages.
type wires struct {
	mu        sync.Mutex
	listeners map[wire.Address]*wireListener
	port      uint16
	made      []*wired
}

// A wired is a connection that was made.
type wired struct {
	transport.Conn
	far    transport.Conn
	limit  int // instead of the connection's own, unless it is 0
	closed chan struct{}
	once   sync.Once
}

func (w *wired) Limit() int {
	if w.limit > 0 {
		return w.limit
	}
	return w.Conn.Limit()
}

func (w *wired) Close() error {
	w.once.Do(func() { close(w.closed) })
	return w.Conn.Close()
}

type wireListener struct {
	address wire.Address
	conns   chan transport.Conn
	closed  chan struct{}
	once    sync.Once
}

func newWires() *wires { return &wires{listeners: map[wire.Address]*wireListener{}, port: 50000} }

// host is the address at which one of the hosts listens.
func host(n byte) wire.Address { return wire.TCPAddress4([4]byte{10, 0, 0, n}, 4000) }

func (w *wires) listen(at wire.Address) *wireListener {
	w.mu.Lock()
	defer w.mu.Unlock()
	l := &wireListener{address: at, conns: make(chan transport.Conn, 1000), closed: make(chan struct{})}
	w.listeners[at] = l
	return l
}

// dial connects; the port of from may be 0.
func (w *wires) dial(from, to wire.Address) (*wired, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	l := w.listeners[to]
	if l == nil {
		return nil, errNobody
	}
	if from.Port() == 0 {
		w.port++
		from = from.WithPort(w.port)
	}
	near, far := transport.Pipe(transport.PipeConfig{Addresses: [2]wire.Address{from, to}})
	c := &wired{Conn: near, far: far, closed: make(chan struct{})}
	w.made = append(w.made, c)
	l.conns <- far
	return c, nil
}

// dialer is NodeConfig.Dial of a host.
func (w *wires) dialer(from wire.Address) func(context.Context, wire.Address) (transport.Conn, error) {
	return func(_ context.Context, to wire.Address) (transport.Conn, error) {
		c, err := w.dial(from, to)
		if err != nil {
			return nil, err
		}
		return c, nil
	}
}

// count is how many connections were made, and how many of them those who dialled have not closed.
func (w *wires) count() (made, open int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.made {
		select {
		case <-c.closed:
		default:
			open++
		}
	}
	return len(w.made), open
}

func (l *wireListener) Accept(ctx context.Context) (transport.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, transport.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *wireListener) Address() wire.Address { return l.address }

func (l *wireListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// node starts a node on a host. change may change its configuration. The test closes it inside its bubble.
func (w *wires) node(t *testing.T, n byte, change func(*ref.NodeConfig)) *ref.Node {
	t.Helper()
	cfg := ref.NodeConfig{
		Listeners: []transport.Listener{w.listen(host(n))},
		Dial:      w.dialer(host(n).WithPort(0)),
		Forward:   anybody,
	}
	if change != nil {
		change(&cfg)
	}
	node, err := ref.NewNode(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return node
}

// openWorker opens a worker.
func openWorker(t *testing.T, n *ref.Node, name string) *ref.Worker {
	t.Helper()
	w, err := n.OpenWorker(wire.LocalAddress([]byte(name)))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// payloadTo is a payload message along a route.
func payloadTo(t *testing.T, route wire.Route, body []byte) []byte {
	t.Helper()
	msg, err := wire.AppendMessage(nil, wire.Dialect{}, &wire.Message{Onward: route, Type: wire.Payload, Body: body})
	if err != nil {
		t.Fatal(err)
	}
	return msg
}

// body is the body of the next message that comes over a connection.
func body(t *testing.T, conn transport.Conn) []byte {
	t.Helper()
	p := make([]byte, 65535)
	n, err := conn.Read(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	var m wire.Message
	if err := m.Parse(wire.Dialect{}, p[:n]); err != nil {
		t.Fatal(err)
	}
	return m.Body
}
