package vaulttest

import "ockamtest/ref/internal/recorder"

// Failures runs the check outside a test and returns what it found wrong, one line each, and why it does not apply, if
// so. A panic of the vault is a failure.
func (c Check) Failures(subject Subject) (failures []string, skipped string) {
	failures = recorder.Failures(func(r *recorder.Recorder) { skipped = c.Verify(r, subject) })
	return failures, skipped
}
