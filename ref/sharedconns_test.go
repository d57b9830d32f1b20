package ref_test

import (
	"errors"
	"io"
	"testing"
	"testing/synctest"

	"ockamtest/ref"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// CHAN-010, ROUT-001, ROUT-004: a listener on TCP takes any number of channels over the one connection of another node, or of a relay, beside
// those that have a connection for themselves.
func TestSharedConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWires()
		cfg, _, live := newCounted(t)
		before := live()
		var failed reports
		l, err := ref.NewListener(w.listen(host(9)), ref.ListenConfig{Config: cfg, Failed: failed.add})
		if err != nil {
			t.Fatal(err)
		}
		nodes := []*ref.Node{w.node(t, 1, nil), w.node(t, 2, nil), w.node(t, 3, nil)}
		clients, servers := []*ref.Conn{}, []*ref.Conn{}
		dial := func(n *ref.Node, route wire.Route) {
			t.Helper()
			client, err := n.Dial(t.Context(), route, cfg)
			if err != nil {
				t.Fatal(err)
			}
			clients, servers = append(clients, client), append(servers, accept(t, l))
		}
		for range 3 {
			dial(nodes[0], wire.Route{host(9)})
			dial(nodes[1], wire.Route{host(3), host(9)})
			dial(nodes[2], wire.Route{host(9)})
			conn, err := w.dial(host(4).WithPort(0), host(9))
			if err != nil {
				t.Fatal(err)
			}
			clients = append(clients, initiate(t, conn))
			servers = append(servers, accept(t, l))
		}
		for i := range clients {
			exchange(t, clients[i], servers[i])
		}
		if made, open := w.count(); made != 3+3 || open != made {
			t.Errorf("%d connections made, %d open, want one of each node, one between nodes, and three of channels alone", made, open)
		}
		if err := nodes[0].Ping(t.Context(), wire.Route{host(9)}); err != nil {
			t.Errorf("a ping over a shared connection: %v", err)
		}
		// Closing the listener keeps what was accepted, also while it goes, one by one.
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if c, err := l.Accept(t.Context()); c != nil || !errors.Is(err, transport.ErrClosed) {
			t.Errorf("Accept: got %v, %v, want ErrClosed", c, err)
		}
		for i := range clients {
			for j := i; j < len(clients); j++ {
				exchange(t, clients[j], servers[j])
			}
			closeBoth(t, clients[i], servers[i])
		}
		synctest.Wait()
		if all := failed.take(); len(all) != 0 {
			t.Errorf("reported %v", all)
		}
		closeNodes(t, nodes...)
		if live() != before {
			t.Errorf("%d secrets before, %d after", before, live())
		}
	})
}

// Closing a listener on TCP closes channels over shared connections that nobody has accepted, and the connections.
func TestSharedConnectionsNotAccepted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWires()
		cfg, _, live := newCounted(t)
		before := live()
		l, err := ref.NewListener(w.listen(host(9)), ref.ListenConfig{Config: cfg})
		if err != nil {
			t.Fatal(err)
		}
		n := w.node(t, 1, nil)
		for range 3 {
			client, err := n.Dial(t.Context(), wire.Route{host(9)}, cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
		}
		synctest.Wait()
		for range 2 {
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		}
		if n, err := w.made[0].far.Read(t.Context(), nil); n != 0 || !errors.Is(err, transport.ErrClosed) {
			t.Errorf("the listener's end: got %d bytes and %v, want ErrClosed", n, err)
		}
		if n, err := w.made[0].Read(t.Context(), nil); n != 0 || !errors.Is(err, io.EOF) && !errors.Is(err, transport.ErrClosed) {
			t.Errorf("the node's end: got %d bytes and %v, want the end", n, err)
		}
		closeNodes(t, n)
		if live() != before {
			t.Errorf("%d secrets before, %d after", before, live())
		}
	})
}
