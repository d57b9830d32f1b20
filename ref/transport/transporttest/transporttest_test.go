package transporttest

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"ockamtest/ref/transport"
)

// A recorder is a testing.TB that takes note of failures.
type recorder struct {
	testing.TB
	mu       sync.Mutex
	failures []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

// failures runs one check in virtual time, in one direction, over a pipe with both ends wrapped.
func failures(t *testing.T, c check, wrap func(transport.Conn) transport.Conn) []string {
	r := &recorder{TB: t}
	synctest.Test(t, func(*testing.T) {
		a, b := transport.Pipe(transport.PipeConfig{})
		done := make(chan struct{})
		go func() {
			defer close(done)
			runCheck(r, c, wrap(a), wrap(b))
		}()
		<-done
		a.Close()
		b.Close()
	})
	return r.failures
}

func TestCorrectConnPasses(t *testing.T) {
	for _, c := range checks() {
		if got := failures(t, c, func(c transport.Conn) transport.Conn { return c }); len(got) > 0 {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

// Each broken connection is caught by the check that is meant to, and each check catches one.
func TestBrokenConnsAreCaught(t *testing.T) {
	all := checks()
	kills := map[string]int{}
	for _, b := range brokenConns() {
		i := slices.IndexFunc(all, func(c check) bool { return c.name == b.killed })
		if i < 0 {
			t.Fatalf("%s: there is no check %q", b.name, b.killed)
		}
		got := failures(t, all[i], b.wrap)
		if len(got) == 0 {
			t.Errorf("%s: survives %q", b.name, b.killed)
			continue
		}
		t.Logf("%s: %s: %s", b.name, b.killed, got[0])
		kills[b.killed]++
	}
	for _, c := range all {
		if kills[c.name] == 0 {
			t.Errorf("check %q catches no broken connection", c.name)
		}
	}
}
