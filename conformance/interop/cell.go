package interop

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/attach"
	"ockamtest/ref/profile"
)

const (
	// maxSilences is how many sessions of a cell over UDP may end in silence that the relay has not brought about: a network may lose datagrams
	// by itself.
	maxSilences = 1
	// untravelled is the same where 3 messages of 256 cannot travel (section 11), beside one for each so many records: a correct peer exceeds
	// it once in 10^7 cells.
	untravelled, perUntravelled = 6, 5
	// attempts bounds the sessions of a cell, for each that has to open.
	attempts = 20
	// exitPatience is how long an initiator may take to end after its connection; not scaled: one that takes longer is not accused.
	exitPatience = 5 * time.Second
)

// A cell is a Cell that is being run.
type cell struct {
	*Cell
	run       *run
	row       *row
	initiator *talker
	random    *rand.Rand
	silences  int
}

// verdicts that are no fault.
type (
	unsupportedError  struct{ reason string }
	inconclusiveError struct{ reason string }
)

func (e *unsupportedError) Error() string  { return e.reason }
func (e *inconclusiveError) Error() string { return e.reason }

// run1 runs the cell. The error says why it is not green.
func (c *cell) run1(ctx context.Context, d *desk) error {
	for _, t := range []*talker{c.initiator, c.row.responder} {
		if t.trouble != nil {
			return t.trouble
		}
	}
	keys, err := c.pins()
	if err != nil {
		return err
	}
	from, closeFrom, err := c.openInitiator(ctx, keys[initiator])
	if err != nil {
		return c.blame(initiator, err)
	}
	to, err := d.responder(ctx, keys[responder])
	if err != nil {
		err = c.blame(responder, err)
	} else {
		places := [2]*place{from, to}
		if err = c.sessions(ctx, places); err != nil {
			c.Logs = map[conformance.Role][]string{conformance.Initiator: from.log(), conformance.Responder: to.log()}
			err = c.deaths(places, err)
		}
	}
	if closed := closeFrom(); closed != nil && err == nil {
		err = c.died(initiator, closed)
	}
	if err == nil {
		err = c.refusals(ctx, keys)
	}
	return err
}

// openInitiator makes the initiator's place, and returns what ends it.
func (c *cell) openInitiator(ctx context.Context, keys pin) (*place, func() error, error) {
	open := func() (*place, error) {
		return c.initiator.open(ctx, c.run.cfg, c.row.need(initiator), keys, c.run.seed())
	}
	if !c.initiator.isAccept() {
		p, err := open()
		if err != nil {
			return nil, nil, err
		}
		return p, p.Close, nil
	}
	d := c.run.doorOf(c.initiator)
	d.mu.Lock()
	if d.place == nil {
		var err error
		if d.place, err = open(); err != nil {
			d.place = nil
			d.mu.Unlock()
			return nil, nil, err
		}
	}
	return d.place, func() error { d.mu.Unlock(); return nil }, nil
}

// sessions runs sessions until enough of them have opened, and enough records were seen.
func (c *cell) sessions(ctx context.Context, places [2]*place) error {
	cfg := c.run.cfg
	opened, records := 0, 0
	for n := 0; opened < cfg.Sessions || records < cfg.Records; n++ {
		if n >= attempts*cfg.Sessions {
			return &inconclusiveError{fmt.Sprintf("%d of %d sessions have opened, with %d records each way: too little has got through", opened, n, records)}
		}
		s, err := c.session(ctx, places, nil)
		if s != nil {
			c.Sessions = append(c.Sessions, *s)
			if s.Open {
				opened++
			}
			records += min(s.Records[conformance.Initiator], s.Records[conformance.Responder])
		}
		if err = c.deaths(places, err); err != nil && !c.forgives(err, records) {
			return err
		}
	}
	return nil
}

// forgives tells whether silence is not the peer's fault, as far as is known.
func (c *cell) forgives(err error, records int) bool {
	var f *Fault
	if !errors.As(err, &f) || !f.silent {
		return false
	}
	c.silences++
	if len(c.row.profile.ForbiddenBodies) > 0 {
		return c.silences <= untravelled+records/perUntravelled
	}
	return c.silences <= maxSilences
}

// session runs one session.
func (c *cell) session(ctx context.Context, places [2]*place, refusing *side) (*Session, error) {
	links, err := c.connect(ctx, places)
	if errors.Is(err, errKitLate) {
		links, err = c.connect(ctx, places)
	}
	if err != nil {
		return nil, err
	}
	cfg := c.run.cfg
	r := &relay{
		cfg: cfg, profile: c.row.profile, transport: c.row.transport, links: links, random: c.random, refusing: refusing, patience: cfg.patience(),
		referee: &referee{
			profile: c.row.profile, packets: c.row.transport == conformance.UDP, secrets: cfg.Secrets, keys: &c.run.keys,
			ends: [2]end{newEnd(links[initiator], c.row.transport), newEnd(links[responder], c.row.transport)},
		},
	}
	how, err := r.run(ctx)
	if err == nil && how == complete {
		err = r.end(ctx)
	}
	for _, l := range links {
		if closed := l.Close(); err == nil && closed != nil {
			err = fmt.Errorf("relay: %w", closed)
		}
	}
	if err == nil && how == complete {
		err = c.ending(ctx, places[initiator])
	}
	s := r.summary(how, err)
	if err != nil {
		c.Trace = r.trace.last()
	}
	return s, err
}

// connect makes both links at once, for on either side a deadline may run from the beginning (NOISE-013).
func (c *cell) connect(ctx context.Context, places [2]*place) (links [2]conformance.Link, err error) {
	var errs [2]error
	opened := make(chan struct{})
	go func() {
		defer close(opened)
		links[initiator], errs[initiator] = places[initiator].Open(ctx, c.row.need(initiator))
	}()
	links[responder], errs[responder] = places[responder].Open(ctx, c.row.need(responder))
	<-opened
	for s, e := range errs {
		if e != nil && err == nil {
			err = c.blame(side(s), e)
		}
	}
	if err != nil {
		for s, l := range links {
			if errs[s] == nil {
				_ = l.Close() // the other one's failure is what counts
			}
		}
	}
	return links, err
}

// errKitLate: the reference dials once for each Open, and on a machine that is very busy the kit may take that for stale. Other initiators dial
// again, or are started again.
var errKitLate = errors.New("interop: the reference was not waited for")

// blame sorts what came instead of a place or a link.
func (c *cell) blame(s side, err error) error {
	var inapplicable *conformance.Inapplicable
	switch {
	case errors.As(err, &inapplicable), errors.Is(err, attach.ErrNeed):
		return &unsupportedError{err.Error()}
	case errors.Is(err, conformance.ErrUnreachable) && s == initiator && c.initiator.isReference():
		return fmt.Errorf("%w: %w", errKitLate, err)
	case errors.Is(err, conformance.ErrUnreachable):
		return fault(s, "", "a session", err.Error())
	}
	return err
}

// died is the fault of a peer that has crashed.
func (c *cell) died(s side, err error) error {
	var crash *attach.CrashError
	if !errors.As(err, &crash) {
		return err
	}
	return fault(s, "", "a peer that lives", crash.Error())
}

// deaths adds what is known of the end of peers to what was seen, which it may explain.
func (c *cell) deaths(places [2]*place, err error) error {
	for i, p := range places {
		death := p.Death()
		if death == nil {
			continue
		}
		died := c.died(side(i), death)
		var f, seen *Fault
		if errors.As(died, &f) && errors.As(err, &seen) {
			f.Actual += "\nseen by the relay: " + seen.Error()
		}
		return died
	}
	return err
}

// ending checks how the process of an initiator has ended that ends with its connection.
func (c *cell) ending(ctx context.Context, p *place) error {
	if c.row.transport != conformance.TCP || c.initiator.persists.Load() {
		return nil
	}
	text, clean, ended := attach.Ending(ctx, p.Peer, exitPatience)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case !ended: // it dials again
		c.initiator.persists.Store(true)
	case !clean:
		return fault(initiator, "", "exit status 0 after the end of the connection", text)
	}
	c.Exit = text
	return nil
}

// summary is what the relay has counted.
func (r *relay) summary(how finish, err error) *Session {
	f := r.referee
	s := &Session{
		Open: f.open(), M1: f.hand[0].sent, M2: f.hand[1].sent, M3: f.hand[2].sent,
		Records: map[conformance.Role]int{conformance.Initiator: len(f.records[initiator]), conformance.Responder: len(f.records[responder])},
		Lost:    r.counts.lost, Duplicated: r.counts.repeated, Held: r.counts.held,
	}
	if f.last != nil {
		s.RecordSize = len(f.last.body)
	}
	switch {
	case err != nil:
		s.End = err.Error()
	case how == complete:
		s.End = "ended by the relay"
	case how == refused:
		s.End = "refused"
	default:
		s.End = "stalled, as the relay has lost what is not repeated"
	}
	return s
}

// judge writes down how the cell went.
func (c *cell) judge(ctx context.Context, err error) {
	var (
		f            *Fault
		unsupported  *unsupportedError
		inconclusive *inconclusiveError
	)
	switch {
	case err == nil:
		c.Outcome, c.Logs = Pass, nil
		c.Trace = nil
		return
	case ctx.Err() != nil:
		c.Outcome, c.Reason = NotRun, "interrupted"
		return
	case errors.As(err, &unsupported):
		c.Outcome = Unsupported
	case errors.As(err, &inconclusive):
		c.Outcome = Inconclusive
	case errors.As(err, &f):
		c.Outcome, c.Fault = Fail, f
	case errors.Is(err, errKitLate):
		c.Outcome = Error
	case errors.Is(err, conformance.ErrUnreachable):
		c.Outcome = Fail
	default:
		c.Outcome = Error
	}
	c.Reason = err.Error()
}

// pins are the static keys of both sides, where they can be told.
func (c *cell) pins() (keys [2]pin, err error) {
	talkers := [2]*talker{c.initiator, c.row.responder}
	configured := c.row.profile.StaticKey == profile.Configured
	for s, t := range talkers {
		other := talkers[side(s).other()]
		if t.insists() && (!configured || !other.hasKey()) {
			return keys, &unsupportedError{t.Name + " has to be told a static key to accept, and " + other.Name + " cannot be told to have it"}
		}
		if !configured {
			continue
		}
		if t.hasKey() {
			keys[s].own = privateKey(c.run.cfg.Seed, string(side(s).role()))
		}
		if t.pins() && other.hasKey() {
			if keys[s].accepts, err = publicKey(c.row.profile, privateKey(c.run.cfg.Seed, string(side(s).other().role()))); err != nil {
				return keys, err
			}
		}
	}
	return keys, nil
}

// refusals lets each side that can be told which key to accept be told another one: then no session may open (NOISE-011).
func (c *cell) refusals(ctx context.Context, keys [2]pin) error {
	for s := range keys {
		if keys[s].accepts == nil {
			continue
		}
		wrong := keys
		var err error
		if wrong[s].accepts, err = publicKey(c.row.profile, privateKey(c.run.cfg.Seed, "nobody")); err != nil {
			return err
		}
		if err := c.refusal(ctx, side(s), wrong); err != nil {
			return err
		}
		c.Refused = append(c.Refused, side(s).role())
	}
	return nil
}

// refusal runs one session that one side has to refuse, with places of its own.
func (c *cell) refusal(ctx context.Context, refusing side, keys [2]pin) error {
	var places [2]*place
	talkers := [2]*talker{c.initiator, c.row.responder}
	var err error
	for s, t := range talkers {
		if places[s], err = t.open(ctx, c.run.cfg, c.row.need(side(s)), keys[s], c.run.seed()); err != nil {
			err = c.blame(side(s), err)
			break
		}
	}
	if err == nil {
		var s *Session
		for range maxSilences + 1 { // what is silent before it could refuse may have been lost
			var f *Fault
			s, err = c.session(ctx, places, &refusing)
			if !errors.As(err, &f) || !f.silent {
				break
			}
		}
		if err == nil && s.End != "refused" {
			err = &inconclusiveError{"the " + string(refusing.role()) + " could not be shown to refuse another static key: " + s.End}
		}
		err = c.deaths(places, err)
	}
	for s, p := range places {
		if p == nil {
			continue
		}
		if err != nil && c.Logs[side(s).role()] == nil {
			if c.Logs == nil {
				c.Logs = map[conformance.Role][]string{}
			}
			c.Logs[side(s).role()] = p.log()
		}
		if closed := p.Close(); closed != nil && err == nil {
			err = c.died(side(s), closed)
		}
	}
	return err
}
