package ref_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ockamtest/ref"
	"ockamtest/ref/router"
	"ockamtest/ref/transport"
	"ockamtest/ref/transport/udp"
	"ockamtest/ref/wire"
)

// An attacker sends datagrams as fast as a socket takes them, and takes note of what it gets back.
type attacker struct {
	socket transport.PacketConn
	random *rand.Rand
	sent   atomic.Int64
	got    atomic.Pointer[[]byte] // the first record that came
}

// attack sends what next makes until ctx ends, to to.
func (a *attacker) attack(ctx context.Context, to wire.Address, next func(r *rand.Rand) []byte) {
	for ctx.Err() == nil {
		if err := a.socket.WriteTo(ctx, next(a.random), to); err == nil {
			a.sent.Add(1)
		}
	}
}

// listen takes note of the first message with a body that is no handshake message.
func (a *attacker) listen() {
	p := make([]byte, 65535)
	for {
		n, _, err := a.socket.ReadFrom(context.Background(), p)
		if err != nil {
			return
		}
		var m wire.Message
		if m.Parse(wire.Dialect{}, p[:n]) == nil && m.Type == wire.Payload {
			record := bytes.Clone(p[:n])
			a.got.CompareAndSwap(nil, &record)
		}
	}
}

// TRAN-012, TRAN-013, CHAN-012, REC-012, ROUT-008: hostile datagrams as fast as the loopback carries them, beside a channel that works: its
// messages get through, memory stays flat, and nobody is redirected.
func TestHostileDatagrams(t *testing.T) {
	const exchanges, enough, step = 200, 20, 10
	const long = 5 * time.Second // after which enough will do: a race detector slows down nodes more than attackers
	cfg, _ := newConfig(t)
	there := newNode(t, ref.NodeConfig{Addresses: []wire.Address{at(wire.UDP)}})
	l, err := there.Listen(wire.Address{}, ref.ListenConfig{Config: cfg, HalfOpen: 64})
	if err != nil {
		t.Fatal(err)
	}
	line := new(capture)
	s, err := udp.Listen(t.Context(), at(wire.UDP), udp.Config{})
	if err != nil {
		t.Fatal(err)
	}
	here := newNode(t, ref.NodeConfig{Sockets: []transport.PacketConn{capturedSocket{s, line}}})
	client, err := here.Dial(t.Context(), wire.Route{there.Addresses()[0]}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	server := next(t, l)
	exchange(t, client, server)
	seen := line.captured() // m1, m3, a record
	record := seen[len(seen)-1]

	ctx, stop := context.WithCancel(t.Context())
	var attacks sync.WaitGroup
	var attackers []*attacker
	for i, next := range []func(r *rand.Rand) []byte{
		func(r *rand.Rand) []byte { // anything
			b := make([]byte, r.IntN(300))
			for i := range b {
				b[i] = byte(r.Uint32())
			}
			return b
		},
		func(r *rand.Rand) []byte { // forged and replayed records for the channel
			b := bytes.Clone(record)
			if r.IntN(2) == 0 {
				b[len(b)-1-r.IntN(30)] ^= 1 << r.IntN(8)
			}
			return b
		},
		func(r *rand.Rand) []byte { // handshakes
			b := bytes.Clone(seen[r.IntN(2)])
			b[len(b)-1-r.IntN(30)] ^= byte(r.Uint32())
			return b
		},
	} {
		socket, err := udp.Listen(t.Context(), at(wire.UDP), udp.Config{})
		if err != nil {
			t.Fatal(err)
		}
		a := &attacker{socket: socket, random: rand.New(rand.NewPCG(uint64(i), 1))}
		attackers = append(attackers, a)
		attacks.Go(a.listen)
		attacks.Go(func() {
			defer socket.Close()
			a.attack(ctx, there.Addresses()[0], next)
		})
	}

	echoUntilClosed(t, server)
	before := heap()
	lost, done, began := 0, 0, time.Now()
	for done < exchanges && (done < enough || time.Since(began) < long) {
		lost += converse(t, client, done, done+step)
		done += step
	}
	grown := heap() - before
	stop()
	attacks.Wait()
	for i, a := range attackers {
		if a.sent.Load() < 1000 {
			t.Errorf("attacker %d sent %d datagrams, too few", i, a.sent.Load())
		}
		if a.got.Load() != nil {
			t.Errorf("attacker %d got a record", i)
		}
	}
	counters := there.Counters()
	t.Logf("%d exchanges beside %d hostile datagrams (%d, %d, %d sent), %d asked again, heap %+d KiB; dropped: malformed %d, rejected %d",
		done, counters.Received, attackers[0].sent.Load(), attackers[1].sent.Load(), attackers[2].sent.Load(), lost, grown>>10,
		counters.Dropped[router.Malformed], counters.Dropped[router.Rejected])
	if grown > 16<<20 {
		t.Errorf("the heap has grown by %d KiB", grown>>10)
	}
	if got, want := server.RemoteAddress(), here.Addresses()[0]; got != want {
		t.Errorf("the channel's remote address is %v, want %v", got, want)
	}
}

// echoUntilClosed answers on a channel until it is closed.
func echoUntilClosed(t *testing.T, server *ref.Conn) {
	var running sync.WaitGroup
	running.Go(func() {
		p := make([]byte, 100)
		for {
			n, err := server.Read(context.Background(), p)
			if err != nil {
				return
			}
			_ = server.Write(context.Background(), p[:n])
		}
	})
	t.Cleanup(func() {
		server.Close()
		running.Wait()
	})
}

// converse asks and waits for the echo, again if the system has lost a datagram, for the questions from one number to another. It returns how
// often it asked again.
func converse(t *testing.T, client *ref.Conn, from, to int) (again int) {
	t.Helper()
	p := make([]byte, 100)
	for i := from; i < to; i++ {
		question := []byte{byte(i), byte(i >> 8), '?'}
		for tries := 0; ; tries++ {
			if tries == 100 {
				t.Fatalf("exchange %d did not get through", i)
			}
			if err := client.Write(t.Context(), question); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			n, err := client.Read(ctx, p)
			for err == nil && !bytes.Equal(p[:n], question) { // of an earlier try
				if n != 3 || int(p[0])+int(p[1])<<8 >= i {
					t.Fatalf("got %x", p[:n])
				}
				n, err = client.Read(ctx, p)
			}
			cancel()
			if err == nil {
				break
			}
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Fatal(err)
			}
			again++
		}
	}
	return again
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
