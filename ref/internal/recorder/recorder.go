// Package recorder runs the checks of a contract test outside of a test, so that a command can, and tests of the checks themselves.
package recorder

import (
	"fmt"
	"runtime"
)

// A Recorder is the part of a *testing.T that checks use, and keeps what it is told. As there, Fatalf does not return. It is for one
// goroutine.
type Recorder struct{ failures []string }

// Failures runs check and returns what it found wrong, one line each. A panic is a failure.
func Failures(check func(r *Recorder)) []string {
	r := &Recorder{}
	done := make(chan struct{})
	go func() { // Fatalf ends this goroutine, as it does in package testing
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				r.Errorf("panic: %v", p)
			}
		}()
		check(r)
	}()
	<-done
	return r.failures
}

// Helper does nothing: there are no lines to tell.
func (r *Recorder) Helper() {}

// Errorf keeps a failure.
func (r *Recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

// Fatalf keeps a failure and ends the check.
func (r *Recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}
