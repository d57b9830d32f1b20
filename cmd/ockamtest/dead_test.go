package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/report"
)

// deadline is how long a run against a peer that does nothing may take.
const deadDeadline = 30 * time.Second

// A peer that does nothing scores zero passes in all, ends the run with 1 or 3, and does not hold it up.
func TestDeadListeners(t *testing.T) {
	listeners := []struct {
		name  string
		serve func(net.Conn)
	}{
		{"close", func(net.Conn) {}},
		{"reset", func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) }},
		{"silent", func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }},
		{"raw echo", func(c net.Conn) { _, _ = io.Copy(c, c) }},
		{"random", func(c net.Conn) {
			answer := make([]byte, 100)
			for b := make([]byte, 65536); ; {
				if _, err := c.Read(b); err != nil {
					return
				}
				rand.Read(answer)
				if _, err := c.Write(answer); err != nil {
					return
				}
			}
		}},
		{"banner", func(c net.Conn) {
			_, _ = io.WriteString(c, "220 mail.example.com ESMTP\r\n")
			_, _ = io.Copy(io.Discard, c)
		}},
	}
	for _, l := range listeners {
		for _, profile := range []string{"v1", "c09"} {
			t.Run(l.name+"/"+profile, func(t *testing.T) {
				t.Parallel()
				checkDead(t, profile, listen(t, l.serve))
			})
		}
		t.Run(l.name+"/router", func(t *testing.T) {
			t.Parallel()
			checkDead(t, "v1", listen(t, l.serve), "--role", "router")
		})
	}
	t.Run("nobody listens", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := l.Addr().String()
		l.Close()
		if code := checkDead(t, "v1", address); code != exitTrouble {
			t.Errorf("exit code %d, want %d", code, exitTrouble)
		}
	})
}

func checkDead(t *testing.T, profile, address string, more ...string) (code int) {
	t.Helper()
	start := time.Now()
	var out, errs bytes.Buffer
	a := &app{in: strings.NewReader(""), out: &out, err: &errs, width: defaultWidth}
	code = a.execute(t.Context(), append([]string{"run", "--report", "json", "--profile", profile, "--peer", "tcp://" + address}, more...))
	results, err := report.ReadJSON(&out)
	if err != nil {
		t.Fatalf("exit code %d, and no results: %v; %s", code, err, errs.String())
	}
	if code != exitNotConformant && code != exitTrouble {
		t.Errorf("exit code %d, want %d or %d", code, exitNotConformant, exitTrouble)
	}
	if passes := results.Summary[conformance.Pass]; passes != 0 {
		t.Errorf("%d cases passed, want none", passes)
	}
	if len(results.Results) < minPasses {
		t.Errorf("%d results, too few to be the catalogue", len(results.Results))
	}
	if took := time.Since(start); took > deadDeadline {
		t.Errorf("the run took %v, want at most %v", took, deadDeadline)
	}
	return code
}

// listen serves every connection in a goroutine of its own until the test ends, and returns the address.
func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err != nil {
				continue
			}
			go func() {
				defer func() { _ = c.Close() }()
				serve(c)
			}()
		}
	}()
	return l.Addr().String()
}
