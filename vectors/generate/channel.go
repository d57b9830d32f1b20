package generate

import (
	"fmt"
	"slices"

	"ockamtest/vectors"
	"ockamtest/vectors/internal/oracle"
)

func channelScenarios() []func(*builder) {
	return []func(*builder){
		transcripts, writtenTooEarly, wrongStates, refusedOnStreams, survivedOnDatagrams, policies, pings, recordsOnStreams, recordsOnDatagrams,
		repeats, routesLearnt, tunnels, hopOfSection12, hopsForward, hopsDrop,
	}
}

// A pair is both ends of a channel, in our hands.
type pair struct{ i, r vectors.ChannelInput }

// newPair is direct: on a stream, or on datagrams, where both give local addresses.
func newPair(profile string, datagrams bool) pair {
	s := known(vectors.SuiteX25519)
	own, peer := tcp(54321, 127, 0, 0, 1), tcp(4000, 127, 0, 0, 1)
	if datagrams {
		own, peer = udp(4001, 10, 0, 0, 1), udp(4003, 10, 0, 0, 3)
	}
	p := pair{vectors.ChannelInput{Profile: profile, Role: vectors.Initiator, Static: s.is, Ephemeral: s.ie, Own: &own, Peer: &peer},
		vectors.ChannelInput{Profile: profile, Role: vectors.Responder, Static: s.rs, Ephemeral: s.re, Own: &peer, Peer: &own}}
	if datagrams {
		p.i.Local, p.r.Local = bytesOf("0a0b0c0d"), bytesOf("01020304")
	}
	if profile == "c09" {
		p.i.Own, p.i.Peer, p.r.Own, p.r.Peer = nil, nil, nil, nil
	}
	if profile == "e09" {
		p.r.Local, p.r.Listener, p.i.Listener = bytesOf("00112233"), bytesOf("00112233"), bytesOf("00112233") // the channel's own
		p.i.Service, p.r.Service = vectors.Hex("app"), vectors.Hex("app")
	}
	return p
}

// pairs are one of each profile and kind.
func pairs() map[string]pair {
	return map[string]pair{
		"v1 on a stream": newPair("v1", false), "v1 on datagrams": newPair("v1", true), "c09 on a stream": newPair("c09", false),
		"e09": newPair("e09", true), "c010": newPair("c010", true),
	}
}

func eachPair(f func(name string, p pair)) {
	all := pairs()
	for _, name := range []string{"v1 on a stream", "v1 on datagrams", "c09 on a stream", "e09", "c010"} {
		f(name, all[name])
	}
}

// Actions.

func start() vectors.Action                { return vectors.Action{Do: "start", Data: vectors.Hex{}} }
func receive(b vectors.Hex) vectors.Action { return vectors.Action{Do: "receive", Data: b} }
func write(s string) vectors.Action        { return vectors.Action{Do: "write", Data: vectors.Hex(s)} }

// sends is what an end sends when these things happen to it.
func sends(in vectors.ChannelInput, steps ...vectors.Action) (list []vectors.Hex) {
	in.Steps = steps
	out, err := oracle.Subject{}.Channel(in)
	if err != nil {
		panic(err) // a scenario's mistake
	}
	for _, s := range out.Steps {
		list = append(list, s.Send...)
	}
	return list
}

func (p pair) m1() vectors.Hex { return sends(p.i, start())[0] }
func (p pair) m2() vectors.Hex { return sends(p.r, receive(p.m1()))[0] }
func (p pair) m3() vectors.Hex { return sends(p.i, start(), receive(p.m2()))[1] }

// opened are the steps after which an end is open.
func (p pair) opened(role string) []vectors.Action {
	if role == vectors.Initiator {
		return []vectors.Action{start(), receive(p.m2())}
	}
	return []vectors.Action{receive(p.m1()), receive(p.m3())}
}

// end is one of the two.
func (p pair) end(role string) vectors.ChannelInput {
	if role == vectors.Initiator {
		return p.i
	}
	return p.r
}

func other(role string) string {
	if role == vectors.Initiator {
		return vectors.Responder
	}
	return vectors.Initiator
}

// records are what the other end sends for these payloads.
func (p pair) records(to string, payloads ...string) []vectors.Hex {
	steps := p.opened(other(to))
	for _, s := range payloads {
		steps = append(steps, write(s))
	}
	all := sends(p.end(other(to)), steps...)
	return all[len(all)-len(payloads):]
}

// steps makes a vector of one end.
func steps(in vectors.ChannelInput, list ...vectors.Action) *vectors.Channel {
	in.Steps = list
	return &vectors.Channel{ChannelInput: in}
}

func roles() []string { return []string{vectors.Initiator, vectors.Responder} }

func transcripts(b *builder) {
	b.group(vectors.KindChannel, "whole transcripts: the handshake, and payloads both ways")
	eachPair(func(name string, p pair) {
		for _, role := range roles() {
			list := p.opened(role)
			b.accept("CHAN-001 NOISE-002", name+", "+role+", the handshake", steps(p.end(role), list...))
			in := p.records(role, "hello", "", "yellowsubmarine")
			list = append(list, write("one"), receive(in[0]), write("two"), receive(in[1]), receive(in[2]), write(string(pattern(300))))
			b.accept("CHAN-001 CHAN-005 REC-002 NOISE-010", name+", "+role+", payloads both ways", steps(p.end(role), list...))
		}
	})
}

func writtenTooEarly(b *builder) {
	b.group(vectors.KindChannel, "nothing is written before open")
	eachPair(func(name string, p pair) {
		control := b.accept("CHAN-002", name+", after open", steps(p.i, append(p.opened(vectors.Initiator), write("late"))...))
		b.refuse(control, "channel/not-open", "CHAN-002", name+", before m1", steps(p.i, write("early")))
		b.refuse(control, "channel/not-open", "CHAN-002", name+", before m2", steps(p.i, start(), write("early")))
		b.refuse(control, "channel/not-open", "CHAN-002", name+", the responder, before m1", steps(p.r, write("early")))
		b.refuse(control, "channel/not-open", "CHAN-002", name+", the responder, before m3", steps(p.r, receive(p.m1()), write("early")))
	})
}

func wrongStates(b *builder) {
	b.group(vectors.KindChannel, "handshake messages in another state or role, on a stream")
	for _, profile := range []string{"v1", "c09"} {
		p := newPair(profile, false)
		control := b.accept("CHAN-001", profile+", m1", steps(p.r, receive(p.m1())))
		bad := func(what string, in vectors.ChannelInput, list ...vectors.Action) {
			b.refuse(control, "channel/state", "CHAN-001", profile+", "+what, steps(in, list...))
		}
		bad("m2 instead of m1", p.r, receive(p.m2()))
		bad("m3 instead of m1", p.r, receive(p.m3()))
		bad("m1 instead of m3", p.r, receive(p.m1()), receive(p.m1()))
		bad("m2 instead of m3", p.r, receive(p.m1()), receive(p.m2()))
		bad("m1 instead of m2", p.i, start(), receive(p.m1()))
		bad("m3 instead of m2", p.i, start(), receive(p.m3()))
		if profile == "v1" {
			bad("a record instead of m2", p.i, start(), receive(p.records(vectors.Initiator, "early")[0]))
			bad("a record instead of m3", p.r, receive(p.m1()), receive(p.records(vectors.Responder, "early")[0]))
			bad("a record instead of m1", p.r, receive(p.records(vectors.Responder, "early")[0]))
		}
	}
	b.group(vectors.KindChannel, "handshake messages after open are dropped")
	for _, name := range []string{"v1 on a stream", "v1 on datagrams", "c010"} {
		p := pairs()[name]
		for _, role := range roles() {
			for _, m := range []vectors.Hex{p.m1(), p.m3()} {
				in := p.records(role, "after", "that")
				b.accept("CHAN-003", name+", "+role, steps(p.end(role), slices.Concat(p.opened(role), []vectors.Action{receive(in[0]), receive(m), receive(in[1])})...))
			}
		}
	}
}

// body has one bit of the last byte flipped, which is in a tag.
func spoilt(m vectors.Hex) vectors.Hex { return flip(m, 8*len(m)-3) }

func refusedOnStreams(b *builder) {
	b.group(vectors.KindChannel, "on a stream a wrong handshake message is the end")
	for _, profile := range []string{"v1", "c09"} {
		p := newPair(profile, false)
		control := b.accept("NOISE-007", profile+", as it should be", steps(p.r, p.opened(vectors.Responder)...))
		b.refuse(control, "noise/tag", "NOISE-005 NOISE-007", profile+", m2's tag", steps(p.i, start(), receive(spoilt(p.m2()))))
		b.refuse(control, "noise/tag", "NOISE-005 NOISE-007", profile+", m3's tag", steps(p.r, receive(p.m1()), receive(spoilt(p.m3()))))
		b.refuse(control, "noise/length", "NOISE-006", profile+", a short m1", steps(p.r, receive(p.m1()[:len(p.m1())-1])))
		b.refuse(control, "noise/payload", "NOISE-006", profile+", a long m1", steps(p.r, receive(append(slices.Clone(p.m1()), 0))))
		b.refuse(control, "codec/version", "WIRE-001", profile+", version 2", steps(p.r, receive(flip(flip(p.m1(), 0), 1))))
		b.refuse(control, "codec/truncated", "WIRE-005 TRAN-006", profile+", an empty message", steps(p.r, receive(vectors.Hex{})))
	}
}

func survivedOnDatagrams(b *builder) {
	b.group(vectors.KindChannel, "on datagrams a wrong handshake message changes nothing: the genuine one is accepted")
	for _, name := range []string{"v1 on datagrams", "c010"} {
		p := pairs()[name]
		in := p.records(vectors.Responder, "hello")
		b.accept("NOISE-017", name+", m2's tag", steps(p.i, start(), receive(spoilt(p.m2())), receive(p.m2()), write("hello")))
		b.accept("NOISE-017", name+", m3's tag", steps(p.r, receive(p.m1()), receive(spoilt(p.m3())), receive(p.m3()), receive(in[0])))
		b.accept("NOISE-017", name+", m3 before m1", steps(p.r, receive(p.m3()), receive(p.m1()), receive(p.m3())))
		b.accept("NOISE-017", name+", junk", steps(p.r, receive(bytesOf("00")), receive(p.m1()), receive(vectors.Hex{}), receive(bytesOf("ffff")), receive(p.m3())))
		b.accept("NOISE-017 CHAN-001", name+", a record before m3", steps(p.r, receive(p.m1()), receive(in[0]), receive(p.m3()), receive(in[0])))
	}
}

func policies(b *builder) {
	b.group(vectors.KindChannel, "the peer's static key is asked about before m3 is sent, and before open")
	for _, profile := range []string{"v1", "c09"} {
		p := newPair(profile, false)
		pinned, wrong := p, p
		pinned.i.PeerKey, pinned.r.PeerKey = publicX(p.r.Static), publicX(p.i.Static)
		wrong.i.PeerKey, wrong.r.PeerKey = publicX(key("another")), publicX(key("another"))
		for _, role := range roles() {
			control := b.accept("NOISE-011", profile+", "+role+", the key is the one", steps(pinned.end(role), p.opened(role)...))
			b.refuse(control, "channel/policy", "NOISE-011", profile+", "+role+", it is another", steps(wrong.end(role), p.opened(role)...))
		}
	}
}

func pings(b *builder) {
	b.group(vectors.KindChannel, "a ping for the node is answered at any time, and does not disturb the channel")
	p := newPair("v1", false)
	ping := bytesOf("01 01 01007f000001a00f 01 01007f00000131d4 00")
	b.accept("CHAN-014 WIRE-010", "before m1, and before m3", steps(p.r, receive(ping), receive(p.m1()), receive(ping), receive(p.m3()), receive(ping)))
	b.accept("CHAN-014 WIRE-010", "a pong is not answered", steps(p.r, receive(p.m1()), receive(bytesOf("01 01 01007f000001a00f 01 01007f00000131d4 01")), receive(p.m3())))
	b.accept("CHAN-014 ROUT-001", "a message for another address", steps(p.r, receive(bytesOf("01 02 01007f000001a00f 000177 00 05 0102")), receive(p.m1()), receive(p.m3())))
	b.accept("WIRE-010 ROUT-003", "without a return route the pong goes to the source", steps(p.r, receive(bytesOf("01 00 00 00"))))
}

func recordsOnStreams(b *builder) {
	b.group(vectors.KindChannel, "on a stream a record that does not verify fails the channel, or is dropped")
	for _, profile := range []string{"v1", "c09"} {
		p := newPair(profile, false)
		for _, role := range roles() {
			in, open := p.records(role, "first", "second", "third"), p.opened(role)
			b.accept("REC-002", profile+", "+role+", in order", steps(p.end(role), append(open, receive(in[0]), receive(in[1]), receive(in[2]))...))
			may := func(requirements, what string, list ...vectors.Action) {
				b.drop(requirements, profile+", "+role+", "+what, steps(p.end(role), slices.Concat(open, list)...))
			}
			may("REC-004 REC-005", "a wrong tag", receive(spoilt(in[0])))
			may("REC-007", "a replay", receive(in[0]), receive(in[0]))
			may("REC-002", "one is missing", receive(in[0]), receive(in[2]))
			may("NOISE-010", "its own record", write("mine"), receive(p.records(other(role), "mine")[0]))
		}
	}
}

func recordsOnDatagrams(b *builder) {
	b.group(vectors.KindChannel, "on datagrams records are lost, come twice, and in another order")
	for _, name := range []string{"v1 on datagrams", "c010"} {
		p := pairs()[name]
		for _, role := range roles() {
			in, open := p.records(role, "a", "b", "c", "d", "e", "f"), p.opened(role)
			good := func(requirements, what string, order ...int) {
				list := slices.Clone(open)
				for _, n := range order {
					if n < 0 { // a forgery
						list = append(list, receive(spoilt(in[-n])))
					} else {
						list = append(list, receive(in[n]))
					}
				}
				b.accept(requirements, fmt.Sprintf("%s, %s, %s", name, role, what), steps(p.end(role), list...))
			}
			good("REC-008", "two are lost", 0, 3, 4)
			good("REC-008", "in another order", 1, 0, 3, 2, 5, 4)
			good("REC-007", "each twice", 0, 0, 1, 1, 0, 2)
			good("REC-007", "twice, late", 0, 1, 2, 3, 0, 1, 4)
			good("REC-004 REC-005", "forgeries between", -1, 0, -1, -2, 1, 2)
		}
	}
}

func repeats(b *builder) {
	b.group(vectors.KindChannel, "a repeat of m1 is answered with the same m2")
	p := newPair("v1", true)
	b.accept("TRAN-015", "once", steps(p.r, receive(p.m1()), receive(p.m1()), receive(p.m3())))
	b.accept("TRAN-015", "three times", steps(p.r, receive(p.m1()), receive(p.m1()), receive(p.m1()), receive(p.m1()), receive(p.m3())))
}

func routesLearnt(b *builder) {
	b.group(vectors.KindChannel, "the reply route is that of the m2 or m3 that verified, and stays")
	p := newPair("v1", true)
	hop := func(m vectors.Hex, source ...vectors.Address) vectors.Hex { // m with another return route
		v := decode("v1", "message", m)
		if err := fill(oracle.Subject{}, v); err != nil {
			b.fail("%w", err)
			return nil
		}
		v.Value.Message.Return = append(source, v.Value.Message.Return[1:]...)
		e := encode("v1", "message", *v.Value)
		if err := fill(oracle.Subject{}, e); err != nil {
			b.fail("%w", err)
		}
		return e.Bytes
	}
	in := p.records(vectors.Responder, "a", "b")
	one, two := udp(4001, 10, 0, 0, 1), udp(4009, 10, 0, 0, 9)
	b.accept("ROUT-008 ROUT-003", "m3 came by another way than m1", steps(p.r, receive(p.m1()), receive(hop(p.m3(), one, two)), write("to there")))
	b.accept("ROUT-008", "a record that verifies does not change it", steps(p.r, receive(p.m1()), receive(p.m3()), receive(hop(in[0], one, two)), write("still there")))
	b.accept("ROUT-003", "the source stands in place of what the sender wrote", steps(p.r, receive(hop(p.m1(), two)), receive(hop(p.m3(), two)), write("to the source")))
}

// tunnels are channels whose IO is another channel: each message is the payload of one record below.
func tunnels(b *builder) {
	b.group(vectors.KindChannel, "a channel in a channel: what the channel below carries")
	outer, inner := newPair("v1", false), newPair("v1", false)
	s := newSession(vectors.SuiteX25519, "tunnelled")
	inner.i.Static, inner.i.Ephemeral, inner.r.Static, inner.r.Ephemeral = s.is, s.ie, s.rs, s.re
	inner.i.Own, inner.i.Peer, inner.r.Own, inner.r.Peer = nil, nil, nil, nil
	for _, role := range roles() {
		b.accept("CHAN-008", "the inner channel, "+role, steps(inner.end(role), append(inner.opened(role), write("hello"))...))
	}
	data := inner.records(vectors.Responder, "hello")[0]
	list := append(outer.opened(vectors.Initiator), write(string(inner.m1())), receive(outer.records(vectors.Initiator, string(inner.m2()))[0]),
		write(string(inner.m3())), write(string(data)))
	b.accept("CHAN-008", "the outer channel, initiator: m1, m2, m3, and a record of the inner one", steps(outer.i, list...))
	in := outer.records(vectors.Responder, string(inner.m1()), string(inner.m3()), string(data))
	b.accept("CHAN-008", "the outer channel, responder", steps(outer.r, append(outer.opened(vectors.Responder), receive(in[0]), write(string(inner.m2())), receive(in[1]), receive(in[2]))...))
}
