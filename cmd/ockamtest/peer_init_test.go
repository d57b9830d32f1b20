package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"ockamtest/conformance"
	"ockamtest/conformance/harness"
	"ockamtest/conformance/harness/skeleton"
)

// Each skeleton that peer init writes builds as it is told, and passes peer check, with nothing declared.
func TestPeerInit(t *testing.T) {
	source, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, language := range skeleton.Languages() {
		t.Run(language, func(t *testing.T) {
			s := initialised(t, language)
			if language == "go" {
				runTool(t, "go", "mod", "edit", "-replace", "ockamtest="+source)
				t.Setenv("GOWORK", "off")
			}
			if s.Build != nil {
				runTool(t, s.Build...)
			}
			code, out, errs := typed(t, "peer", "check", "adapter:"+strings.Join(s.Run, " "))
			if code != exitConformant || errs != "" {
				t.Fatalf("exit code %d, want 0: %s%s", code, out, errs)
			}
			for _, want := range []string{"skeleton-" + language, "Nothing of the implementation is declared yet", "it keeps to the adapter protocol"} {
				if !strings.Contains(out, want) {
					t.Errorf("no %q in %s", want, out)
				}
			}
			code, _, errs = typed(t, "run", "--peer", "adapter:"+strings.Join(s.Run, " "))
			if code != conformance.ExitNothingRan || !strings.Contains(errs, "cases do not reach it") {
				t.Errorf("run: exit code %d, want %d: %s", code, conformance.ExitNothingRan, errs)
			}
		})
	}
}

// initialised writes a skeleton into a directory of the test's own and goes there. A language whose tool is missing is skipped, if it is not one
// that every machine has on which this is developed.
func initialised(t *testing.T, language string) skeleton.Skeleton {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the skeleton in C uses sockets as Unix has them, and programs have other names here")
	}
	s, err := skeleton.New(language)
	if err != nil {
		t.Fatal(err)
	}
	tool := s.Run[0]
	if s.Build != nil {
		tool = s.Build[0]
	}
	if _, err := exec.LookPath(tool); err != nil {
		if language != "elixir" {
			t.Fatalf("%v: the skeleton in %s has to be tested", err, language)
		}
		t.Skipf("%s is not installed; make deps installs it on Debian", tool)
	}
	t.Chdir(t.TempDir())
	if code, out, errs := typed(t, "peer", "init", "--lang", language); code != exitConformant {
		t.Fatalf("exit code %d: %s%s", code, out, errs)
	}
	return s
}

// typed runs the command.
func typed(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	a := &app{in: strings.NewReader(""), out: &stdout, err: &stderr, width: defaultWidth}
	code = a.execute(t.Context(), args)
	return code, stdout.String(), stderr.String()
}

func runTool(t *testing.T, words ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), words[0], words[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", words, err, out)
	}
}

// What is wrong with an adapter is told, in text and in JSON, and is exit code 1, also where the adapter dies of it.
func TestPeerCheckFinds(t *testing.T) {
	s := initialised(t, "python")
	sound, err := os.ReadFile("adapter.py")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, old, with, rule, actual string }{
		{"refuses the unknown", "        raise Unsupported\n", "        raise Refused('argument')\n", "a verb that there is not", "argument"},
		{"dies", "        raise Unsupported\n", "        print('last words', flush=True) or os._exit(7)\n", "the end of the process", "exit status 7"},
		{"ends badly", "        if verb == \"quit\"", "        if verb == 'quit' and os._exit(3)", "the end of the process", "exit status 3"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			flawed := bytes.Replace(sound, []byte(tt.old), []byte(tt.with), 1)
			if bytes.Equal(flawed, sound) {
				t.Fatal("the skeleton does not have the line that the test changes")
			}
			if err := os.WriteFile("adapter.py", flawed, 0o600); err != nil {
				t.Fatal(err)
			}
			peer := "adapter:" + strings.Join(s.Run, " ")
			code, out, errs := typed(t, "peer", "check", "--json", peer)
			var check adapterCheck
			if err := json.Unmarshal([]byte(out), &check); err != nil || code != exitNotConformant || errs != "" {
				t.Fatalf("exit code %d, %v: %s%s", code, err, out, errs)
			}
			found := false
			for _, f := range check.Findings {
				found = found || f.Rule == tt.rule && strings.Contains(f.Actual, tt.actual) && f.Expected != ""
			}
			if check.Schema != adapterCheckSchema || check.Peer != peer || check.Adapter != "skeleton-python" || check.Requests < 10 || !found {
				t.Errorf("no finding %q, %q in %s", tt.rule, tt.actual, out)
			}
			code, out, _ = typed(t, "peer", "check", peer)
			if code != exitNotConformant || !strings.Contains(out, "FAIL "+tt.rule+"\n") || !strings.Contains(out, "again: ockamtest peer check 'adapter:") {
				t.Errorf("exit code %d: %s", code, out)
			}
			if tt.name == "dies" && !strings.Contains(out, "  log       last words\n") {
				t.Errorf("no log in %s", out)
			}
		})
	}
}

// A check that is interrupted says so, and is exit code 130.
func TestPeerCheckInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	check := newAdapterCheck("adapter:x", harness.Report{Requests: 5})
	check.Partial = true
	var exit *exitError
	if err := check.exit(ctx); !errors.As(err, &exit) || exit.code != exitInterrupted {
		t.Errorf("exit: %v, want code %d", err, exitInterrupted)
	}
	var out bytes.Buffer
	check.writeText(&out)
	if !strings.Contains(out.String(), "Interrupted after 5 requests") || strings.Contains(out.String(), "keeps to") {
		t.Errorf("text: %s", out.String())
	}
	if _, err := checkAdapter(ctx, "adapter:ockamtest peer adapter", 1); !errors.As(err, &exit) || exit.code != exitInterrupted {
		t.Errorf("before it began: %v, want code %d", err, exitInterrupted)
	}
	// Nothing asked is nothing found out.
	if err := newAdapterCheck("adapter:x", harness.Report{}).exit(t.Context()); !errors.As(err, &exit) || exit.code != conformance.ExitNothingRan {
		t.Errorf("exit: %v, want code %d", err, conformance.ExitNothingRan)
	}
}

func TestShellWord(t *testing.T) {
	for word, want := range map[string]string{"": "''", "adapter:./a": "adapter:./a", "a b": "'a b'", "it's": `'it'\''s'`, "$x": "'$x'", "a;b": "'a;b'"} {
		if got := shellWord(word); got != want {
			t.Errorf("%q: got %s, want %s", word, got, want)
		}
	}
}
