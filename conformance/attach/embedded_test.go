package attach

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

func attachEmbedded(t *testing.T, cfg EmbeddedConfig) conformance.Peer {
	t.Helper()
	peer, err := EmbeddedReference(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	closeWithTest(t, peer)
	return peer
}

func TestEmbeddedExchange(t *testing.T) {
	bothRoles(t, func(t *testing.T, role conformance.Role) {
		peer := attachEmbedded(t, EmbeddedConfig{})
		for _, profileName := range []string{"v1", "c09", "v1"} {
			k := newKit(t, peer, role, profileName)
			for range 3 {
				k.exchange()
			}
		}
		alive(t, peer)
	})
}

// Sessions that overlap are apart.
func TestEmbeddedOverlap(t *testing.T) {
	bothRoles(t, func(t *testing.T, role conformance.Role) {
		k := newKit(t, attachEmbedded(t, EmbeddedConfig{}), role, "v1")
		first, err := adversary.OpenChannel(t.Context(), k)
		if err != nil {
			t.Fatal(err)
		}
		k.exchange()
		if err := errors.Join(first.EchoRandom(100), first.Close()); err != nil {
			t.Error(err)
		}
	})
}

// NOISE-013: the deadline that is told is the one that is kept.
func TestEmbeddedDeadline(t *testing.T) {
	bothRoles(t, func(t *testing.T, role conformance.Role) {
		peer := attachEmbedded(t, EmbeddedConfig{HandshakeTimeout: 100 * time.Millisecond})
		k := newKit(t, peer, role, "v1")
		if got := k.HandshakeDeadline(); got != 100*time.Millisecond {
			t.Errorf("got %v", got)
		}
		link := k.open()
		began := time.Now()
		if _, err := received(link); !errors.Is(err, io.EOF) && !errors.Is(err, conformance.ErrReset) {
			t.Errorf("got %v, want the end", err)
		}
		if took := time.Since(began); took > patient/2 {
			t.Errorf("it took %v", took)
		}
	})
}

// Closing the peer ends what is under way: handshakes and open channels.
func TestEmbeddedClose(t *testing.T) {
	bothRoles(t, func(t *testing.T, role conformance.Role) {
		peer := attachEmbedded(t, EmbeddedConfig{HandshakeTimeout: 30 * time.Second})
		k := newKit(t, peer, role, "v1")
		s, err := adversary.OpenChannel(t.Context(), k)
		if err != nil {
			t.Fatal(err)
		}
		defer shut(s)
		links := []conformance.Link{s.Link, k.open()}
		began := time.Now()
		if err := peer.Close(); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > patient {
			t.Errorf("closing took %v", took)
		}
		for _, link := range links {
			if _, err := received(link); !errors.Is(err, io.EOF) && !errors.Is(err, conformance.ErrReset) {
				t.Errorf("got %v, want the end", err)
			}
		}
	})
}

func TestEmbeddedRefuses(t *testing.T) {
	noLeaks(t)
	peer := attachEmbedded(t, EmbeddedConfig{})
	for _, need := range []conformance.Need{
		{Role: conformance.Router, Transport: conformance.TCP, Profile: "c09"},
		{Role: conformance.Responder, Transport: conformance.Mem, Profile: "v1"},
		{Role: conformance.Responder, Transport: conformance.TCP, Profile: "c010"},
		{Role: conformance.Responder, Transport: conformance.UDP, Profile: "v9"},
		{Role: conformance.Responder, Transport: conformance.TCP, Profile: "v9"},
	} {
		if _, err := peer.Open(t.Context(), need); !errors.Is(err, ErrNeed) {
			t.Errorf("%v: got %v, want ErrNeed", need, err)
		}
	}
	if _, err := EmbeddedReference(t.Context(), EmbeddedConfig{HandshakeTimeout: time.Hour}); !errors.Is(err, ErrConfig) {
		t.Errorf("got %v, want ErrConfig", err)
	}
}

// serveReference runs Serve until the test ends.
func serveReference(t *testing.T, cfg ServeConfig) (address string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	bound, done := make(chan string, 1), make(chan error, 1)
	cfg.Listening = func(a string) { bound <- a }
	go func() { done <- Serve(ctx, cfg) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serve: got %v, want nil", err)
		}
	})
	if cfg.Role == conformance.Initiator {
		return cfg.Address
	}
	return <-bound
}

func TestServeResponder(t *testing.T) {
	for _, profileName := range []string{"v1", "c09"} {
		t.Run(profileName, func(t *testing.T) {
			noLeaks(t)
			address := serveReference(t, ServeConfig{Role: conformance.Responder, Profile: profileName, Address: "127.0.0.1:0"})
			k := newKit(t, attachPeer(t, Config{}, "tcp://"+address), conformance.Responder, profileName)
			for range 3 {
				k.exchange()
			}
		})
	}
}

func TestServeInitiator(t *testing.T) {
	for _, profileName := range []string{"v1", "c09"} {
		t.Run(profileName, func(t *testing.T) {
			noLeaks(t)
			peer, address := attachAccept(t, Config{})
			serveReference(t, ServeConfig{Role: conformance.Initiator, Profile: profileName, Address: address})
			k := newKit(t, peer, conformance.Initiator, profileName)
			for range 3 {
				k.exchange()
			}
		})
	}
}

func TestServeRefuses(t *testing.T) {
	tests := []struct {
		name string
		cfg  ServeConfig
		want error
	}{
		{"role", ServeConfig{Role: "nobody", Profile: "v1", Address: "127.0.0.1:0"}, ErrNeed},
		{"router without routes", ServeConfig{Role: conformance.Router, Profile: "c09", Address: "127.0.0.1:0"}, ErrNeed},
		{"router's address", ServeConfig{Role: conformance.Router, Profile: "v1", Address: "nowhere"}, ErrConfig},
		{"profile", ServeConfig{Role: conformance.Responder, Profile: "v9", Address: "127.0.0.1:0"}, ErrNeed},
		{"address", ServeConfig{Role: conformance.Responder, Profile: "v1", Address: "nowhere"}, ErrConfig},
		{"address to dial", ServeConfig{Role: conformance.Initiator, Profile: "v1", Address: "nowhere"}, ErrConfig},
		{"port to dial", ServeConfig{Role: conformance.Initiator, Profile: "v1", Address: "127.0.0.1:0"}, ErrConfig},
		{"port to dial over UDP",
			ServeConfig{Role: conformance.Initiator, Transport: conformance.UDP, Profile: "v1", Address: "127.0.0.1:0"}, ErrConfig},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			noLeaks(t)
			if err := Serve(t.Context(), tt.cfg); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}
