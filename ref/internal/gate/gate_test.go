package gate_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"ockamtest/ref/internal/gate"
)

var (
	errGaveWay = errors.New("gave way")
	errBad     = errors.New("bad handshake")
	errClosed  = errors.New("closed")
	errInner   = errors.New("nothing more to accept")
)

// A world is a gate whose connections are numbers. Handshakes of odd ones fail, those of multiples of 10 never end by themselves.
type world struct {
	*gate.Gate[int, int]
	arrive chan int // closed: Accept fails

	mu      sync.Mutex
	failed  map[int]error
	dropped []int
}

func newWorld() *world {
	w := &world{arrive: make(chan int), failed: map[int]error{}}
	w.Gate = gate.New(gate.Config[int, int]{
		Accept: func(ctx context.Context) (int, error) {
			select {
			case n, ok := <-w.arrive:
				if !ok {
					return 0, errInner
				}
				return n, nil
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		},
		Handshake: func(ctx context.Context, n int) (int, error) {
			switch {
			case n%10 == 0:
				<-ctx.Done()
				return 0, context.Cause(ctx)
			case n%2 == 1:
				return 0, errBad
			}
			return 1000 + n, nil
		},
		Failed: func(n int, err error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.failed[n] = err
		},
		Drop: func(n int) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.dropped = append(w.dropped, n)
		},
		HalfOpen: 2, GaveWay: errGaveWay, Backlog: 3,
	})
	w.Start()
	return w
}

// TRAN-023, CHAN-012: handshakes that hang or fail hold up no other, the oldest of too many gives way, and Close drops what nobody has taken.
func TestGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		for _, n := range []int{10, 1, 2, 20, 30, 4, 6} {
			w.arrive <- n
			synctest.Wait()
		}
		for n, want := range map[int]error{1: errBad, 10: errGaveWay, 20: errGaveWay} {
			if !errors.Is(w.failed[n], want) {
				t.Errorf("connection %d failed with %v, want %v", n, w.failed[n], want)
			}
		}
		if len(w.failed) != 3 || w.InProgress() != 1 {
			t.Errorf("failed %v, %d in progress, want 3 and 1", w.failed, w.InProgress())
		}
		if n, err := w.Next(t.Context()); n/1000 != 1 || err != nil {
			t.Errorf("got %d, %v", n, err)
		}
		w.arrive <- 8
		synctest.Wait()
		w.arrive <- 12 // now there are five: one that hangs, and four that wait for Next
		synctest.Wait()
		select {
		case w.arrive <- 14:
			t.Error("more than the backlog was accepted")
		default:
		}
		synctest.Wait()
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := w.Next(ended); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want Canceled", err)
		}
		if err := w.Close(errClosed, func() error { return errInner }); !errors.Is(err, errInner) {
			t.Errorf("Close: got %v, want the error of what is below", err)
		}
		if len(w.dropped) != 4 || len(w.failed) != 3 {
			t.Errorf("dropped %v, failed %v", w.dropped, w.failed)
		}
		if _, err := w.Next(t.Context()); !errors.Is(err, errClosed) {
			t.Errorf("got %v, want the cause of Close", err)
		}
	})
}

// What Accept fails with ends the gate, and Next says so. Handshakes in progress go on until Close.
func TestGateEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.arrive <- 10
		close(w.arrive)
		synctest.Wait()
		if _, err := w.Next(t.Context()); !errors.Is(err, errInner) || w.InProgress() != 1 {
			t.Errorf("got %v, %d in progress", err, w.InProgress())
		}
		handed := false
		w.Go(func(ctx context.Context) { // what a handshake has left to do
			<-ctx.Done()
			handed = true
			w.HandOver(7)
		})
		if err := w.Close(errClosed, func() error { return nil }); err != nil || !handed || !slices.Equal(w.dropped, []int{7}) {
			t.Errorf("got %v, %v; dropped %v", err, handed, w.dropped)
		}
	})
}

// CHAN-012: the oldest is the one that was accepted first, however many arrive at once.
func TestOldestIsFirstAccepted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		for n := 10; n <= 50; n += 10 {
			w.arrive <- n
		}
		synctest.Wait()
		for _, n := range []int{10, 20, 30} {
			if !errors.Is(w.failed[n], errGaveWay) {
				t.Errorf("connection %d: got %v, want that it gave way", n, w.failed[n])
			}
		}
		if len(w.failed) != 3 {
			t.Errorf("failed %v, want three", w.failed)
		}
		if err := w.Close(errClosed, func() error { return nil }); err != nil {
			t.Error(err)
		}
	})
}
