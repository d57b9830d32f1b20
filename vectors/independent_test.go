package vectors_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ockamtest/vectors"
)

// python is the first that has the cryptography package.
func python(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		if exec.CommandContext(t.Context(), name, "-c", "from cryptography.hazmat.primitives.ciphers.aead import AESGCM").Run() == nil {
			return name
		}
	}
	t.Fatal("python3 with its cryptography package is not there; make deps installs it")
	return ""
}

// independent runs the script on a directory, and returns how it ended and what it said.
func independent(t *testing.T, dir string) (string, error) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), python(t), filepath.Join("testdata", "independent.py"), dir).CombinedOutput()
	return string(out), err
}

// TestIndependentScript runs all codec, handshake, and record vectors in an implementation that shares nothing with ours.
func TestIndependentScript(t *testing.T) {
	script, err := os.ReadFile(filepath.Join("testdata", "independent.py"))
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(script, []byte("\n")); n > 150 {
		t.Errorf("the script has %d lines, 150 are promised", n)
	}
	out, err := independent(t, "data")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want := map[string]bool{}
	for _, f := range load(t) {
		results := map[vectors.Result]int{}
		for _, v := range f.All() {
			results[v.Common().Result]++
		}
		switch name := strings.TrimSuffix(f.Name, ".json"); name {
		case "codec", "records", "handshake", "handshake_tampered":
			for result, n := range results {
				line := fmt.Sprintf("%s %s %d", name, result, n)
				want[line] = true
				if !strings.Contains("\n"+out, "\n"+line+"\n") {
					t.Errorf("the script does not say %q", line)
				}
			}
		}
	}
	if lines := strings.Count(out, "\n"); lines != len(want) || lines < 9 {
		t.Errorf("%d lines, want %d:\n%s", lines, len(want), out)
	}
}

// TestIndependentScriptFails: the script notices vectors that are wrong, in each file.
func TestIndependentScriptFails(t *testing.T) {
	for _, test := range []struct{ file, from, to string }{
		{"codec.json", `"number": 128`, `"number": 129`}, {"codec.json", `"result": "invalid"`, `"result": "valid"`},
		{"records.json", `"counter": 1,`, `"counter": 2,`}, {"handshake.json", `"k1": "b1`, `"k1": "b0`}, {"handshake.json", `"h": [`, `"h": ["00",`},
		{"handshake_tampered.json", `"class": "length"`, `"class": "tag"`},
	} {
		dir := t.TempDir()
		if err := os.CopyFS(dir, vectors.Embedded()); err != nil {
			t.Fatal(err)
		}
		data, err := fs.ReadFile(vectors.Embedded(), test.file)
		if err != nil {
			t.Fatal(err)
		}
		changed := bytes.Replace(data, []byte(test.from), []byte(test.to), 1)
		if bytes.Equal(changed, data) {
			t.Errorf("%s has no %s", test.file, test.from)
		}
		if err := os.WriteFile(filepath.Join(dir, test.file), changed, 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := independent(t, dir); err == nil || !strings.Contains(out, "FAIL "+strings.TrimSuffix(test.file, ".json")) {
			t.Errorf("%s with %s: %v\n%s", test.file, test.to, err, out)
		}
	}
}
