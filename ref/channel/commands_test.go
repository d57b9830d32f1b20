package channel_test

import (
	"bytes"
	"fmt"
	"math/rand"
	"strings"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/commands"

	"ockamtest/ref/channel"
)

// An endpoint is what the model drives: a channel, or one with a planted fault.
type endpoint interface {
	Handle(now channel.Instant, dst, msg []byte) ([]byte, channel.Event, error)
	Write(dst, payload []byte) ([]byte, error)
	Tick(now channel.Instant, dst []byte) ([]byte, error)
	Close() error
	State() channel.State
}

// A system is the pair under test. It keeps the same books as the model about what was sent by whom and what is on the way; the model
// itself it does not see. What comes of the moves is counted, so that a run that saw nothing is not green.
type system struct {
	end   [2]endpoint
	log   [][]byte
	from  []channel.Role
	next  [2]int
	now   [2]channel.Instant
	count *counts
}

type counts struct{ delivered, opened, refused, failed, repeated int }

// A move is a command of the model. at chooses a message of the log.
type move struct {
	op   op
	side channel.Role
	at   int
}

type op uint8

const (
	opDeliver op = iota // the oldest message to side that is on the way
	opDrop              // the same is lost
	opAny               // any message, once more or too early, to either side: replay, reordering, reflection
	opForge             // any message with its last byte changed
	opSend
	opWait   // time passes: at in units of 100 ms
	opExpire // the deadline passes
	opShut
)

// String names the move in a counterexample.
func (c move) String() string {
	name := [...]string{"deliver", "drop", "any", "forge", "send", "wait", "expire", "close"}[c.op]
	return fmt.Sprintf("%s(%v %d)", name, c.side, c.at)
}

// PreCondition holds when there is something to deliver.
func (c move) PreCondition(state commands.State) bool {
	m := state.(model)
	return c.op != opDeliver && c.op != opDrop || m.pending(c.side) >= 0
}

// NextState is the model after the move; it tells what the move ought to bring.
func (c move) NextState(state commands.State) commands.State {
	m := state.(model)
	switch c.op {
	case opDeliver:
		n := m.pending(c.side)
		m.next[c.side] = n + 1
		m.deliver(c.side, n, false)
	case opDrop:
		m.next[c.side] = m.pending(c.side) + 1
		m.last = expectance{state: m.side[c.side].state}
	case opAny:
		m.deliver(c.side, c.at%len(m.log), false)
	case opForge:
		m.deliver(c.side, c.at%len(m.log), true)
	case opSend:
		m.send(c.side, c.payload())
	case opWait, opExpire:
		m.pass(c.side, c.time())
	case opShut:
		m.shut(c.side)
	}
	return m
}

// payload is what a send carries: 0 to 19 bytes.
func (c move) payload() string { return strings.Repeat("x", c.at) }

// time is how much passes with the move.
func (c move) time() channel.Instant {
	if c.op == opExpire {
		return channel.MaxDeadline
	}
	return channel.Instant(c.at) * 100e6
}

// Run plays the move.
func (c move) Run(sut commands.SystemUnderTest) commands.Result {
	s := sut.(*system)
	e := s.end[c.side]
	var got expectance
	switch c.op {
	case opDeliver:
		if msg := s.take(c.side); msg != nil {
			got = s.handle(e, c.side, msg)
		}
	case opDrop:
		s.take(c.side)
	case opAny:
		got = s.handle(e, c.side, s.log[c.at%len(s.log)])
	case opForge:
		msg := bytes.Clone(s.log[c.at%len(s.log)])
		msg[len(msg)-1] ^= 0x10
		got = s.handle(e, c.side, msg)
	case opSend:
		out, err := e.Write(nil, []byte(c.payload()))
		got = s.sent(c.side, out, err)
	case opWait, opExpire:
		s.now[c.side] += c.time()
		out, err := e.Tick(s.now[c.side], nil)
		got = s.sent(c.side, out, err)
		s.count.repeated += got.replies
	case opShut:
		got.refused = e.Close() != nil
	}
	got.state = e.State()
	s.count.add(got)
	return got
}

// PostCondition compares what came with what ought to.
func (c move) PostCondition(state commands.State, result commands.Result) *gopter.PropResult {
	got, want := result.(expectance), state.(model).last
	if got == want {
		return &gopter.PropResult{Status: gopter.PropTrue}
	}
	return &gopter.PropResult{Status: gopter.PropFalse, Labels: []string{fmt.Sprintf("%v: got %+v, want %+v", c, got, want)}}
}

// take takes the oldest message to a side that is on the way, nil if there is none.
func (s *system) take(to channel.Role) []byte {
	for n := s.next[to]; n < len(s.log); n++ {
		if s.from[n] != to {
			s.next[to] = n + 1
			return s.log[n]
		}
	}
	return nil
}

func (s *system) handle(e endpoint, side channel.Role, msg []byte) expectance {
	out, ev, err := e.Handle(s.now[side], nil, bytes.Clone(msg))
	got := s.sent(side, out, err)
	got.event, got.payload = ev.Kind, string(ev.Payload)
	return got
}

func (s *system) sent(side channel.Role, out []byte, err error) expectance {
	got := expectance{refused: err != nil}
	if len(out) > 0 {
		s.log, s.from = append(s.log, out), append(s.from, side)
		got.replies = 1
	}
	return got
}

func (c *counts) add(got expectance) {
	switch {
	case got.event == channel.Delivered:
		c.delivered++
	case got.event == channel.Opened:
		c.opened++
	case got.refused && got.state == channel.Failed:
		c.failed++
	case got.refused:
		c.refused++
	}
}

// genMove draws a move. Mostly the conversation goes on, for what is hostile on a stream is soon its end.
func genMove(state commands.State) gopter.Gen {
	m := state.(model)
	hostile := 15 // of a hundred
	if m.stream {
		hostile = 4
	}
	open := m.side[0].state == channel.Open && m.side[1].state == channel.Open
	return func(p *gopter.GenParameters) *gopter.GenResult {
		c := move{op: drawOp(p.Rng, hostile, open), side: channel.Role(p.Rng.Intn(2)), at: p.Rng.Intn(20)}
		return gopter.NewGenResult(commands.Command(c), gopter.NoShrinker)
	}
}

func drawOp(r *rand.Rand, hostile int, open bool) op {
	switch n := r.Intn(100); {
	case n < hostile:
		return []op{opAny, opAny, opAny, opAny, opForge, opForge, opDrop, opDrop, opWait, opWait, opExpire, opShut}[r.Intn(12)]
	case n < hostile+8:
		return opWait
	case n < 50 && open, n < hostile+13:
		return opSend
	}
	return opDeliver
}
