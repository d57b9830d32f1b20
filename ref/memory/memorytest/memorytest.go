// Package memorytest is the contract test of memory.Allocator: every allocator passes the same checks (area MEM; specification
// section 10).
//
//	func TestContract(t *testing.T) {
//		memorytest.Run(t, func(t *testing.T) memory.Allocator { ... })
//	}
//
// It also has Counting, an allocator with which tests show that code releases every buffer, uses none after its release
// (MEM-001), and survives a refusal at any point (MEM-002).
//
// It is for tests only: checks read memory after its release. They run one after the other; only those of concurrency start
// goroutines, and wait for them.
package memorytest

import (
	"io"
	"slices"
	"testing"

	"ockamtest/ref/internal/recorder"
	"ockamtest/ref/memory"
)

// Room is how many bytes an allocator under test has to hold at once, in at most 64 buffers.
const Room = 256 << 10

// A T is the part of *testing.T that checks use. As there, Fatalf does not return.
type T interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// A Check examines one rule. Its name is area/rule/accepts or area/rule/refuses.
type Check struct {
	Name         string
	Requirements []string
	run          func(*subject) (skipped string)
}

// Checks returns all checks, in the order in which they run.
func Checks() []Check {
	return slices.Concat(allocateChecks(), releaseChecks(), limitChecks(), concurrencyChecks())
}

// Run runs every check as a subtest, each on a new allocator. An allocator that is an io.Closer is closed, which has to succeed:
// the checks release everything.
func Run(t *testing.T, newAllocator func(t *testing.T) memory.Allocator) {
	t.Helper()
	ran := 0
	for _, c := range Checks() {
		t.Run(c.Name, func(t *testing.T) {
			if skipped := c.Verify(t, newAllocator(t)); skipped != "" {
				t.Skip(skipped)
			}
			ran++
		})
	}
	if ran == 0 {
		t.Error("memorytest: no check ran")
	}
}

// Verify runs the check on a new allocator, which it closes if it can be closed, and reports failures to t. It returns why the check
// does not apply, or "" if it ran.
func (c Check) Verify(t T, a memory.Allocator) (skipped string) {
	t.Helper()
	s := &subject{T: t, Allocator: a}
	skipped = c.run(s)
	if s.asserted == 0 && skipped == "" {
		t.Errorf("%s looked at nothing", c.Name)
	}
	if closer, is := a.(io.Closer); is {
		if err := closer.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	return skipped
}

// Failures runs the check outside a test and returns what it found wrong, one line each, and why it does not apply, if so. A panic
// of the allocator is a failure.
func (c Check) Failures(a memory.Allocator) (failures []string, skipped string) {
	failures = recorder.Failures(func(r *recorder.Recorder) { skipped = c.Verify(r, a) })
	return failures, skipped
}
