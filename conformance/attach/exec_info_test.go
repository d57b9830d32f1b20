package attach

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

func TestExecPlaceholders(t *testing.T) {
	noLeaks(t)
	cfg := Config{KitKey: map[string][]byte{"c09": ascending(1)}, PeerKey: ascending(2), HandshakeTimeout: 1500 * time.Millisecond}
	peer := attachExec(t, cfg, "obey", "{transport} key={key} {peerkey} {timeout} '{route}' end")
	link := newKit(t, peer, conformance.Responder, "c09").open()
	file := peer.keyFile
	want := fmt.Sprintf("%q", []string{
		"responder", "127.0.0.1:0", "c09", "tcp", "key=" + file, hex.EncodeToString(ascending(1)), "1500", "", "end",
	})
	send(t, link, "args")
	got := ""
	for len(got) < len(want) {
		p, err := link.Receive(patient)
		if err != nil {
			t.Fatal(err)
		}
		got += string(p)
	}
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if key, err := os.ReadFile(file); string(key) != hex.EncodeToString(ascending(2))+"\n" || err != nil {
		t.Errorf("key file: got %q, %v", key, err)
	}
	if !peer.Info().Pinned {
		t.Error("Pinned: got false of a command that is told the kit's key, want true")
	}
	if got := peer.Info().HandshakeDeadline; got != cfg.HandshakeTimeout {
		t.Errorf("handshake deadline: got %v", got)
	}
	if err := peer.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("key file: got %v, want that it is gone", err)
	}
}

func TestExecInfo(t *testing.T) {
	tests := []struct {
		name, text string
		cfg        Config
		roles      int
		deadline   time.Duration
		err        error
	}{
		{"role", "exec:p {role}", Config{}, 2, 0, nil},
		{"no role", "exec:p", Config{}, 1, 0, nil},
		{"no role, asked for", "exec:p", Config{Roles: []conformance.Role{conformance.Initiator}}, 1, 0, nil},
		{"timeout", "exec:p {timeout}", Config{Scale: 2}, 1, 4 * time.Second, nil},
		{"no key of the kit", "exec:p {peerkey}", Config{}, 0, 0, ErrConfig},
		{"short key", "exec:p {key}", Config{PeerKey: make([]byte, 31)}, 0, 0, ErrConfig},
		{"negative", "exec:p", Config{Scale: -1}, 0, 0, ErrConfig},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var err error
			if tt.cfg.Spec, err = Parse(tt.text); err != nil {
				t.Fatal(err)
			}
			peer, err := Open(t.Context(), tt.cfg)
			if !errors.Is(err, tt.err) {
				t.Fatalf("got %v, want %v", err, tt.err)
			}
			if err != nil {
				return
			}
			defer shut(peer)
			got := peer.Info()
			if len(got.Roles) != tt.roles || got.HandshakeDeadline != tt.deadline || got.Attachment != "exec" || got.Name != tt.text {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// A router is asked for over both transports, unless the user says which.
func TestExecRouterTransports(t *testing.T) {
	router := []conformance.Role{conformance.Router}
	for _, tt := range []struct {
		name, text string
		cfg        Config
		transports []conformance.Transport
	}{
		{"a router", "exec:p {role}", Config{Roles: router}, []conformance.Transport{conformance.TCP, conformance.UDP}},
		{"a router over UDP", "exec:p", Config{Roles: router, Transports: []conformance.Transport{conformance.UDP}},
			[]conformance.Transport{conformance.UDP}},
		{"a responder as well", "exec:p {role}", Config{Roles: append(router, conformance.Responder)},
			[]conformance.Transport{conformance.TCP}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := attachPeer(t, tt.cfg, tt.text).Info().Transports; !slices.Equal(got, tt.transports) {
				t.Errorf("got %v, want %v", got, tt.transports)
			}
		})
	}
}

// An initiator that dials while the kit is busy is still good for the next session.
func TestExecInitiatorWaits(t *testing.T) {
	noLeaks(t)
	peer := attachExec(t, Config{}, "flynn", "")
	k := newKit(t, peer, conformance.Initiator, "v1")
	s, err := adversary.OpenChannel(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.EchoRandom(5), s.Close()); err != nil {
		t.Fatal(err)
	}
	k.exchange()
}
