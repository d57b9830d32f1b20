package sim_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"testing"
	"time"

	"ockamtest/ref/transport/sim"
	"ockamtest/ref/wire"
)

const ms = time.Millisecond

func newNetwork(t testing.TB, cfg sim.Config) *sim.Network {
	t.Helper()
	n, err := sim.NewNetwork(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// stream is a TCP address of the n-th host.
func stream(n int) wire.Address {
	return wire.TCPAddress4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}, 4000)
}

// numbered is a message that tells its number and fills itself from it.
func numbered(i, n int) []byte {
	b := bytes.Repeat([]byte{byte(i)}, max(n, 4))
	binary.BigEndian.PutUint32(b, uint32(i))
	return b
}

// thrice is a message that tells its number also when a bit of it is flipped.
func thrice(i int) []byte { return bytes.Repeat(binary.BigEndian.AppendUint32(nil, uint32(i)), 3) }

func number(data []byte) int { return int(binary.BigEndian.Uint32(data)) }

// drain delivers everything and returns it. Data are copies.
func drain(t testing.TB, n *sim.Network) (all []sim.Arrival) {
	t.Helper()
	for {
		at, ok := n.Next()
		a, delivered := n.Deliver()
		if ok != delivered || ok && a.At != at {
			t.Fatalf("Next says %v, %v, Deliver %v, %v", at, ok, a.At, delivered)
		}
		if !ok {
			return all
		}
		a.Data = bytes.Clone(a.Data)
		all = append(all, a)
	}
}

// The zero network delivers everything at once, in order, unchanged.
func TestPerfectNetwork(t *testing.T) {
	for _, to := range []wire.Address{host(2), stream(2)} {
		n := newNetwork(t, sim.Config{})
		for i := range 100 {
			n.Send(time.Duration(i/10)*ms, host(1), to, numbered(i, i*13))
		}
		all := drain(t, n)
		for i, a := range all {
			want := sim.Arrival{At: time.Duration(i/10) * ms, From: host(1), To: to}
			data := a.Data
			if a.Data = nil; a.At != want.At || a.From != want.From || a.To != want.To || a.Kind != sim.Message ||
				!bytes.Equal(data, numbered(i, i*13)) {
				t.Errorf("arrival %d: got %v with %d bytes, want %v with %d", i, a, len(data), want, i*13)
			}
		}
		if want := (sim.Stats{Sent: 100, Delivered: 100}); len(all) != 100 || n.Stats() != want {
			t.Errorf("%d arrivals, %v, want 100 and %v", len(all), n.Stats(), want)
		}
	}
}

// The caller's data can change after Send, and an arrival's stays until the next Deliver whatever is sent.
func TestOwnership(t *testing.T) {
	n := newNetwork(t, sim.Config{})
	data := []byte("first")
	n.Send(0, host(1), host(2), data)
	copy(data, "XXXXX")
	a, _ := n.Deliver()
	for range 10 {
		n.Send(0, host(2), host(1), []byte("other"))
	}
	if string(a.Data) != "first" {
		t.Errorf("got %q, want first", a.Data)
	}
}

// near reports whether a count of n chances is as likely as p makes it.
func near(count, n uint64, p float64) bool {
	mean := float64(n) * p
	return math.Abs(float64(count)-mean) <= 5*math.Sqrt(mean*(1-p))+1
}

// Losses, copies, and flipped bits are as frequent as they should be, delays within their bounds, and later ones overtake.
func TestChances(t *testing.T) {
	const count = 40_000
	for _, path := range []sim.Path{
		{Loss: 0.1}, {Duplicate: 0.25}, {Corrupt: 0.5}, {Loss: 1}, {Duplicate: 1}, {Corrupt: 1},
		{Delay: 10 * ms, Jitter: 20 * ms, Loss: 0.3, Duplicate: 0.05, Corrupt: 0.01},
	} {
		n := newNetwork(t, sim.Config{Seed: 7, Path: path})
		for i := range count {
			n.Send(time.Duration(i)*ms, host(1), host(2), thrice(i))
		}
		var late time.Duration
		flipped := uint64(0)
		for _, a := range drain(t, n) {
			i := number(a.Data)
			if i != number(a.Data[4:]) { // one of them is corrupted
				i = number(a.Data[8:])
			}
			if !bytes.Equal(a.Data, thrice(i)) {
				flipped++
			}
			took := a.At - time.Duration(i)*ms
			if took < path.Delay || took > path.Delay+path.Jitter {
				t.Fatalf("datagram %d took %v, want %v to %v", i, took, path.Delay, path.Delay+path.Jitter)
			}
			late = max(late, took-path.Delay)
		}
		s := n.Stats()
		passed := s.Sent - s.Lost + s.Duplicated
		if s.Sent != count || s.Delivered != passed || flipped != s.Corrupted || !near(s.Lost, count, path.Loss) ||
			!near(s.Duplicated, count-s.Lost, path.Duplicate) || !near(s.Corrupted, passed, path.Corrupt) {
			t.Errorf("%+v: %v, and %d arrive changed", path, s, flipped)
		}
		if path.Jitter > 0 && (late < path.Jitter*99/100 || s.Reordered < count/10) || path.Jitter == 0 && s.Reordered > 0 {
			t.Errorf("%+v: the latest is %v late, %d are reordered", path, late, s.Reordered)
		}
	}
}

// A corrupted datagram has one bit flipped, any of them; the others none.
func TestCorruption(t *testing.T) {
	n := newNetwork(t, sim.Config{Path: sim.Path{Corrupt: 1}})
	const size = 3
	for range 2000 {
		n.Send(0, host(1), host(2), make([]byte, size))
	}
	n.Send(0, host(1), host(2), nil)
	flips := map[int]int{}
	for _, a := range drain(t, n) {
		if len(a.Data) == 0 {
			continue
		}
		set := 0
		for i, b := range a.Data {
			if set += bits.OnesCount8(b); b != 0 {
				flips[8*i+bits.TrailingZeros8(b)]++
			}
		}
		if set != 1 {
			t.Fatalf("%x: %d bits flipped, want 1", a.Data, set)
		}
	}
	if len(flips) != 8*size || n.Stats().Corrupted != 2000 {
		t.Errorf("flips at %v, %v, want each of %d bits and 2000", flips, n.Stats(), 8*size)
	}
}

// digest runs a network on which everything happens, and returns a hash of all that arrives.
func digest(t testing.TB, seed uint64) string {
	n := newNetwork(t, sim.Config{Seed: seed, Path: sim.Path{
		Delay: 5 * ms, Jitter: 10 * ms, Loss: 0.1, Duplicate: 0.1, Corrupt: 0.1, Rate: 100_000,
	}})
	h := sha256.New()
	for i := range 5000 {
		now := time.Duration(i) * 100 * time.Microsecond
		from, to := i%7, (i/7+i+1)%7
		switch {
		case i%500 == 100:
			n.Cut(now, host(1), host(2))
		case i%500 == 200:
			n.Mend(now, host(1), host(2))
		case i%700 == 300:
			n.Break(now, stream(from), stream(to))
		case i%3 == 0:
			n.Send(now, stream(from), stream(to), numbered(i, i%300))
		default:
			n.Send(now, host(from), host(to), numbered(i, i%300))
		}
		for at, ok := n.Next(); ok && at <= now; at, ok = n.Next() {
			a, _ := n.Deliver()
			fmt.Fprintf(h, "%d %d %v %v %x\n", a.At, a.Kind, a.From, a.To, a.Data)
		}
	}
	fmt.Fprintln(h, n.Stats(), n.UnderWay())
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// A seed repeats a run bit for bit, also on another machine and with a later version of this package.
func TestRepeatable(t *testing.T) {
	for seed, want := range map[uint64]string{0: "48f709c7919918e0", 1: "edc0c411b105d6af"} {
		if got := digest(t, seed); got != want {
			t.Errorf("seed %d: got %s, want %s", seed, got, want)
		}
	}
}

// fates sends datagrams of some flows in an order, and returns when each arrived, by flow and number.
func fates(t testing.TB, path sim.Path, flows, each int, order func(i int) (flow int)) map[[2]int][]time.Duration {
	n := newNetwork(t, sim.Config{Seed: 3, Path: path})
	sent := make([]int, flows)
	for i := range flows * each {
		f := order(i)
		n.Send(0, host(f), host(100+f), numbered(sent[f], 10))
		sent[f]++
	}
	out := map[[2]int][]time.Duration{}
	for _, a := range drain(t, n) {
		for f := range flows {
			if a.From == host(f) {
				key := [2]int{f, number(a.Data)}
				out[key] = append(out[key], a.At)
			}
		}
	}
	return out
}

// What happens to a datagram does not depend on what others send; and its delay does not depend on how likely a loss is.
func TestIndependence(t *testing.T) {
	path := sim.Path{Delay: ms, Jitter: 50 * ms, Loss: 0.2, Duplicate: 0.2}
	inTurn := func(i int) int { return i % 5 }
	oneByOne := func(i int) int { return i / 200 }
	base := fates(t, path, 5, 200, inTurn)
	if got := fates(t, path, 5, 200, oneByOne); fmt.Sprint(got) != fmt.Sprint(base) {
		t.Error("another order of the flows changes what happens in one")
	}
	different := 0
	for i := range 200 {
		if fmt.Sprint(base[[2]int{0, i}]) != fmt.Sprint(base[[2]int{1, i}]) {
			different++
		}
	}
	if different < 190 {
		t.Errorf("two flows have the same fates but for %d of 200 datagrams", different)
	}
	path.Loss = 0.6
	lossy := fates(t, path, 5, 200, inTurn)
	for key, at := range lossy {
		if fmt.Sprint(base[key]) != fmt.Sprint(at) {
			t.Errorf("datagram %v arrives at %v, with fewer losses at %v", key, at, base[key])
		}
	}
	if len(lossy) == 0 || len(lossy) > len(base)*3/4 {
		t.Errorf("%d datagrams arrive of %d", len(lossy), len(base))
	}
}

// A path passes so many bytes in a second, in order; datagrams wait for their turn up to a bound, streams as long as it takes.
func TestRate(t *testing.T) {
	for _, to := range []wire.Address{host(2), stream(2)} {
		n := newNetwork(t, sim.Config{Path: sim.Path{Delay: 5 * ms, Rate: 100_000, Backlog: 95 * ms}})
		for i := range 20 {
			n.Send(0, host(1), to, numbered(i, 1000)) // 10 ms each
		}
		n.Send(0, host(1), host(3), numbered(99, 1000)) // has a path of its own
		passed := 0
		for _, a := range drain(t, n) {
			i := number(a.Data)
			want := 5*ms + time.Duration(i+1)*10*ms
			if i == 99 {
				want = 15 * ms
			} else {
				passed++
			}
			if a.At != want {
				t.Errorf("message %d to %v arrives at %v, want %v", i, a.To, a.At, want)
			}
		}
		want := 20
		if to.Type() == wire.UDP {
			want = 10 // those that begin to leave within 95 ms
		}
		if s := n.Stats(); passed != want || s.Congested != uint64(20-want) {
			t.Errorf("to %v: %d pass, %v, want %d", to, passed, s, want)
		}
	}
}

// A path is from one host to another, whatever the ports and types; what is under way keeps its fate.
func TestPaths(t *testing.T) {
	n := newNetwork(t, sim.Config{Path: sim.Path{Delay: ms}})
	n.Send(0, host(1), host(2), numbered(0, 4))
	if err := n.SetPath(stream(1).WithPort(9), host(2).WithPort(7), sim.Path{Delay: 10 * ms}); err != nil {
		t.Fatal(err)
	}
	n.Send(0, host(1), host(2), numbered(1, 4))
	n.Send(0, stream(1), stream(2), numbered(2, 4))
	n.Send(0, host(2), host(1), numbered(3, 4))
	if err := n.SetDefaultPath(sim.Path{Delay: 3 * ms}); err != nil {
		t.Fatal(err)
	}
	n.Send(0, host(2), host(1), numbered(4, 4))
	n.Send(0, host(1), host(2), numbered(5, 4))
	want := map[int]time.Duration{0: ms, 1: 10 * ms, 2: 10 * ms, 3: ms, 4: 3 * ms, 5: 10 * ms}
	for _, a := range drain(t, n) {
		if i := number(a.Data); a.At != want[i] {
			t.Errorf("message %d arrives at %v, want %v", i, a.At, want[i])
		}
		delete(want, number(a.Data))
	}
	if len(want) > 0 {
		t.Errorf("not delivered: %v", want)
	}
}

// A caller whose clock stands behind that of the network sends now.
func TestTimeDoesNotGoBack(t *testing.T) {
	n := newNetwork(t, sim.Config{Path: sim.Path{Delay: ms}})
	n.Send(10*ms, host(1), host(2), nil)
	n.Deliver()
	n.Send(0, host(1), host(2), nil)
	n.Send(0, stream(1), stream(2), nil)
	for _, a := range drain(t, n) {
		if a.At != 12*ms {
			t.Errorf("%v: arrives at %v, want 12ms", a.To, a.At)
		}
	}
}

func TestConfigRefused(t *testing.T) {
	n := newNetwork(t, sim.Config{})
	for _, path := range []sim.Path{
		{Delay: -1}, {Jitter: -1}, {Backlog: -1}, {Rate: -1}, {Loss: -0.1}, {Loss: 1.1}, {Duplicate: 2}, {Corrupt: math.NaN()},
	} {
		if got, err := sim.NewNetwork(sim.Config{Path: path}); got != nil || !errors.Is(err, sim.ErrConfig) {
			t.Errorf("%+v: got %v, %v, want ErrConfig", path, got, err)
		}
		if err := n.SetPath(host(1), host(2), path); !errors.Is(err, sim.ErrConfig) {
			t.Errorf("SetPath %+v: got %v, want ErrConfig", path, err)
		}
		if err := n.SetDefaultPath(path); !errors.Is(err, sim.ErrConfig) {
			t.Errorf("SetDefaultPath %+v: got %v, want ErrConfig", path, err)
		}
	}
	n.Send(0, host(1), host(2), nil)
	if all := drain(t, n); len(all) != 1 || all[0].At != 0 {
		t.Errorf("a refused path has changed the network: %v", all)
	}
}

// The steady state allocates nothing.
func TestAllocations(t *testing.T) {
	n := newNetwork(t, sim.Config{Path: sim.Path{Delay: ms, Jitter: ms, Duplicate: 0.1}})
	data := make([]byte, 1000)
	i := 0
	round := func() {
		for range 10 {
			i++
			n.Send(time.Duration(i)*ms, host(i%3), host(3+i%4), data)
			n.Send(time.Duration(i)*ms, stream(i%3), stream(3+i%4), data)
		}
		for n.UnderWay() > 50 {
			n.Deliver()
		}
	}
	for range 100 {
		round()
	}
	if got := testing.AllocsPerRun(100, round); got != 0 {
		t.Errorf("%v allocations per round, want 0", got)
	}
}
