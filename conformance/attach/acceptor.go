package attach

import (
	"context"
	"errors"
	"io"
	"net"
	"time"
)

const (
	// queueLength is how many connections wait for a session. At the bound the oldest gives way.
	queueLength = 16
	// freshFor is how long a connection may wait for a session: its handshake deadline runs (NOISE-013). Not scaled: it is the kit
	// that is late, not the peer.
	freshFor = time.Second
)

// What next returns beside a connection and the context's error.
var (
	errNobody  = errors.New("attach: nobody connected")
	errStopped = errors.New("attach: stopped waiting")
)

// An acceptor listens and keeps connections until a session wants them. next and close are for one goroutine.
type acceptor struct {
	listener *net.TCPListener
	fresh    time.Duration
	waiting  chan arrival
	done     chan struct{} // closed when the accepting goroutine has ended
}

type arrival struct {
	conn *net.TCPConn
	at   time.Time
}

// newAcceptor binds address. A connection may wait for fresh.
func newAcceptor(ctx context.Context, address string, fresh time.Duration) (*acceptor, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	tcp, ok := listener.(*net.TCPListener)
	if !ok {
		return nil, errors.Join(errors.ErrUnsupported, listener.Close())
	}
	a := &acceptor{listener: tcp, fresh: fresh, waiting: make(chan arrival, queueLength), done: make(chan struct{})}
	go a.accept()
	return a, nil
}

// address is the address bound.
func (a *acceptor) address() string { return a.listener.Addr().String() }

func (a *acceptor) accept() {
	defer close(a.done)
	for {
		conn, err := a.listener.AcceptTCP()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // out of descriptors, or the connection has gone: neither ends the listener
			stopped(context.Background(), 10*time.Millisecond, nil)
			continue
		}
		for next := (arrival{conn, time.Now()}); next.conn != nil; {
			select {
			case a.waiting <- next:
				next.conn = nil
			default:
				a.dropOldest()
			}
		}
	}
}

func (a *acceptor) dropOldest() {
	select {
	case old := <-a.waiting:
		hangUp(old.conn)
	default: // a session took one meanwhile
	}
}

// next returns the next connection that is fresh. It waits for wait, or until stop is closed or ctx ends.
func (a *acceptor) next(ctx context.Context, wait time.Duration, stop <-chan struct{}) (*net.TCPConn, error) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		var next arrival
		select {
		case next = <-a.waiting:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-timer.C:
			return nil, errNobody
		case <-stop:
			select {
			case next = <-a.waiting: // it came before the end
			default:
				return nil, errStopped
			}
		}
		if time.Since(next.at) <= a.fresh {
			return next.conn, nil
		}
		hangUp(next.conn)
	}
}

// close stops listening and closes the connections that wait.
func (a *acceptor) close() error {
	err := a.listener.Close()
	<-a.done
	for {
		select {
		case old := <-a.waiting:
			hangUp(old.conn)
		default:
			return err
		}
	}
}

// hangUp closes a connection that was never used. What it has sent is read first, so that it ends with FIN: unread bytes would
// make that an RST.
func hangUp(conn *net.TCPConn) {
	if conn.CloseWrite() == nil && conn.SetReadDeadline(time.Now().Add(shortestWait)) == nil {
		_, _ = io.CopyN(io.Discard, conn, receiveBuffer)
	}
	_ = conn.Close()
}
