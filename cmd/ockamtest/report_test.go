package main

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ockamtest/conformance"
)

// A report that is written to a device or through a link leaves both what they are.
func TestReportKeepsWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	file, link, device := filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "device")
	if err := os.WriteFile(file, []byte("old, and longer"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Symlink(file, link), os.Symlink(os.DevNull, device)); err != nil {
		t.Skipf("this system makes no symbolic links: %v", err) // Windows, without the privilege
	}
	write := func(w io.Writer) error {
		_, err := io.WriteString(w, "new")
		return err
	}
	for _, name := range []string{link, device} {
		if err := writeFile(name, write); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Lstat(name); err != nil || info.Mode().Type() != fs.ModeSymlink {
			t.Errorf("%s: got %v, %v; want a link", filepath.Base(name), info.Mode(), err)
		}
	}
	if got, err := os.ReadFile(file); string(got) != "new" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("%s: got %v, %v", os.DevNull, info.Mode(), err)
	}
}

// One report that cannot be written does not cost the others.
func TestReportsThatCanAreWritten(t *testing.T) {
	var out bytes.Buffer
	a := &app{out: &out, width: defaultWidth}
	dir := t.TempDir()
	outputs := []output{{"json", dir}, {"text", ""}}
	err := a.writeReports(outputs, &conformance.Results{})
	if err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("got %v, want an error that names %s", err, dir)
	}
	if out.Len() == 0 {
		t.Error("got no text")
	}
}

func TestReportWithoutItsDirectory(t *testing.T) {
	var exit *exitError
	name := filepath.Join(t.TempDir(), "missing", "r.json")
	if _, err := parseReports([]string{"json=" + name}); !errors.As(err, &exit) || exit.code != exitUsage || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want usage", err)
	}
	if _, err := parseReports([]string{"json=r.json", "text"}); err != nil {
		t.Errorf("got %v", err)
	}
}
