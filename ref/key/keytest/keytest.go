// Package keytest is the contract test of key.Agreement: every key agreement passes the same checks, whatever is behind it (KEY-004;
// specification section 5.1, area KEY). Beside it are what tests of handshakes share: the known answers of section 12 and a vault
// that counts secrets and fails on request.
//
//	func TestContract(t *testing.T) {
//		keytest.Run(t, func() keytest.Pair { ... })
//	}
//
// It does not know how an agreement makes its keys: known answers and interoperation are for the agreement's own tests. It is for
// tests only. Nothing here is safe for concurrent use.
package keytest

import (
	"slices"
	"testing"

	"ockamtest/ref/internal/recorder"
	"ockamtest/ref/key"
)

// A Pair is two agreements, not yet started, that can complete with each other.
type Pair struct {
	Initiator, Responder key.Agreement
	// Refuse makes both policies refuse every key from now on.
	Refuse func()
	// Live is the number of secrets that the agreements hold, static keys excluded.
	Live func() int
}

// A T is the part of *testing.T that checks use. As there, Fatalf does not return.
type T interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// A Check examines one rule.
type Check struct {
	Name         string
	Requirements []string
	run          func(*subject)
}

// Checks returns all checks, in the order in which they run.
func Checks() []Check { return slices.Concat(handshakeChecks(), recordChecks(), closeChecks()) }

// Run runs every check as a subtest, on pairs that newPair makes.
func Run(t *testing.T, newPair func() Pair) {
	t.Helper()
	for _, c := range Checks() {
		t.Run(c.Name, func(t *testing.T) { c.Verify(t, newPair) })
	}
}

// Verify runs the check on new pairs, which it closes, and reports failures to t.
func (c Check) Verify(t T, newPair func() Pair) {
	t.Helper()
	s := &subject{T: t, newPair: newPair}
	defer s.closeAll()
	s.renew()
	c.run(s)
	if s.asserted == 0 {
		t.Errorf("%s looked at nothing", c.Name)
	}
}

// Failures runs the check outside a test and returns what it found wrong, one line each. A panic of the agreement is a failure.
func (c Check) Failures(newPair func() Pair) []string {
	return recorder.Failures(func(r *recorder.Recorder) { c.Verify(r, newPair) })
}
