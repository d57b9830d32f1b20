package subject

import (
	"errors"
	"fmt"

	"ockamtest/conformance/harness"
	"ockamtest/vectors"
)

// A habit is what a sender does at a counter under which nothing can travel (section 11, e09): it refuses the write, with the counter spent, or
// sends it under the next one that can.
type habit int

const (
	unknown habit = iota
	refusing
	skipping
)

// travels tells whether a record of a counter can be sent: its first byte depends on key and counter alone.
func (p *progress) travels(in vectors.RecordInput, counter int) bool {
	_, err := p.end.record(sealed(in.Key, counter, associated(p.end.profile, in.H), inner(p.end.profile)))
	return err == nil
}

// sealUntil brings the sender to a counter, or beyond it: one that skips counters may show that only when it has.
func (p *progress) sealUntil(in vectors.RecordInput, counter int) error {
	for p.counter < counter {
		stop, writes := p.next(in, counter)
		last, err := p.spend(writes)
		if err != nil {
			return err
		}
		if p.counter = stop; p.end.a.records.habit != unknown || p.travels(in, stop-1) {
			continue
		}
		if p.end.a.records.habit = refusing; last {
			p.end.a.records.habit = skipping
			p.counter = p.after(in, stop-1) + 1
		}
	}
	return nil
}

// next is the counter to go to next, at most limit, and the writes that lead there. As long as the sender's habit is not known it goes to the first
// counter that cannot travel, to see.
func (p *progress) next(in vectors.RecordInput, limit int) (stop, writes int) {
	for stop = p.counter; stop < limit; {
		good := p.travels(in, stop)
		if stop++; good || p.end.a.records.habit != skipping {
			writes++
		}
		if !good && p.end.a.records.habit == unknown {
			break
		}
	}
	return stop, writes
}

// after is the first counter behind one that can travel.
func (p *progress) after(in vectors.RecordInput, counter int) int {
	for counter++; counter < counters && !p.travels(in, counter); {
		counter++
	}
	return counter
}

// spend writes, and tells whether the last write was not refused.
func (p *progress) spend(writes int) (last bool, err error) {
	e := p.end
	err = e.a.steps(writes, func(int) (harness.Request, func() (harness.Step, error)) {
		m := fillingOf(e.profile)
		m.Channel = e.channel
		return m.Request(), func() (harness.Step, error) { return e.a.caller.Write(e.a.ctx, m) }
	}, func(i int, _ harness.Step, err error) error {
		var refused refusal
		err = e.a.told(err)
		last = err == nil
		if err == nil || len(e.profile.ForbiddenBodies) > 0 && errors.As(err, &refused) {
			return nil
		}
		return fmt.Errorf("%w: the write with counter %d: %w", vectors.ErrBroken, p.counter+i, err)
	})
	return last, err
}
