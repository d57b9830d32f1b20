package harness_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"ockamtest/conformance/harness"
	"ockamtest/conformance/harness/skeleton"
)

// Each skeleton is small, builds, and keeps to the protocol before it is filled in, over each control connection that it knows.
func TestSkeletons(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the skeleton in C uses sockets as Unix has them")
	}
	for _, language := range skeleton.Languages() {
		t.Run(language, func(t *testing.T) {
			s, err := skeleton.New(language)
			if err != nil {
				t.Fatal(err)
			}
			tool := s.Run[0]
			if s.Build != nil {
				tool = s.Build[0]
			}
			if _, err := exec.LookPath(tool); err != nil {
				if language == "c" || language == "go" {
					t.Fatalf("%v: the skeleton in %s has to be tested", err, language)
				}
				t.Skipf("%s is not installed", tool)
			}
			dir := write(t, s)
			kinds := []string{"tcp"}
			if s.Pipes {
				kinds = append(kinds, "fd")
			}
			for _, kind := range kinds {
				checkProcess(t, kind, dir, s.Run)
			}
		})
	}
}

// write writes the files of a skeleton and builds it.
func write(t *testing.T, s skeleton.Skeleton) (dir string) {
	t.Helper()
	dir = t.TempDir()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range s.Files {
		data := bytes.ReplaceAll(f.Data, []byte(" "+skeleton.ModuleSource+" "), []byte(" "+root+" "))
		if err := os.WriteFile(filepath.Join(dir, f.Name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if s.Build == nil {
		return dir
	}
	build := exec.CommandContext(t.Context(), s.Build[0], s.Build[1:]...)
	build.Dir = dir
	build.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "GOPROXY=off")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", s.Build, err, out)
	}
	return dir
}

// checkProcess checks an adapter that is a program, and that it ends with status 0 and has nothing to say.
func checkProcess(t *testing.T, kind, dir string, words []string) {
	t.Helper()
	conn, p := startIn(t, dir, kind, "", words...)
	c, err := harness.NewClient(t.Context(), conn, harness.ClientConfig{})
	if err != nil {
		t.Fatalf("%s: %v; log %q", kind, err, p.log)
	}
	defer c.Close()
	report, err := harness.Check(t.Context(), c)
	for _, f := range report.Findings {
		t.Errorf("%s: %v", kind, f)
	}
	if err = errors.Join(err, p.cmd.Wait()); err != nil || p.log.Len() != 0 {
		t.Errorf("%s: %v; log %q", kind, err, p.log)
	}
	if report.Requests < 250 || len(report.Capabilities.Verbs) != 4 {
		t.Errorf("%s: %d requests were made, %v declared", kind, report.Requests, report.Capabilities.Verbs)
	}
}

// What an adapter needs beside the implementation is small.
func TestSkeletonSizes(t *testing.T) {
	const most = 150
	seen := 0
	for _, language := range skeleton.Languages() {
		s, err := skeleton.New(language)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range s.Files {
			seen++
			if n := bytes.Count(f.Data, []byte("\n")); n > most || n == 0 {
				t.Errorf("%s of %s has %d lines, want 1 to %d", f.Name, language, n, most)
			}
		}
	}
	if seen != 5 {
		t.Errorf("%d files, want 5", seen)
	}
	if _, err := skeleton.New("cobol"); !errors.Is(err, skeleton.ErrLanguage) {
		t.Errorf("another language: %v, want %v", err, skeleton.ErrLanguage)
	}
}
