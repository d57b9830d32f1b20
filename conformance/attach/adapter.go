package attach

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/harness"
)

// How long an adapter is waited for, all times Scale.
const (
	dialControlTimeout = 10 * time.Second // from its start to its control connection
	quitTimeout        = 2 * time.Second  // from quit to its end
	// lastWords pass at most between the end of the control connection and that of the process.
	lastWords = time.Second
)

// An AdapterConfig tells how to start an adapter (conformance/harness). Command is required.
type AdapterConfig struct {
	// Command is the program and its arguments, as Parse has split them (Spec.Command).
	Command []string
	// Pipes makes the control connection over inherited pipes, which are faster than the TCP connection that is the default. Windows
	// does not have them.
	Pipes bool
	// Scale multiplies every time the kit waits; 0 means 1.
	Scale float64
	// Timeout is how long one answer may take; 0 means harness.DefaultTimeout, times Scale.
	Timeout time.Duration
	// ByHand has somebody start the command, who is waited for as long as it takes, and for whose answers there is no time; nil: the kit starts it.
	// What it returns is not looked at.
	ByHand func(Launch) <-chan string
}

// An AdapterProcess is an adapter that runs, said hello to. It is never started again by itself. Its methods may be called by several
// goroutines, but Close by one.
type AdapterProcess struct {
	// Client is the kit's end of the control connection. Close closes it.
	Client *harness.Client

	name    string
	scale   Config // for its times
	process *process
	lost    atomic.Bool // it lives on without a control connection, and Death has told
	once    sync.Once
	closing error
}

// StartAdapter starts an adapter, waits for its control connection, and says hello. ctx is for that only; the process runs until Close. An error
// wraps conformance.ErrUnreachable, why, and a *CrashError if the process has died; then nothing of it is left.
func StartAdapter(ctx context.Context, cfg AdapterConfig) (*AdapterProcess, error) {
	if len(cfg.Command) == 0 || cfg.Scale < 0 || cfg.Timeout < 0 {
		return nil, fmt.Errorf("%w: an adapter needs a command, and no negative times", ErrConfig)
	}
	if cfg.Pipes && runtime.GOOS == "windows" {
		return nil, fmt.Errorf("%w: Windows does not pass pipes on to an adapter", ErrConfig)
	}
	a := &AdapterProcess{name: cfg.Command[0], scale: Config{Scale: cfg.Scale, ByHand: cfg.ByHand}}
	if cfg.Pipes && cfg.ByHand != nil {
		return nil, fmt.Errorf("%w: pipes are not passed on to what the kit does not start: adapter:COMMAND dials", ErrConfig)
	}
	if cfg.Timeout == 0 && cfg.ByHand != nil {
		cfg.Timeout = handPatience
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = a.scale.scaled(harness.DefaultTimeout)
	}
	start := a.startDialing
	if cfg.Pipes {
		start = a.startPiped
	}
	conn, err := start(ctx, cfg.Command)
	if err == nil {
		a.Client, err = harness.NewClient(ctx, conn, harness.ClientConfig{Timeout: cfg.Timeout})
	}
	if err == nil {
		return a, nil
	}
	return nil, a.failed(err)
}

// failed is the error of a start, and the end of what was started.
func (a *AdapterProcess) failed(err error) error {
	if a.process == nil {
		return fmt.Errorf("%w: cannot start %q: %s", conformance.ErrUnreachable, a.name, startHint(err))
	}
	if errors.Is(err, harness.ErrEnded) || errors.Is(err, harness.ErrTorn) { // of its death that may be the first that is seen
		stopped(context.Background(), a.scale.scaled(lastWords), a.process.done)
	}
	if a.process.ended() {
		when := ", before it has said hello"
		if errors.Is(err, context.Canceled) {
			when = ", before it has dialed the address in " + harness.ControlVariable
		}
		return fmt.Errorf("%w: %w", conformance.ErrUnreachable, a.crash(a.process.exit.text+when))
	}
	a.process.stop()
	return fmt.Errorf("%w: adapter %s: %w%s", conformance.ErrUnreachable, a.name, err, indent(a.Log()))
}

// startDialing starts the process and waits until it has dialed, has died, or the time is over.
func (a *AdapterProcess) startDialing(ctx context.Context, words []string) (io.ReadWriteCloser, error) {
	listener, err := harness.ListenControl(ctx)
	if err != nil {
		return nil, err
	}
	if by := a.scale.ByHand; by != nil {
		a.process = handProcess()
		by(Launch{Words: words, Env: []string{harness.ControlVariable + "=" + listener.Value()}})
	} else if err := a.run(words, listener.Value(), nil); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	wait := a.scale.patience(dialControlTimeout)
	accepting, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	accepted := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-a.process.done:
			cancel()
		case <-accepted:
		}
	}()
	conn, err := listener.Accept(accepting)
	close(accepted)
	<-watched
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return nil, fmt.Errorf("it has not dialed the address in %s within %s: %w", harness.ControlVariable, wait, err)
	}
	return conn, err
}

// startPiped starts the process with pipes.
func (a *AdapterProcess) startPiped(_ context.Context, words []string) (io.ReadWriteCloser, error) {
	pipes, err := harness.NewPipes()
	if err != nil {
		return nil, err
	}
	err = a.run(words, pipes.Value(), pipes.Files)
	conn, failed := pipes.Started()
	switch {
	case err != nil && conn != nil:
		return nil, errors.Join(err, conn.Close())
	case err != nil:
		return nil, err
	}
	return conn, failed
}

// run starts the process.
func (a *AdapterProcess) run(words []string, control string, inherited []*os.File) error {
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Env = append(os.Environ(), harness.ControlVariable+"="+control)
	cmd.ExtraFiles = inherited
	var err error
	a.process, err = startCommand(cmd)
	return err
}

// Done is closed when the process has ended and its output was read.
func (a *AdapterProcess) Done() <-chan struct{} { return a.process.done }

// Exit tells how the process has ended: "exit status 0", "signal: killed"; it is empty while it runs.
func (a *AdapterProcess) Exit() string {
	if !a.process.ended() {
		return ""
	}
	return a.process.exit.text
}

// Log returns the last lines that the process has written on its standard output and standard error, cut and escaped.
func (a *AdapterProcess) Log() []string { return a.process.journal.tail() }

// Death returns why nothing can be asked of the adapter any more, or what a sanitizer has reported, as a *CrashError; nil if it is well. It
// waits a moment for the end of a process whose control connection has ended.
func (a *AdapterProcess) Death() error {
	ended := a.Client.Err()
	switch {
	case ended != nil:
		stopped(context.Background(), a.scale.scaled(lastWords), a.process.done)
	case a.process.journal.hasReport(): // mostly its end follows
		stopped(context.Background(), a.scale.scaled(crashSettle), a.process.done)
	}
	switch report := a.process.journal.takeReport(); {
	case report != "":
		return a.crash(report)
	case a.process.ended():
		return a.crash(a.process.exit.text)
	case ended != nil:
		a.lost.Store(true)
		return a.crash(ended.Error())
	}
	return nil
}

func (a *AdapterProcess) crash(reason string) error {
	return &CrashError{Peer: a.name, Reason: reason, Log: a.Log()}
}

// Close lets the adapter quit, and kills what has not ended in time. It returns a *CrashError if the adapter has not ended in order (with status
// 0, after quit), whoever's fault; a later Close returns the same.
func (a *AdapterProcess) Close() error {
	a.once.Do(func() { a.closing = a.close() })
	return a.closing
}

func (a *AdapterProcess) close() error {
	wait := a.scale.scaled(quitTimeout)
	if a.lost.Load() {
		wait = 0 // whatever it waits for, it is not quit
	}
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	quit := a.Client.Quit(ctx)
	_ = a.Client.Close() // never fails
	if errors.Is(quit, harness.ErrEnded) || errors.Is(quit, harness.ErrClosed) {
		quit = nil // it has quit before, or has died
	}
	if a.process.byHand {
		a.process.stop()
	}
	stopped(ctx, wait, a.process.done)
	if !a.process.ended() {
		a.process.stop()
		return a.crash("it does not end after quit")
	}
	switch report := a.process.journal.takeReport(); {
	case report != "":
		return a.crash(report)
	case !a.process.exit.clean:
		return a.crash(a.process.exit.text)
	case quit != nil:
		return a.crash(quit.Error())
	}
	return nil
}
