package cases

import "ockamtest/conformance"

// Where a case applies is marked here, by its ID, and nowhere else: what is not named applies to a channel on the transport alone.

// farCases are about what goes through everything: the handshake, records, and inner messages. They apply in a tunnel (CHAN-008: a channel runs
// over another one as over a transport) and through hops (which forward what they are sent, whatever is in it).
func farCases() []string {
	return []string{
		"noise/m1-short", "noise/m1-one-byte-more", "noise/m1-long",
		"noise/m2-ephemeral-flipped", "noise/m2-reflected-key",
		"noise/m2-payload-tag", "noise/m3-payload-tag", "noise/m2-static-tag", "noise/m3-static-tag",
		"noise/m2-static-flipped", "noise/m3-static-flipped", "noise/m2-short", "noise/m3-short", "noise/m2-long", "noise/m3-long",
		"noise/m2-payload-nonempty", "noise/m3-payload-nonempty", "noise/m2-static-nonce", "noise/m3-static-nonce",
		"noise/m2-payload-nonce", "noise/m3-payload-nonce", "noise/m2-second-dh", "noise/m3-second-dh",
		"noise/key-high-bit", "noise/zero-key", "noise/low-order-key", "noise/low-order-static",
		"noise/point-off-curve", "noise/ephemeral-fresh", "noise/m2-refused-key",
		"noise/handshake-deadline", "noise/handshake-deadline-30s", "noise/open-outlives-deadline",

		"chan/open-and-echo", "chan/m2-first", "chan/m3-first", "chan/m1-to-initiator", "chan/m3-to-initiator",
		"chan/payload-before-handshake", "chan/clear-payload-before-open", "chan/encrypted-payload-before-open",
		"chan/nothing-before-verified", "chan/handshake-message-after-open", "chan/handshake-frame-after-open",
		"chan/echo-lengths", "chan/echo-content",
		"chan/many-channels-at-once", "chan/other-channels-record", "chan/failing-neighbour",

		"rec/forged-then-genuine", "rec/tag-each-byte", "rec/ciphertext-changed", "rec/tag-truncated", "rec/bytes-behind-tag",
		"rec/tag-of-zeros", "rec/plaintext-after-open", "rec/short-ciphertext",
		"rec/associated-data-empty", "rec/associated-data-hash", "rec/associated-data-other", "rec/wrong-direction-key",
		"rec/replay", "rec/counter-reused", "rec/window-reorder", "rec/window-loss", "rec/window-end", "rec/window-replay",
		"rec/inner-wrong-type", "rec/inner-malformed", "rec/inner-version", "rec/inner-routes",
	}
}

// insideCases apply in a tunnel, and not through hops: those judge a message's header themselves, make a stream one of datagrams (CHAN-011), and
// need room for their addresses (REC-010).
func insideCases() []string {
	return []string{
		"tran/zero-length-before-open", "tran/zero-length-after-open",
		"wire/version-0", "wire/version-2", "wire/version-two-byte", "wire/version-second-byte-high-bit", "wire/version-overlong",
		"wire/unknown-type",
		"noise/key-not-reduced", // its m1 is the same in each run: behind a hop, from one source, a repeat (TRAN-014)
		"noise/failure-then-genuine", "noise/failure-then-plaintext", "noise/failure-then-payload", "noise/failure-then-new-handshake",
		"chan/m1-twice-before-open", "chan/failed-stays-failed", "chan/echo-limit",
		"rec/counter-skip",
		"tran/m1-repeated", "tran/m3-repeated", "tran/m2-repeated", "tran/m1-repeat-answered", "tran/m2-not-by-timer", // a hop repeats nothing
		"rec/sender-counter", "rec/long-run", "rec/forged-flood", // of what is on its way at once a hop may lose some, or let it overtake
	}
}

// place marks the cases that apply elsewhere than to a channel right on the transport.
func place(all []conformance.Case) {
	far, inside := set(farCases()), set(insideCases())
	for i := range all {
		if c := &all[i]; c.Depths == conformance.OnTransport && (far[c.ID] || inside[c.ID]) {
			c.Depths, c.Hops = conformance.AnyDepth, far[c.ID]
		}
	}
}

func set(ids []string) map[string]bool {
	all := map[string]bool{}
	for _, id := range ids {
		all[id] = true
	}
	return all
}
