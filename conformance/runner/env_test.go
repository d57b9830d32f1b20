package runner

import (
	"bytes"
	"context"
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"ockamtest/conformance"
	"ockamtest/ref/profile"
)

// observe runs one case that looks at its env, against a peer that passes the control in took.
func observe(t *testing.T, set func(*Config), took time.Duration, look func(conformance.Env)) {
	t.Helper()
	peer := newFakePeer()
	peer.info.HandshakeDeadline, peer.info.MaxConnections, peer.info.Pinned = 3*time.Second, 1, true
	looked := 0
	cfg := newConfig(peer, newCase("noise/look", func(ctx context.Context, env conformance.Env) error {
		look(env)
		looked++
		return roundTrip(ctx, env)
	}))
	cfg.Control.Run = func(ctx context.Context, env conformance.Env) error {
		if err := roundTrip(ctx, env); err != nil {
			return err
		}
		<-time.After(took)
		return nil
	}
	set(&cfg)
	if _, err := check(t.Context(), cfg, 0, conformance.Pass, conformance.Pass); err != nil {
		t.Fatal(err)
	}
	if looked != 1 {
		t.Fatalf("looked %d times, want once", looked)
	}
}

func TestEnvHasTheConfiguration(t *testing.T) {
	static, pin := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	set := func(c *Config) { c.StaticKey, c.PeerStatic = static, pin }
	synctest.Test(t, func(t *testing.T) {
		observe(t, set, 0, func(env conformance.Env) {
			if env.Role() != conformance.Responder || env.Transport() != conformance.TCP || env.Profile().Name != "v1" {
				t.Errorf("got %s, %s, %s", env.Role(), env.Transport(), env.Profile().Name)
			}
			if !bytes.Equal(env.StaticKey(), static) || !bytes.Equal(env.PeerStatic(), pin) {
				t.Error("the keys are others")
			}
			env.StaticKey()[0], env.PeerStatic()[0] = 9, 9
			if got := env.HandshakeDeadline(); got != 3*time.Second {
				t.Errorf("got deadline %v, want 3 s", got)
			}
			if pinned, ok := env.(conformance.PinnedEnv); !ok || !pinned.Pinned() {
				t.Error("that the peer accepts the kit's static key alone is not told")
			}
			if limited, ok := env.(interface{ MaxConnections() int }); !ok || limited.MaxConnections() != 1 {
				t.Error("the number of connections is not told")
			}
		})
	})
	if static[0] != 1 || pin[0] != 2 {
		t.Error("a case changed the keys of the configuration")
	}
}

func TestEnvTimes(t *testing.T) {
	tests := []struct {
		name            string
		set             func(*Config)
		took            time.Duration // the control
		patience, quiet time.Duration
	}{
		{"defaults, fast peer", func(*Config) {}, 0, 5 * time.Second, 25 * time.Millisecond},
		{"peer of 10 ms", func(*Config) {}, 10 * time.Millisecond, 5 * time.Second, 80 * time.Millisecond},
		{"peer of 1 s, deadline of 3 s", func(*Config) {}, time.Second, 5 * time.Second, 750 * time.Millisecond},
		{"peer of 1 s, deadline unknown", func(c *Config) { c.Peer.(*fakePeer).info.HandshakeDeadline = 0 }, time.Second, 5 * time.Second, time.Second},
		{"patience", func(c *Config) { c.Patience = time.Second }, 0, time.Second, 25 * time.Millisecond},
		{"scaled", func(c *Config) { c.TimeoutScale = 3 }, 10 * time.Millisecond, 15 * time.Second, 240 * time.Millisecond},
		{"scaled to the cap", func(c *Config) { c.TimeoutScale = 100 }, 10 * time.Millisecond, 500 * time.Second, 750 * time.Millisecond},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				observe(t, test.set, test.took, func(env conformance.Env) {
					if env.Patience() != test.patience || env.Quiet() != test.quiet {
						t.Errorf("got patience %v, quiet %v; want %v, %v", env.Patience(), env.Quiet(), test.patience, test.quiet)
					}
				})
			})
		})
	}
}

func TestStaticKeyFollowsFromSeed(t *testing.T) {
	var keys [][]byte
	for _, seed := range []uint64{1, 1, 2} {
		synctest.Test(t, func(t *testing.T) {
			observe(t, func(c *Config) { c.Seed = seed }, 0, func(env conformance.Env) { keys = append(keys, env.StaticKey()) })
		})
	}
	if len(keys) != 3 || !bytes.Equal(keys[0], keys[1]) || bytes.Equal(keys[0], keys[2]) || len(keys[0]) != 32 {
		t.Errorf("got keys %x, want two alike of 32 bytes and another", keys)
	}
}

func TestRandom(t *testing.T) {
	read := func(seed uint64, id, profile string, attempt uint64) string {
		b := make([]byte, 32)
		need := conformance.Need{Role: conformance.Responder, Transport: conformance.TCP, Profile: profile}
		if _, err := io.ReadFull(newRandom(seed, id, need, attempt), b); err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	first := read(1, "noise/a", "v1", 0)
	if again := read(1, "noise/a", "v1", 0); again != first {
		t.Error("the same seed and case give another stream")
	}
	streams := []string{first, read(2, "noise/a", "v1", 0), read(1, "noise/b", "v1", 0), read(1, "noise/a", "c09", 0), read(1, "noise/a", "v1", 1)}
	slices.Sort(streams)
	if got, want := len(slices.Compact(streams)), 5; got != want {
		t.Errorf("got %d different streams, want %d", got, want)
	}
}

func TestTranscript(t *testing.T) {
	peer := newFakePeer()
	peer.answer = func(p []byte) ([]byte, error) {
		if p[1] == 0 {
			return nil, nil
		}
		return p[:5], nil
	}
	now := time.Unix(0, 0)
	cfg := newConfig(peer, newCase("noise/a", func(ctx context.Context, env conformance.Env) error {
		first, err := env.Open(ctx)
		if err != nil {
			return err
		}
		second, err := env.Open(ctx)
		if err != nil {
			return err
		}
		env.Note("two sessions")
		_ = first.Send([]byte("\x00\x03you\x00"))
		_, _ = first.Receive(env.Patience())
		_ = second.Send([]byte("\x00\x00\x00\x02!"))
		_, _ = second.Receive(env.Patience())
		_ = second.CloseWrite()
		_ = second.Reset()
		_ = first.Close()
		_, err = first.Receive(env.Patience())
		if err == nil {
			t.Error("a closed link receives")
		}
		return &conformance.Failure{Expected: "this", Actual: "that"}
	}))
	cfg.Control.Run = returning(nil)
	cfg.Clock = func() time.Time { now = now.Add(time.Microsecond); return now }
	cfg.Describe = func(p profile.Profile, direction string, b []byte) string {
		return p.Name + " " + direction + " " + string(b)
	}
	r, err := check(t.Context(), cfg, 1, conformance.Pass, conformance.Fail)
	if err != nil {
		t.Fatal(err)
	}
	got := r.Results[1].Transcript
	last := int64(-1)
	for i := range got {
		if got[i].AtMicros <= last {
			t.Errorf("entry %d is at %d us, after one at %d us", i, got[i].AtMicros, last)
		}
		last, got[i].AtMicros = got[i].AtMicros, 0
	}
	event := func(link int, text string) conformance.Entry {
		return conformance.Entry{Link: link, Direction: conformance.DirEvent, Text: text}
	}
	want := []conformance.Entry{
		event(1, "connected, kit 127.0.0.1:50000, peer 127.0.0.1:4000"),
		event(2, "connected, kit 127.0.0.1:50000, peer 127.0.0.1:4000"),
		event(0, "two sessions"),
		{Link: 1, Direction: conformance.DirSend, Hex: "0003796f7500", Length: 6, Text: "v1 send you | half a length"},
		{Link: 1, Direction: conformance.DirReceive, Hex: "0003796f75", Length: 5, Text: "v1 receive you"},
		{Link: 2, Direction: conformance.DirSend, Hex: "0000000221", Length: 5, Text: "empty message | 1 of a frame's 2 bytes"},
		event(2, "no answer in 5s"),
		event(2, "kit sends FIN"),
		event(2, "kit sends RST"),
		event(1, "kit closes"),
		event(1, "link is closed on the kit's side"),
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%+v, want\n%+v", got, want)
	}
}

func TestProgress(t *testing.T) {
	cfg := newConfig(newFakePeer(), newCase("noise/a", roundTrip))
	var events []Event
	cfg.Progress = func(e Event) { events = append(events, e) }
	if _, err := check(t.Context(), cfg, 0, conformance.Pass, conformance.Pass); err != nil {
		t.Fatal(err)
	}
	at := func(done int, id string, outcome conformance.Outcome) Event {
		return Event{done, 2, id, conformance.Responder, conformance.TCP, "v1", outcome}
	}
	want := []Event{
		at(0, "chan/open-and-echo", ""), at(1, "chan/open-and-echo", conformance.Pass), at(1, "noise/a", ""), at(2, "noise/a", conformance.Pass),
	}
	if !slices.Equal(events, want) {
		t.Errorf("got\n%+v, want\n%+v", events, want)
	}
}

func TestRerun(t *testing.T) {
	need := conformance.Need{Role: conformance.Initiator, Transport: conformance.TCP, Profile: "c09"}
	const tail = "--profile c09 --role initiator --transport tcp --case noise/a --seed 7"
	tests := []struct {
		name string
		info conformance.PeerInfo
		cfg  Config
		want string
	}{
		{"address", conformance.PeerInfo{Name: "accept:tcp://127.0.0.1:4000"}, Config{Seed: 7},
			"ockamtest run --peer accept:tcp://127.0.0.1:4000 " + tail},
		{"command", conformance.PeerInfo{Name: "exec:./it's {role}"}, Config{Seed: 7},
			`ockamtest run --peer 'exec:./it'\''s {role}' ` + tail},
		{"reference", conformance.PeerInfo{Name: "reference", Attachment: "reference"}, Config{Seed: 7}, "ockamtest run " + tail},
		{"more options", conformance.PeerInfo{Attachment: "reference"}, Config{Seed: 7, Level: conformance.Should, RerunArgs: []string{"--key", "a b"}},
			"ockamtest run " + tail + " --level should --key 'a b'"},
		{"empty argument", conformance.PeerInfo{Attachment: "reference"}, Config{Seed: 7, RerunArgs: []string{""}}, "ockamtest run " + tail + " ''"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := &run{info: test.info, cfg: test.cfg}
			if got := r.rerun(need, "noise/a"); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// A case that passes without having talked to the peer has shown nothing.
func TestPassWithoutASession(t *testing.T) {
	cfg := newConfig(newFakePeer(), newCase("noise/a", func(context.Context, conformance.Env) error { return nil }))
	if _, err := check(t.Context(), cfg, 3, conformance.Pass, conformance.Error); err != nil {
		t.Error(err)
	}
}

func TestResults(t *testing.T) {
	cfg := newConfig(newFakePeer(), newCase("noise/a", roundTrip))
	cfg.Profiles = []profile.Profile{v1(), c09()}
	cfg.Tool = conformance.ToolInfo{Name: "ockamtest", Version: "test"}
	r, err := check(t.Context(), cfg, 0, conformance.Pass, conformance.Pass, conformance.Pass, conformance.Pass)
	if err != nil {
		t.Fatal(err)
	}
	if r.Schema != conformance.ResultsSchema || r.Catalogue != conformance.CatalogueVersion || r.Tool != cfg.Tool || r.Profile != "v1,c09" ||
		r.Seed != 42 || r.Peer.Name != "tcp://127.0.0.1:4000" || r.Peer.Attachment != "tcp" || r.Partial || r.Trouble != "" {
		t.Errorf("got %+v", r)
	}
	if got, want := r.Coverage, conformance.CoverageOf(cfg.Cases); got != want || got.WithCase != 4 {
		t.Errorf("got coverage %+v, want %+v with 4 of cases", got, want)
	}
	if got, want := len(r.Requirements), r.Coverage.Requirements; got != want {
		t.Errorf("got %d requirements, want %d", got, want)
	}
}
