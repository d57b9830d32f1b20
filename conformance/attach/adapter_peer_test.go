package attach

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/harness"
	"ockamtest/conformance/harness/refadapter"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// scriptedAdapter is the reference, changed for a script.
func scriptedAdapter(script string) (a harness.Adapter, closed func() error, err error) {
	if a, closed, err = refadapter.New(nil); err != nil {
		return a, nil, err
	}
	switch script {
	case "responder-only":
		a.Capabilities.Verbs = []harness.Verb{harness.VerbHello, harness.VerbCapabilities, harness.VerbReset, harness.VerbQuit, harness.VerbListen}
		a.Capabilities.Transports, a.Capabilities.Profiles = []string{"tcp"}, []string{"v1", "e09"}
	case "no-options":
		a.Capabilities.Options = nil
	case "dies-later", "hangs-later", "busy", "lies", "elsewhere", "spins-later":
		a.Network = &scriptedNetwork{Network: a.Network, script: script}
	}
	return a, closed, nil
}

// A scriptedNetwork does something else than listen, from the second time on.
type scriptedNetwork struct {
	harness.Network
	script string
	listed int
}

func (n *scriptedNetwork) Listen(m harness.Listen) (harness.Address, error) {
	if n.listed++; n.listed == 1 {
		return n.Network.Listen(m)
	}
	switch n.script {
	case "dies-later":
		fmt.Fprintln(os.Stderr, "last words")
		os.Exit(3)
	case "spins-later":
		go compute(time.Hour)
		return n.Network.Listen(m)
	case "hangs-later":
		select {}
	case "busy":
		return harness.Address{}, harness.Refuse(harness.ClassBusy)
	case "lies":
		return harness.Address{}, harness.ErrUnsupported
	}
	return m.On, nil // port 0
}

// needs are all that the reference can be asked for without tunnels and hops.
func adapterNeeds() []conformance.Need {
	var needs []conformance.Need
	for _, p := range profile.All() {
		for _, over := range []conformance.Transport{conformance.TCP, conformance.UDP} {
			if !slices.Contains(p.Transports, map[conformance.Transport]profile.Transport{conformance.TCP: profile.TCP, conformance.UDP: profile.UDP}[over]) {
				continue
			}
			for _, role := range []conformance.Role{conformance.Responder, conformance.Initiator} {
				needs = append(needs, conformance.Need{Role: role, Transport: over, Profile: p.Name})
			}
		}
	}
	return needs
}

// The reference behind an adapter makes channels in each profile, role, and transport, several in each, with one process.
func TestAdapterPeer(t *testing.T) {
	for _, scheme := range []string{"adapter", "adapter+fd"} {
		t.Run(scheme, func(t *testing.T) {
			noLeaks(t)
			peer := attachPeer(t, Config{}, strings.Replace(adapterText(t, "good"), "adapter", scheme, 1))
			info := peer.Info()
			if info.Attachment != "adapter" || len(info.Roles) != 2 || len(info.Transports) != 2 || info.HandshakeDeadline != 2*time.Second || info.Pinned {
				t.Errorf("info %+v", info)
			}
			if names, ok := DeclaredProfiles(peer); !ok || !slices.Equal(names, []string{"v1", "c09", "e09", "c010"}) {
				t.Errorf("profiles %v, %v", names, ok)
			}
			needs := adapterNeeds()
			if len(needs) != 12 {
				t.Errorf("%d needs, want 12", len(needs))
			}
			process := peer.(*adapterPeer).adapter
			for _, need := range needs {
				k := newKit(t, peer, need.Role, need.Profile)
				k.need = need
				for range 2 {
					if err := k.tryExchange(); err != nil {
						t.Errorf("%v: %v", need, err)
					}
				}
				alive(t, peer)
			}
			if peer.(*adapterPeer).adapter != process {
				t.Error("the adapter was started again")
			}
		})
	}
}

// Sessions of one need may be open at once.
func TestAdapterPeerAtOnce(t *testing.T) {
	peer := attachPeer(t, Config{}, adapterText(t, "good"))
	for _, role := range []conformance.Role{conformance.Responder, conformance.Initiator} {
		k := newKit(t, peer, role, "v1")
		first := k.open()
		k.exchange()
		if role == conformance.Initiator { // its m1
			if _, err := first.Receive(k.Patience()); err != nil {
				t.Errorf("%s: the first session: %v", role, err)
			}
		} else if err := first.Send([]byte{0}); err != nil {
			t.Errorf("%s: the first session: %v", role, err)
		}
		shut(first)
	}
}

// An initiator is reset for each session, and over UDP a responder that serves one connection at a time: nothing else tells it that the one
// before is over. Other responders listen on, so that what a session does to them shows in the next.
func TestAdapterPeerReset(t *testing.T) {
	for _, tt := range []struct {
		role conformance.Role
		over conformance.Transport
		most int
		want bool
	}{
		{conformance.Responder, conformance.TCP, 0, false},
		{conformance.Responder, conformance.TCP, 1, false},
		{conformance.Responder, conformance.UDP, 0, false},
		{conformance.Responder, conformance.UDP, 1, true},
		{conformance.Initiator, conformance.TCP, 0, true},
		{conformance.Initiator, conformance.UDP, 0, true},
	} {
		peer := attachPeer(t, Config{MaxConnections: tt.most}, adapterText(t, "good"))
		k := newKit(t, peer, tt.role, "v1")
		k.need.Transport = tt.over
		k.exchange()
		before := peer.(*adapterPeer).run
		k.exchange()
		if anew := peer.(*adapterPeer).run != before; anew != tt.want {
			t.Errorf("%s over %s, %d connections at most: reset for another session: %v, want %v", tt.role, tt.over, tt.most, anew, tt.want)
		}
	}
}

// A peer that is told the kit's key refuses others, and one that is told a deadline keeps it.
func TestAdapterPeerIsTold(t *testing.T) {
	kit := newKit(t, NewInProcess(Reference(), 1), conformance.Responder, "v1")
	other := bytes.Repeat([]byte{9}, 32) // no point of the kit's
	peer := attachPeer(t, Config{KitKey: map[string][]byte{"v1": other}, HandshakeTimeout: 100 * time.Millisecond}, adapterText(t, "good"))
	if info := peer.Info(); !info.Pinned || info.HandshakeDeadline != 100*time.Millisecond {
		t.Errorf("info %+v", info)
	}
	kit.peer = peer
	kit.need.Transport = conformance.TCP
	if err := kit.tryExchange(); err == nil {
		t.Error("it has taken another key than that it was told")
	}
	silent := kit.open()
	if _, err := silent.Receive(kit.Patience()); !errors.Is(err, io.EOF) && !errors.Is(err, conformance.ErrReset) {
		t.Errorf("after the deadline: %v, want the end", err)
	}
}

// The way to a listener behind the transport address, and the application behind that, are told.
func TestAdapterPeerPlace(t *testing.T) {
	way := wire.Route{wire.LocalAddress([]byte("lobby"))}
	peer := attachPeer(t, Config{Route: way, Service: wire.LocalAddress([]byte("app"))}, adapterText(t, "good"))
	p := peer.(*adapterPeer)
	e09, _ := profile.Lookup("e09")
	if got := p.listener(e09).String(); got != "local:"+hex.EncodeToString([]byte("lobby")) {
		t.Errorf("listener %s", got)
	}
	if got := p.service(e09).String(); got != "local:"+hex.EncodeToString([]byte("app")) {
		t.Errorf("service %s", got)
	}
}

// What an adapter does not declare it is not asked for.
func TestAdapterPeerLacks(t *testing.T) {
	peer := attachPeer(t, Config{KitKey: map[string][]byte{"v1": make([]byte, 32)}}, adapterText(t, "responder-only"))
	if info := peer.Info(); fmt.Sprint(info.Roles, info.Transports) != "[responder] [tcp]" {
		t.Errorf("roles %v, transports %v", info.Roles, info.Transports)
	}
	for _, need := range []conformance.Need{
		{Role: conformance.Initiator, Transport: conformance.TCP, Profile: "v1"},
		{Role: conformance.Router, Transport: conformance.TCP, Profile: "v1"},
		{Role: conformance.Responder, Transport: conformance.UDP, Profile: "v1"},
		{Role: conformance.Responder, Transport: conformance.TCP, Profile: "v1", Depth: 2},
	} {
		if _, err := peer.Open(t.Context(), need); !errors.Is(err, ErrNeed) {
			t.Errorf("%v: %v, want %v", need, err, ErrNeed)
		}
	}
	inapplicable(t, peer, conformance.Need{Role: conformance.Responder, Transport: conformance.TCP, Profile: "c09"}, "profile c09")

	plain := attachPeer(t, Config{KitKey: map[string][]byte{"v1": make([]byte, 32)}}, adapterText(t, "no-options"))
	if info := plain.Info(); info.Pinned || info.HandshakeDeadline != 0 {
		t.Errorf("info %+v", info)
	}
	newKit(t, plain, conformance.Responder, "v1").exchange() // no field is sent that is not declared
	newKit(t, plain, conformance.Initiator, "v1").exchange()
	inapplicable(t, plain, conformance.Need{Role: conformance.Responder, Transport: conformance.UDP, Profile: "e09"}, "option address")
	inapplicable(t, plain, conformance.Need{Role: conformance.Initiator, Transport: conformance.UDP, Profile: "e09"}, "option route")
	p := plain.(*adapterPeer)
	p.declared.Options = []string{"route"}
	inapplicable(t, plain, conformance.Need{Role: conformance.Initiator, Transport: conformance.UDP, Profile: "e09"}, "option service")
}

func inapplicable(t *testing.T, peer conformance.Peer, need conformance.Need, reason string) {
	t.Helper()
	_, err := peer.Open(t.Context(), need)
	var lacks *conformance.Inapplicable
	if !errors.As(err, &lacks) || !strings.Contains(lacks.Reason, reason) {
		t.Errorf("%v: %v, want *Inapplicable for %q", need, err, reason)
	}
}

// An adapter that dies between requests, in one, or answers none, is told as a death once and started again.
func TestAdapterPeerDies(t *testing.T) {
	tcp := conformance.Need{Role: conformance.Responder, Transport: conformance.TCP, Profile: "v1"}
	udp := conformance.Need{Role: conformance.Responder, Transport: conformance.UDP, Profile: "v1"}
	for _, tt := range []struct {
		script, reason, log string
		scale               float64
	}{
		{"dies-later", "exit status 3", "last words", 1},
		{"hangs-later", "no answer in time", "script hangs-later", 0.1},
	} {
		t.Run(tt.script, func(t *testing.T) {
			t.Parallel()
			peer := attachPeer(t, Config{Scale: tt.scale}, adapterText(t, tt.script))
			k := newKit(t, peer, conformance.Responder, "v1")
			k.need = tcp
			k.exchange()
			if _, err := peer.Open(t.Context(), udp); !errors.Is(err, conformance.ErrUnreachable) {
				t.Fatalf("open: %v, want %v", err, conformance.ErrUnreachable)
			}
			crash := died(t, peer)
			if !strings.Contains(crash.Reason, tt.reason) || !strings.Contains(strings.Join(crash.Log, "\n"), tt.log) {
				t.Errorf("death: %v, want %q and the log", crash, tt.reason)
			}
			k.need = udp
			k.exchange()
			alive(t, peer)
		})
	}
	t.Run("in a session", func(t *testing.T) {
		t.Parallel()
		for _, need := range []conformance.Need{tcp, udp} {
			peer := attachPeer(t, Config{}, adapterText(t, "good"))
			k := newKit(t, peer, conformance.Responder, "v1")
			k.need = need
			link := k.open()
			if err := peer.(*adapterPeer).adapter.process.cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = link.Send([]byte{0, 1})
			if need == tcp { // of a death over UDP nothing shows
				if _, err := link.Receive(k.Patience()); errors.Is(err, conformance.ErrQuiet) {
					t.Error("the connection outlives the process")
				}
			}
			shut(link)
			if crash := died(t, peer); !strings.Contains(crash.Reason, "signal: killed") && !strings.Contains(crash.Reason, "exit status 1") {
				t.Errorf("death: %v", crash)
			}
			k.exchange()
			alive(t, peer)
		}
	})
}

// An adapter that refuses, or answers what cannot be, makes no session, and lives on.
func TestAdapterPeerRefuses(t *testing.T) {
	for script, text := range map[string]string{"busy": "busy", "lies": "not supported", "elsewhere": "listens at udp4:7f000001:0"} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			peer := attachPeer(t, Config{}, adapterText(t, script))
			k := newKit(t, peer, conformance.Responder, "v1")
			k.exchange()
			for range 2 {
				_, err := peer.Open(t.Context(), conformance.Need{Role: conformance.Responder, Transport: conformance.UDP, Profile: "v1"})
				if !errors.Is(err, conformance.ErrUnreachable) || !strings.Contains(err.Error(), text) {
					t.Errorf("open: %v, want %v because of %q", err, conformance.ErrUnreachable, text)
				}
				alive(t, peer)
			}
		})
	}
}

// A program that is no adapter is not attached.
func TestAdapterPeerDoesNotStart(t *testing.T) {
	for _, script := range []string{"exit", "garbage"} {
		spec, err := Parse(adapterText(t, script))
		if err != nil {
			t.Fatal(err)
		}
		if peer, err := Open(t.Context(), Config{Spec: spec}); !errors.Is(err, conformance.ErrUnreachable) {
			t.Errorf("%s: %v, %v; want %v", script, peer, err, conformance.ErrUnreachable)
		}
	}
	spec, err := Parse(adapterText(t, "good"))
	if err != nil {
		t.Fatal(err)
	}
	if peer, err := Open(t.Context(), Config{Spec: spec, PeerKey: []byte{1}}); !errors.Is(err, ErrConfig) {
		t.Errorf("a short key: %v, %v; want %v", peer, err, ErrConfig)
	}
	if _, ok := DeclaredProfiles(NewInProcess(Reference(), 1)); ok {
		t.Error("a program in process declares profiles")
	}
}
