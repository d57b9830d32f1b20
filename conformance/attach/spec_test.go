package attach

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	tests := []struct {
		name, text string
		want       Spec
	}{
		{"responder", "tcp://127.0.0.1:4000", Spec{Kind: Dial, Address: "127.0.0.1:4000"}},
		{"host name", "tcp://board.local:4000", Spec{Kind: Dial, Address: "board.local:4000"}},
		{"IPv6", "tcp://[::1]:4000", Spec{Kind: Dial, Address: "[::1]:4000"}},
		{"initiator", "accept:tcp://127.0.0.1:4000", Spec{Kind: Accept, Address: "127.0.0.1:4000"}},
		{"any port", "accept:tcp://127.0.0.1:0", Spec{Kind: Accept, Address: "127.0.0.1:0"}},
		{"every interface", "accept:tcp://:4000", Spec{Kind: Accept, Address: ":4000"}},
		{
			"command", "exec:./mypeer {role} {transport} {addr} {profile}",
			Spec{Kind: Exec, Command: []string{"./mypeer", "{role}", "{transport}", "{addr}", "{profile}"}},
		},
		{"responder over UDP", "udp://127.0.0.1:4000", Spec{Kind: Dial, Address: "127.0.0.1:4000", UDP: true}},
		{"initiator over UDP", "accept:udp://[::]:0", Spec{Kind: Accept, Address: "[::]:0", UDP: true}},
		{"quotes", `exec:'my peer' "a \"b\" \c" d\ e '' x'y'z`, Spec{Kind: Exec, Command: []string{"my peer", `a "b" \c`, "d e", "", "xyz"}}},
		{
			"placeholders inside words", "exec:p --at={addr} --key={key}:{peerkey} -t{timeout}ms {route}",
			Spec{Kind: Exec, Command: []string{"p", "--at={addr}", "--key={key}:{peerkey}", "-t{timeout}ms", "{route}"}},
		},
		{"other braces", `exec:p {} '{"a": 1}' {1}`, Spec{Kind: Exec, Command: []string{"p", "{}", `{"a": 1}`, "{1}"}}},
		{"router", "tcp://127.0.0.1:4000,udp://[::1]:4001", Spec{Kind: Dial, Address: "127.0.0.1:4000", Packets: "[::1]:4001"}},
		{"router, UDP first", "udp://[::1]:4001,tcp://127.0.0.1:4000", Spec{Kind: Dial, Address: "127.0.0.1:4000", Packets: "[::1]:4001"}},
		{"adapter", "adapter:'./my adapter' -v {}", Spec{Kind: Adapter, Command: []string{"./my adapter", "-v", "{}"}}},
		{"adapter with pipes", "adapter+fd:./a", Spec{Kind: Adapter, Command: []string{"./a"}, Pipes: true}},
		{"program", "in-process:flynn", Spec{Kind: InProcess, Program: "flynn"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.want.Text = tt.text
			got, err := Parse(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if got.Text != tt.want.Text || got.Kind != tt.want.Kind || got.Address != tt.want.Address || got.Packets != tt.want.Packets ||
				got.UDP != tt.want.UDP || got.Pipes != tt.want.Pipes || !slices.Equal(got.Command, tt.want.Command) || got.Program != tt.want.Program {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct {
		name, text string
		at         string // what stands at the place that is named
		reason     string
	}{
		{"nothing", "", "", "want tcp://"},
		{"no scheme", "127.0.0.1:4000", "127.0.0.1:4000", "want tcp://"},
		{"scheme", "http://x", "http://x", "want tcp://"},
		{"TCP twice", "tcp://127.0.0.1:1,tcp://127.0.0.1:2", "tcp://127.0.0.1:1,tcp://127.0.0.1:2", "over both"},
		{"a bad address of two", "tcp://127.0.0.1:1,udp://127.0.0.1:x", "tcp://127.0.0.1:1,udp://127.0.0.1:x", "port"},
		{"UDP without a port", "udp://127.0.0.1", "127.0.0.1", "missing port"},
		{"UDP port 0", "udp://127.0.0.1:0", "127.0.0.1:0", "port 0"},
		{"UDP initiator without a port", "accept:udp://127.0.0.1", "127.0.0.1", "missing port"},
		{"adapter without a command", "adapter+fd: ", " ", "command is missing"},
		{"adapter with a placeholder", "adapter:./x -r {role}", "{role}", "control connection"},
		{"adapter without quotes", "adapter:'./x", "'./x", "single quote"},
		{"accept what", "accept:exec:x", "exec:x", "follows accept:"},
		{"no port", "tcp://127.0.0.1", "127.0.0.1", "missing port"},
		{"bare IPv6", "tcp://::1:4000", "::1:4000", "brackets"},
		{"port name", "tcp://127.0.0.1:http", "127.0.0.1:http", "not a number"},
		{"port too large", "tcp://127.0.0.1:65536", "127.0.0.1:65536", "not a number"},
		{"port 0", "tcp://127.0.0.1:0", "127.0.0.1:0", "port 0"},
		{"no host", "tcp://:4000", ":4000", "host is missing"},
		{"no command", "exec:", "", "command is missing"},
		{"blank command", "exec:  ", "  ", "command is missing"},
		{"unknown placeholder", "exec:p {role} {adr}", "{adr}", "unknown placeholder {adr}"},
		{"open single quote", "exec:p 'a b", "'a b", "single quote"},
		{"open double quote", `exec:p "a b`, `"a b`, "double quote"},
		{"last backslash", `exec:p a\`, `\`, "backslash"},
		{"no program", "in-process:", "", "name of a program"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Parse(tt.text)
			var refused *SpecError
			if !errors.As(err, &refused) {
				t.Fatalf("got %+v, %v, want a *SpecError", got, err)
			}
			if at := refused.Text[refused.Offset:]; at != tt.at {
				t.Errorf("place: got %q, want %q", at, tt.at)
			}
			if !strings.Contains(refused.Err.Error(), tt.reason) {
				t.Errorf("reason: got %q, want it to contain %q", refused.Err, tt.reason)
			}
			if got.Kind != "" || got.Text != "" {
				t.Errorf("got %+v beside the error", got)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"tcp://h:1", "accept:tcp://:0", `exec:a "b\" c" 'd' \e {addr}`, "in-process:x", "udp://x", "accept:udp://[::1]:2", "exec:'", "adapter+fd:a {route}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		spec, err := Parse(text)
		var refused *SpecError
		if err != nil {
			if !errors.As(err, &refused) || refused.Offset < 0 || refused.Offset > len(text) || refused.Error() == "" {
				t.Fatalf("error %v has no place in %q", err, text)
			}
			return
		}
		if spec.Text != text || spec.Kind == "" || (spec.Kind == Exec || spec.Kind == Adapter) && len(spec.Command) == 0 {
			t.Fatalf("%q: got %+v", text, spec)
		}
	})
}
