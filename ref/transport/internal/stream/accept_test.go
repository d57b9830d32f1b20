package stream

import (
	"errors"
	"net"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"ockamtest/ref/transport"
)

// A scriptedListener gives what the script says.
type scriptedListener struct {
	net.Listener
	script []error
	calls  int
	times  []time.Duration
	start  time.Time
}

func (l *scriptedListener) SetDeadline(time.Time) error { return nil }
func (l *scriptedListener) Close() error                { return nil }

func (l *scriptedListener) Accept() (net.Conn, error) {
	l.times = append(l.times, time.Since(l.start))
	err := l.script[l.calls]
	l.calls++
	if err != nil {
		return nil, err
	}
	a, _ := net.Pipe()
	return a, nil
}

// TRAN-021: running out of descriptors neither ends the listener nor makes it spin.
func TestAcceptSurvivesExhaustion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := &net.OpError{Op: "accept", Err: syscall.EMFILE}
		nl := &scriptedListener{script: []error{full, full, full, nil, errors.New("other")}, start: time.Now()}
		l := newAcceptor(nl)
		conn, err := l.Accept(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		conn.Close()
		if want := 35 * time.Millisecond; len(nl.times) != 4 || nl.times[3] != want {
			t.Errorf("attempts after %v, want 4, the last after %v", nl.times, want)
		}
		if _, err := l.Accept(t.Context()); err == nil || nl.calls != 5 {
			t.Errorf("another error: got %v after %d calls, want it at once", err, nl.calls)
		}
	})
}

// TRAN-021: a connection that fails before it is accepted ends nothing either.
func TestAcceptSurvivesFailedConnections(t *testing.T) {
	failures := []error{syscall.ECONNABORTED, syscall.EPROTO, syscall.ENETDOWN, syscall.ENETUNREACH, syscall.EHOSTUNREACH}
	for _, failure := range failures {
		synctest.Test(t, func(t *testing.T) {
			nl := &scriptedListener{script: []error{&net.OpError{Op: "accept", Err: failure}, nil}, start: time.Now()}
			conn, err := newAcceptor(nl).Accept(t.Context())
			if err != nil || nl.calls != 2 {
				t.Fatalf("%v: got %v after %d calls, want the next connection", failure, err, nl.calls)
			}
			conn.Close()
		})
	}
}

func TestCloseEndsPauseOfAccept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := &net.OpError{Op: "accept", Err: syscall.EMFILE}
		l := newAcceptor(&scriptedListener{script: []error{full}, start: time.Now()})
		time.AfterFunc(time.Millisecond, func() { l.Close() })
		if _, err := l.Accept(t.Context()); !errors.Is(err, transport.ErrClosed) {
			t.Errorf("got %v, want ErrClosed", err)
		}
	})
}
