package channel_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"testing"

	"ockamtest/fuzz/gen"
	"ockamtest/ref/channel"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// FuzzInitiator and FuzzResponder play a sequence of messages against a channel with known keys, in every profile, on streams and on
// datagrams. A script is one byte for the setup and then frames as on TCP (TRAN-001), so that a captured stream is a script: two
// bytes of length and the message. A length with the high bit set is an operation instead: see script.step.
func FuzzInitiator(f *testing.F) { fuzzChannel(f, channel.Initiator) }

func FuzzResponder(f *testing.F) { fuzzChannel(f, channel.Responder) }

func fuzzChannel(f *testing.F, role channel.Role) {
	transcripts := map[byte]*transcript{}
	for setup := range byte(setups) {
		tr := newTranscript(f, setup)
		transcripts[setup] = tr
		for _, seed := range tr.seeds(role) {
			f.Add(seed)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) == 0 {
			return
		}
		setup := data[0] % setups
		w := newWatched(t, role, transcripts[setup])
		s := script{data[1:]}
		for n := 0; n < maxSteps && len(s.rest) > 0; n++ {
			s.step(w)
		}
		w.finish()
	})
}

// maxSteps bounds the time that one script takes.
const maxSteps = 40

// setups is the number of values of a script's first byte: four profiles, on a stream or on datagrams.
const setups = 8

func optionsOf(setup byte) options {
	return options{profile: profile.All()[setup/2], datagrams: setup%2 == 1, known: true}
}

// A transcript is the genuine conversation of a setup: what each side sent, and the payloads.
type transcript struct {
	o        options
	setup    byte
	sent     [2][][]byte // by role: handshake messages, then records
	payloads [2][][]byte // by role
	onward   wire.Route
}

func newTranscript(t testing.TB, setup byte) *transcript {
	t.Helper()
	tr := &transcript{o: optionsOf(setup), setup: setup}
	tr.onward = onwardOf(tr.o.profile)
	i, r, m1 := newPair(t, tr.o)
	m2 := r.handle(m1)
	m3 := i.handle(m2)
	r.handle(m3)
	tr.sent = [2][][]byte{{m1, m3}, {m2}}
	for _, s := range []*side{i, r} {
		for n := range 4 {
			payload := []byte(fmt.Sprintf("payload %d of the %v", n, s.role))
			record, err := s.c.WriteRouted(nil, payload, tr.onward, nil)
			must(t, err)
			tr.sent[s.role] = append(tr.sent[s.role], record)
			tr.payloads[s.role] = append(tr.payloads[s.role], payload)
		}
	}
	return tr
}

// all are the messages of both sides, the peer's first: reflections and replays are among them.
func (tr *transcript) all(role channel.Role) [][]byte {
	return append(append([][]byte(nil), tr.sent[1-role]...), tr.sent[role]...)
}

// seeds are the conversation itself, as frames and as operations, and some of the ways to leave it.
func (tr *transcript) seeds(role channel.Role) [][]byte {
	frames, operations := []byte{tr.setup}, []byte{tr.setup}
	for n, msg := range tr.sent[1-role] {
		frames = append(binary.BigEndian.AppendUint16(frames, uint16(len(msg))), msg...)
		operations = binary.BigEndian.AppendUint16(operations, opGenuine|uint16(n))
	}
	flipped := append(binary.BigEndian.AppendUint16([]byte{tr.setup}, opFlip), 0, 60, 1)
	mixed := binary.BigEndian.AppendUint16(bytes.Clone(operations), opWrite|100)
	mixed = binary.BigEndian.AppendUint16(mixed, opFill|4)
	mixed = append(mixed, 1, 2, 3, 4)
	mixed = binary.BigEndian.AppendUint16(mixed, opGenuine|2)
	late := binary.BigEndian.AppendUint16([]byte{tr.setup}, opTime|0xfff)
	return [][]byte{frames, operations, append(flipped, operations[1:]...), mixed, append(late, operations[1:]...)}
}

// Operations of a script: code and argument in the 16 bits of a length.
const (
	opGenuine uint16 = 0x8000 // the genuine message of that number
	opFlip    uint16 = 0x9000 // the same with a byte changed: two bytes of place and one to XOR follow
	opCut     uint16 = 0xa000 // the same cut: two bytes of length follow
	opFill    uint16 = 0xb000 // a message that the codec takes, made of as many bytes as the argument says
	opTime    uint16 = 0xc000 // time passes: the argument in units of 8 ms
	opWrite   uint16 = 0xd000 // the application writes so many bytes
	opCancel  uint16 = 0xe000 // the owner gives up
	opClose   uint16 = 0xf000 // the owner closes
)

// A script is what is left of the fuzzer's bytes.
type script struct{ rest []byte }

// take takes up to n bytes.
func (s *script) take(n int) []byte {
	n = min(n, len(s.rest))
	out := s.rest[:n]
	s.rest = s.rest[n:]
	return out
}

// number takes two bytes, as many as there are.
func (s *script) number() int {
	n := 0
	for _, b := range s.take(2) {
		n = n<<8 | int(b)
	}
	return n
}

// step plays the next message or operation.
func (s *script) step(w *watched) {
	head := s.number()
	code, arg := uint16(head)&0xf000, head&0x0fff
	genuine := w.all[arg%len(w.all)]
	switch code {
	case opGenuine:
		w.handle(genuine)
	case opFlip:
		bad := bytes.Clone(genuine)
		at := s.number() % len(bad)
		for _, x := range s.take(1) {
			bad[at] ^= x
		}
		w.handle(bad)
	case opCut:
		w.handle(genuine[:s.number()%(len(genuine)+1)])
	case opFill:
		filler := gen.FromBytes(s.take(arg))
		dialect := filler.Dialect()
		m := filler.Message(dialect)
		if msg, err := wire.AppendMessage(nil, dialect, &m); err == nil {
			w.handle(msg)
		}
	case opTime:
		w.now += channel.Instant(arg) * 8e6
		w.tick()
	case opWrite:
		w.write(arg)
	case opCancel:
		w.c.Cancel(nil)
		w.ended = true
	case opClose:
		must(w.t, w.c.Close())
		w.ended = true
	default:
		w.handle(s.take(head))
	}
}

// watched is a channel that is looked at after each step. It can only go forward, deliver what the peer sent, once and on a stream in
// order, repeat what it said, and say nothing after the end.
type watched struct {
	*side
	tr        *transcript
	all       [][]byte
	delivered [4]bool // by number of the payload
	said      []byte  // the last handshake message
	repeats   int     // of it, by timer
	ended     bool
}

func newWatched(t testing.TB, role channel.Role, tr *transcript) *watched {
	w := &watched{side: newSide(t, role, tr.o), tr: tr, all: tr.all(role)}
	w.said = w.start()
	equalBytes(t, "the first message", w.said, firstOf(role, tr))
	return w
}

func firstOf(role channel.Role, tr *transcript) []byte {
	if role == channel.Initiator {
		return tr.sent[role][0]
	}
	return nil
}

// handle delivers a message and checks everything that has to hold whatever it is.
func (w *watched) handle(msg []byte) {
	before, xx, live := *w.c, *w.xx, w.vault.Live()
	out, ev, err := w.c.Handle(w.now, nil, bytes.Clone(msg))
	after := w.c.State()
	switch {
	case err != nil:
		w.refused(msg, before, xx, live, out, ev, err)
	case w.ended:
		w.t.Fatalf("a message was accepted after the end, in state %v", after)
	case ev.Kind == channel.Delivered:
		w.deliver(before.State(), out, ev)
	case after != before.State():
		w.advance(before.State(), out, ev)
	default:
		w.unmoved(before, out, ev)
	}
	w.ended = w.ended || after == channel.Failed
}

// refused: nothing comes of an error, and nothing has changed unless the channel has failed or a record had a bad inner message.
func (w *watched) refused(msg []byte, before channel.Channel, xx any, live int, out []byte, ev channel.Event, err error) {
	var e *channel.Error
	if out != nil || ev.Kind != channel.None || ev.Payload != nil || !errors.As(err, &e) {
		w.t.Fatalf("%d bytes, event %d, error %v", len(out), ev.Kind, err)
	}
	switch after := w.c.State(); {
	case after == channel.Failed && before.State() != channel.Failed:
		if w.ended || w.vault.Live() != 1 {
			w.t.Fatalf("failed after the end, or with %d secrets", w.vault.Live())
		}
	case errors.Is(err, channel.ErrInner):
		w.t.Fatal("a record verified that the peer did not send")
	case *w.c != before || *w.xx != xx || w.vault.Live() != live:
		w.t.Fatalf("a message that was rejected has changed something: %v", err)
	case before.State() < channel.Open && before.Stream() && !errors.Is(err, channel.ErrNotAddressed) && !w.isPing(msg):
		w.t.Fatalf("rejected on a stream before open, and not fatal: %v", err)
	}
}

// isPing reports whether msg is a ping. One for the node does not reach the channel, also if its pong cannot be sent.
func (w *watched) isPing(msg []byte) bool {
	m, err := wire.Parse(wire.Dialect(w.tr.o.profile.HandshakeEnvelope()), msg)
	return err == nil && m.Type == wire.Ping
}

// deliver: only what the peer sent, once, only when open, and without an answer; on a stream in order, on datagrams in any.
func (w *watched) deliver(before channel.State, out []byte, ev channel.Event) {
	n := slices.IndexFunc(w.tr.payloads[1-w.role], func(p []byte) bool { return bytes.Equal(p, ev.Payload) })
	if before != channel.Open || len(out) != 0 || n < 0 || w.delivered[n] || w.c.Stream() && n > 0 && !w.delivered[n-1] {
		w.t.Fatalf("delivered %q in state %v, %d bytes of answer", ev.Payload, before, len(out))
	}
	if len(ev.Onward) != len(w.tr.onward) || len(ev.Return) != 0 || !ev.Link.IsZero() {
		w.t.Fatalf("inner routes %v %v, link %v", ev.Onward, ev.Return, ev.Link)
	}
	w.delivered[n] = true
}

// advance: the handshake goes forward by a genuine message alone. m1 is not authenticated; what follows is.
func (w *watched) advance(before channel.State, out []byte, ev channel.Event) {
	after := w.c.State()
	legal := map[[2]channel.State]channel.Role{
		{channel.SentM1, channel.Open}: channel.Initiator, {channel.Start, channel.SentM2}: channel.Responder,
		{channel.SentM2, channel.Open}: channel.Responder,
	}
	role, ok := legal[[2]channel.State{before, after}]
	if !ok || role != w.role || (ev.Kind == channel.Opened) != (after == channel.Open) {
		w.t.Fatalf("from %v to %v as %v with event %d", before, after, w.role, ev.Kind)
	}
	if (len(out) > 0) != (before != channel.SentM2) {
		w.t.Fatalf("%d bytes of answer from %v to %v", len(out), before, after)
	}
	w.said, w.repeats = out, 0
	if after == channel.Open && w.c.ChannelBinding() == nil {
		w.t.Fatal("open without a binding")
	}
}

// unmoved: what else is accepted is a ping, a pong, or a repeat on datagrams, and changes nothing.
func (w *watched) unmoved(before channel.Channel, out []byte, ev channel.Event) {
	if *w.c != before || ev.Kind != channel.None || ev.Link.IsZero() != (len(out) == 0) {
		w.t.Fatalf("event %d, link %v, or a change of state %v to %v", ev.Kind, ev.Link, before.State(), w.c.State())
	}
	if len(out) == 0 || !w.c.Stream() && w.tr.o.profile.RepeatM1 && bytes.Equal(out, w.said) {
		return
	}
	m, err := wire.Parse(wire.Dialect(w.tr.o.profile.HandshakeEnvelope()), out)
	if err != nil || m.Type != wire.Pong {
		w.t.Fatalf("an answer that is neither pong nor repeat: %v, %v", m.Type, err)
	}
}

// tick: the deadline, or a repeat of the initiator's last message, byte for byte and not for ever (TRAN-014).
func (w *watched) tick() {
	at, waits := w.c.Wake()
	before := w.c.State()
	out, err := w.c.Tick(w.now, nil)
	if err != nil && (!waits || w.now < at || !errors.Is(err, channel.ErrDeadline) || before >= channel.Open) {
		w.t.Fatalf("at %d, wakes at %d (%v): %v", w.now, at, waits, err)
	}
	w.ended = w.ended || err != nil
	if len(out) == 0 {
		return
	}
	w.repeats++
	if !waits || w.now < at || w.role != channel.Initiator || w.c.Stream() || !bytes.Equal(out, w.said) || w.repeats > 5 {
		w.t.Fatalf("at %d, wakes at %d (%v): repeat %d of %d bytes in state %v", w.now, at, waits, w.repeats, len(out), before)
	}
}

// write: refused unless open; else a message.
func (w *watched) write(n int) {
	before := w.c.State()
	out, err := w.c.WriteRouted(nil, make([]byte, n), w.tr.onward, nil)
	if (err == nil) != (len(out) > 0) || err == nil && before != channel.Open {
		w.t.Fatalf("write in state %v: %d bytes, %v", before, len(out), err)
	}
	w.ended = w.ended || w.c.State() == channel.Failed
}

// finish: what has ended stays so and holds no secret.
func (w *watched) finish() {
	if !w.ended {
		must(w.t, w.c.Close())
	}
	for _, msg := range w.all {
		if out, ev, err := w.c.Handle(w.now, nil, bytes.Clone(msg)); out != nil || ev.Kind != channel.None || err == nil {
			w.t.Fatalf("%d bytes, event %d, error %v after the end", len(out), ev.Kind, err)
		}
	}
	if live := w.vault.Live(); live != 1 {
		w.t.Fatalf("%d secrets after the end", live)
	}
}
