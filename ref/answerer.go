package ref

import (
	"context"
	"sync"
	"time"

	"ockamtest/ref/transport"
)

// answerPatience is how long a reader waits for what it has to say to leave.
const answerPatience = time.Second

// An answerer sends over a connection what a channel has to say by itself: pongs and repeats. It does so under nobody's context, for a
// message that is cut off would fail the connection. A peer that does not read holds up one goroutine, and the reader for answerPatience
// only: two ends that write much would else wait for each other to read. What there is to say meanwhile is lost.
type answerer struct {
	conn    transport.Conn
	busy    chan struct{}  // holds a token while a message leaves
	running sync.WaitGroup // of goroutines that end when the connection is closed
}

func newAnswerer(conn transport.Conn) answerer {
	return answerer{conn: conn, busy: make(chan struct{}, 1)}
}

// send sends a message, which is the answerer's to keep, and waits a little until it has left, or until ctx ends.
func (a *answerer) send(ctx context.Context, msg []byte) {
	patience := time.NewTimer(answerPatience)
	defer patience.Stop()
	select {
	case a.busy <- struct{}{}:
	default:
		select {
		case a.busy <- struct{}{}:
		case <-patience.C:
			return
		case <-ctx.Done():
			return
		}
	}
	left := make(chan struct{})
	a.running.Go(func() {
		defer close(left)
		_ = a.conn.Write(context.Background(), msg) // if the connection has failed its reader says so
		<-a.busy
	})
	select {
	case <-left:
	case <-patience.C:
	case <-ctx.Done():
	}
}

// wait waits until nothing is on its way, after the connection was closed and nobody sends any more.
func (a *answerer) wait() { a.running.Wait() }
