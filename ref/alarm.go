package ref

import (
	"sync"
	"time"
)

// An alarm calls ring in a goroutine, at a time. A lock of its owner's guards it, but for wait, which comes after the last set.
type alarm struct {
	ring  func()
	timer *time.Timer    // nil at rest
	due   sync.WaitGroup // counts the times that the timer is set, until ring has returned
}

// set makes the alarm ring some time from now, instead of when it was set for before.
func (a *alarm) set(in time.Duration) {
	if a.timer == nil {
		a.due.Add(1)
		a.timer = time.AfterFunc(in, a.fire)
		return
	}
	if !a.timer.Reset(in) {
		a.due.Add(1) // it has rung, or is ringing
	}
}

// stop makes the alarm not ring, unless it is ringing.
func (a *alarm) stop() {
	if a.timer != nil && a.timer.Stop() {
		a.due.Done()
	}
	a.timer = nil
}

func (a *alarm) fire() {
	defer a.due.Done()
	a.ring()
}

// wait waits until ring has returned, if it is running.
func (a *alarm) wait() { a.due.Wait() }
