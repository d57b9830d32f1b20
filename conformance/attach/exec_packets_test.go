package attach

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"ockamtest/conformance"
)

// obeyPackets sends words from the kit back over UDP. "exit 0" and "exit 3" end it.
func (p *puppetPeer) obeyPackets() {
	conn := check(net.ListenPacket("udp", p.address))
	announce(conn.LocalAddr().String())
	word := make([]byte, 64)
	for {
		n, source, err := conn.ReadFrom(word)
		switch w := string(word[:n]); {
		case err != nil:
			os.Exit(7)
		case w == "exit 0":
			os.Exit(0)
		case w == "exit 3":
			fmt.Fprintln(os.Stderr, "last words")
			os.Exit(3)
		}
		_, _ = conn.WriteTo(word[:n], source)
	}
}

// Over UDP nothing ends with the process. Whoever speaks to nobody is told that it has ended, and how.
func TestExecPacketsEnded(t *testing.T) {
	for _, tt := range []struct {
		name   string
		single int // connections at once
		hint   bool
	}{{"not limited", 0, true}, {"one session", 1, false}} {
		t.Run(tt.name, func(t *testing.T) {
			noLeaks(t)
			peer := attachExec(t, Config{Transports: []conformance.Transport{conformance.UDP}, MaxConnections: tt.single}, "packets", "")
			link := newKit(t, peer, conformance.Responder, "v1").open()
			if got := say(t, link, "hello"); got != "hello" {
				t.Fatalf("got %q", got)
			}
			send(t, link, "exit 0")
			<-peer.run.process.done
			send(t, link, "hello?")
			_, err := link.Receive(patient / 10)
			if !errors.Is(err, conformance.ErrUnreachable) || !strings.Contains(err.Error(), "exit status 0") {
				t.Errorf("got %v, want ErrUnreachable and the status of the process", err)
			}
			if err != nil && strings.Contains(err.Error(), "--max-connections") != tt.hint {
				t.Errorf("got %v, hint %t", err, tt.hint)
			}
			alive(t, peer)
		})
	}
}

// A responder over UDP that ends with a bad status in a later session than its first has died, whatever it has said before; the kit does not
// wait for the answer of one that has ended.
func TestExecPacketsStatus(t *testing.T) {
	noLeaks(t)
	peer := attachExec(t, Config{Transports: []conformance.Transport{conformance.UDP}}, "packets", "")
	k := newKit(t, peer, conformance.Responder, "v1")
	for range 2 { // again after the restart
		for range 2 {
			link := k.open()
			say(t, link, "hello")
			closeLink(t, link)
		}
		link := k.open()
		send(t, link, "exit 3")
		if _, err := link.Receive(time.Hour); !errors.Is(err, conformance.ErrUnreachable) || !strings.Contains(err.Error(), "exit status 3") {
			t.Errorf("got %v, want ErrUnreachable and the status of the process", err)
		}
		closeLink(t, link)
		if crash := died(t, peer); crash.Reason != "exit status 3" {
			t.Errorf("got %+v", crash)
		}
	}
}

// A responder that ends with a bad status in its first session, and has said nothing, has died. One that has said something may tell with
// its status how its session went.
func TestExecFirstSessionStatus(t *testing.T) {
	for _, tt := range []struct {
		name string
		says bool
	}{{"silent", false}, {"not silent", true}} {
		t.Run(tt.name, func(t *testing.T) {
			noLeaks(t)
			peer := attachExec(t, Config{Transports: []conformance.Transport{conformance.UDP}}, "packets", "")
			link := newKit(t, peer, conformance.Responder, "v1").open()
			if tt.says {
				say(t, link, "hello")
			}
			send(t, link, "exit 3")
			<-peer.run.process.done
			closeLink(t, link)
			if tt.says {
				alive(t, peer)
				return
			}
			if crash := died(t, peer); crash.Reason != "exit status 3" || !strings.Contains(strings.Join(crash.Log, "\n"), "last words") {
				t.Errorf("got %+v, want exit status 3 and its log", crash)
			}
		})
	}
}
