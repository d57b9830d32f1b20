package harness

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
)

// channels checks open and what follows it, in each combination of role, profile, and IO that is declared.
func (k *checker) channels() {
	caps := k.report.Capabilities
	if !caps.Has(VerbOpen) || len(caps.Roles) == 0 || len(caps.Profiles) == 0 || len(caps.Over) == 0 {
		return // declared, that was found before
	}
	k.ok("reset", Request{Verb: VerbReset})
	for _, v := range []Verb{VerbFeed, VerbWrite, VerbTick, VerbClaims, VerbClose} {
		if caps.Has(v) {
			k.refuses("a channel that was not opened", k.good(v), Refuse(ClassNoChannel))
		}
	}
	beyond := Open{Channel: caps.Channels, Role: caps.Roles[0], Profile: caps.Profiles[0], Over: caps.Over[0], Static: initiatorStatic()}
	if beyond.Channel < MaxChannels {
		k.refuses("a channel number that is not declared", beyond.Request(), Refuse(ClassArgument))
	}
	for _, profile := range caps.Profiles {
		for _, over := range caps.Over {
			for _, role := range caps.Roles {
				k.alone(role, profile, over)
			}
			if len(caps.Roles) == 2 && caps.Channels > 1 {
				k.together(profile, over)
			}
		}
	}
	k.ok("reset", Request{Verb: VerbReset})
	k.refuses("a channel after reset", k.good(VerbFeed), Refuse(ClassNoChannel))
}

// step makes a request that is answered with a step.
func (k *checker) step(rule string, r Request) (Step, bool) {
	fields, ok := k.ok(rule, r)
	if !ok {
		return Step{}, false
	}
	d := decoder{fields: fields}
	s := d.step()
	if d.wrong != "" {
		k.find(rule, r, "a step", "wrong, missing, or out of place: "+d.wrong)
	}
	return s, d.wrong == ""
}

// ends are the two sides of a channel, with the keys of section 12.
func (k *checker) ends(profile string, over Over) (initiator, responder Open) {
	initiator = Open{Channel: 0, Role: Initiator, Profile: profile, Over: over, Static: initiatorStatic()}
	responder = Open{Channel: 1, Role: Responder, Profile: profile, Over: over, Static: responderStatic()}
	if k.report.Capabilities.Heeds("ephemeral") {
		initiator.Ephemeral, responder.Ephemeral = initiatorEphemeral(), responderEphemeral()
	}
	if profile == "e09" {
		responder.Ephemeral = nil // with that of section 12 the first record is one that cannot travel
	}
	return initiator, responder
}

// alone checks one side by itself: what it does before anything arrives, what it refuses, and that it ends.
func (k *checker) alone(role Role, profile string, over Over) {
	o, responder := k.ends(profile, over)
	if role == Responder {
		o = responder
		o.Channel = 0
	}
	rule := fmt.Sprintf("%s in %s over %s", role, profile, over)
	s, ok := k.step(rule, o.Request())
	if !ok {
		return
	}
	if want := map[Role]int{Initiator: 1}[role]; len(s.Out()) != want || s.Closed {
		k.find(rule, o.Request(), fmt.Sprintf("%d messages out, then=quiet", want), fmt.Sprintf("%d, closed: %v", len(s.Out()), s.Closed))
	}
	if o.Ephemeral != nil {
		if again, ok := k.step(rule, o.Request()); ok && !slices.Equal(s.fields(), again.fields()) {
			k.find(rule, o.Request(), "the same step again", "another")
		}
	}
	k.verdict("a write before open", Write{Channel: 0, Data: []byte("x")}.Request())
	k.step("garbage", Feed{Channel: 0, Data: []byte{0xff, 0xff, 0xff}}.Request())
	if caps := k.report.Capabilities; caps.Has(VerbClaims) {
		r := Request{Verb: VerbClaims, Fields: Fields{numberField("ch", 0)}}
		if fields, ok := k.ok(rule, r); ok {
			d := decoder{fields: fields}
			if d.claims(); d.wrong != "" {
				k.find(rule, r, "claims", "wrong or missing: "+d.wrong)
			}
		}
	}
	k.ok("close", Request{Verb: VerbClose, Fields: Fields{numberField("ch", 0)}})
	k.verdict("a write after close", Write{Channel: 0, Data: []byte("x")}.Request())
	after := Feed{Channel: 0, Data: []byte{1}}.Request()
	if s, ok := k.step("feed after close", after); ok && (!s.Closed || len(s.Events) > 0) {
		k.find("feed after close", after, "then=closed alone", "more")
	}
}

// untravelled is how often a handshake may begin anew in e09, where some messages cannot travel (section 11).
const untravelled = 10

// together lets both sides make a channel and send a message: what one gives out the other takes.
func (k *checker) together(profile string, over Over) {
	rule := fmt.Sprintf("a channel with itself in %s over %s", profile, over)
	initiator, responder := k.ends(profile, over)
	opened, ok := k.exchange(rule, initiator, responder)
	for n := 1; profile == "e09" && ok && opened < 2 && n < untravelled; n++ {
		opened, ok = k.exchange(rule, initiator, responder)
	}
	if ok && opened != 2 {
		k.find(rule, Request{}, "both sides open", fmt.Sprintf("%d, and nothing more comes out", opened))
	}
	if !ok || opened != 2 {
		return
	}
	r := Write{Channel: 0, Data: []byte("hello")}.Request()
	fields, err := k.ask(r)
	if refusal := new(Refusal); profile == "e09" && errors.As(err, &refusal) && !refusal.Class.OfRequest() {
		return // three in 256 ciphertexts cannot travel there (section 11)
	}
	d := decoder{fields: fields}
	s := d.step()
	if err != nil || d.wrong != "" {
		k.find(rule, r, "a step", answerText(err)+" "+d.wrong)
		return
	}
	var got [][]byte
	for _, message := range s.Out() {
		next, _ := k.step(rule, Feed{Channel: 1, Data: message}.Request())
		got = append(got, next.Got()...)
	}
	if len(got) != 1 || string(got[0]) != "hello" {
		k.find(rule, r, "one payload at the other side, as it was written", fmt.Sprintf("%d", len(got)))
	}
}

// exchange opens two channels and hands m1, m2, and m3 over. It returns how many sides have opened; ok is false after a finding.
func (k *checker) exchange(rule string, initiator, responder Open) (opened int, ok bool) {
	s, ok := k.step(rule, initiator.Request())
	if _, also := k.step(rule, responder.Request()); !ok || !also {
		return 0, false
	}
	for _, to := range []int{1, 0, 1} { // m1 to the responder, m2, m3
		var next Step
		for _, message := range s.Out() {
			if next, ok = k.step(rule, Feed{Channel: to, Data: message}.Request()); !ok {
				return opened, false
			}
			if _, is := next.Opened(); is {
				opened++
			}
		}
		s = next
	}
	return opened, true
}

// burst sends many requests before it waits for one. Each answer has to be for its request.
func (k *checker) burst() {
	const many = 200
	verb := VerbCapabilities
	if k.report.Capabilities.Has(VerbSHA256) {
		verb = VerbSHA256
	}
	var calls []*Call
	for i := range many {
		r := Request{Verb: verb}
		switch {
		case i%2 == 1: // its answer is another
			r.Verb = "dance"
		case verb == VerbSHA256:
			r = Hash{[]byte{byte(i)}}.Request()
		}
		calls = append(calls, k.c.Start(r))
	}
	for i, call := range calls {
		k.report.Requests++
		_, err := call.Wait(k.ctx)
		if want := i%2 == 1; errors.Is(err, ErrUnsupported) != want || !want && err != nil {
			k.find(fmt.Sprintf("%d requests at once, number %d", many, i), Request{}, "the answer to it", answerText(err))
			return
		}
	}
}

// sockets checks that listen listens and connect connects, over TCP, and that reset ends a listener.
func (k *checker) sockets() {
	caps := k.report.Capabilities
	if !slices.Contains(caps.Transports, "tcp") {
		return
	}
	if caps.Has(VerbListen) {
		k.listens()
	}
	if caps.Has(VerbConnect) {
		k.connects()
	}
}

func (k *checker) listens() {
	r := k.good(VerbListen)
	fields, ok := k.ok("listen", r)
	if !ok {
		return
	}
	d := decoder{fields: fields}
	at := d.address("at", true)
	if d.wrong != "" || at.Kind != TCP4 || at.Port == 0 {
		k.find("listen", r, "at, with the port", "not that")
		return
	}
	if err := k.dial(at); err != nil {
		k.find("listen", r, "somebody listens", err.Error())
	}
	k.ok("reset", Request{Verb: VerbReset})
	if k.dial(at) == nil {
		k.find("listen, then reset", r, "nobody listens", "somebody")
	}
}

// dial connects and hangs up.
func (k *checker) dial(at Address) error {
	var dialer net.Dialer
	address := netip.AddrPortFrom(netip.AddrFrom4([4]byte(at.Value)), at.Port)
	conn, err := dialer.DialContext(k.ctx, "tcp", address.String())
	if err != nil {
		return fmt.Errorf("dial: %w", err)
	}
	return conn.Close()
}

// connects lets the adapter connect, and reads the first byte that it sends.
func (k *checker) connects() {
	listener, err := ListenControl(k.ctx)
	if err != nil {
		k.find("connect", Request{}, "a socket for it to connect to", err.Error())
		return
	}
	port, _ := netip.ParseAddrPort(listener.listener.Addr().String())
	m := Connect{
		To: Address{TCP4, []byte{127, 0, 0, 1}, port.Port()}, Profile: first(k.report.Capabilities.Profiles, ""), Static: initiatorStatic(),
	}
	if _, ok := k.ok("connect", m.Request()); !ok {
		_ = listener.Close() // nobody comes
		return
	}
	ctx, cancel := context.WithTimeout(k.ctx, k.c.timeout)
	defer cancel()
	conn, err := listener.Accept(ctx)
	if err != nil {
		k.find("connect", m.Request(), "a connection", err.Error())
		return
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // ends the read
	defer stop()
	if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
		k.find("connect", m.Request(), "m1", err.Error())
	}
	k.ok("reset", Request{Verb: VerbReset})
	_ = conn.Close() // it has served its purpose
}
