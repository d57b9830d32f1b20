package channel_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/commands"

	"ockamtest/fuzz/gen"
	"ockamtest/ref/channel"
	"ockamtest/ref/key"
	"ockamtest/ref/vault"
)

// A flow is a direction as the model sees it: a window, what was received before it is looked at, and what the network did since.
type flow struct {
	size    int
	start   int // the highest counter received, in leaps of W; -1 if there is none
	next    int // the sender's counter
	history []packet
}

// A packet is a move: the network does something with a record.
type packet struct {
	op packetOp
	at int // how far back, or how many
	n  int // the counter that this comes to, set by gopter's NextState
}

type packetOp uint8

const (
	packetNext   packetOp = iota // the sender's next record arrives
	packetLose                   // so many records are lost, then one arrives
	packetOld                    // one of the last that were sent arrives, late or once more
	packetForged                 // the same, forged
	packetAhead                  // one arrives that the sender has not sent: somebody guessed its counter, but not its key
)

func (p packet) String() string {
	return fmt.Sprintf("%s(%d)", [...]string{"next", "lose", "old", "forged", "ahead"}[p.op], p.at)
}

// counter is the counter of the record that p brings, and whether it is forged.
func (p packet) counter(f flow) (n int, forged bool) {
	switch p.op {
	case packetLose:
		return f.next + p.at, false
	case packetOld, packetForged:
		return max(0, f.next-1-p.at), p.op == packetForged
	case packetAhead:
		return f.next + p.at, true
	case packetNext:
	}
	return f.next, false
}

// after is the flow after a packet.
func (f flow) after(p packet) flow {
	n, forged := p.counter(f)
	f.history = append(slices.Clip(f.history), packet{p.op, p.at, n})
	if !forged {
		f.next = max(f.next, n+1)
	}
	return f
}

// ledger plays the history, and returns what became of its last packet.
func (f flow) ledger() (last error) {
	l := newLedger(f.size)
	if l.highest = f.start; f.start >= 0 {
		l.taken[f.start] = true
	}
	for _, p := range f.history {
		if last = vault.ErrAuthentication; p.op != packetForged && p.op != packetAhead {
			last = l.take(p.n)
		}
	}
	return last
}

func (p packet) PreCondition(commands.State) bool { return true }

func (p packet) NextState(state commands.State) commands.State { return state.(flow).after(p) }

// Run hands the packet to the receiver.
func (p packet) Run(sut commands.SystemUnderTest) commands.Result {
	s := sut.(*flowUnderTest)
	n, forged := p.counter(s.flow)
	s.flow = s.flow.after(p)
	_, err := s.take(s.t, uint64(n), forged)
	s.seen[p.op]++
	if err == nil {
		s.seen[len(s.seen)-1]++
	}
	return err
}

func (p packet) PostCondition(state commands.State, result commands.Result) *gopter.PropResult {
	got, _ := result.(error)
	if want := state.(flow).ledger(); !errors.Is(got, want) || (got == nil) != (want == nil) {
		return &gopter.PropResult{Status: gopter.PropFalse, Labels: []string{fmt.Sprintf("%v: got %v, want %v", p, got, want)}}
	}
	return &gopter.PropResult{Status: gopter.PropTrue}
}

type flowUnderTest struct {
	*receiver
	flow flow
	t    testing.TB
	seen *[6]int // packets by kind, and those that were delivered
}

// REC-008 under any sequence of loss, reordering, duplication, and forgery, for any W, from the first counter and near the last.
func TestWindowModel(t *testing.T) {
	var seen [6]int
	gen.Check(t, commands.Prop(&commands.ProtoCommands{
		InitialStateGen: func(p *gopter.GenParameters) *gopter.GenResult {
			f := flow{size: channel.MinWindow + p.Rng.Intn(channel.MaxWindow-channel.MinWindow+1)}
			leaps := []int{0, 1, p.Rng.Intn(5), (key.MaxCounter + 1) / f.size}
			f.start = leaps[p.Rng.Intn(len(leaps))]*f.size - 1
			f.next = f.start + 1
			return gopter.NewGenResult(f, gopter.NoShrinker)
		},
		NewSystemUnderTestFunc: func(state commands.State) commands.SystemUnderTest {
			f := state.(flow)
			r := newReceiver(t, f.size)
			for n := f.size - 1; n <= f.start; n += f.size {
				if ok, err := r.take(t, uint64(n), false); !ok {
					t.Fatal(err)
				}
			}
			return &flowUnderTest{r, f, t, &seen}
		},
		GenCommandFunc: func(state commands.State) gopter.Gen {
			size := state.(flow).size
			return func(p *gopter.GenParameters) *gopter.GenResult {
				at := []int{p.Rng.Intn(4), p.Rng.Intn(size + 2), size - 2 + p.Rng.Intn(4)}[p.Rng.Intn(3)]
				c := packet{op: packetOp(p.Rng.Intn(5)), at: at}
				return gopter.NewGenResult(commands.Command(c), gopter.NoShrinker)
			}
		},
	}))
	t.Log(seen)
	for _, n := range seen {
		if n < 500 {
			t.Errorf("saw %v, too little of something", seen)
		}
	}
}
