package vaulttest

import (
	"fmt"
	"runtime"
)

// Failures runs the check outside a test and returns what it found wrong, one line each, and why it does not apply, if
// so. A panic of the vault is a failure.
func (c Check) Failures(subject Subject) (failures []string, skipped string) {
	r := &recorder{}
	done := make(chan struct{})
	go func() { // Fatalf ends this goroutine, as it does in package testing.
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				r.Errorf("panic: %v", p)
			}
		}()
		skipped = c.Verify(r, subject)
	}()
	<-done
	return r.failures, skipped
}

// A recorder is a T that keeps what it is told.
type recorder struct {
	failures []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}
