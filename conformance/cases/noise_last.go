package cases

import (
	"context"
	"fmt"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// A lastCase is a case about a wrong m2, to an initiator, and one about a wrong m3, to a responder.
type lastCase struct {
	slug        string
	title       string // with %s for m2 or m3
	requirement string
	forgeries   []forgery
}

// NOISE-005: "Every tag is verified, the empty payloads' included, before any state is kept and before anything is sent in
// reply." NOISE-006: "A message of the wrong length is rejected; trailing bytes are part of the payload and so fail the tag; a
// non-empty authenticated payload is refused in version 1." NOISE-004: "m2 static n=0 and m2 payload n=0 (new key); m3 static
// n=1; m3 payload n=0".
func noiseLast() []conformance.Case {
	all := []conformance.Case{{
		ID:           "noise/m2-ephemeral-flipped",
		Title:        "An m2 whose ephemeral key was changed on the way is not answered with m3.",
		Requirements: []string{"NOISE-005"},
		Roles:        initiator(),
		Run:          wrongLast(flippedAt("an m2 with one bit of its ephemeral key changed", func(last) int { return 5 })),
	}, {
		ID:           "noise/m2-reflected-key",
		Title:        "An m2 that brings the initiator's own ephemeral key back is not answered with m3.",
		Requirements: []string{"NOISE-005"},
		Roles:        initiator(),
		Run:          wrongLast(reflected()),
	}}
	for _, c := range lastCases() {
		for _, m := range []struct {
			kind  wire.Type
			roles []conformance.Role
		}{{wire.M2, initiator()}, {wire.M3, responder()}} {
			name := adversary.TypeName(m.kind)
			all = append(all, conformance.Case{
				ID:           "noise/" + name + "-" + c.slug,
				Title:        fmt.Sprintf(c.title, name),
				Requirements: []string{c.requirement},
				Roles:        m.roles,
				Run:          wrongLast(c.forgeries...),
			})
		}
	}
	return all
}

func wrongLast(forgeries ...forgery) func(context.Context, conformance.Env) error {
	return func(ctx context.Context, env conformance.Env) error { return refusedLast(ctx, env, forgeries...) }
}

func lastCases() []lastCase {
	return []lastCase{
		{"payload-tag", "An %s whose payload's tag was changed is rejected.", "NOISE-005", []forgery{
			flippedAt("a changed payload tag (first byte)", last.payload),
			flippedAt("a changed payload tag (middle)", func(l last) int { return l.payload() + 8 }),
			flippedAt("a changed payload tag (last byte)", func(l last) int { return len(l.bytes) - 1 }),
		}},
		{"static-tag", "An %s whose static key's tag was changed is rejected.", "NOISE-005", []forgery{
			falseStatic("a wrong static key's tag (first byte)", last.staticTag),
			falseStatic("a wrong static key's tag (last byte)", func(l last) int { return l.payload() - 1 }),
		}},
		{"static-flipped", "An %s whose encrypted static key was changed is rejected.", "NOISE-005", []forgery{
			flippedAt("a changed static key (first byte)", last.static),
			flippedAt("a changed static key (last byte)", func(l last) int { return l.staticTag() - 1 }),
		}},
		{"short", "An %s that was cut short is rejected.", "NOISE-006", []forgery{
			cut("a message cut by one byte", func(l last) int { return len(l.bytes) - 1 }),
			cut("a message without its payload's tag", last.payload),
			cut("a message that ends inside the static key's tag", func(l last) int { return l.payload() - 1 }),
			cut("a message of one byte", func(last) int { return 1 }),
			cut("an empty message", func(last) int { return 0 }),
		}},
		{"long", "An %s with bytes behind its end is rejected.", "NOISE-006", []forgery{
			longer("a message of one byte more", 1),
			longer("a message of 16 bytes more", adversary.TagSize),
			longer("a message of 1,036 bytes more", 1036),
		}},
		{"payload-nonempty", "An %s with an authenticated payload that is not empty is refused.", "NOISE-006", []forgery{
			payload("a payload of one byte", 1), payload("a payload of 10 bytes", 10), payload("a payload of 1,000 bytes", 1000),
		}},
		{"static-nonce", "An %s whose static key is encrypted under the wrong nonce is rejected.", "NOISE-004", []forgery{staticNonce()}},
		{"payload-nonce", "An %s whose payload is encrypted under nonce 1 of the new key is rejected.", "NOISE-004",
			[]forgery{payloadNonce()}},
		{"second-dh", "An %s whose payload is encrypted without the static key's DH result is rejected.", "NOISE-005",
			[]forgery{withoutSecondDH()}},
	}
}

func flippedAt(words string, at func(last) int) forgery {
	return forgery{"NOISE-005", "a handshake message with " + words, func(l last) ([]byte, []adversary.Handshake) {
		m := l.flipped(at(l))
		return m, []adversary.Handshake{l.believed(m)}
	}}
}

// falseStatic has a change in the encrypted static key or its tag that nothing else betrays: the payload's tag is right.
func falseStatic(words string, at func(last) int) forgery {
	return handmade("NOISE-005", "a handshake message with "+words, func(h *adversary.Handshake, l last) []byte {
		m := l.ephemeral(h)
		h0 := h.H
		m = append(m, h.EncryptAndHash(h.S.Public)...)
		m[at(l)] ^= 1
		h.H = h0
		h.MixHash(m[l.static():])
		l.mixSecond(h)
		return append(m, h.EncryptAndHash(nil)...)
	})
}

func cut(words string, size func(last) int) forgery {
	return forgery{"NOISE-006", words, func(l last) ([]byte, []adversary.Handshake) {
		m := l.bytes[:size(l)]
		return m, []adversary.Handshake{l.believed(m), l.after}
	}}
}

// longer has bytes that no tag covers: a peer that ignores them, or hashes them, opens the channel.
func longer(words string, by int) forgery {
	return forgery{"NOISE-006", words, func(l last) ([]byte, []adversary.Handshake) {
		m := append(append([]byte(nil), l.bytes...), make([]byte, by)...)
		return m, []adversary.Handshake{l.after, l.believed(m)}
	}}
}

func payload(words string, size int) forgery {
	return forgery{"NOISE-006", words, func(l last) ([]byte, []adversary.Handshake) {
		h := l.before
		m := l.write(&h, make([]byte, size))
		return m, []adversary.Handshake{h}
	}}
}

// write makes the message anew, with a payload.
func (l last) write(h *adversary.Handshake, payload []byte) []byte {
	if l.kind == wire.M2 {
		return h.WriteM2(payload)
	}
	return h.WriteM3(payload)
}

// staticNonce uses n=0 in m3, whose n goes on from m2, and n=1 in m2, whose key is new.
func staticNonce() forgery {
	return handmade("NOISE-004", "a static key under the wrong nonce", func(h *adversary.Handshake, l last) []byte {
		m := l.ephemeral(h)
		h.N = 1 - h.N
		m = append(m, h.EncryptAndHash(h.S.Public)...)
		l.mixSecond(h)
		return append(m, h.EncryptAndHash(nil)...)
	})
}

func payloadNonce() forgery {
	return handmade("NOISE-004", "a payload under nonce 1", func(h *adversary.Handshake, l last) []byte {
		m := append(l.ephemeral(h), h.EncryptAndHash(h.S.Public)...)
		l.mixSecond(h)
		h.N = 1
		return append(m, h.EncryptAndHash(nil)...)
	})
}

// withoutSecondDH proves nothing about the static key that it names.
func withoutSecondDH() forgery {
	return handmade("NOISE-005", "a payload whose key lacks the static key's DH result", func(h *adversary.Handshake, l last) []byte {
		m := append(l.ephemeral(h), h.EncryptAndHash(h.S.Public)...)
		return append(m, h.EncryptAndHash(nil)...)
	})
}

func handmade(requirement, words string, write func(h *adversary.Handshake, l last) []byte) forgery {
	return forgery{requirement, words, func(l last) ([]byte, []adversary.Handshake) {
		h := l.before
		m := write(&h, l)
		return m, []adversary.Handshake{h, l.believed(m)}
	}}
}

// ephemeral writes what m2 has before its static key; m3 has nothing there.
func (l last) ephemeral(h *adversary.Handshake) []byte {
	if l.kind != wire.M2 {
		return nil
	}
	h.MixHash(h.E.Public)
	h.MixDH(h.E, h.RE)
	return append([]byte(nil), h.E.Public...)
}

// mixSecond mixes in the second DH of the message: es in m2, se in m3.
func (l last) mixSecond(h *adversary.Handshake) { h.MixDH(h.S, h.RE) }

// reflected cannot be made to verify: nobody but the initiator knows its ephemeral private key.
func reflected() forgery {
	return forgery{"NOISE-005", "an m2 with the initiator's own ephemeral key", func(l last) ([]byte, []adversary.Handshake) {
		m := append([]byte(nil), l.bytes...)
		copy(m, l.before.RE)
		return m, nil
	}}
}
