package runner

import (
	"context"
	"errors"
	"slices"
	"testing"

	"ockamtest/conformance"
	"ockamtest/ref/profile"
)

// catalogue is a catalogue of cases that differ in what a selection can see.
func catalogue() []conformance.Case {
	long := newCase("noise/deadline", roundTrip)
	long.Tags, long.Requirements = []string{conformance.TagLong}, []string{"NOISE-013"}
	initiatorOnly := newCase("noise/m1", roundTrip)
	initiatorOnly.Roles = []conformance.Role{conformance.Initiator}
	c09Only := newCase("rec/short", roundTrip)
	c09Only.Profiles, c09Only.Requirements = []string{"c09"}, []string{"REC-006", "REC-004"}
	udpOnly := newCase("tran/datagram", roundTrip)
	udpOnly.Transports = []conformance.Transport{conformance.UDP}
	return []conformance.Case{newCase("noise/tag", roundTrip), control(), long, initiatorOnly, c09Only, udpOnly}
}

// ran lists the results of a run as role/profile case: the short ones.
func ran(r *conformance.Results) []string {
	var all []string
	for i := range r.Results {
		result := &r.Results[i]
		line := string(result.Role[:1]) + "/" + string(result.Transport) + "/" + result.Profile + " " + result.Case
		if result.Implied {
			line += " (implied)"
		}
		if result.Outcome != conformance.Pass {
			line += " " + string(result.Outcome)
		}
		all = append(all, line)
	}
	return all
}

func TestSelection(t *testing.T) {
	tests := []struct {
		name string
		set  func(*Config)
		want []string
	}{
		{"everything but long ones", func(*Config) {}, []string{
			"r/tcp/v1 chan/open-and-echo", "r/tcp/v1 noise/tag", "r/tcp/v1 noise/deadline skipped",
			"r/tcp/c09 chan/open-and-echo", "r/tcp/c09 noise/tag", "r/tcp/c09 noise/deadline skipped", "r/tcp/c09 rec/short",
			"i/tcp/v1 chan/open-and-echo", "i/tcp/v1 noise/tag", "i/tcp/v1 noise/deadline skipped", "i/tcp/v1 noise/m1",
			"i/tcp/c09 chan/open-and-echo", "i/tcp/c09 noise/tag", "i/tcp/c09 noise/deadline skipped", "i/tcp/c09 noise/m1", "i/tcp/c09 rec/short",
		}},
		{"one role and profile", func(c *Config) {
			c.Roles, c.Profiles = []conformance.Role{conformance.Initiator}, c.Profiles[:1]
		}, []string{
			"i/tcp/v1 chan/open-and-echo", "i/tcp/v1 noise/tag", "i/tcp/v1 noise/deadline skipped", "i/tcp/v1 noise/m1",
		}},
		{"in the order that is asked for", func(c *Config) {
			c.Roles = []conformance.Role{conformance.Initiator, conformance.Responder}
			c.Profiles, c.Select.Cases = c.Profiles[:1], []string{"chan/*"}
		}, []string{"i/tcp/v1 chan/open-and-echo", "r/tcp/v1 chan/open-and-echo"}},
		{"long ones", func(c *Config) {
			c.Select.Long, c.Select.Skip = true, []string{"noise/[mt]*", "chan/*", "rec/*"}
			c.Profiles = c.Profiles[:1]
		}, []string{
			"r/tcp/v1 chan/open-and-echo (implied)", "r/tcp/v1 noise/deadline",
			"i/tcp/v1 chan/open-and-echo (implied)", "i/tcp/v1 noise/deadline",
		}},
		{"a long one by name", func(c *Config) {
			c.Select.Cases, c.Profiles, c.Roles = []string{"noise/deadline"}, c.Profiles[:1], []conformance.Role{conformance.Responder}
		}, []string{"r/tcp/v1 chan/open-and-echo (implied)", "r/tcp/v1 noise/deadline"}},
		{"a long one by glob only is skipped", func(c *Config) {
			c.Select.Cases, c.Profiles, c.Roles = []string{"noise/dead*"}, c.Profiles[:1], []conformance.Role{conformance.Responder}
		}, []string{"r/tcp/v1 noise/deadline skipped"}},
		{"groups without a case are left out", func(c *Config) {
			c.Select.Cases = []string{"rec/**"}
		}, []string{
			"r/tcp/c09 chan/open-and-echo (implied)", "r/tcp/c09 rec/short",
			"i/tcp/c09 chan/open-and-echo (implied)", "i/tcp/c09 rec/short",
		}},
		{"by requirement", func(c *Config) {
			c.Select.Requirements, c.Roles = []string{"REC-004", "NOISE-002"}, []conformance.Role{conformance.Responder}
		}, []string{"r/tcp/v1 chan/open-and-echo", "r/tcp/c09 chan/open-and-echo", "r/tcp/c09 rec/short"}},
		{"by case and requirement", func(c *Config) {
			c.Select = Selection{Cases: []string{"noise/*"}, Requirements: []string{"NOISE-013"}, Long: true}
			c.Roles, c.Profiles = []conformance.Role{conformance.Responder}, c.Profiles[:1]
		}, []string{"r/tcp/v1 chan/open-and-echo (implied)", "r/tcp/v1 noise/deadline"}},
		{"in memory what holds over TCP", func(c *Config) {
			peer := newFakePeer()
			peer.info.Transports = []conformance.Transport{conformance.Mem}
			c.Peer, c.Profiles, c.Select.Cases = peer, c.Profiles[:1], []string{"noise/tag"}
		}, []string{"r/mem/v1 chan/open-and-echo (implied)", "r/mem/v1 noise/tag"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			peer := newFakePeer()
			peer.info.Roles = []conformance.Role{conformance.Responder, conformance.Initiator}
			cfg := Config{Peer: peer, Control: control(), Cases: catalogue(), Profiles: []profile.Profile{v1(), c09()}}
			test.set(&cfg)
			r, err := Run(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			if got := ran(r); !slices.Equal(got, test.want) {
				t.Errorf("got\n%q, want\n%q", got, test.want)
			}
			if err := checkHonest(cfg, r); err != nil {
				t.Error(err)
			}
		})
	}
}

// What does not exist or fit is an error before anything runs.
func TestRunRefuses(t *testing.T) {
	udp := profile.Profile{Name: "udp-only", Transports: []profile.Transport{profile.UDP}}
	tests := []struct {
		name string
		set  func(*Config)
		want error
		exit int
	}{
		{"no peer", func(c *Config) { c.Peer = nil }, conformance.ErrUsage, 2},
		{"no profile", func(c *Config) { c.Profiles = nil }, conformance.ErrUsage, 2},
		{"negative scale", func(c *Config) { c.TimeoutScale = -1 }, conformance.ErrUsage, 2},
		{"negative patience", func(c *Config) { c.Patience = -1 }, conformance.ErrUsage, 2},
		{"short key", func(c *Config) { c.StaticKey = make([]byte, 31) }, conformance.ErrUsage, 2},
		{"unknown level", func(c *Config) { c.Level = conformance.May }, conformance.ErrUsage, 2},
		{"unknown case", func(c *Config) { c.Select.Cases = []string{"noise/*", "noise/nope"} }, conformance.ErrUsage, 2},
		{"unknown case to skip", func(c *Config) { c.Select.Skip = []string{"nope/*"} }, conformance.ErrUsage, 2},
		{"bad glob", func(c *Config) { c.Select.Cases = []string{"noise/["} }, conformance.ErrUsage, 2},
		{"unknown requirement", func(c *Config) { c.Select.Requirements = []string{"NOPE-001"} }, conformance.ErrUsage, 2},
		{"role that the peer is not", func(c *Config) { c.Roles = []conformance.Role{conformance.Router} }, conformance.ErrUsage, 2},
		{"transport that the peer has not", func(c *Config) { c.Transports = []conformance.Transport{conformance.UDP} }, conformance.ErrUsage, 2},
		{"transport that the profile has not", func(c *Config) {
			c.Profiles, c.Transports = []profile.Profile{v1(), udp}, []conformance.Transport{conformance.TCP}
		}, conformance.ErrUsage, 2},
		{"profile twice", func(c *Config) { c.Profiles = []profile.Profile{v1(), v1()} }, conformance.ErrUsage, 2},
		{"nothing fits", func(c *Config) { c.Select.Cases = []string{"tran/datagram"} }, conformance.ErrNothingSelected, 5},
		{"no transport in common", func(c *Config) { c.Profiles = []profile.Profile{udp} }, conformance.ErrNothingSelected, 5},
		{"everything is skipped", func(c *Config) { c.Select.Skip = []string{"**"} }, conformance.ErrNothingSelected, 5},
		{"requirement without a case", func(c *Config) { c.Select.Requirements = []string{"MEM-001"} }, conformance.ErrNothingSelected, 5},
		{"no cases", func(c *Config) { c.Cases = nil }, conformance.ErrNothingSelected, 5},
		{"case twice", func(c *Config) { c.Cases = append(c.Cases, c.Cases[0]) }, conformance.ErrBadCase, 3},
		{"case of an unknown requirement", func(c *Config) { c.Cases[0].Requirements = []string{"NOPE-001"} }, conformance.ErrBadCase, 3},
		{"case without requirement", func(c *Config) { c.Cases[0].Requirements = nil }, conformance.ErrBadCase, 3},
		{"no control", func(c *Config) { c.Control = conformance.Case{} }, conformance.ErrBadCase, 3},
		{"control that does not apply", func(c *Config) { c.Control.Profiles = []string{"c09"} }, conformance.ErrBadCase, 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			peer := newFakePeer()
			cfg := Config{Peer: peer, Control: control(), Cases: catalogue(), Profiles: []profile.Profile{v1()}}
			test.set(&cfg)
			r, err := Run(context.Background(), cfg)
			if !errors.Is(err, test.want) || r != nil {
				t.Errorf("got %v, want %v and no results", err, test.want)
			}
			if got := conformance.ExitCode(r, err); got != test.exit {
				t.Errorf("got exit code %d, want %d", got, test.exit)
			}
			if len(peer.opened) != 0 {
				t.Error("something was run")
			}
		})
	}
}
