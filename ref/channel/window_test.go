package channel_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"ockamtest/ref/channel"
	"ockamtest/ref/key"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
)

// A ledger is REC-008 in the plainest words: the highest counter that verified, and the set of all that did.
type ledger struct {
	size    int
	highest int // -1 before any
	taken   map[int]bool
}

func newLedger(size int) *ledger { return &ledger{size, -1, map[int]bool{}} }

// takes reports what becomes of counter n: nil, or the error.
func (l *ledger) takes(n int) error {
	ahead := n > l.highest && n <= l.highest+l.size
	behind := n <= l.highest && n >= l.highest-l.size+1
	switch {
	case n > key.MaxCounter, !ahead && !behind:
		return vault.ErrAuthentication // it is not tried
	case l.taken[n]:
		return channel.ErrReplayed
	}
	return nil
}

// take is takes, and keeps the books.
func (l *ledger) take(n int) error {
	err := l.takes(n)
	if err == nil {
		l.taken[n] = true
		l.highest = max(l.highest, n)
	}
	return err
}

// windows are sizes at and around the words of the bitmap.
func windows() []int { return []int{32, 33, 63, 64, 65, 100, 255, 256, 257, 1000, 1023, 1024} }

// reach lets a receiver and its ledger get to the highest counter N by leaps of W.
func reach(t *testing.T, r *receiver, l *ledger, highest int) {
	t.Helper()
	for l.highest < highest {
		n := min(l.highest+l.size, highest)
		if ok, err := r.take(t, uint64(n), false); !ok || l.take(n) != nil {
			t.Fatalf("counter %d: %v", n, err)
		}
	}
}

// REC-008, REC-003: with N the highest that verified, N+1 to N+W and N-W+1 to N-1 are taken, nothing else, nothing twice, and nothing above
// 65,535. REC-012: what is forged moves nothing.
func TestWindowEdges(t *testing.T) {
	tested, delivered := 0, 0
	for _, size := range windows() {
		edges := []int{-1, 0, 1, size - 1, size, size + 1, 2000}
		if size%128 == 0 || size == 1000 { // smaller windows take long to get there; TestWindowModel and TestLastCounters do
			edges = append(edges, 65535-size-1, 65535-size, 65535-size+1, 65534, 65535)
		}
		for _, highest := range edges {
			for _, offset := range []int{-size - 1, -size, -size + 1, -size + 2, -64, -1, 0, 1, 2, 64, size - 1, size, size + 1, size + 2, 5000} {
				n := highest + offset
				if n < 0 {
					continue
				}
				tested++
				r, l := newReceiver(t, size), newLedger(size)
				reach(t, r, l, highest)
				name := fmt.Sprintf("W %d, N %d, counter N%+d", size, highest, offset)
				if ok, err := r.take(t, uint64(n), true); ok || !errors.Is(err, vault.ErrAuthentication) {
					t.Errorf("%s, forged: got %v", name, err)
				}
				want := l.take(n)
				if ok, err := r.take(t, uint64(n), false); ok != (want == nil) || !errors.Is(err, want) {
					t.Errorf("%s: got %v, want %v", name, err, want)
				}
				if want != nil {
					continue
				}
				delivered++
				if ok, err := r.take(t, uint64(n), false); ok || !errors.Is(err, channel.ErrReplayed) {
					t.Errorf("%s, once more: got %v", name, err)
				}
			}
		}
	}
	if tested < 1200 || delivered < 650 {
		t.Errorf("%d counters, %d delivered: too few to be all", tested, delivered)
	}
}

// Around every N the whole range is as the ledger says, so that no bit of the ring is left over from an earlier turn.
func TestWindowRange(t *testing.T) {
	for _, size := range []int{32, 100, 1024} {
		r, l := newReceiver(t, size), newLedger(size)
		steps := []int{size, 1, size, size - 1, 3, size, size / 2, size, size, size}
		for turn, step := range steps {
			reach(t, r, l, l.highest+step)
			for n := max(0, l.highest-size-5); n < l.highest; n++ {
				if (n+turn)%3 == 0 {
					continue // stays missing
				}
				want := l.take(n)
				if ok, err := r.take(t, uint64(n), false); ok != (want == nil) || !errors.Is(err, want) {
					t.Fatalf("W %d, N %d, counter %d: got %v, want %v", size, l.highest, n, err, want)
				}
			}
		}
		if len(l.taken) < size {
			t.Errorf("W %d: %d delivered, too few", size, len(l.taken))
		}
	}
}

// REC-008: after W losses in a row the direction is dead, whatever is forged meanwhile, and the channel stays open: what is left of the
// window still comes, and the other direction goes on.
func TestDeadDirection(t *testing.T) {
	r := newReceiver(t, 32)
	if ok, err := r.take(t, 5, false); !ok {
		t.Fatal(err)
	}
	for n := uint64(5 + 33); n < 300; n++ { // 6 to 37 are lost
		for _, forged := range []bool{true, false} {
			if ok, err := r.take(t, n, forged); ok || !errors.Is(err, vault.ErrAuthentication) {
				t.Fatalf("record %d: %v", n, err)
			}
		}
	}
	if ok, err := r.take(t, 4, false); !ok {
		t.Error(err)
	}
	if _, err := r.c.Write(nil, []byte("hello")); err != nil || r.c.State() != channel.Open {
		t.Errorf("state %v, %v", r.c.State(), err)
	}
	if ok, err := r.take(t, 37, false); !ok { // it was late, not lost
		t.Error(err)
	}
	if ok, err := r.take(t, 37+32, false); !ok {
		t.Error(err)
	}
}

// REC-003, REC-014: real records up to the last counter, over a vault that locates counters at once and over one that does not. Then nothing
// verifies any more but what is late, nothing fails, and the other direction goes on.
func TestLastCounters(t *testing.T) {
	type end interface {
		Write(dst, payload []byte) ([]byte, error)
		Handle(now channel.Instant, dst, msg []byte) ([]byte, channel.Event, error)
	}
	fastI, fastR := fastPair(t, profile.V1(), false)
	slowI, slowR := openPair(t, options{datagrams: true, change: func(c *channel.Config) { c.Window = channel.MinWindow }})
	for name, pair := range map[string][2]end{"at once": {fastI, fastR}, "by trial": {slowI.c, slowR.c}} {
		t.Run(name, func(t *testing.T) {
			i, r := pair[0], pair[1]
			buffer, plain := make([]byte, 0, 64), make([]byte, 0, 64)
			delivers := func(msg []byte, want error) {
				t.Helper()
				_, ev, err := r.Handle(0, plain, msg)
				if !errors.Is(err, want) || (err == nil) != (want == nil) || (ev.Kind == channel.Delivered) != (want == nil) {
					t.Fatalf("event %d, error %v; want %v", ev.Kind, err, want)
				}
			}
			var late [][]byte
			for n := range key.MaxCounter + 1 {
				record, err := i.Write(buffer, []byte("x"))
				must(t, err)
				if n > key.MaxCounter-5 && n%2 == 0 {
					late = append(late, bytes.Clone(record))
				} else {
					delivers(record, nil)
				}
			}
			if _, err := i.Write(buffer, nil); !errors.Is(err, key.ErrCounterExhausted) {
				t.Errorf("got %v, want %v", err, key.ErrCounterExhausted)
			}
			for _, record := range late {
				delivers(flip(record, -1), vault.ErrAuthentication)
				delivers(bytes.Clone(record), nil)
				delivers(record, channel.ErrReplayed)
			}
			if len(late) != 2 {
				t.Errorf("%d records were late, want 2", len(late))
			}
			record, err := r.Write(nil, []byte("hello"))
			must(t, err)
			if _, ev, err := i.Handle(0, plain, record); err != nil || string(ev.Payload) != "hello" {
				t.Errorf("the other direction: %v", err)
			}
		})
	}
}

// FuzzWindow compares a receiver with the ledger: the first two bytes are W, then each pair of bytes is a record near the highest counter,
// forged or not.
func FuzzWindow(f *testing.F) {
	f.Add([]byte{0, 0, 0x80, 1, 0x80, 1, 0x80, 0, 0x7f, 0xff})
	f.Add([]byte{0, 224, 0x81, 0, 0x80, 0xff, 0x7f, 1, 0x81, 0, 0x81, 1, 0x01, 0})
	f.Add([]byte{3, 224, 0x84, 0, 0x84, 0, 0x84, 0, 0x7c, 1, 0x7c, 0, 0x80, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) < 2 {
			return
		}
		size := channel.MinWindow + (int(data[0])<<8|int(data[1]))%(channel.MaxWindow-channel.MinWindow+1)
		r, l := newReceiver(t, size), newLedger(size)
		for data = data[2:]; len(data) >= 2; data = data[2:] {
			move := int(data[0])<<8 | int(data[1])
			forged := move&0x4000 != 0
			n := l.highest + move&0x3fff
			if move&0x8000 == 0 {
				n = l.highest - move&0x3fff
			}
			if n < 0 {
				continue
			}
			want := vault.ErrAuthentication
			if !forged {
				want = l.take(n)
			}
			if ok, err := r.take(t, uint64(n), forged); ok != (want == nil) || !errors.Is(err, want) {
				t.Fatalf("W %d, N %d, counter %d, forged %v: got %v, want %v", size, l.highest, n, forged, err, want)
			}
		}
	})
}

// A configuration without a window has one of 256.
func TestDefaultWindow(t *testing.T) {
	r := newReceiver(t, 0)
	if ok, err := r.take(t, 256, false); ok || !errors.Is(err, vault.ErrAuthentication) {
		t.Errorf("256 above -1: delivered %v, %v", ok, err)
	}
	for _, n := range []uint64{255, 0} {
		if ok, err := r.take(t, n, false); !ok {
			t.Errorf("%d: %v", n, err)
		}
	}
}
