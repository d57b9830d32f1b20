package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"ockamtest/ref/vault/atomicfile"
	"ockamtest/ref/vault/atomicfile/atomicfiletest"
	"ockamtest/ref/vault/store"
)

// killVariable makes the test binary the process that is killed: file, change, call, and bytes of that call's write.
const killVariable = "STORE_TEST_KILL"

// victim is what the killed process does: one change of a store.
func victim(t *testing.T, order string) {
	var dir string
	var i, call, written int
	if _, err := fmt.Sscanf(order, "%d %d %d %s", &i, &call, &written, &dir); err != nil {
		t.Fatal(err)
	}
	k := &atomicfiletest.Killer{Dying: func() { fmt.Println("killed") }}
	s, err := store.Open(filepath.Join(dir, name), store.Config{Key: key(), FS: k})
	if err != nil {
		t.Fatal(err)
	}
	k.Call, k.Written = call, written
	if err := script()[i].apply(s); err != nil {
		t.Fatal(err)
	}
	fmt.Println("returned")
}

// VAULT-007: a process is killed before each call of each change, and in the middle of each write, for real. Afterwards the file
// opens with the old entries or the new. A process that is not killed leaves the new.
func TestKilled(t *testing.T) {
	if order := os.Getenv(killVariable); order != "" {
		victim(t, order)
		return
	}
	type point struct{ change, call, written int }
	points := make(chan point)
	scenes := scenes(t)
	var mu sync.Mutex
	kills, olds, news, survivors := 0, 0, 0, 0
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for p := range points {
				killed, isNew := scenes[p.change].kill(t, p.call, p.written)
				mu.Lock()
				switch {
				case !killed:
					survivors++
				case isNew:
					kills, news = kills+1, news+1
				default:
					kills, olds = kills+1, olds+1
				}
				mu.Unlock()
			}
		})
	}
	for i := range script() {
		for call := range 8 { // remove, create, write, sync, close, rename, sync the directory, and beyond
			points <- point{i, call + 1, 0}
		}
		for written := 1; written <= atomicfiletest.Tears; written++ {
			points <- point{i, 3, written}
		}
	}
	close(points)
	group.Wait()
	if kills < 200 || news < len(script()) || olds < 150 || survivors != len(script()) {
		t.Errorf("%d kills, %d left the old content and %d the new, %d survivors", kills, olds, news, survivors)
	}
}

// A scene is the file as it is before a change, and the entries before and after.
type scene struct {
	change        int
	name          string
	dir           string
	file          []byte
	before, after []store.Entry
}

func scenes(t *testing.T) (all []scene) {
	for i, c := range script() {
		d, before := prepared(t, i)
		file, _ := d.Content(name)
		all = append(all, scene{i, c.name, t.TempDir(), file, before, c.after})
	}
	return all
}

// kill runs the change in a process that is killed, and looks at what is left. It is not the test's goroutine.
func (s scene) kill(t *testing.T, call, written int) (killed, isNew bool) {
	where := fmt.Sprintf("%s, call %d, %d parts", s.name, call, written)
	dir := filepath.Join(s.dir, fmt.Sprint(call, "-", written))
	path := filepath.Join(dir, name)
	if err := errors.Join(os.Mkdir(dir, 0o700), os.WriteFile(path, s.file, 0o600)); err != nil {
		t.Error(err)
		return false, false
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilled$")
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d %d %d %s", killVariable, s.change, call, written, dir))
	out, err := cmd.CombinedOutput()
	switch killed = bytes.HasPrefix(out, []byte("killed")); {
	case killed && (err == nil || runtime.GOOS != "windows" && cmd.ProcessState.ExitCode() != -1): // -1: by a signal
		t.Errorf("%s: says it is killed, and ends with %v", where, err)
	case !killed && (err != nil || !strings.HasPrefix(string(out), "returned")):
		t.Errorf("%s: %v: %s", where, err, out)
	}
	got, err := tryContent(nil, path)
	if err != nil {
		t.Errorf("%s: %v", where, err)
		return killed, false
	}
	if isNew = equal(got, s.after); !isNew && (!killed || !equal(got, s.before)) {
		t.Errorf("%s: killed %t, %d entries, neither old nor new", where, killed, len(got))
	}
	return killed, isNew
}

// A second process does not get in while the first has the store open; after it was killed the third does.
func TestTwoProcesses(t *testing.T) {
	const variable = "STORE_TEST_SECOND"
	if file := os.Getenv(variable); file != "" {
		_, err := store.Open(file, store.Config{Key: key()})
		fmt.Println(errors.Is(err, atomicfile.ErrLocked))
		return
	}
	file := filepath.Join(t.TempDir(), name)
	s, err := store.Create(file, store.Config{Key: key()})
	if err != nil {
		t.Fatal(err)
	}
	second := func() string {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestTwoProcesses$")
		cmd.Env = append(os.Environ(), variable+"="+file)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		locked, _, _ := strings.Cut(string(out), "\n")
		return strings.TrimSpace(locked)
	}
	if got := second(); got != "true" {
		t.Errorf("a second process is refused: %s", got)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := second(); got != "false" {
		t.Errorf("after Close a second process is refused: %s", got)
	}
}
