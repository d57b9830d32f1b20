package harness

import (
	"crypto/ecdh"
	"fmt"
	"slices"
)

// versions checks what comes of other offers of hello: the highest version that both speak, or error.
func (k *checker) versions() {
	first := k.report.Hello
	for _, offer := range [][]int{{Version}, {Version, Version + 6}, {Version + 6, Version}} {
		r := Request{Verb: VerbHello, Fields: Fields{versionsField(offer...)}}
		fields, ok := k.ok("hello again", r)
		d := decoder{fields: fields}
		if again := d.hello(); ok && (d.wrong != "" || again != first) {
			k.find("hello again", r, fmt.Sprintf("%v", first.fields()), fmt.Sprintf("%v", fields))
		}
	}
	none := Request{Verb: VerbHello, Fields: Fields{versionsField(Version+6, Version+10)}}
	k.refuses("hello without a version that it speaks", none, Refuse(ClassVersion))
	k.ok("the request after that", Request{Verb: VerbReset})
}

// heeded checks options of open that are declared and whose effect shows without another implementation: an option that is declared and
// ignored makes wrong verdicts.
func (k *checker) heeded() {
	caps := k.report.Capabilities
	if !caps.Has(VerbOpen) || len(caps.Over) == 0 || len(caps.Profiles) == 0 || len(caps.Roles) == 0 {
		return
	}
	profile := caps.Profiles[max(0, slices.IndexFunc(caps.Profiles, func(p string) bool { return p != "e09" }))]
	if caps.Heeds("peer") && len(caps.Roles) == 2 && caps.Channels > 1 {
		k.heedsPeer(profile, caps.Over[0])
	}
	if caps.Heeds("deadline") && caps.Has(VerbTick) {
		k.heedsDeadline(profile, caps.Over[0])
	}
	k.ok("reset", Request{Verb: VerbReset})
}

// heedsPeer checks that a responder takes the one static key that it is told, and no other (NOISE-011).
func (k *checker) heedsPeer(profile string, over Over) {
	initiator, responder := k.ends(profile, over)
	for _, one := range []struct {
		peer []byte
		want int // sides that open
		says string
	}{
		{public(profile, initiator.Static), 2, "a channel with the key that peer names"},
		{public(profile, counting(0x61)), 1, "no channel with another key than peer names: the initiator's side alone opens"},
	} {
		responder.Peer = one.peer
		rule := "the option peer is heeded"
		opened, ok := k.exchange(rule, initiator, responder)
		for n := 1; profile == "e09" && ok && opened != one.want && n < untravelled; n++ {
			opened, ok = k.exchange(rule, initiator, responder)
		}
		if ok && opened != one.want {
			k.find(rule, responder.Request(), one.says, fmt.Sprintf("%d sides open", opened))
		}
	}
}

// public is the public key of a private one in a profile's curve.
func public(profile string, private []byte) []byte {
	curve := ecdh.X25519()
	if profile == "c010" {
		curve = ecdh.P256()
	}
	key, err := curve.NewPrivateKey(private)
	if err != nil {
		return nil // the keys of the checks are keys in both
	}
	return key.PublicKey().Bytes()
}

// heedsDeadline checks that a handshake ends when the channel's clock says so, and not before (NOISE-013).
func (k *checker) heedsDeadline(profile string, over Over) {
	const rule = "the option deadline is heeded"
	o, responder := k.ends(profile, over)
	if k.report.Capabilities.Roles[0] == Responder {
		o = responder
	}
	o.Channel, o.Deadline = 0, 1000
	if _, ok := k.step(rule, o.Request()); !ok {
		return
	}
	for _, tick := range []struct {
		ms     int
		closed bool
	}{{500, false}, {1000, true}} {
		r := Tick{Channel: 0, Milliseconds: tick.ms}.Request()
		if s, ok := k.step(rule, r); ok && s.Closed != tick.closed {
			k.find(rule, r, fmt.Sprintf("a channel that has ended: %v", tick.closed), fmt.Sprint(s.Closed))
		}
	}
}
