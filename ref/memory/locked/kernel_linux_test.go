package locked

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"ockamtest/ref/memory"
)

// vmFlags returns the flags of the mapping that begins at an address, as the kernel tells.
func vmFlags(t *testing.T, at uintptr) []string {
	t.Helper()
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		t.Skipf("no smaps: %v", err)
	}
	defer f.Close()
	found := false
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var begin, end uintptr
		if n, _ := fmt.Sscanf(lines.Text(), "%x-%x ", &begin, &end); n == 2 {
			found = begin <= at && at < end
		}
		if flags, is := strings.CutPrefix(lines.Text(), "VmFlags:"); is && found {
			return strings.Fields(flags)
		}
	}
	t.Fatalf("no mapping at %#x: %v", at, lines.Err())
	return nil
}

// The kernel says that the pages are locked (lo) and left out of core dumps (dd), of a chunk and of a long buffer.
func TestKernelKnows(t *testing.T) {
	a := newLockedArena(t, 200000)
	for _, n := range []int{32, 100000} {
		flags := vmFlags(t, address(mustAllocate(t, a, n)))
		for _, want := range []string{"lo", "dd"} {
			if !slices.Contains(flags, want) {
				t.Errorf("%d bytes: flags %v, want %s among them", n, flags, want)
			}
		}
	}
}

// childLimit is the environment variable that makes the test binary a child under RLIMIT_MEMLOCK.
const childLimit = "LOCKED_TEST_LIMIT"

// A real limit, in a process of its own and without privileges: the error says what the limit is, unlocked memory is given only
// when asked for, and what was locked before stays.
func TestMemoryLimit(t *testing.T) {
	if limit := os.Getenv(childLimit); limit != "" {
		underLimit(t, limit)
		return
	}
	for _, limit := range []string{"0", "131072"} {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestMemoryLimit$", "-test.v")
		cmd.Env = append(os.Environ(), childLimit+"="+limit)
		out, err := cmd.CombinedOutput()
		switch {
		case err != nil:
			t.Errorf("limit %s: %v\n%s", limit, err, out)
		case strings.Contains(string(out), "--- SKIP"):
			t.Skipf("the child was skipped:\n%s", out)
		case !strings.Contains(string(out), "checked limit "+limit):
			t.Errorf("limit %s: the child checked nothing:\n%s", limit, out)
		}
	}
}

func underLimit(t *testing.T, text string) {
	var limit uint64
	if _, err := fmt.Sscan(text, &limit); err != nil {
		t.Fatal(err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_MEMLOCK, &unix.Rlimit{Cur: limit, Max: limit}); errors.Is(err, unix.EPERM) {
		t.Skipf("the limit is lower than %d bytes%s", limit, lockLimit())
	} else if err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 { // For root there is no limit. Nobody comes back from this.
		if err := unix.Setuid(65534); err != nil {
			t.Skipf("cannot drop privileges: %v", err)
		}
	}
	a, err := New(Config{})
	var all [][]byte
	for err == nil && len(all) < 100 {
		var b []byte
		if b, err = a.Allocate(4096); err == nil {
			b[0] = 0xa5
			all = append(all, b)
		}
	}
	if !errors.Is(err, ErrNotLocked) || !errors.Is(err, memory.ErrOutOfMemory) || !strings.Contains(err.Error(), "RLIMIT_MEMLOCK is "+text) {
		t.Errorf("error %v, want %v with the limit", err, ErrNotLocked)
	}
	if want := int(limit / chunkSize * 14); len(all) != want {
		t.Errorf("%d buffers before that, want %d", len(all), want)
	}
	for _, b := range all {
		if b[0] != 0xa5 {
			t.Error("a buffer lost its content")
		}
		a.Release(b)
	}
	if a, err = New(Config{AllowUnlocked: true}); err != nil {
		t.Fatalf("New with AllowUnlocked: %v", err)
	}
	for range 100 {
		mustAllocate(t, a, 4096)
	}
	if s := a.Stats(); a.Locked() || s.Mapped-s.Unlocked > int(limit) {
		t.Errorf("locked %t, stats %+v under limit %d", a.Locked(), s, limit)
	}
	t.Logf("checked limit %s", text)
}
