package subject

import (
	"bytes"
	"errors"
	"fmt"

	"ockamtest/conformance/harness"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
	"ockamtest/vectors"
)

const (
	// counters is how many a direction has: REC-003.
	counters = 65536
	// shortPayload in bytes is one that no limit is near to, whatever the outer header.
	shortPayload = 512
	// farthest is the largest window: REC-008.
	farthest = 1024
)

// A recordState is the channels that wait for the next record vector, which is mostly one of a higher counter.
type recordState struct {
	known            map[string]*knownKeys // by profile
	sealing, opening *progress
	habit            habit // of the sender
}

// A progress is an open channel with a counter.
type progress struct {
	end     *end
	sender  harness.Role
	counter int // the next one of the direction
}

// Record implements vectors.Subject. An adapter cannot be given keys: a channel with the private keys of section 12 has known ones, and is
// brought to the counter by as many records. Records with other keys are unsupported.
func (a *Adapter) Record(in vectors.RecordInput) (out vectors.RecordOutput, err error) {
	if err := a.has(harness.VerbOpen, harness.VerbFeed, harness.VerbWrite); err != nil {
		return out, err
	}
	known, err := a.keysOf(in.Profile)
	if err != nil {
		return out, err
	}
	sender, ok := known.sender(in)
	if !ok {
		return out, unsupported("keys of no known handshake")
	}
	if in.Op == "seal" {
		return a.seal(in, sender)
	}
	return a.unseal(in, sender)
}

func (a *Adapter) seal(in vectors.RecordInput, sender harness.Role) (out vectors.RecordOutput, err error) {
	m := harness.Write{Data: given(in.Payload)}
	if m.Onward, err = askedRoute(in.Onward); err == nil {
		m.Return, err = askedRoute(in.Return)
	}
	if err != nil {
		return out, err
	}
	if len(m.Onward) == 0 && len(m.Return) == 0 { // routes are an option
		m.Onward, m.Return = nil, nil
	}
	p, err := a.sealer(in, sender)
	if err != nil {
		return out, err
	}
	if len(in.Payload) > shortPayload && !p.natural(in.Header) {
		return out, unsupported("another outer header, near a limit")
	}
	step, err := p.end.write(m)
	if err != nil {
		if in.Counter >= counters {
			a.keep(&a.records.sealing, p) // what is spent stays so
		}
		return out, err
	}
	list, err := bodies(wire.Dialect(p.end.profile.TransportEnvelope()), step)
	if err != nil || len(list) != 1 {
		return out, errors.Join(fmt.Errorf("%w: a write sends %d messages", vectors.ErrBroken, len(list)), err)
	}
	if next := p.after(in, in.Counter); !p.travels(in, in.Counter) && verifies(in.Key, next, associated(p.end.profile, in.H), list[0]) {
		p.counter = next + 1
		a.keep(&a.records.sealing, p)
		return out, refuses("") // nothing is sent under this counter
	}
	p.counter++
	a.keep(&a.records.sealing, p)
	return vectors.RecordOutput{Ciphertext: list[0]}, nil
}

// sealer is a channel that will seal with the counter next.
func (a *Adapter) sealer(in vectors.RecordInput, sender harness.Role) (*progress, error) {
	counter := min(in.Counter, counters)
	p := a.records.sealing
	a.records.sealing = nil // kept again if all is well
	for {
		if p == nil || p.sender != sender || p.end.open.Profile != in.Profile || p.counter > counter {
			var err error
			if p, err = a.converse(in.Profile, sender, sender, harness.Message, harness.Stream, harness.Datagram); err != nil {
				return nil, err
			}
		}
		habit := a.records.habit
		if err := p.sealUntil(in, counter); err != nil {
			return nil, err
		}
		if p.counter == counter || habit == skipping {
			return p, nil
		}
	}
}

// natural tells of an outer header's length that it is the one that the channel writes.
func (p *progress) natural(header int) bool {
	lengths := map[string]int{profile.V1().Name: 4, profile.C09().Name: 0, profile.E09().Name: 3, profile.C010().Name: 4}
	return p.end.open.Over != harness.Datagram && header == lengths[p.end.profile.Name]
}

func (a *Adapter) unseal(in vectors.RecordInput, sender harness.Role) (out vectors.RecordOutput, err error) {
	receiver := other(sender)
	p := a.records.opening
	long := len(in.Ciphertext) > shortPayload
	if p == nil || long || p.sender != sender || p.end.open.Profile != in.Profile || p.counter > min(in.Counter, counters) {
		kinds := []harness.Over{harness.Message, harness.Stream, harness.Datagram}
		if in.Profile == profile.E09().Name && !long { // not every counter travels there, and without a window that ends the direction
			kinds = []harness.Over{harness.Datagram}
		}
		p, err = a.converse(in.Profile, receiver, sender, kinds...)
	}
	a.records.opening = nil
	if err != nil {
		return out, err
	}
	if len(in.Ciphertext) > shortPayload && !p.natural(in.Header) {
		return out, unsupported("another outer header, near a limit")
	}
	if err := p.openUntil(in, min(in.Counter, counters)); err != nil {
		return out, err
	}
	b, err := p.end.record(in.Ciphertext)
	if err != nil {
		return out, err
	}
	step, err := p.end.feed(b)
	if err != nil {
		return out, err
	}
	var got *harness.Event
	for i := range step.Events {
		if step.Events[i].Kind == harness.Got {
			got = &step.Events[i]
		}
	}
	switch {
	case got == nil && in.Counter >= counters && !step.Closed:
		a.keep(&a.records.opening, p)
		fallthrough
	case got == nil:
		if err := ended(step); err != nil {
			return out, err
		}
		return out, refuses("") // it is dropped without a word
	case p.end.open.Over == harness.Datagram && early(in, p.end.profile):
		return out, unsupported("a record that a window may take")
	}
	if p.counter++; !long {
		a.keep(&a.records.opening, p)
	}
	return vectors.RecordOutput{Payload: got.Data, Onward: answeredRoute(got.Onward), Return: answeredRoute(got.Return)}, nil
}

// early tells of a record that it is one of a higher counter, which a receiver on datagrams may open (REC-008).
func early(in vectors.RecordInput, p profile.Profile) bool {
	for n := in.Counter + 1; n <= in.Counter+farthest; n++ {
		if verifies(in.Key, n, associated(p, in.H), in.Ciphertext) {
			return true
		}
	}
	return false
}

// openUntil lets the channel receive records, so that its next counter is this.
func (p *progress) openUntil(in vectors.RecordInput, counter int) error {
	e, ad, plaintext := p.end, associated(p.end.profile, in.H), inner(p.end.profile)
	var messages []int // the counters that travel
	seal := func(n int) ([]byte, error) { return e.record(sealed(in.Key, n, ad, plaintext)) }
	for n := p.counter; n < counter; n++ {
		if _, err := seal(n); err == nil {
			messages = append(messages, n)
		}
	}
	err := e.a.steps(len(messages), func(i int) (harness.Request, func() (harness.Step, error)) {
		b, _ := seal(messages[i]) // it did travel
		m := e.feeding(b)
		return m.Request(), func() (harness.Step, error) { return e.a.caller.Feed(e.a.ctx, m) }
	}, func(i int, s harness.Step, err error) error {
		if err = e.a.told(err); err == nil && len(s.Got()) == 1 {
			return nil
		}
		if e.profile.Name == profile.E09().Name && err == nil {
			return unsupported("a receiver without a window")
		}
		return errors.Join(fmt.Errorf("%w: the genuine record with counter %d is not delivered", vectors.ErrBroken, messages[i]), err)
	})
	if err == nil {
		p.counter = max(p.counter, counter)
	}
	return err
}

// keep keeps a channel for the next vector, if the adapter has enough of them.
func (a *Adapter) keep(where **progress, p *progress) {
	if a.declared.Channels > 2 {
		*where = p
	}
}

func other(r harness.Role) harness.Role {
	if r == harness.Initiator {
		return harness.Responder
	}
	return harness.Initiator
}

// A knownKeys is a handshake whose keys are known by what they seal.
type knownKeys struct {
	h       []byte
	profile profile.Profile
	records map[harness.Role]vectors.Hex // the first of each side
}

// sender is who seals with the key of a record.
func (k *knownKeys) sender(in vectors.RecordInput) (harness.Role, bool) {
	if !bytes.Equal(in.H, k.h) {
		return "", false
	}
	for _, role := range []harness.Role{harness.Initiator, harness.Responder} {
		if verifies(in.Key, 0, associated(k.profile, k.h), k.records[role]) {
			return role, true
		}
	}
	return "", false
}
