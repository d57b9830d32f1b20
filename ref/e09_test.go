package ref_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"

	"ockamtest/ref"
	"ockamtest/ref/channel"
	"ockamtest/ref/profile"
	"ockamtest/ref/transport"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
	"ockamtest/ref/wire"
)

// writeApplied writes to the application at the other end, which every message of e09 has to name. What would begin like a type byte cannot
// travel, and its counter is spent; then the message is written again (section 11).
func writeApplied(t *testing.T, c *ref.Conn, payload []byte) {
	t.Helper()
	for range 10 {
		err := c.WriteMessage(t.Context(), payload, ref.Routes{Onward: wire.Route{appThere}, Return: wire.Route{appHere}})
		if !errors.Is(err, channel.ErrCannotTravel) {
			if err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatal("ten ciphertexts in a row cannot travel")
}

// reproducible is a vault with the same randomness each time, and a key in it.
func reproducible(t *testing.T) (vault.Vault, vault.Secret) {
	t.Helper()
	v, err := software.New(software.Config{Random: rand.NewChaCha8([32]byte{'e', '0', '9'})})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	static, err := v.Generate(vault.Attributes{Type: vault.X25519PrivateKey})
	if err != nil {
		t.Fatal(err)
	}
	return v, static
}

// Section 11: profile e09 between nodes, at the local address of a listener, whose responders have no address but that. Each source has a
// channel.
func TestE09(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := transport.NewHub(transport.HubConfig{})
		node := func(host byte) *ref.Node {
			socket, err := hub.Listen(wire.UDPAddress4([4]byte{10, 0, 0, host}, 4000))
			if err != nil {
				t.Fatal(err)
			}
			n, err := ref.NewNode(t.Context(), ref.NodeConfig{Profile: profile.E09(), Sockets: []transport.PacketConn{socket}})
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		cfg := newProfileConfig(t, profile.E09())
		cfg.Vault, cfg.Static = reproducible(t) // one m3 in 85 cannot travel
		there := node(9)
		channels := wire.LocalAddress([]byte("channels"))
		l, err := there.Listen(channels, ref.ListenConfig{Config: cfg})
		if err != nil {
			t.Fatal(err)
		}
		if l.Address() != channels {
			t.Errorf("the listener's address is %v, want %v", l.Address(), channels)
		}
		p := make([]byte, 100)
		for host := range byte(3) {
			here := node(1 + host)
			client, err := here.Dial(t.Context(), wire.Route{there.Addresses()[0], channels}, cfg)
			if err != nil {
				t.Fatal(err)
			}
			server := accept(t, l)
			for i := range 20 {
				payload := fmt.Append(nil, "message ", i)
				for _, way := range [][2]*ref.Conn{{client, server}, {server, client}} {
					writeApplied(t, way[0], payload)
					n, routes, err := way[1].ReadMessage(t.Context(), p)
					if err != nil || string(p[:n]) != string(payload) || len(routes.Onward) != 1 || routes.Onward[0] != appThere {
						t.Fatalf("got %q, %v, %v, want %q", p[:n], routes, err, payload)
					}
				}
			}
			if err := client.Write(t.Context(), []byte("for nobody")); !errors.Is(err, channel.ErrCannotTravel) {
				t.Errorf("a message for no application: got %v, want ErrCannotTravel", err)
			}
			if _, err := client.PeerStatic(), client.Close(); err != nil {
				t.Error(err)
			}
			closeNodes(t, here)
		}
		closeNodes(t, there)
	})
}

// Section 11: m1 is always for a local address.
func TestE09HasNoListenerOfTheNode(t *testing.T) {
	cfg := newProfileConfig(t, profile.E09())
	if l, err := ref.Listen(t.Context(), at(wire.UDP), ref.ListenConfig{Config: cfg}); l != nil || !errors.Is(err, ref.ErrConfig) {
		t.Errorf("Listen: got %v, %v, want ErrConfig", l, err)
	}
	if c, err := ref.Dial(t.Context(), at(wire.UDP).WithPort(9), cfg); c != nil || !errors.Is(err, ref.ErrConfig) {
		t.Errorf("Dial: got %v, %v, want ErrConfig", c, err)
	}
}
