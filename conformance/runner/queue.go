package runner

import (
	"sync"

	"ockamtest/conformance"
)

// worthwhile is how many cases a group has to have for each worker before another one joins in, which runs the positive control first: what it
// starts for that may take longer than the cases.
const worthwhile = 4

// A queue hands out the cases of a run to its workers, and keeps the results in the order of the plan. It is safe for concurrent use.
type queue struct {
	mu       sync.Mutex
	shares   []*share
	results  []conformance.Result // in the order of the plan
	done     int                  // results that are there
	failFast bool                 // the first failure ends the run
	progress func(Event)          // nil: nobody wants to know
	stopped  string               // why the run is partial
	proven   bool                 // a control has passed
	benches  chan struct{}        // where workers sit, as many as may be at work at once
	hopeless bool                 // the first control of a worker in a group has failed
	lost     string               // why the peer could not be reached any more
}

// A share is a group and how far it is.
type share struct {
	group
	slot    int      // place of the control's result, if it has one, else of the first case's
	entries int      // workers that have entered
	workers int      // those that have not left
	next    int      // the item that is handed out next
	passed  bool     // a worker's first control has passed here
	dead    *attempt // one that has failed while none had passed
	trouble string   // why the peer could not be reached
}

func newQueue(cfg Config, groups []group) *queue {
	q := &queue{failFast: cfg.FailFast, progress: cfg.Progress}
	q.benches = make(chan struct{}, cfg.jobs())
	total := 0
	for _, g := range groups {
		q.shares = append(q.shares, &share{group: g, slot: total})
		total += g.size()
	}
	q.results = make([]conformance.Result, total)
	return q
}

// jobs is how many workers may be at work at once.
func (c Config) jobs() int {
	if c.Busy > 0 {
		return c.Busy
	}
	return 1 + len(c.Others)
}

// sit waits until the worker may be at work, and rise lets another one. Whoever waits for a peer rises.
func (q *queue) sit()  { q.benches <- struct{}{} }
func (q *queue) rise() { <-q.benches }

// place is where an item's result stands.
func (s *share) place(item int) int {
	if s.controlled() {
		item++
	}
	return s.slot + item
}

// enter gives a worker a group: the first that nobody has entered, else the one in which the most is left for each. It returns nil if there is
// nothing to do. entry is how many have entered before.
func (q *queue) enter() (s *share, entry int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	most := worthwhile - 1
	for _, other := range q.shares {
		if other.entries == 0 {
			s = other
			break
		}
		if left := (len(other.items) - other.next) / (other.workers + 1); left > most {
			s, most = other, left
		}
	}
	if s == nil {
		return nil, 0
	}
	s.entries++
	s.workers++
	return s, s.entries - 1
}

// take gives a worker the next case of its group, or takes leave of it: ok is false if none is left.
func (q *queue) take(s *share) (item int, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if s.next == len(s.items) {
		s.workers--
		return 0, false
	}
	s.next++
	return s.next - 1, true
}

// add records a result and tells of it.
func (q *queue) add(place int, result conformance.Result) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.results[place].Outcome != "" {
		return // and the count of results will be wrong
	}
	q.results[place] = result
	q.done++
	if q.failFast && result.Outcome == conformance.Fail && q.stopped == "" {
		q.stopped = conformance.StoppedFailFast
	}
	q.tell(Event{Case: result.Case, Role: result.Role, Transport: result.Transport, Profile: result.Profile, Outcome: result.Outcome})
}

// begin tells that a case begins.
func (q *queue) begin(g group, id string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.tell(Event{Case: id, Role: g.need.Role, Transport: g.need.Transport, Profile: g.need.Profile})
}

func (q *queue) tell(e Event) {
	if q.progress != nil {
		e.Done, e.Total = q.done, len(q.results)
		q.progress(e)
	}
}

// halt says why the run is partial, from now on for the given reason, if any. An interruption counts first.
func (q *queue) halt(why string) string {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stopped == "" || why == conformance.StoppedInterrupted {
		q.stopped = why
	}
	return q.stopped
}

// opened notes how the first control of a worker has ended in a group.
func (q *queue) opened(s *share, a attempt) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if a.verdict == passed {
		s.passed = true
		return
	}
	q.hopeless = true
	if !s.passed && s.dead == nil {
		s.dead = &a
	}
	if a.verdict == unreachable && s.trouble == "" {
		s.trouble = name(s.need) + ": " + a.reason
	}
}

// known returns what another worker has found out about a group in which no control has passed, nil if nothing.
func (q *queue) known(s *share) *attempt {
	q.mu.Lock()
	defer q.mu.Unlock()
	if s.passed {
		return nil
	}
	return s.dead
}

// leave lets a worker leave a group whose cases it cannot run, if others are there and a peer has worked there.
func (q *queue) leave(s *share) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if s.passed && s.workers > 1 {
		s.workers--
		return true
	}
	return false
}

// prove notes that a control has passed.
func (q *queue) prove() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.proven = true
}

// despairs says that a group had no working control and none has worked so far: a dead peer may not take all day.
func (q *queue) despairs() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.hopeless && !q.proven
}

// trouble is why the peer could not be reached in the first group in which that was so.
func (q *queue) trouble() string {
	for _, s := range q.shares {
		if s.trouble != "" {
			return s.trouble
		}
	}
	return q.lost
}
