package harness_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"ockamtest/conformance/harness"
	"ockamtest/conformance/harness/refadapter"
)

// beAdapter is the test's own program as an adapter: the reference, or a process that ends at once.
func beAdapter() int {
	fmt.Println("stdout is a log")
	fmt.Fprintln(os.Stderr, "stderr is a log")
	if os.Getenv("OCKAMTEST_TEST_ADAPTER") == "dies" {
		return 3
	}
	conn, err := harness.DialControl(context.Background(), os.Getenv(harness.ControlVariable))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	a, closed, err := refadapter.New(nil)
	if err == nil {
		err = errors.Join(harness.Serve(context.Background(), conn, a), closed())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// A process is an adapter that a test has started.
type process struct {
	cmd *exec.Cmd
	log *strings.Builder
}

// start starts a command whose control connection is of a kind.
func start(t *testing.T, kind string, env string, words ...string) (io.ReadWriteCloser, *process) {
	t.Helper()
	return startIn(t, "", kind, env, words...)
}

func startIn(t testing.TB, dir, kind, env string, words ...string) (io.ReadWriteCloser, *process) {
	t.Helper()
	p := &process{exec.CommandContext(t.Context(), words[0], words[1:]...), &strings.Builder{}}
	p.cmd.Dir = dir
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if p.cmd.Env = os.Environ(); env != "" {
		p.cmd.Env = append(p.cmd.Env, env)
	}
	var conn io.ReadWriteCloser
	var err error
	switch kind {
	case "fd":
		pipes, failed := harness.NewPipes()
		if failed != nil {
			t.Fatal(failed)
		}
		p.cmd.ExtraFiles = pipes.Files
		p.cmd.Env = append(p.cmd.Env, harness.ControlVariable+"="+pipes.Value())
		p.run(t)
		conn, err = pipes.Started()
	case "tcp":
		listener, failed := harness.ListenControl(t.Context())
		if failed != nil {
			t.Fatal(failed)
		}
		p.cmd.Env = append(p.cmd.Env, harness.ControlVariable+"="+listener.Value())
		p.run(t)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		if strings.HasSuffix(env, "=dies") { // nobody will dial
			go func() { defer close(ended); _ = p.cmd.Wait(); cancel() }()
		} else {
			close(ended)
		}
		conn, err = listener.Accept(ctx)
		<-ended
		cancel()
	}
	if err != nil {
		t.Logf("start: %v", err)
		return nil, p
	}
	return conn, p
}

func (p *process) run(t testing.TB) {
	t.Helper()
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
}

// kinds are the control connections that this system has.
func kinds() []string {
	if runtime.GOOS == "windows" {
		return []string{"tcp"}
	}
	return []string{"tcp", "fd"}
}

// The reference in a process of its own, over both control connections: it works, and ends with quit and status 0.
func TestControlConnections(t *testing.T) {
	for _, kind := range kinds() {
		t.Run(kind, func(t *testing.T) {
			conn, p := start(t, kind, "OCKAMTEST_TEST_ADAPTER=reference", os.Args[0])
			c, err := harness.NewClient(t.Context(), conn, harness.ClientConfig{})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			sum, err := c.Hash(t.Context(), harness.Hash{Data: []byte("abc")})
			if want := "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; err != nil || fmt.Sprintf("%x", sum) != want {
				t.Errorf("sha256 = %x, %v; want %s", sum, err, want)
			}
			// As long as a line may be.
			if sum, err = c.Hash(t.Context(), harness.Hash{Data: make([]byte, (harness.MaxLine-40)/2)}); err != nil || len(sum) != 32 {
				t.Errorf("sha256 of much = %x, %v", sum, err)
			}
			if err := c.Quit(t.Context()); err != nil {
				t.Errorf("quit: %v", err)
			}
			if err := p.cmd.Wait(); err != nil {
				t.Errorf("the adapter ends with %v, and has said %q", err, p.log)
			}
			if want := "stdout is a log\nstderr is a log\n"; p.log.String() != want {
				t.Errorf("log %q, want %q", p.log, want)
			}
		})
	}
}

// The kit closes the connection without a word: the adapter ends, in order. The adapter is killed: the kit sees the end.
func TestProcessEnds(t *testing.T) {
	for _, kind := range kinds() {
		t.Run(kind, func(t *testing.T) {
			conn, p := start(t, kind, "OCKAMTEST_TEST_ADAPTER=reference", os.Args[0])
			c, err := harness.NewClient(t.Context(), conn, harness.ClientConfig{})
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(c.Close(), p.cmd.Wait()); err != nil {
				t.Errorf("after close: %v, log %q", err, p.log)
			}

			conn, p = start(t, kind, "OCKAMTEST_TEST_ADAPTER=reference", os.Args[0])
			if c, err = harness.NewClient(t.Context(), conn, harness.ClientConfig{}); err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if err := p.cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = p.cmd.Wait() // it was killed
			if err := c.Reset(t.Context()); !errors.Is(err, harness.ErrEnded) {
				t.Errorf("after it was killed: %v, want %v", err, harness.ErrEnded)
			}
		})
	}
}

// A process that ends before it says hello is seen at once: over pipes as the end, over tcp as nobody who dials.
func TestProcessDies(t *testing.T) {
	for _, kind := range kinds() {
		t.Run(kind, func(t *testing.T) {
			conn, p := start(t, kind, "OCKAMTEST_TEST_ADAPTER=dies", os.Args[0])
			if kind == "tcp" {
				if conn != nil {
					t.Error("somebody has dialed")
				}
				return
			}
			if _, err := harness.NewClient(t.Context(), conn, harness.ClientConfig{}); !errors.Is(err, harness.ErrEnded) {
				t.Errorf("hello: %v, want %v", err, harness.ErrEnded)
			}
			_ = p.cmd.Wait() // it has failed
		})
	}
}

// An adapter over pipes ends when its context does, though the kit leaves them open.
func TestPipesEnd(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows does not pass pipes on to a process")
	}
	pipes, err := harness.NewPipes()
	if err != nil {
		t.Fatal(err)
	}
	var fds [2]int
	for i, f := range pipes.Files {
		if fds[i], err = dup(int(f.Fd())); err != nil {
			t.Fatal(err)
		}
	}
	kit, err := pipes.Started()
	if err != nil {
		t.Fatal(err)
	}
	defer kit.Close()
	conn, err := harness.DialControl(t.Context(), fmt.Sprintf("fd:%d,%d", fds[0], fds[1]))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- harness.Serve(ctx, conn, harness.Adapter{Name: "x"}) }()
	if _, err := io.WriteString(kit, "1 hello versions=1\n"); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(kit).ReadString('\n'); err != nil || line != "1 ok version=1 line=262144 name=x\n" {
		t.Errorf("hello: %q, %v", line, err)
	}
	cancel()
	if err := <-served; !errors.Is(err, context.Canceled) {
		t.Errorf("serve: %v, want %v", err, context.Canceled)
	}
}

func TestDialControlRefuses(t *testing.T) {
	for _, value := range []string{"", "tcp", "fd", "fd:", "fd:3", "fd:3,", "fd:-1,4", "fd:3,x", "udp:127.0.0.1:1", "fd:70000,1"} {
		conn, err := harness.DialControl(t.Context(), value)
		if err == nil {
			t.Errorf("DialControl(%q) = %v, want an error", value, conn)
		}
		if !strings.HasPrefix(value, "tcp") && !errors.Is(err, harness.ErrControl) {
			t.Errorf("DialControl(%q): %v, want %v", value, err, harness.ErrControl)
		}
	}
}

// Listening for a control connection ends with its context.
func TestAcceptEnds(t *testing.T) {
	listener, err := harness.ListenControl(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := listener.Accept(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("accept: %v, want %v", err, context.Canceled)
	}
	if err := listener.Close(); err != nil {
		t.Errorf("close twice: %v", err)
	}
}
