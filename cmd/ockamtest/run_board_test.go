package main

import (
	"bytes"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/attach"
	"ockamtest/conformance/report"
)

// At an address a board is reset, too: what has hung up on everybody serves when it was reset.
func TestResetAtAddress(t *testing.T) {
	t.Parallel()
	reset := filepath.Join(t.TempDir(), "reset")
	serving := startServing(t)
	address := listen(t, func(c net.Conn) {
		if _, err := os.Stat(reset); err != nil {
			return
		}
		peer, err := net.Dial("tcp", serving) //nolint:noctx // it ends with its listener
		if err != nil {
			return
		}
		defer func() { _ = peer.Close() }()
		go func() {
			_, _ = io.Copy(peer, c)
			_ = peer.(*net.TCPConn).CloseWrite()
		}()
		_, _ = io.Copy(c, peer)
	})
	args := []string{"run", "--report", "json", "--peer", "tcp://" + address, "--case", "noise/m3-*"}
	for _, with := range []bool{false, true} {
		want := exitNotConformant
		if with {
			args, want = append(args, "--reset", "touch "+shellWord(reset)), exitConformant
		}
		var out, errs bytes.Buffer
		a := &app{in: strings.NewReader(""), out: &out, err: &errs, width: defaultWidth}
		if code := a.execute(t.Context(), args); code != want {
			t.Errorf("with a reset %t: exit code %d, want %d: %s%s", with, code, want, out.String(), errs.String())
		}
		results, err := report.ReadJSON(&out)
		if err != nil {
			t.Fatal(err)
		}
		if passes := results.Summary[conformance.Pass]; with != (passes > 3) {
			t.Errorf("with a reset %t: %d passes", with, passes)
		}
	}
}

// startServing starts the reference as a responder, until the test ends, and returns its address.
func startServing(t *testing.T) string {
	t.Helper()
	return startPeer(t, []string{"ockamtest", "peer", "serve", "--listen", "127.0.0.1:0"})
}

// What is bounded by 0 is not bounded.
func TestBoundsOfProcesses(t *testing.T) {
	for _, tt := range []struct {
		o      boardOptions
		growth int64
		spin   time.Duration
	}{
		{boardOptions{maxGrowth: defaultGrowth, maxSpin: defaultSpin}, 512 << 20, 3 * time.Second},
		{boardOptions{maxGrowth: 1, maxSpin: time.Second}, 1 << 20, time.Second},
		{boardOptions{}, -1, -1},
	} {
		var errs bytes.Buffer
		a := &app{err: &errs}
		cfg := tt.o.attachment(a, attach.Config{})
		if cfg.MaxGrowth != tt.growth || cfg.MaxSpin != tt.spin {
			t.Errorf("%+v: got %d bytes and %v, want %d and %v", tt.o, cfg.MaxGrowth, cfg.MaxSpin, tt.growth, tt.spin)
		}
		again := tt.o.attachment(a, attach.Config{})
		cfg.Notice("it is so")
		again.Notice("it is so")
		if got := errs.String(); got != "ockamtest: it is so\n" {
			t.Errorf("said %q, want it once", got)
		}
	}
}
