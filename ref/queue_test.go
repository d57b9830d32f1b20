package ref_test

import (
	"context"
	"encoding/binary"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"ockamtest/ref"
	"ockamtest/ref/router"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// hubNode is a node on a network in memory, closed by the test inside its bubble.
func hubNode(t *testing.T, hub *transport.Hub, host byte) *ref.Node {
	t.Helper()
	socket, err := hub.Listen(wire.UDPAddress4([4]byte{10, 0, 0, host}, 4000))
	if err != nil {
		t.Fatal(err)
	}
	n, err := ref.NewNode(t.Context(), ref.NodeConfig{Sockets: []transport.PacketConn{socket}})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// hubNodes are two nodes on a network in memory that loses nothing.
func hubNodes(t *testing.T) (here, there *ref.Node) {
	t.Helper()
	hub := transport.NewHub(transport.HubConfig{})
	return hubNode(t, hub, 1), hubNode(t, hub, 2)
}

// openNodes opens a channel between two nodes. The listener stays open with its node.
func openNodes(t *testing.T, here, there *ref.Node, initiator, responder ref.Config) (client, server *ref.Conn) {
	t.Helper()
	l, err := there.Listen(wire.Address{}, ref.ListenConfig{Config: responder})
	if err != nil {
		t.Fatal(err)
	}
	client, err = here.Dial(t.Context(), wire.Route{there.Addresses()[0]}, initiator)
	if err != nil {
		t.Fatal(err)
	}
	return client, accept(t, l)
}

// closeNodes closes nodes inside a bubble.
func closeNodes(t *testing.T, nodes ...*ref.Node) {
	t.Helper()
	for _, n := range nodes {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	}
}

// readNumbers reads messages that are numbers until none comes for a second.
func readNumbers(t *testing.T, c *ref.Conn) (got []uint32) {
	t.Helper()
	p := make([]byte, 10)
	for {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		n, err := c.Read(ctx, p)
		cancel()
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			return got
		case err != nil || n != 4:
			t.Fatalf("got %d bytes and %v", n, err)
		}
		got = append(got, binary.BigEndian.Uint32(p))
	}
}

// TRAN-013, TRAN-023: at a node, the messages of a channel that nobody reads wait in a queue of the size configured; what comes while it is
// full is lost and counted, and neither the channel nor others suffer, however many counters that takes (REC-008).
func TestQueueIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := hubNodes(t)
		initiator, _ := newConfig(t)
		responder, _ := newConfig(t)
		var memory measuring
		responder.Queue, responder.Memory = 10<<10, &memory
		client, server := openNodes(t, here, there, initiator, responder)
		const sent = 2000 // more than the window, had they been lost on the way
		for i := range sent {
			if err := client.Write(t.Context(), binary.BigEndian.AppendUint32(nil, uint32(i))); err != nil {
				t.Fatal(err)
			}
			if i%100 == 0 {
				synctest.Wait()
			}
		}
		synctest.Wait()
		if memory.held() > 32<<10 {
			t.Errorf("holds %d bytes", memory.held())
		}
		got := readNumbers(t, server)
		if want := 20; len(got) != want || got[want-1] != uint32(want-1) { // of 512 bytes each
			t.Errorf("read %v, want the first %d", got, want)
		}
		if c := there.Counters(); c.Dropped[router.Busy] != sent-20 || c.Waiting() != 0 {
			t.Errorf("counted %+v, want %d dropped because busy", c, sent-20)
		}
		exchange(t, client, server)
		closeBoth(t, client, server)
		closeNodes(t, here, there)
		if memory.held() != 0 || memory.Live() != 0 || memory.Err() != nil {
			t.Errorf("%d bytes in %d buffers after Close, %v", memory.held(), memory.Live(), memory.Err())
		}
	})
}

// Over a connection that it has for itself a channel on datagrams loses nothing that the connection does not lose: what nobody reads holds up the
// writer.
func TestFullQueueHoldsUpConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i, r := datagrams()
		initiator, _ := newConfig(t)
		responder, _ := newConfig(t)
		var memory measuring
		responder.Queue, responder.Memory = 10<<10, &memory
		client, server := open(t, i, r, initiator, responder)
		const sent = 5000
		written := make(chan struct{})
		go func() {
			defer close(written)
			for i := range sent {
				if err := client.Write(context.Background(), binary.BigEndian.AppendUint32(nil, uint32(i))); err != nil {
					t.Error(err)
					return
				}
			}
		}()
		synctest.Wait()
		select {
		case <-written:
			t.Error("the writer was not held up")
		default:
		}
		if memory.held() > 32<<10 {
			t.Errorf("holds %d bytes", memory.held())
		}
		got := readNumbers(t, server)
		for i, n := range got {
			if n != uint32(i) {
				t.Fatalf("message %d is %d", i, n)
			}
		}
		if len(got) != sent {
			t.Errorf("read %d messages, want %d", len(got), sent)
		}
		<-written
		closeBoth(t, client, server)
		if memory.held() != 0 || memory.Live() != 0 || memory.Err() != nil {
			t.Errorf("%d bytes in %d buffers after Close, %v", memory.held(), memory.Live(), memory.Err())
		}
	})
}
