package harness

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
)

// ControlVariable is the environment variable in which an adapter finds its control connection: "tcp:127.0.0.1:PORT", which it dials, or
// "fd:IN,OUT", the numbers of inherited file descriptors that it reads requests from and writes answers to.
const ControlVariable = "OCKAMTEST_CONTROL"

// What adapters branch on.
var (
	// ErrControl: the value of ControlVariable is none.
	ErrControl = errors.New("harness: no control connection in " + ControlVariable)
)

// DialControl is for adapters: it connects to the kit as the value of ControlVariable says.
func DialControl(ctx context.Context, value string) (io.ReadWriteCloser, error) {
	kind, where, _ := strings.Cut(value, ":")
	switch kind {
	case "tcp":
		var dialer net.Dialer
		conn, err := dialer.DialContext(ctx, "tcp", where)
		if err != nil {
			return nil, fmt.Errorf("control connection: %w", err)
		}
		return conn, nil
	case "fd":
		in, out, _ := strings.Cut(where, ",")
		i, errIn := strconv.ParseUint(in, 10, 16)
		o, errOut := strconv.ParseUint(out, 10, 16)
		if errIn != nil || errOut != nil {
			return nil, ErrControl
		}
		return &pipePair{inherited(i, "requests"), inherited(o, "answers")}, nil
	}
	return nil, ErrControl
}

// A pipePair is a connection of two pipes.
type pipePair struct{ in, out *os.File }

func (p *pipePair) Read(b []byte) (int, error)  { return p.in.Read(b) }
func (p *pipePair) Write(b []byte) (int, error) { return p.out.Write(b) }
func (p *pipePair) Close() error                { return errors.Join(p.out.Close(), p.in.Close()) }

// Pipes are a control connection over two pipes, for a process that is about to be started.
type Pipes struct {
	// Files are for the process to inherit as descriptors 3 and 4, in this order (os/exec.Cmd.ExtraFiles). They are closed with Started.
	Files []*os.File
	conn  *pipePair
}

// NewPipes makes two pipes. Windows does not pass them on to a process: use ListenControl there.
func NewPipes() (*Pipes, error) {
	requestsOut, requestsIn, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("control connection: %w", err)
	}
	answersOut, answersIn, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("control connection: %w", errors.Join(err, requestsIn.Close(), requestsOut.Close()))
	}
	return &Pipes{Files: []*os.File{requestsOut, answersIn}, conn: &pipePair{answersOut, requestsIn}}, nil
}

// Value is the value of ControlVariable for the process.
func (p *Pipes) Value() string { return "fd:3,4" }

// Started closes the process's ends in this process, after it was started or not, and returns the kit's end. Without it the end of the
// process would not be seen.
func (p *Pipes) Started() (io.ReadWriteCloser, error) {
	if err := errors.Join(p.Files[0].Close(), p.Files[1].Close()); err != nil {
		return nil, fmt.Errorf("control connection: %w", errors.Join(err, p.conn.Close()))
	}
	return p.conn, nil
}

// A ControlListener waits for an adapter to dial.
type ControlListener struct{ listener *net.TCPListener }

// ListenControl listens on a port of 127.0.0.1.
func ListenControl(ctx context.Context) (*ControlListener, error) {
	var cfg net.ListenConfig
	listener, err := cfg.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("control connection: %w", err)
	}
	tcp, ok := listener.(*net.TCPListener)
	if !ok {
		return nil, fmt.Errorf("control connection: %w", errors.Join(net.ErrClosed, listener.Close()))
	}
	return &ControlListener{tcp}, nil
}

// Value is the value of ControlVariable for the process.
func (l *ControlListener) Value() string { return "tcp:" + l.listener.Addr().String() }

// Accept waits for the adapter, which is whoever dials first, until ctx ends. Then nobody else can dial.
func (l *ControlListener) Accept(ctx context.Context) (io.ReadWriteCloser, error) {
	stop := context.AfterFunc(ctx, func() { _ = l.listener.Close() }) // ends the call
	defer stop()
	conn, err := l.listener.Accept()
	if ctx.Err() != nil {
		err = ctx.Err()
		if conn != nil { // it has come too late
			err = errors.Join(err, conn.Close())
		}
	}
	if err != nil {
		return nil, fmt.Errorf("wait for the adapter to dial: %w", errors.Join(err, l.Close()))
	}
	if err := l.Close(); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// Close stops listening. Closing twice is harmless.
func (l *ControlListener) Close() error {
	if err := l.listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("control connection: %w", err)
	}
	return nil
}
