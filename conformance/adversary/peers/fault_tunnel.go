package peers

import (
	"bytes"
	"slices"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// inTunnels lets a sample of broken and lawful peers speak in a tunnel, too: enough that each case that applies there fails one of them.
func inTunnels(p conformance.Program) conformance.Program {
	names := []string{
		"anything-rejected-is-fatal", "bad-record-ends-all", "bad-record-fatal", "bad-tag-as-empty", "channels-share-keys", "counter-of-8-bits",
		"deadline-after-open", "early-payload-kept", "empty-payload-dropped", "ephemeral-repeated", "error-told", "failure-ends-all",
		"genuine-after-failed", "handshake-message-after-open-fatal", "handshake-message-after-open-resets", "handshake-type-ignored",
		"inner-return-route-ignored", "key-above-p-refused", "key-bit-cleared-in-h", "no-handshake-deadline", "plaintext-before-open",
		"prologue-not-mixed", "refused-key-fatal", "rejected-is-told", "send-counter-reset-by-error", "speaks-before-open",
		"m1-repeated-with-another-key", "m3-repeated-often", "m2-repeat-unanswered", "m1-repeat-unanswered", "m2-by-timer", "forged-records-kept",
		"counter-passed-over", "stale-bytes-delivered", "unknown-type-accepted", "version-crash", "version-high-byte-ignored", "version-ignored", "window-of-16",

		"resets", "fails-silently", "bad-tag-dropped", "malformed-closes", "deadline-30s", "deadline-from-m1", "first-message-dropped",
		"frames-together", "empty-first-payload", "no-window", "window-of-1024", "never-repeats", "static-key-kept",

		"silent", "raw-echo", "last-message-echo", "garbage-tags", "deaf",
	}
	if !slices.Contains(names, p.Name) {
		return p
	}
	return AtDepths(p, conformance.MaxDepth)
}

// A layered is a tunnel of two correct nodes in the making, for one that is wrong about what is between them.
type layered struct {
	*tunnel
	outerKeys *channel          // of the outer channel that opened last
	outerHash []byte            // its h
	ephemeral adversary.KeyPair // its own one
}

// tunnelFaults are wrong where one channel is in another (CHAN-008).
func tunnelFaults() []Fault {
	return slices.Concat(outsideFaults(), keyFaults(), formFaults(), laxFaults())
}

// outsideFaults pass the channel inside by the outer one.
func outsideFaults() []Fault {
	return []Fault{
		tunnelFault("inner-in-the-clear", "sends the messages of the channel inside beside the outer one, in the clear", "plaintext before open",
			ids("CHAN-008"), nil, func(l *layered, _, _ *script) { l.told = (*conn).leave }),
		tunnelFault("inner-from-the-clear", "takes messages for the channel inside also from beside the outer one", "plaintext before open",
			ids("CHAN-008"), nil, func(l *layered, outer, _ *script) {
				outer.refuse = func(c *conn, m message) {
					if c.state == isOpen && m.kind >= kindM1 && !isRepeated(c, m) {
						l.delivers(c, message{body: message{kind: m.kind, body: m.body}.encode()})
						return
					}
					refuse(c, m)
				}
			}),
	}
}

// keyFaults use for one layer what is another's.
func keyFaults() []Fault {
	return []Fault{
		tunnelFault("inner-ephemeral-of-outer", "uses the outer channel's ephemeral key inside, too", "repeated ephemeral keys",
			ids("NOISE-008"), nil, func(l *layered, _, inner *script) {
				inner.ephemeral = func(*conn) adversary.KeyPair { return l.ephemeral }
			}),
		tunnelFault("inner-keys-of-outer", "encrypts inside with the outer channel's keys", "one layer taken for another",
			ids("CHAN-008"), nil, func(l *layered, _, inner *script) {
				inner.split = func(c *conn) {
					split(c)
					c.sendKey, c.receiveKey = l.outerKeys.sendKey, l.outerKeys.receiveKey
				}
			}),
		tunnelFault("inner-data-of-outer", "authenticates the outer channel's h with records inside", "wrong h after m3",
			ids("CHAN-008"), nil, func(l *layered, _, inner *script) {
				inner.split = func(c *conn) {
					split(c)
					c.ad = l.outerHash
				}
			}),
		tunnelFault("inner-counters-of-outer", "counts records inside and outside together", "nonce reuse after an error",
			ids("REC-002"), nil, func(l *layered, _, inner *script) {
				inner.split = func(c *conn) {
					split(c)
					c.sent, c.received = l.outerKeys.sent, l.outerKeys.received
				}
				seals, opens := inner.seal, inner.openAt
				inner.seal = func(c *conn, p []byte) []byte {
					c.sent = l.outerKeys.sent
					return seals(c, p)
				}
				inner.openAt = func(c *conn, n uint64, p []byte) ([]byte, bool) {
					return opens(c, n-c.received+l.outerKeys.received-1, p)
				}
			}),
	}
}

// formFaults give the messages inside another form, or too long a one.
func formFaults() []Fault {
	return []Fault{
		tunnelFault("inner-limit-of-outer", "encrypts inside what the outer channel then refuses for its length", "payload at and around each limit",
			ids("CHAN-008"), nil, func(l *layered, _, _ *script) { l.unlimited = true }),
		tunnelFault("inner-framed", "puts a length before the messages of the channel inside", "close inside a frame",
			ids("CHAN-008"), nil, func(l *layered, outer, _ *script) {
				l.told = func(c *conn, message []byte) { c.say(c, nil, frame(message)) }
				outer.deliver = func(c *conn, m message) {
					if len(m.body) >= 2 {
						m.body = m.body[2:]
						l.delivers(c, m)
					}
				}
			}),
		tunnelFault("inner-routes-told", "tells its transport address in the messages of the channel inside", "return route not extended",
			ids("CHAN-008"), nil, func(l *layered, _, inner *script) {
				inner.header = func(c *conn, kind byte) message { return message{back: route{c.local}} }
			}),
		tunnelFault("inner-onward-told", "addresses the messages of the channel inside to the peer's transport address", "return route not extended",
			ids("CHAN-008"), nil, func(l *layered, _, inner *script) {
				inner.header = func(c *conn, kind byte) message { return message{onward: route{c.remote}} }
			}),
	}
}

// laxFaults take for right what is right in another layer alone.
func laxFaults() []Fault {
	return []Fault{
		tunnelFault("outer-payload-delivered", "hands a payload of the outer channel that is no message to the application", "plaintext before open",
			ids("CHAN-008"), nil, func(l *layered, outer, _ *script) {
				outer.deliver = func(c *conn, m message) {
					if isText(m.body) {
						c.say(c, nil, m.body)
						return
					}
					l.delivers(c, m)
				}
			}),
		onStreams(tunnelFault("failed-inner-uncovered", "goes on with the outer channel alone when the one inside has failed",
			"handshake error swallowed and application data sent in clear",
			ids("CHAN-008"), ids("NOISE-013"), func(l *layered, outer, _ *script) {
				l.survives = true
				outer.deliver = func(c *conn, m message) {
					if in := l.carried[c.channel]; in.machine == nil && isText(m.body) {
						c.say(c, nil, m.body)
						return
					}
					l.delivers(c, m)
				}
			})),
		tunnelFault("outer-tag-ignored", "does not verify the records of the outer channel, as the one inside verifies its own",
			"tag compared in part or not at all", ids("REC-004"), nil, func(_ *layered, outer, _ *script) {
				outer.openAt = func(c *conn, n uint64, ciphertext []byte) ([]byte, bool) {
					if n != c.received || len(ciphertext) < adversary.TagSize {
						return nil, false
					}
					return adversary.OpenUnchecked(c.receiveKey, n, ciphertext), true
				}
			}),
	}
}

// isRepeated tells whether a handshake message is one that the channel has had.
func isRepeated(c *conn, m message) bool {
	return bytes.Equal(m.body, c.m1) || bytes.Equal(m.body, c.m2) || bytes.Equal(m.body, c.m3)
}

// isText tells whether application bytes are text, and so no message.
func isText(p []byte) bool { return len(p) > 0 && p[0] >= 'a' && p[0] <= 'z' }

// onStreams leaves datagrams out.
func onStreams(f Fault) Fault {
	f.Transports = []conformance.Transport{conformance.Mem}
	return f
}

// tunnelFault is a fault that shows in a tunnel of two channels alone; alter changes the scripts of both.
func tunnelFault(name, title, class string, breaks, entails []string, alter func(l *layered, outer, inner *script)) Fault {
	p := program(name, title, nil)
	p.Profiles, p.Depths, p.StartInside = v1(), 2, nil
	p.Start = func(need conformance.Need, seed uint64) conformance.Node {
		if need.Depth != 2 {
			return around(need, seed, newNode(need, seed, nil))
		}
		return newLayered(need, seed, alter)
	}
	return Fault{Program: p, Class: class, Breaks: breaks, Entails: entails, InTunnel: true}
}

func newLayered(need conformance.Need, seed uint64, alter func(l *layered, outer, inner *script)) *layered {
	l := &layered{}
	inside := newNode(need, seed, func(inner *script) {
		outer := correctScript(l.profile, l.datagrams) // for what is changed there is another one
		alter(l, &outer, inner)
	})
	need.Depth = 1
	l.tunnel = newTunnel(need, seed, inside, func(_ *tunnel, outer *script) {
		inner := correctScript(inside.profile, inside.datagrams)
		alter(l, outer, &inner)
		opened := outer.opened
		outer.opened = func(c *conn) {
			l.outerKeys, l.outerHash, l.ephemeral = c.channel, bytes.Clone(c.hs.H[:]), c.hs.E
			opened(c)
		}
	})
	return l
}
