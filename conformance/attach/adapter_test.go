package attach

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"testing"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/harness"
)

// adapterPuppet is this binary as an adapter that does as its script says.
func adapterPuppet(script string) int {
	fmt.Println("script " + script)
	switch script {
	case "exit":
		fmt.Fprintln(os.Stderr, "cannot start")
		return 9
	case "mute":
		untilTold()
	case "kill":
		killSelf()
	}
	conn := check(harness.DialControl(context.Background(), os.Getenv(harness.ControlVariable)))
	if scripted, ok := adapterLines()[script]; ok {
		return scripted(conn)
	}
	return referenceAdapter(script, conn)
}

// referenceAdapter is the reference with something beside it.
func referenceAdapter(script string, conn io.ReadWriteCloser) int {
	switch script {
	case "twice": // the second connection is nobody's: it is refused or reset
		second, err := net.Dial("tcp", strings.TrimPrefix(os.Getenv(harness.ControlVariable), "tcp:"))
		if err == nil {
			defer shut(second)
		}
	case "closes-stdout":
		shut(os.Stdout)
	case "floods":
		for _, w := range []io.Writer{os.Stdout, os.Stderr} {
			go func() {
				for line := bytes.Repeat([]byte("flood "), 200); ; {
					_, _ = w.Write(line)
				}
			}()
		}
	case "child":
		p := &puppetPeer{}
		fmt.Println("child", p.child("sleep"))
	}
	a, closed, err := scriptedAdapter(script)
	if err == nil {
		err = errors.Join(harness.Serve(context.Background(), conn, a), closed())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	switch script {
	case "stubborn":
		signal.Ignore(terminateSignal())
		for {
			untilTold()
		}
	case "exit-after-quit":
		return 4
	}
	return 0
}

// adapterLines are adapters that are none: each takes the requests as lines.
func adapterLines() map[string]func(conn io.ReadWriteCloser) int {
	hello := func(conn io.ReadWriteCloser) *bufio.Reader {
		r := bufio.NewReader(conn)
		check(r.ReadString('\n'))
		check(io.WriteString(conn, "1 ok version=1 line=1024 name=scripted\n"))
		return r
	}
	return map[string]func(io.ReadWriteCloser) int{
		"dies-before-hello": func(io.ReadWriteCloser) int { return 5 },
		"hangs-up":          func(conn io.ReadWriteCloser) int { shut(conn); untilTold(); return 0 },
		"garbage": func(conn io.ReadWriteCloser) int {
			check(io.WriteString(conn, "HTTP/1.1 400 Bad Request\n"))
			untilTold()
			return 0
		},
		"torn":   func(conn io.ReadWriteCloser) int { check(io.WriteString(conn, "1 ok version")); return 0 },
		"silent": func(io.ReadWriteCloser) int { untilTold(); return 0 },
		"panics": func(conn io.ReadWriteCloser) int {
			check(hello(conn).ReadString('\n'))
			panic("at the disco")
		},
		"killed": func(conn io.ReadWriteCloser) int {
			check(hello(conn).ReadString('\n'))
			killSelf()
			return 0
		},
		"asan": func(conn io.ReadWriteCloser) int {
			check(hello(conn).ReadString('\n'))
			fmt.Fprintln(os.Stderr, "==7==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x6020000000f1")
			return 1
		},
		"ubsan": func(conn io.ReadWriteCloser) int {
			r := hello(conn)
			check(r.ReadString('\n'))
			fmt.Fprintln(os.Stderr, "wire.c:10:7: runtime error: shift exponent 64 is too large")
			check(io.WriteString(conn, "2 ok\n"))
			check(r.ReadString('\n')) // quit
			check(io.WriteString(conn, "3 ok\n"))
			return 0
		},
		"hangs-up-later": func(conn io.ReadWriteCloser) int {
			check(hello(conn).ReadString('\n'))
			shut(conn)
			untilTold()
			return 0
		},
	}
}

// adapterConfig starts this binary as an adapter, with times that suit a test.
func adapterConfig(t *testing.T, script string) AdapterConfig {
	t.Helper()
	spec, err := Parse(adapterText(t, script))
	if err != nil {
		t.Fatal(err)
	}
	return AdapterConfig{Command: spec.Command}
}

// adapterText is the --peer of this binary as an adapter.
func adapterText(t *testing.T, script string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("adapter:'%s' peer adapter-%s", self, script)
}

// startAdapter starts an adapter that says hello.
func startAdapter(t *testing.T, cfg AdapterConfig) *AdapterProcess {
	t.Helper()
	a, err := StartAdapter(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

// The reference as an adapter over each control connection: it works, quits, and whatever it does beside that does not matter.
func TestAdapterProcess(t *testing.T) {
	for _, script := range []string{"good", "piped", "twice", "closes-stdout", "floods", "child"} {
		t.Run(script, func(t *testing.T) {
			noLeaks(t)
			cfg := adapterConfig(t, script)
			if cfg.Pipes = script == "piped"; cfg.Pipes && runtime.GOOS == "windows" {
				t.Skip("Windows does not pass pipes on to a process")
			}
			a := startAdapter(t, cfg)
			if name := a.Client.Hello().Name; name != "ockamtest-reference" {
				t.Errorf("name %q", name)
			}
			if sum, err := a.Client.Hash(t.Context(), harness.Hash{Data: []byte("abc")}); err != nil || len(sum) != 32 {
				t.Errorf("hash = %x, %v", sum, err)
			}
			if err := a.Death(); err != nil || a.Exit() != "" {
				t.Errorf("death: %v, exit %q; it lives", err, a.Exit())
			}
			for range 2 {
				if err := a.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			}
			<-a.Done()
			if a.Exit() != "exit status 0" {
				t.Errorf("exit %q, want status 0", a.Exit())
			}
			if log := strings.Join(a.Log(), "\n"); script != "floods" && !strings.Contains(log, "script "+script) {
				t.Errorf("log %q", log)
			}
		})
	}
}

// What does not get as far as hello tells why, and leaves nothing behind.
func TestAdapterDoesNotStart(t *testing.T) {
	for _, tt := range []struct {
		script string
		is     error
		text   string
		crash  bool
	}{
		{"exit", conformance.ErrUnreachable, "\n\tcannot start", true},
		{"kill", conformance.ErrUnreachable, "signal: killed, before it has dialed the address in OCKAMTEST_CONTROL", true},
		{"mute", context.DeadlineExceeded, "has not dialed the address in OCKAMTEST_CONTROL within 500ms", false},
		{"dies-before-hello", conformance.ErrUnreachable, "exit status 5, before it has said hello", true},
		{"hangs-up", harness.ErrEnded, "\n\tscript hangs-up", false},
		{"garbage", harness.ErrStray, "\n\tscript garbage", false},
		{"torn", conformance.ErrUnreachable, "exit status 0", true},
		{"silent", harness.ErrNoAnswer, "\n\tscript silent", false},
	} {
		t.Run(tt.script, func(t *testing.T) {
			t.Parallel()
			if tt.script == "kill" && runtime.GOOS == "windows" {
				t.Skip("Windows has no signals")
			}
			cfg := adapterConfig(t, tt.script)
			if tt.script == "mute" || tt.script == "silent" {
				cfg.Scale = 0.05
			}
			a, err := StartAdapter(t.Context(), cfg)
			if a != nil {
				t.Fatalf("it has started: %v", a.Close())
			}
			var crash *CrashError
			if !errors.Is(err, conformance.ErrUnreachable) || !errors.Is(err, tt.is) || errors.As(err, &crash) != tt.crash {
				t.Errorf("got %v, want an error that is %v, crash: %v", err, tt.is, tt.crash)
			}
			if err != nil && !strings.Contains(err.Error(), tt.text) {
				t.Errorf("got %q, want %q in it", err, tt.text)
			}
		})
	}
}

// How an adapter dies is told with its log, whatever of it is seen first.
func TestAdapterDies(t *testing.T) {
	for _, tt := range []struct{ script, reason string }{
		{"panics", "exit status 2"},
		{"killed", "signal: killed"},
		{"asan", "==7==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x6020000000f1"},
		{"hangs-up-later", harness.ErrEnded.Error()},
	} {
		t.Run(tt.script, func(t *testing.T) {
			t.Parallel()
			a := startAdapter(t, adapterConfig(t, tt.script))
			if err := a.Client.Reset(t.Context()); !errors.Is(err, harness.ErrEnded) {
				t.Errorf("reset: %v, want %v", err, harness.ErrEnded)
			}
			var crash *CrashError
			if err := a.Death(); !errors.As(err, &crash) || crash.Reason != tt.reason || len(crash.Log) == 0 {
				t.Errorf("death: %v, want %q and a log", err, tt.reason)
			}
		})
	}
}

// A report of undefined behaviour is told once; the adapter lives on.
func TestAdapterReports(t *testing.T) {
	a := startAdapter(t, adapterConfig(t, "ubsan"))
	if err := a.Client.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := a.Death()
	for until := time.Now().Add(5 * time.Second); err == nil && time.Now().Before(until); runtime.Gosched() {
		err = a.Death() // what it has written has its own way
	}
	var crash *CrashError
	if !errors.As(err, &crash) || !strings.Contains(crash.Reason, "shift exponent") {
		t.Errorf("death: %v, want the report", err)
	}
	if err := a.Death(); err != nil {
		t.Errorf("death again: %v, want nil", err)
	}
	if err := a.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

// What does not quit is killed; what quits with another status than 0 has that told.
func TestAdapterDoesNotQuit(t *testing.T) {
	for _, tt := range []struct{ script, reason string }{
		{"stubborn", "it does not end after quit"},
		{"exit-after-quit", "exit status 4"},
		{"killed", "signal: killed"}, // of quit
	} {
		t.Run(tt.script, func(t *testing.T) {
			t.Parallel()
			cfg := adapterConfig(t, tt.script)
			if tt.script == "stubborn" {
				cfg.Scale = 0.2
			}
			a := startAdapter(t, cfg)
			began := time.Now()
			for range 2 {
				var crash *CrashError
				if err := a.Close(); !errors.As(err, &crash) || crash.Reason != tt.reason {
					t.Errorf("close: %v, want %q", err, tt.reason)
				}
			}
			<-a.Done()
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("close took %v", took)
			}
			if _, err := a.Client.Capabilities(t.Context()); err == nil {
				t.Error("it answers after close")
			}
		})
	}
}

func TestStartAdapterRefuses(t *testing.T) {
	for _, cfg := range []AdapterConfig{{}, {Command: []string{"x"}, Scale: -1}, {Command: []string{"x"}, Timeout: -1}} {
		if _, err := StartAdapter(t.Context(), cfg); !errors.Is(err, ErrConfig) {
			t.Errorf("%+v: got %v, want %v", cfg, err, ErrConfig)
		}
	}
	for _, pipes := range []bool{false, runtime.GOOS != "windows"} {
		_, err := StartAdapter(t.Context(), AdapterConfig{Command: []string{"/does/not/exist"}, Pipes: pipes})
		if !errors.Is(err, conformance.ErrUnreachable) || !strings.Contains(err.Error(), `cannot start "/does/not/exist"`) {
			t.Errorf("a program that there is not: %v", err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := StartAdapter(ctx, adapterConfig(t, "good")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}
