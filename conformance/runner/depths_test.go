package runner

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"ockamtest/conformance"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// Depths and routes choose the groups, and what cannot be is refused before anything is run.
func TestPlanOfPlaces(t *testing.T) {
	hop, listener := wire.UDPAddress4([4]byte{127, 0, 0, 1}, 4000), wire.LocalAddress([]byte("listener"))
	tests := []struct {
		name  string
		alter func(*Config)
		want  []string // groups; nil: ErrUsage
	}{
		{"no depth", func(*Config) {}, []string{"responder over tcp in profile v1", "responder over tcp in profile e09"}},
		{"depth 1", func(c *Config) { c.Depths = []int{1} }, []string{"responder over tcp in profile v1", "responder over tcp in profile e09"}},
		{"1 and 2, deep in v1", func(c *Config) { c.Depths, c.DeepIn = []int{1, 2}, []string{"v1"} }, []string{
			"responder over tcp in profile v1", "responder over tcp in profile v1 at depth 2", "responder over tcp in profile e09",
		}},
		{"a profile without tunnels", func(c *Config) { c.Depths = []int{2} }, nil},
		{"2 and 4 in v1", func(c *Config) { c.Depths, c.Profiles = []int{2, 4}, c.Profiles[:1] }, []string{
			"responder over tcp in profile v1 at depth 2", "responder over tcp in profile v1 at depth 4",
		}},
		{"deeper than the peer", func(c *Config) { c.Depths, c.Profiles = []int{5}, c.Profiles[:1] }, nil},
		{"deeper than the kit", func(c *Config) { c.Depths, c.Profiles = []int{conformance.MaxDepth + 1}, c.Profiles[:1] }, nil},
		{"depth 0", func(c *Config) { c.Depths = []int{0} }, nil},
		{"a depth twice", func(c *Config) { c.Depths = []int{1, 1} }, nil},
		{"a listener", func(c *Config) { c.Route = wire.Route{listener} },
			[]string{"responder over tcp in profile v1", "responder over tcp in profile e09"}},
		{"a hop", func(c *Config) { c.Route = wire.Route{hop, listener} },
			[]string{"responder over tcp in profile v1", "responder over tcp in profile e09"}},
		{"behind a local address", func(c *Config) { c.Route = wire.Route{listener, hop} }, nil},
		{"a hop to an initiator", func(c *Config) { c.Route, c.Roles = wire.Route{hop}, []conformance.Role{conformance.Initiator} }, nil},
		{"a profile without routes", func(c *Config) { c.Route, c.Profiles = wire.Route{hop}, []profile.Profile{profile.C09()} }, nil},
		{"a service without routes", func(c *Config) { c.Service, c.Profiles = listener, []profile.Profile{profile.C09()} }, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e09 := profile.E09()
			e09.Transports = []profile.Transport{profile.TCP}
			c := placed("area/far", conformance.AnyDepth, true)
			cfg := Config{
				Peer: &fakePeer{info: conformance.PeerInfo{
					Roles:      []conformance.Role{conformance.Responder, conformance.Initiator},
					Transports: []conformance.Transport{conformance.TCP}, Depths: 4,
				}},
				Cases: []conformance.Case{c}, Control: c, Profiles: []profile.Profile{profile.V1(), e09},
				Roles: []conformance.Role{conformance.Responder}, StaticKey: make([]byte, 32),
			}
			tt.alter(&cfg)
			groups, err := plan(cfg)
			if tt.want == nil {
				if !errors.Is(err, conformance.ErrUsage) {
					t.Errorf("got %v, want ErrUsage", err)
				}
				return
			}
			var got []string
			for _, g := range groups {
				got = append(got, name(g.need))
			}
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

// In a tunnel only what applies there is selected; over hops what does not apply is skipped, and says so.
func TestPlanLeavesOut(t *testing.T) {
	all := []conformance.Case{
		placed("area/control", conformance.AnyDepth, true), placed("area/far", conformance.AnyDepth, true),
		placed("area/inside", conformance.AnyDepth, false), placed("area/near", conformance.OnTransport, false),
		placed("area/tunnel", conformance.InTunnel, false),
	}
	items := func(depth int, route wire.Route) (got []string) {
		cfg := Config{
			Peer: &fakePeer{info: conformance.PeerInfo{
				Roles: []conformance.Role{conformance.Responder}, Transports: []conformance.Transport{conformance.TCP}, Depths: 2,
			}},
			Cases: all, Control: all[0], Profiles: []profile.Profile{profile.V1()}, Depths: []int{depth}, Route: route,
			StaticKey: make([]byte, 32),
		}
		groups, err := plan(cfg)
		if err != nil || len(groups) != 1 {
			t.Fatalf("%d groups, %v", len(groups), err)
		}
		for _, i := range groups[0].items {
			got = append(got, fmt.Sprintf("%s %t", i.ID, i.skipped == reasonHops))
		}
		return got
	}
	hops := wire.Route{wire.UDPAddress4([4]byte{127, 0, 0, 1}, 4000)}
	for _, tt := range []struct {
		depth int
		route wire.Route
		want  []string
	}{
		{1, nil, []string{"area/far false", "area/inside false", "area/near false"}},
		{2, nil, []string{"area/far false", "area/inside false", "area/tunnel false"}},
		{1, hops, []string{"area/far false", "area/inside true", "area/near true"}},
		{2, hops, []string{"area/far false", "area/inside true", "area/tunnel true"}},
	} {
		if got := items(tt.depth, tt.route); !slices.Equal(got, tt.want) {
			t.Errorf("depth %d, %d hops: got %q, want %q", tt.depth, len(tt.route), got, tt.want)
		}
	}
}

func placed(id string, depths conformance.Depths, hops bool) conformance.Case {
	c := newCase(id, roundTrip)
	c.Depths, c.Hops = depths, hops
	return c
}

// The result says at which depth it was found, and the line that runs it again asks for that one.
func TestResultsOfDepths(t *testing.T) {
	peer := newFakePeer()
	peer.info.Depths = 3
	cfg := newConfig(peer)
	cfg.Control.Depths = conformance.AnyDepth
	cfg.Cases = []conformance.Case{cfg.Control}
	cfg.Depths = []int{1, 3}
	r, err := check(t.Context(), cfg, 0, conformance.Pass, conformance.Pass)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		depth int
		rerun string
	}{{0, " --depth 1"}, {3, " --depth 3"}} {
		got := r.Results[i]
		if got.Depth != want.depth || !strings.Contains(got.Rerun, want.rerun) || peer.opened[i].Depth != want.depth {
			t.Errorf("got depth %d, %q, session %+v, want depth %d and%s", got.Depth, got.Rerun, peer.opened[i], want.depth, want.rerun)
		}
	}
}
