package transport_test

import (
	"context"
	"testing"

	"ockamtest/ref/transport"
	"ockamtest/ref/transport/transporttest"
	"ockamtest/ref/wire"
)

func TestPipeContract(t *testing.T) {
	for _, cfg := range []transport.PipeConfig{{}, {Limit: 100, Queue: 1}} {
		transporttest.Run(t, func(*testing.T) (client, server transport.Conn) { return transport.Pipe(cfg) })
	}
}

// TRAN-024: an in-memory transport has the addresses that it was given, of the type of what it stands for.
func TestPipeAddresses(t *testing.T) {
	a, b := wire.TCPAddress4([4]byte{10, 0, 0, 1}, 4001), wire.TCPAddress6([16]byte{15: 1}, 4000)
	client, server := transport.Pipe(transport.PipeConfig{Addresses: [2]wire.Address{a, b}})
	if client.LocalAddress() != a || client.RemoteAddress() != b || server.LocalAddress() != b || server.RemoteAddress() != a {
		t.Errorf("got %v - %v and %v - %v, want %v - %v", client.LocalAddress(), client.RemoteAddress(),
			server.LocalAddress(), server.RemoteAddress(), a, b)
	}
	client, _ = transport.Pipe(transport.PipeConfig{})
	if client.LocalAddress().Type() != wire.TCP || client.Limit() != transport.MaxFrame {
		t.Errorf("default: address %v, limit %d", client.LocalAddress(), client.Limit())
	}
}

func TestPipeAllocations(t *testing.T) {
	ctx := context.Background()
	a, b := transport.Pipe(transport.PipeConfig{})
	msg, p := make([]byte, 1000), make([]byte, 1000)
	exchange := func() {
		if err := a.Write(ctx, msg); err != nil {
			t.Fatal(err)
		}
		if n, err := b.Read(ctx, p); n != len(msg) || err != nil {
			t.Fatalf("Read: %d, %v", n, err)
		}
	}
	for range 2 * transport.DefaultPipeQueue {
		exchange()
	}
	if got := testing.AllocsPerRun(100, exchange); got != 0 {
		t.Errorf("%v allocations per message, want 0", got)
	}
}
