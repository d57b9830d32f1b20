package sim_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"ockamtest/ref/transport/sim"
	"ockamtest/ref/wire"
)

// halves are the hosts below 5 and the others.
func halves(a wire.Address) int {
	ip, _ := a.IP4()
	return int(ip[3] / 5)
}

// arrivals are the numbers of messages that arrive, in order.
func arrivals(all []sim.Arrival) (out []int) {
	for _, a := range all {
		if a.Kind == sim.Message {
			out = append(out, number(a.Data))
		}
	}
	return out
}

// Datagrams to the other side are lost while it is partitioned, what was under way arrives, and the same side is not concerned.
func TestPartition(t *testing.T) {
	separate := map[string]func(n *sim.Network){
		"partition": func(n *sim.Network) { n.Partition(ms, halves) },
		"cut":       func(n *sim.Network) { n.Cut(ms, stream(6), host(1).WithPort(9)) },
	}
	join := map[string]func(n *sim.Network){
		"partition": func(n *sim.Network) { n.Partition(3*ms, nil) },
		"cut":       func(n *sim.Network) { n.Mend(3*ms, host(1), stream(6)) },
	}
	for name := range separate {
		n := newNetwork(t, sim.Config{Path: sim.Path{Delay: 10 * ms}})
		n.Send(0, host(1), host(6), numbered(0, 4))
		separate[name](n)
		n.Send(2*ms, host(1), host(6), numbered(1, 4))
		n.Send(2*ms, host(6), host(1), numbered(2, 4))
		n.Send(2*ms, host(1), host(2), numbered(3, 4))
		n.Send(2*ms, host(1), host(1).WithPort(1), numbered(4, 4))
		n.Send(2*ms, host(6), host(7), numbered(5, 4))
		join[name](n)
		n.Send(4*ms, host(1), host(6), numbered(6, 4))
		got := arrivals(drain(t, n))
		slices.Sort(got)
		if want := []int{0, 3, 4, 5, 6}; !slices.Equal(got, want) || n.Stats().Partitioned != 2 {
			t.Errorf("%s: got %v, %v, want %v and 2 lost", name, got, n.Stats(), want)
		}
	}
}

// A host is what its address says without the port: an IP address in each spelling, a name, or a local address.
func TestHosts(t *testing.T) {
	mapped := wire.UDPAddress6([16]byte{10: 0xff, 11: 0xff, 12: 10, 15: 1}, 4000)
	for _, same := range [][2]wire.Address{
		{host(1), stream(1).WithPort(5)}, {host(1), mapped},
		{wire.UDPAddressDNS("a.example", 1), wire.UDPAddressDNS("A.example.", 2)},
		{wire.UDPAddress6([16]byte{1}, 1), wire.TCPAddress6([16]byte{1}, 2)},
		{wire.LocalAddress([]byte("x")), wire.LocalAddress([]byte("x"))},
	} {
		n := newNetwork(t, sim.Config{})
		n.Cut(0, same[0], host(2))
		n.Send(0, same[1], host(2), nil)
		n.Send(0, host(3), host(2), nil)
		if s := n.Stats(); s.Partitioned != 1 || n.UnderWay() != 1 {
			t.Errorf("%v is cut off, and %v is not, or others are: %v", same[0], same[1], s)
		}
	}
}

// TRAN-024: streams lose nothing in a partition; they stand still and go on, in order.
func TestPartitionHoldsStreams(t *testing.T) {
	n := newNetwork(t, sim.Config{Path: sim.Path{Delay: 10 * ms, Jitter: 5 * ms}})
	n.Send(0, stream(1), stream(6), numbered(0, 4))
	n.Partition(ms, halves)
	n.Cut(ms, host(1), host(6))
	for i := 1; i < 50; i++ {
		n.Send(2*ms, stream(1), stream(6), numbered(i, 4))
	}
	n.End(2*ms, stream(1), stream(6))
	if got := arrivals(drain(t, n)); !slices.Equal(got, []int{0}) || n.UnderWay() != 50 {
		t.Fatalf("while it is partitioned: got %v, %d under way, want [0] and 50", got, n.UnderWay())
	}
	n.Partition(100*ms, nil)
	if _, ok := n.Next(); ok {
		t.Fatal("one of two partitions has ended, and something arrives")
	}
	n.Mend(200*ms, host(1), host(6))
	all := drain(t, n)
	if len(all) != 50 || all[0].At < 210*ms || all[49].Kind != sim.Ended {
		t.Fatalf("afterwards: %d arrivals, want 49 messages from 210 ms on and the end", len(all))
	}
	for i, got := range arrivals(all) {
		if got != i+1 {
			t.Fatalf("afterwards: message %d arrives as number %d", got, i+1)
		}
	}
}

// A broken stream loses what is under way, both ways, and both ends learn of it; other streams go on.
func TestBreak(t *testing.T) {
	for _, partitioned := range []bool{false, true} {
		n := newNetwork(t, sim.Config{Path: sim.Path{Delay: 10 * ms}})
		if partitioned {
			n.Partition(0, halves)
		}
		n.Send(0, stream(1), stream(6), numbered(1, 4))
		n.Send(0, stream(6), stream(1), numbered(2, 4))
		n.Send(0, stream(1), stream(2), numbered(3, 4))
		n.Send(0, host(1), host(2), numbered(4, 4))
		n.Break(ms, stream(1), stream(6))
		n.Break(ms, host(1), host(2)) // is no stream
		n.Send(2*ms, stream(1), stream(6), numbered(5, 4))
		n.Partition(3*ms, nil)
		all := drain(t, n)
		broken := map[wire.Address]int{}
		for i, a := range all {
			if a.Kind == sim.Broken {
				broken[a.To] = i + 1
			}
		}
		got := arrivals(all)
		slices.Sort(got)
		if !slices.Equal(got, []int{3, 4, 5}) || len(broken) != 2 || broken[stream(6)] == 0 || broken[stream(1)] == 0 {
			t.Errorf("partitioned %v: got %v, broken %v, want 3, 4, 5 and both ends", partitioned, got, broken)
		}
		if s := n.Stats(); s.Broken != 2 || s.Sent != 5 || s.Delivered != 3 || n.UnderWay() != 0 {
			t.Errorf("partitioned %v: %v, %d under way, want 2 broken and none", partitioned, s, n.UnderWay())
		}
	}
}

// Whatever happens: time does not go back, every message is counted once, streams keep order and bytes.
func TestProperties(t *testing.T) {
	delivered := uint64(0)
	for seed := range uint64(100) {
		if err := walk(t, seed, &delivered); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
	if delivered < 50_000 {
		t.Errorf("%d messages delivered, too few to tell", delivered)
	}
}

// walk does 2,000 random things with a network.
func walk(t *testing.T, seed uint64, delivered *uint64) error {
	r := rand.New(rand.NewPCG(seed, 1))
	n := newNetwork(t, sim.Config{Seed: seed, Path: randomPath(r)})
	var now, last time.Duration
	next := map[[2]wire.Address][]int{} // numbers under way by stream
	take := func() error {
		a, ok := n.Deliver()
		switch key := [2]wire.Address{a.From, a.To}; {
		case !ok:
			return nil
		case a.At < last:
			return fmt.Errorf("an arrival at %v after one at %v", a.At, last)
		case a.Kind != sim.Message, a.To.Type() != wire.TCP:
		case len(next[key]) == 0 || next[key][0] != number(a.Data) || string(a.Data) != string(numbered(number(a.Data), 50)):
			return fmt.Errorf("stream %v delivers %d, want %v", key, number(a.Data), next[key])
		default:
			next[key] = next[key][1:]
		}
		last = a.At
		now = max(now, last)
		return nil
	}
	for i := range 2000 {
		a, b := r.IntN(10), r.IntN(10)
		switch r.IntN(40) {
		case 0:
			n.Partition(now, halves)
		case 1:
			n.Partition(now, nil)
		case 2:
			n.Cut(now, host(a), host(b))
		case 3:
			n.Mend(now, host(a), host(b))
		case 4:
			n.Break(now, stream(a), stream(b))
			next[[2]wire.Address{stream(a), stream(b)}], next[[2]wire.Address{stream(b), stream(a)}] = nil, nil
		case 5:
			if err := n.SetPath(host(a), host(b), randomPath(r)); err != nil {
				return err
			}
		case 6, 7, 8, 9, 10, 11, 12, 13:
			key := [2]wire.Address{stream(a), stream(b)}
			n.Send(now, key[0], key[1], numbered(i, 50))
			next[key] = append(next[key], i)
		case 14, 15:
			now += time.Duration(r.IntN(20)) * ms
		default:
			if r.IntN(2) == 0 {
				n.Send(now, host(a), host(b), numbered(i, 50))
			} else if err := take(); err != nil {
				return err
			}
		}
		s := n.Stats()
		gone := s.Delivered + s.Lost + s.Congested + s.Partitioned + s.Broken
		if s.Sent+s.Duplicated < gone || s.Sent+s.Duplicated-gone > uint64(n.UnderWay()) {
			return fmt.Errorf("step %d: %v, %d under way", i, s, n.UnderWay())
		}
	}
	for a := range 10 {
		for b := range 10 {
			n.Mend(now, host(a), host(b))
		}
	}
	n.Partition(now, nil)
	for n.UnderWay() > 0 {
		if err := take(); err != nil {
			return err
		}
	}
	for key, left := range next {
		if len(left) > 0 {
			return fmt.Errorf("stream %v has not delivered %v", key, left)
		}
	}
	s := n.Stats()
	if s.Sent+s.Duplicated != s.Delivered+s.Lost+s.Congested+s.Partitioned+s.Broken {
		return fmt.Errorf("at the end: %v", s)
	}
	*delivered += s.Delivered
	return nil
}

func randomPath(r *rand.Rand) sim.Path {
	return sim.Path{
		Delay: time.Duration(r.IntN(20)) * ms, Jitter: time.Duration(r.IntN(20)) * ms,
		Loss: r.Float64() / 2, Duplicate: r.Float64() / 2, Corrupt: r.Float64(),
		Rate: r.IntN(2) * 10_000,
	}
}
