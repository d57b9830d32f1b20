package interop

import (
	"bytes"
	"fmt"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/profile"
)

// A referee watches one session. It is told of each message when a side has sent it, and when the relay has delivered or lost it, and says at each
// moment who owes what. It does no IO and knows no time.
type referee struct {
	profile profile.Profile
	packets bool // over UDP
	ends    [2]end
	secrets [][]byte
	keys    *ephemerals

	hand    [3]stage // m1, m2, m3
	m1Since int      // times that m1 was delivered since an m2 was last sent
	records [2][][]byte
	heeded  [2]int // records that a side got, once each, when it could read them
	last    *flying
}

// A stage is one message of the handshake, with its repeats.
type stage struct {
	body      []byte
	back      adversary.Route
	sent      int // by its side
	waiting   int // at the relay
	delivered int
}

// A flying message is one that a side has sent.
type flying struct {
	message
	from      side
	waiting   int // copies that the relay has not delivered yet
	delivered bool
}

// A debt is what a side has to do next. The zero debt is none.
type debt struct {
	by          side
	requirement string
	what        string
	repeat      bool // of something sent before
	number      int  // tells one debt from the next
}

// sent takes a message that a side has sent. The message is valid beside a fault of its content, so that it can be shown.
func (r *referee) sent(from side, b []byte) (*flying, *Fault) {
	next, again := r.next(from)
	m, malformed := parse(r.profile, b, next, again)
	f := &flying{message: m, from: from}
	if malformed != nil {
		return f, fault(from, malformed.Requirement, next.String()+" in the envelope of the profile", malformed.Words)
	}
	if m.kind >= m1 && m.kind <= m3 && (m.kind == m2) != (from == responder) {
		return f, fault(from, "CHAN-001", "messages of its own role", m.kind.String())
	}
	if requirement, expected, actual := checkSize(r.profile, m); requirement != "" {
		return f, fault(from, requirement, expected, actual)
	}
	var flaw *Fault
	switch m.kind {
	case control:
		return f, nil
	case record:
		flaw = r.sentRecord(f)
	default:
		flaw = r.sentHandshake(f)
	}
	if flaw != nil {
		return f, flaw
	}
	return f, r.checkRoutes(f)
}

// next is what a side may send next, and what it has sent before in the handshake.
func (r *referee) next(from side) (kind, []known) {
	before := func(kinds ...kind) (all []known) {
		for _, k := range kinds {
			all = append(all, known{k, r.hand[k-m1].body})
		}
		return all
	}
	switch {
	case from == responder && r.hand[1].sent == 0:
		return m2, nil
	case from == responder:
		return record, before(m2)
	case r.hand[1].delivered == 0:
		return m1, nil // for the first time or once more
	case r.hand[2].sent == 0:
		return m3, before(m1)
	}
	return record, before(m1, m3)
}

// sentHandshake takes m1, m2, or m3.
func (r *referee) sentHandshake(f *flying) *Fault {
	i := int(f.kind - m1)
	s := &r.hand[i]
	if s.sent > 0 {
		switch {
		case f.kind == m2 && r.packets && s.sent >= r.hand[0].delivered:
			return fault(f.from, "TRAN-015", fmt.Sprintf("one m2 for each m1, so far %d", r.hand[0].delivered), "one more m2")
		case !r.packets:
			return fault(f.from, "CHAN-001", "each handshake message once", "another "+f.kind.String())
		case f.kind == m2 && !bytes.Equal(s.body, f.body):
			return fault(f.from, "TRAN-015", "the m2 that it has sent before, byte for byte", "another m2 for the same m1")
		case !bytes.Equal(s.body, f.body):
			return fault(f.from, "TRAN-014", "the "+f.kind.String()+" that it has sent before, byte for byte", "another one from the same source")
		}
	} else {
		if i > 0 && r.hand[i-1].delivered == 0 {
			return fault(f.from, "CHAN-001", f.kind.String()+" in answer to "+(f.kind-1).String(), "one before it")
		}
		if f.kind != m3 && r.keys != nil && !r.keys.add(f.body[:r.profile.Suite.PublicKeySize]) {
			return fault(f.from, "NOISE-008", "an ephemeral key that was never used", "one of an earlier handshake")
		}
		s.body, s.back = f.body, f.back
	}
	if f.kind == m2 {
		r.m1Since = 0
	}
	s.sent++
	return nil
}

// sentRecord takes a record.
func (r *referee) sentRecord(f *flying) *Fault {
	switch {
	case f.from == initiator && r.hand[2].sent == 0, f.from == responder && r.hand[2].delivered == 0:
		return fault(f.from, "CHAN-002", "no payload before the handshake is complete", fmt.Sprintf("a record of %d bytes", len(f.body)))
	}
	allowed := r.heeded[f.from]
	if f.from == initiator {
		allowed++ // the first payload
	}
	if len(r.records[f.from]) >= allowed {
		return fault(f.from, "", fmt.Sprintf("one answer for each record, so far %d", allowed), "one more record, "+r.origin())
	}
	before := append(append([][]byte{}, r.records[initiator]...), r.records[responder]...)
	if requirement, expected, actual := checkSecrecy(r.profile, f.body, before, r.secrets); requirement != "" {
		return fault(f.from, requirement, expected, actual)
	}
	r.records[f.from] = append(r.records[f.from], f.body)
	r.last = f
	return r.checkLength(f.from)
}

// origin says where a record may come from that nobody asked for.
func (r *referee) origin() string {
	if r.packets {
		return "as when a record that came twice was delivered twice (REC-007)"
	}
	return "which nobody asked for"
}

// checkLength compares the length of the last record with those before (CHAN-005). Inner routes may make the initiator's first payload, and the
// answer to that, longer or shorter than the rest: the initiator may name an application at the beginning only.
func (r *referee) checkLength(by side) *Fault {
	i, n := r.records[initiator], len(r.records[by])
	size := len(r.records[by][n-1])
	var want []int
	switch {
	case by == initiator && n == 1:
		return nil
	case !innerRoutes(r.profile):
		want = []int{len(i[0])}
	case by == responder && n == 1:
		return nil
	case by == initiator && n == 2:
		return r.checkFirstLength(size)
	default:
		want = []int{len(i[1])}
	}
	if size != want[0] {
		return fault(by, "CHAN-005", fmt.Sprintf("an echo of the same length, a record of %d bytes", want[0]), fmt.Sprintf("%d bytes", size))
	}
	return nil
}

// checkFirstLength compares the first echo with what stands around it.
func (r *referee) checkFirstLength(size int) *Fault {
	first, echo := len(r.records[initiator][0]), len(r.records[responder][0])
	if echo != first && echo != size {
		return fault(responder, "CHAN-005", fmt.Sprintf("an echo of the same length, a record of %d or %d bytes", first, size), fmt.Sprintf("%d bytes", echo))
	}
	return nil
}

func innerRoutes(p profile.Profile) bool { return p.MaxInnerOnward+p.MaxInnerReturn > 0 }

// checkRoutes checks where a message is sent to.
func (r *referee) checkRoutes(f *flying) *Fault {
	if !r.profile.Routes || f.bare {
		return nil
	}
	if f.kind == record && r.profile.TransportTypeByte { // e09 has any
		for _, a := range f.back {
			if len(f.back) > r.profile.MaxReturnAddresses || a.Type() != r.ends[f.from].kind {
				return fault(f.from, "CHAN-010", "no local address in the return route of a record", inHex(f.back))
			}
		}
	}
	e := r.ends[f.from]
	var learnt adversary.Route
	switch {
	case f.from == responder && r.hand[2].delivered > 0 && f.kind == record:
		learnt = r.hand[2].back
	case f.from == responder:
		learnt = r.hand[0].back
	case f.kind == m1: // what stands behind the first, it alone knows
		learnt = f.onward
	default:
		learnt = r.hand[1].back
	}
	if requirement, expected, actual := e.checkOnward(f.message, learnt); requirement != "" {
		return fault(f.from, requirement, expected, actual)
	}
	return nil
}

// queue tells that the relay will deliver a message so many times.
func (r *referee) queue(f *flying, copies int) {
	f.waiting += copies
	if s := r.stageOf(f); s != nil {
		s.waiting += copies
	}
}

// deliver tells that the relay has delivered a copy of a message.
func (r *referee) deliver(f *flying) {
	f.waiting--
	first := !f.delivered
	f.delivered = true
	if s := r.stageOf(f); s != nil {
		s.waiting--
		s.delivered++
		if f.kind == m1 {
			r.m1Since++
		}
		return
	}
	if f.kind != record || !first {
		return
	}
	if f.from == initiator && r.hand[2].delivered == 0 {
		return // CHAN-001: it is rejected, and nobody answers
	}
	r.heeded[f.from.other()]++
}

// sentOf is how often a message of a kind was sent.
func (r *referee) sentOf(f *flying) int {
	if s := r.stageOf(f); s != nil {
		return s.sent
	}
	return len(r.records[f.from])
}

func (r *referee) stageOf(f *flying) *stage {
	if f.kind < m1 || f.kind > m3 {
		return nil
	}
	return &r.hand[f.kind-m1]
}

// owes tells who owes what. Without a debt, and without a copy at the relay, nothing more will come.
func (r *referee) owes() debt {
	repeats := r.packets && r.profile.RepeatM1
	switch {
	case r.last != nil:
		return r.owesRecord(repeats)
	case r.hand[2].sent > 0:
		return debt{by: initiator, what: "its first payload, once it has sent m3", number: 30}
	case r.hand[1].delivered > 0:
		return debt{by: initiator, requirement: "CHAN-001", what: "m3 in answer to m2", number: 20}
	case r.hand[0].delivered > 0 && r.m1Since > 0:
		return debt{by: responder, requirement: r.answerRule(), what: "m2 in answer to m1", repeat: r.hand[1].sent > 0, number: 10 + r.hand[1].sent<<8}
	case r.hand[0].waiting+r.hand[1].waiting > 0:
		return debt{}
	case r.hand[0].sent == 0:
		return debt{by: initiator, requirement: "CHAN-001", what: "m1", number: 1}
	case repeats:
		return debt{by: initiator, requirement: "TRAN-014", what: "m1 once more, as no m2 has come", repeat: true, number: 2 + r.hand[0].sent<<8}
	}
	return debt{}
}

func (r *referee) answerRule() string {
	if r.hand[1].sent > 0 {
		return "TRAN-015"
	}
	return "CHAN-001"
}

// owesRecord is owes behind the first record.
func (r *referee) owesRecord(repeats bool) debt {
	last := r.last
	if r.heeded[responder] == 0 && len(r.records[responder]) == 0 && repeats && r.hand[2].delivered == 0 && r.hand[2].waiting == 0 {
		return debt{by: initiator, requirement: "TRAN-014", what: "m3 once more, as no record has come", repeat: true, number: 40 + r.hand[2].sent<<8}
	}
	if !last.delivered || last.from == initiator && len(r.records[responder]) == 0 && r.heeded[responder] == 0 {
		return debt{}
	}
	return debt{
		by: last.from.other(), requirement: "CHAN-005", what: "the echo of a record",
		number: 50 + (len(r.records[initiator])+len(r.records[responder]))<<8,
	}
}

// open reports whether both sides have shown that they can read each other: the responder's record answers the initiator's.
func (r *referee) open() bool { return len(r.records[responder]) > 0 }

// pairs is how many records went both ways.
func (r *referee) pairs() int { return min(len(r.records[initiator]), len(r.records[responder])) }

// gaveUp reports whether the side that owes a repeat has repeated before: then its time may be up, and what the relay has lost is to blame.
func (r *referee) gaveUp(d debt) bool {
	switch {
	case !d.repeat || d.by == responder:
		return false
	case r.last != nil:
		return r.hand[2].sent > 1
	}
	return r.hand[0].sent > 1
}

// progress is how far the session has come, in words.
func (r *referee) progress() string {
	switch {
	case r.last != nil:
		return fmt.Sprintf("%d records of the initiator, %d of the responder", len(r.records[initiator]), len(r.records[responder]))
	case r.hand[2].sent > 0:
		return "m3"
	case r.hand[1].sent > 0:
		return "m2"
	case r.hand[0].sent > 0:
		return "m1"
	}
	return "nothing"
}

func (d debt) none() bool { return d.what == "" }

// unpaid is the fault of a debt that was not paid, for this reason.
func (d debt) unpaid(reason string, transport conformance.Transport) *Fault {
	f := fault(d.by, d.requirement, d.what, reason)
	f.silent = transport == conformance.UDP
	return f
}
