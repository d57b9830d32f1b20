package transporttest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"ockamtest/ref/transport"
)

// datagramFailures runs one check in virtual time, in one direction, between two sockets of a hub with both ends wrapped.
func datagramFailures(t *testing.T, c check, wrap func(transport.Conn) transport.Conn) []string {
	r := &recorder{TB: t}
	synctest.Test(t, func(t *testing.T) {
		s := hubSockets(t, 2)
		a, b := transport.Connected(s[0], s[1].LocalAddress()), transport.Connected(s[1], s[0].LocalAddress())
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

func TestCorrectDatagramsPass(t *testing.T) {
	for _, c := range datagramChecks() {
		if got := datagramFailures(t, c, func(c transport.Conn) transport.Conn { return c }); len(got) > 0 {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

// brokenDatagrams are the faults of streams that datagrams can have too, and one of their own.
func brokenDatagrams() []broken {
	differently := map[string]string{ // the check that has to notice, none where the fault is no fault of datagrams
		"merges messages":                    "batch",
		"an empty message is the end":        "three results",
		"a timeout is the end":               "three results",
		"the end is an empty message":        "",
		"close drops what was written":       "",
		"a vanished peer is a closed handle": "",
		"close leaves writers blocked":       "",
	}
	var out []broken
	for _, b := range brokenConns() {
		killed, other := differently[b.name]
		if other {
			b.killed = killed
		}
		if b.killed != "" {
			out = append(out, b)
		}
		delete(differently, b.name)
	}
	if len(differently) > 0 {
		panic("a fault has another name now")
	}
	refused := errors.New("connection refused")
	return append(out, broken{"an ICMP message fails a write", "nobody there", func(c transport.Conn) transport.Conn {
		return faultyWriter{c, func(c transport.Conn, ctx context.Context, p []byte) error {
			if string(p) == "anybody?" {
				return refused
			}
			return c.Write(ctx, p)
		}}
	}})
}

// Each broken connection is caught by the check that is meant to, and each check catches one.
func TestBrokenDatagramsAreCaught(t *testing.T) {
	all := datagramChecks()
	kills := map[string]int{}
	for _, b := range brokenDatagrams() {
		i := slices.IndexFunc(all, func(c check) bool { return c.name == b.killed })
		if i < 0 {
			t.Errorf("%s: there is no check %q", b.name, b.killed)
			continue
		}
		got := datagramFailures(t, all[i], b.wrap)
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
